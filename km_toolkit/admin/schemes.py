"""The schemes of standards: the one thing of learning records that editors keep."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet

from km_toolkit.models import LearningScheme


class SchemeViewSet(ModelViewSet):
    """Schemes with their parts. What people recorded is nowhere in the admin."""

    model = LearningScheme
    name = "learning_schemes"
    icon = "clipboard-list"
    menu_label = _("Standards")
    menu_order = 230
    add_to_admin_menu = True
    list_display = ["name", "offered", "sort_order"]
    search_fields = ["name", "summary"]
    copy_view_enabled = False
