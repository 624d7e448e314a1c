"""Registers of the handover service in Wagtail's admin: to look at and to export.

History must not change, so nothing is edited here: the pages of the service do that.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup
from wagtail_modeladmin.views import IndexView

from km_pages.admin.registers import OnlyLooking, safe_cell
from km_pages.wording import person_name
from km_toolkit.models import (
    MANAGE_HANDOVERS,
    Handover,
    KnowledgeOutput,
    TeamRequest,
    TransferAction,
)

POST_AND_TEAM = ("handover__post__title", "handover__post__team__name")
PLAIN = (bool, int, float, datetime.date)


class ManagersLook(OnlyLooking):
    """Knowledge managers may look; nobody changes anything here."""

    def user_can_list(self, user: Any) -> bool:
        """Knowledge managers."""
        return bool(user.has_perm(MANAGE_HANDOVERS))


class PlainExport(IndexView):
    """The list of a register; in its export no text that people have typed is a formula."""

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """The cells of a row: numbers and days as they are, everything else as words."""
        row = super().to_row_dict(item)
        return {
            name: value if isinstance(value, PLAIN) else _words(value)
            for name, value in row.items()
        }


def _words(value: Any) -> str:
    return safe_cell(str(value))


class Register(ModelAdmin):
    """A register that is only looked at."""

    index_view_class = PlainExport
    permission_helper_class = ManagersLook
    list_per_page = 50
    related: tuple[str, ...] = ("handover__post__team",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows with what their columns need, in one query."""
        return super().get_queryset(request).select_related(*self.related)

    def post(self, row: Any) -> str:
        """The post that is handed over."""
        return safe_cell(row.handover.post.title)

    def team(self, row: Any) -> str:
        """Its team."""
        return safe_cell(str(row.handover.post.team))

    def look(self, row: Any) -> str:
        """A link to the handover's own page, which shows more."""
        key = row.pk if isinstance(row, Handover) else row.handover_id
        address = reverse("km_toolkit:handover", args=[key])
        return format_html('<a href="{}">{}</a>', address, _("Open the handover"))

    look.short_description = _("page")  # type: ignore[attr-defined]
    post.short_description = _("post")  # type: ignore[attr-defined]
    team.short_description = _("team")  # type: ignore[attr-defined]


class HandoverRegister(Register):
    """All handovers."""

    model = Handover
    base_url_path = "handovers"
    menu_label = _("Handovers")
    menu_icon = "history"
    related = ("post__team", "leaver", "line_manager", "successor")
    list_display = (
        "post_title",
        "team",
        "leaver_name",
        "reason",
        "state",
        "last_day",
        "manager",
        "look",
    )
    list_filter = ("state", "reason", "last_day")
    list_export = (
        *("post_title", "team", "leaver_name", "reason", "state", "notice_date", "last_day"),
        *("priorities", "plan", "rostered_minutes", "accepted_at"),
    )
    search_fields = ("leaver_name", "post__title", "post__team__name")
    export_filename = "handovers"

    def post_title(self, row: Any) -> str:
        """The post that is handed over."""
        return safe_cell(row.post.title)

    def manager(self, row: Any) -> str:
        """The line manager, by name."""
        return safe_cell(person_name(row.line_manager))

    def team(self, row: Any) -> str:
        """Its team."""
        return safe_cell(str(row.post.team))

    post_title.short_description = _("post")  # type: ignore[attr-defined]
    manager.short_description = _("line manager")  # type: ignore[attr-defined]


class RequestRegister(Register):
    """Questions from teams; of unnamed ones nothing but the text exists."""

    model = TeamRequest
    base_url_path = "handover-questions"
    menu_label = _("Questions")
    menu_icon = "help"
    list_display = ("text", "post", "team", "author_name", "look")
    list_filter = ("named",)
    list_export = ("text", "post", "team", "author_name", "answer")
    search_fields = ("text", *POST_AND_TEAM)
    export_filename = "handover-questions"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Released questions: the others are held back for everybody."""
        return super().get_queryset(request).filter(released=True)


class ActionRegister(Register):
    """What was agreed to be done."""

    model = TransferAction
    base_url_path = "handover-actions"
    menu_label = _("Agreed actions")
    menu_icon = "tasks"
    related = ("handover__post__team", "area")
    list_display = ("title", "post", "team", "recipient", "due", "state", "look")
    list_filter = ("state", "due")
    list_export = ("title", "post", "team", "recipient", "due", "minutes", "place", "state")
    search_fields = ("title", *POST_AND_TEAM)
    export_filename = "handover-actions"


class OutputRegister(Register):
    """What was captured."""

    model = KnowledgeOutput
    base_url_path = "handover-outputs"
    menu_label = _("Outputs")
    menu_icon = "doc-full"
    related = ("handover__post__team", "output_type")
    list_display = ("title", "post", "team", "output_type", "visibility", "shared_at", "look")
    list_filter = ("visibility", "shared_at")
    list_export = ("title", "post", "team", "visibility", "created_at", "shared_at")
    search_fields = ("title", *POST_AND_TEAM)
    export_filename = "handover-outputs"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows without their text, which no column shows."""
        return super().get_queryset(request).defer("body")


class HandoverRegisters(ModelAdminGroup):
    """The four registers in one menu."""

    menu_label = _("Handovers")
    menu_icon = "history"
    menu_order = 240
    items = (HandoverRegister, RequestRegister, ActionRegister, OutputRegister)
