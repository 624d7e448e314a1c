"""The words that km_toolkit puts into the header."""

from django.utils.translation import gettext_lazy as _

from km_pages.navigation import NavEntry
from km_toolkit.models import ToolkitPage


def toolkit_entries() -> list[NavEntry]:
    """The toolkit, which is also where somebody who leaves a role begins."""
    return [NavEntry(label=_("Leaving a role"), order=20, page_type=ToolkitPage)]
