"""The app of what people do."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KmToolkitConfig(AppConfig):
    """The retention toolkit and its activities."""

    name = "km_toolkit"
    label = "km_toolkit"
    verbose_name = _("Toolkit")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers; models are loaded only now."""
        from km_toolkit import record_receivers

        record_receivers.connect()
