"""What editors see of the toolkit in Wagtail's admin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.pages import PageListingViewSet

from km_toolkit.models import ActivityPage


class ActivityListing(PageListingViewSet):
    """Activities with the columns an editor looks for."""

    model = ActivityPage
    name = "activities"
    menu_label = _("Activities")
    icon = "clipboard-list"
    menu_order = 220
    add_to_admin_menu = True
    columns = [
        *PageListingViewSet.columns,
        Column("knowledge_type", label=_("Kind"), accessor="get_knowledge_type_display"),
        Column("together", label=_("With whom"), accessor="get_together_display"),
        Column("last_reviewed", label=_("Checked"), sort_key="last_reviewed"),
        Column("review_due", label=_("Check again"), sort_key="review_due"),
    ]
