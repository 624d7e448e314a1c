"""Plain registers with many columns: knowledge items and files, to look at and to export."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail_modeladmin.helpers import PagePermissionHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup

from km_pages.admin.policy import seen_in_admin
from km_pages.models import KnowledgeAssetPage, StoredFile, TeamSpacePage
from km_pages.models.attaching import files_seen_by
from km_pages.wording import size_in_words


class ItemPermissions(PagePermissionHelper):
    """Whoever may enter the admin may open the register; it shows what they may see."""

    def user_can_list(self, user: Any) -> bool:
        """Everybody with access to the admin."""
        return user.has_perm("wagtailadmin.access_admin")

    def user_can_create(self, user: Any) -> bool:
        """Items are added on the public side or in the explorer, where their team is known."""
        return False


class KnowledgeItemRegister(ModelAdmin):
    """All knowledge items that the reader may see, drafts of their own among them."""

    model = KnowledgeAssetPage
    base_url_path = "knowledge-items"
    menu_label = _("Knowledge items")
    menu_icon = "list-ul"
    permission_helper_class = ItemPermissions
    list_display = (
        "title",
        "team",
        "what",
        "visibility",
        "holder",
        "captured_on",
        "review_due",
        "live",
    )
    list_filter = ("visibility", "live", "output_type", "review_due")
    list_export = (
        "title",
        "team",
        "what",
        "visibility",
        "holder_name",
        "owner_name",
        "captured_on",
        "last_reviewed",
        "review_due",
        "live",
        "full_url",
    )
    search_fields = ("title", "summary")
    list_per_page = 50
    export_filename = "knowledge-items"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the reader may see. A constant number of queries for a page of the list."""
        rows = super().get_queryset(request)
        ids = seen_in_admin(KnowledgeAssetPage.objects.all(), request.user).values("pk")
        self.spaces = {
            space.path: space.title for space in TeamSpacePage.objects.only("path", "title")
        }
        return (
            rows.filter(pk__in=ids).select_related("output_type", "holder", "owner").defer("body")
        )

    def team(self, item: Any) -> str:
        """The team in whose space the item stands."""
        ends = range(item.steplen, len(item.path), item.steplen)
        return next(
            (self.spaces[item.path[:end]] for end in ends if item.path[:end] in self.spaces), ""
        )

    def what(self, item: Any) -> str:
        """The type of knowledge."""
        return str(item.output_type or "")

    def holder_name(self, item: Any) -> str:
        """Whose knowledge it is."""
        return safe_cell(item.holder.get_full_name()) if item.holder else ""

    def owner_name(self, item: Any) -> str:
        """Who keeps it right."""
        return safe_cell(item.owner.get_full_name()) if item.owner else ""

    team.short_description = _("team")  # type: ignore[attr-defined]
    what.short_description = _("what it is")  # type: ignore[attr-defined]


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class FilePermissions(PermissionHelper):
    """The register of files is for looking: files change by being replaced."""

    def user_can_list(self, user: Any) -> bool:
        """Everybody with access to the admin."""
        return user.has_perm("wagtailadmin.access_admin")

    def user_can_create(self, user: Any) -> bool:
        """Never: files are uploaded with the item they belong to."""
        return False

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        """Never."""
        return False

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        """Never: what nothing refers to any more is swept away."""
        return False

    def user_can_inspect_obj(self, user: Any, obj: Any) -> bool:
        """Never: opening the file is the way to look at it."""
        return False


class FileRegister(ModelAdmin):
    """All files of items that the reader may see, and their own."""

    model = StoredFile
    base_url_path = "knowledge-files"
    menu_label = _("Files")
    menu_icon = "doc-full"
    permission_helper_class = FilePermissions
    list_display = (
        "name",
        "extension",
        "size_words",
        "scan_state",
        "text_state",
        "reason",
        "uploader",
        "created_at",
    )
    list_filter = ("scan_state", "text_state", "extension")
    list_export = (
        "name",
        "extension",
        "size",
        "scan_state",
        "text_state",
        "reason",
        "uploader",
        "created_at",
    )
    search_fields = ("name",)
    list_select_related = ("uploader",)
    list_per_page = 50
    export_filename = "knowledge-files"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Files attached to an item that the reader may see, or uploaded by the reader."""
        return super().get_queryset(request).filter(pk__in=files_seen_by(request.user).values("pk"))

    def size_words(self, stored: Any) -> str:
        """The size in words."""
        return size_in_words(stored.size)

    size_words.short_description = _("size")  # type: ignore[attr-defined]


class Registers(ModelAdminGroup):
    """The registers, together in the menu."""

    menu_label = _("Registers")
    menu_icon = "table"
    menu_order = 320
    items = (KnowledgeItemRegister, FileRegister)
