"""Plain registers with many columns: knowledge items and files, to look at and to export."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.permissions import policy_registry
from wagtail_modeladmin.helpers import PagePermissionHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup

from km_pages.admin.policy import seen_in_admin
from km_pages.models import KnowledgeAssetPage, StoredFile, TeamSpacePage
from km_pages.models.attaching import files_seen_by
from km_pages.numbers import whole
from km_pages.wording import size_in_words

STYLES = ["km_pages/css/registers.css"]
SOON = timedelta(days=92)


class ItemPermissions(PagePermissionHelper):
    """Whoever may enter the admin may open the register; it shows what they may see.

    What one may do with a row was asked of the database for all rows at once.
    """

    def user_can_list(self, user: Any) -> bool:
        """Everybody with access to the admin."""
        return user.has_perm("wagtailadmin.access_admin")

    def user_can_create(self, user: Any) -> bool:
        """Items are added on the public side or in the explorer, where their team is known."""
        return False

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        """Those who may change the item."""
        return bool(getattr(obj, "may_change", False))

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        """Never from here."""
        return False

    def user_can_unpublish_obj(self, user: Any, obj: Any) -> bool:
        """Never from here."""
        return False

    def user_can_publish_obj(self, user: Any, obj: Any) -> bool:
        """Never from here."""
        return False

    def user_can_copy_obj(self, user: Any, obj: Any) -> bool:
        """Never from here."""
        return False


class TeamFilter(SimpleListFilter):
    """Items in the space of one team."""

    title = _("team")
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The teams that have a space."""
        spaces = TeamSpacePage.objects.order_by("title").values_list("pk", "title")
        return [(str(pk), title) for pk, title in spaces]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those below the chosen space."""
        if not self.value():
            return queryset
        space = TeamSpacePage.objects.filter(pk=whole(self.value())).first()
        return queryset.descendant_of(space) if space else queryset.none()


class DueFilter(SimpleListFilter):
    """Items by when they have to be checked."""

    title = _("check again")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Overdue, soon, or no date."""
        return [("overdue", _("Overdue")), ("soon", _("In three months")), ("none", _("No date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that fit."""
        today = timezone.localdate()
        chosen = {
            "overdue": Q(review_due__lt=today),
            "soon": Q(review_due__gte=today, review_due__lte=today + SOON),
            "none": Q(review_due=None),
        }.get(self.value() or "")
        return queryset.filter(chosen) if chosen is not None else queryset


class KnowledgeItemRegister(ModelAdmin):
    """All knowledge items that the reader may see, drafts of their own among them."""

    model = KnowledgeAssetPage
    base_url_path = "knowledge-items"
    menu_label = _("Knowledge items")
    menu_icon = "list-ul"
    permission_helper_class = ItemPermissions
    index_template_name = "km_pages/admin/register.html"
    index_view_extra_css = STYLES
    list_display = (
        "title",
        "team",
        "what",
        "visibility",
        "holder_name",
        "captured_on",
        "review_due",
        "live",
    )
    list_filter = (TeamFilter, "visibility", "output_type", DueFilter, "live")
    list_export = (
        "safe_title",
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
        policy = policy_registry.get_by_type(KnowledgeAssetPage)
        changed = policy.instances_user_has_permission_for(request.user, "change").values("pk")
        self.spaces = {
            space.path: space.title for space in TeamSpacePage.objects.only("path", "title")
        }
        seen = rows.filter(pk__in=ids).select_related("output_type", "holder", "owner")
        return seen.defer("body").annotate(
            may_change=Case(When(pk__in=changed, then=True), default=False)
        )

    def safe_title(self, item: Any) -> str:
        """The title."""
        return safe_cell(item.title)

    def team(self, item: Any) -> str:
        """The team in whose space the item stands."""
        ends = range(item.steplen, len(item.path), item.steplen)
        names = (self.spaces[item.path[:end]] for end in ends if item.path[:end] in self.spaces)
        return safe_cell(next(names, ""))

    def what(self, item: Any) -> str:
        """The type of knowledge."""
        return safe_cell(str(item.output_type or ""))

    def holder_name(self, item: Any) -> str:
        """Whose knowledge it is."""
        return safe_cell(name_of(item.holder))

    def owner_name(self, item: Any) -> str:
        """Who keeps it right."""
        return safe_cell(name_of(item.owner))

    safe_title.short_description = _("title")  # type: ignore[attr-defined]
    team.short_description = _("team")  # type: ignore[attr-defined]
    what.short_description = _("what it is")  # type: ignore[attr-defined]
    holder_name.short_description = _("whose knowledge it is")  # type: ignore[attr-defined]
    holder_name.admin_order_field = "holder__last_name"  # type: ignore[attr-defined]
    owner_name.short_description = _("who keeps it right")  # type: ignore[attr-defined]


def name_of(user: Any) -> str:
    """A person's name, or what they sign in with; nothing for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class OnlyLooking(PermissionHelper):
    """A register to look at and to export, for everybody with access to the admin.

    Nothing is made, changed or opened in it: what it lists has pages of its own for that.
    """

    def user_can_list(self, user: Any) -> bool:
        """Everybody with access to the admin."""
        return user.has_perm("wagtailadmin.access_admin")

    def user_can_create(self, user: Any) -> bool:
        """Nobody."""
        return False

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        """Nobody."""
        return False

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        """Nobody."""
        return False

    def user_can_inspect_obj(self, user: Any, obj: Any) -> bool:
        """Nobody."""
        return False


class FileRegister(ModelAdmin):
    """All files of items that the reader may see, and their own.

    They are uploaded with their item and change by being replaced; what nothing refers to any more
    is swept away.
    """

    model = StoredFile
    base_url_path = "knowledge-files"
    menu_label = _("Files")
    menu_icon = "doc-full"
    permission_helper_class = OnlyLooking
    index_template_name = "km_pages/admin/register.html"
    index_view_extra_css = STYLES
    list_display = (
        "name_linked",
        "extension",
        "size_words",
        "scan_state",
        "text_state",
        "reason",
        "uploader_name",
        "created_at",
    )
    list_filter = ("scan_state", "text_state", "extension")
    list_export = (
        "safe_name",
        "extension",
        "size",
        "scan_state",
        "text_state",
        "reason",
        "uploader_name",
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

    def name_linked(self, stored: Any) -> str:
        """The name, leading to the file's page."""
        address = reverse("km_pages:file_page", args=[stored.uuid])
        return format_html('<a href="{}">{}</a>', address, stored.name)

    def safe_name(self, stored: Any) -> str:
        """The name."""
        return safe_cell(stored.name)

    def uploader_name(self, stored: Any) -> str:
        """Who uploaded it."""
        return safe_cell(name_of(stored.uploader))

    name_linked.short_description = _("name")  # type: ignore[attr-defined]
    name_linked.admin_order_field = "name"  # type: ignore[attr-defined]
    safe_name.short_description = _("name")  # type: ignore[attr-defined]
    uploader_name.short_description = _("uploaded by")  # type: ignore[attr-defined]
    size_words.short_description = _("size")  # type: ignore[attr-defined]


class Registers(ModelAdminGroup):
    """The registers, together in the menu."""

    menu_label = _("Registers")
    menu_icon = "table"
    menu_order = 320
    items = (KnowledgeItemRegister, FileRegister)
