"""The app of what is known."""

from django.apps import AppConfig
from django.core import checks
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class KmPagesConfig(AppConfig):
    """Technique guides, teams, the repository, its search and its files."""

    name = "km_pages"
    label = "km_pages"
    verbose_name = _("Knowledge")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers; models are loaded only now."""
        from km_pages import guide_changes, handlers, receivers
        from km_pages.checks import ALWAYS, BEFORE_DEPLOYMENT
        from km_pages.converters import KeyConverter
        from km_pages.host_checks import CHECKS
        from km_pages.search_checks import check_search

        register_converter(KeyConverter, "km_key")
        for check in (check_search, *ALWAYS, *CHECKS):
            checks.register(check)
        for check in BEFORE_DEPLOYMENT:
            checks.register(check, deploy=True)
        handlers.connect()
        guide_changes.connect()
        receivers.connect()
