"""The knowledge team's side of the search: gaps, who knows, and the report of what was searched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.auth import permission_denied
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Page

from km_pages.admin.policy import seen_in_admin
from km_pages.admin.registers import safe_cell
from km_pages.admin.rows import OfferRows
from km_pages.conf import conf
from km_pages.models import Offer, SearchGap
from km_pages.outlets.search_report import left_out_since, months_back, searched_since

REPORT = "km_pages.view_search_report"
# Whoever has more to offer for the search registers a menu item under this name.
SEARCH_MENU = "register_km_search_menu_item"


class GapForm(WagtailAdminModelForm):
    """What became of a gap. A page that the editor may not see is kept, and not named."""

    class Meta:
        model = SearchGap
        fields = ["state", "answered_with", "note"]
        widgets = {"answered_with": AdminPageChooser}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden_page = self._page_out_of_sight()
        if self.hidden_page:
            self.fields["answered_with"] = forms.CharField(
                label=_("The page that answers it"),
                initial=_("A page that you may not see"),
                disabled=True,
                required=False,
            )

    def _page_out_of_sight(self) -> int | None:
        page_id, user = self.instance.answered_with_id, self.for_user
        if page_id is None or user is None:
            return None
        seen = seen_in_admin(Page.objects.filter(pk=page_id), user).exists()
        return None if seen else page_id

    def clean(self) -> dict[str, Any]:
        """An answer names its page."""
        cleaned = super().clean() or {}
        if self.hidden_page:
            cleaned.pop("answered_with", None)
        answered = cleaned.get("state") == SearchGap.State.ANSWERED
        if answered and not (self.hidden_page or cleaned.get("answered_with")):
            self.add_error("answered_with", _("Choose the page that answers it."))
        return cleaned


class GapViewSet(ModelViewSet):
    """What people looked for and told to be missing."""

    model = SearchGap
    name = "gaps"
    icon = "help"
    menu_label = gettext_lazy("Gaps")
    list_display = ["query", "state", "times", "first_told", "last_told"]
    list_filter = ["state"]
    list_export = ["query", "state", "times", "first_told", "last_told", "note"]
    export_filename = "gaps"
    search_fields = ["query", "note"]
    ordering = ["-last_told", "-pk"]
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> Any:
        """The form that asks for the page of an answer."""
        return GapForm


class OfferViewSet(ModelViewSet):
    """Who may be asked, as they said it themselves: to look at, and to remove."""

    model = Offer
    name = "who-knows"
    icon = "group"
    menu_label = gettext_lazy("Who knows")
    list_display = ["person", "reach", "visibility", "until", "leaves_on", "after_leaving_until"]
    list_export = list_display
    export_filename = "who-knows"
    list_filter = ["visibility", "topics"]
    search_fields = ["person__first_name", "person__last_name", "words"]
    form_fields = ["reach", "visibility", "until", "leaves_on", "after_leaving_until"]
    index_view_class = OfferRows
    copy_view_enabled = False
    inspect_view_enabled = True


PERIODS = {
    1: gettext_lazy("This month"),
    2: gettext_lazy("Two months"),
    3: gettext_lazy("Three months"),
    12: gettext_lazy("Twelve months"),
}
SHOWN: dict[str, tuple[Any, Q]] = {
    "all": (gettext_lazy("Most searched"), Q()),
    "empty": (gettext_lazy("Without a result"), Q(empty__gt=0)),
    "unopened": (gettext_lazy("Found, and nothing opened"), Q(clicks=0, empty=0)),
    "gaps": (gettext_lazy("Told to be missing"), Q(gap__isnull=False)),
}


class SearchesPaginator(WagtailPaginator):
    """Pages of different searches, which say how many there are."""

    verbose_name = gettext_lazy("search")
    verbose_name_plural = gettext_lazy("different searches")


class SearchReportView(ReportView):
    """What is searched, where it finds nothing, and where nothing that is found is opened."""

    page_title = gettext_lazy("What people search for")
    header_icon = "search"
    index_url_name = "km_search_report"
    index_results_url_name = "km_search_report_results"
    template_name = "km_pages/admin/search_report.html"
    columns = [
        Column("query", label=gettext_lazy("Searched")),
        Column("searches", label=gettext_lazy("Times")),
        Column("people", label=gettext_lazy("People, most in a month")),
        Column("empty", label=gettext_lazy("Without a result")),
        Column("clicks", label=gettext_lazy("Opened")),
        Column("mean_place", label=gettext_lazy("Mean place of what was opened")),
        Column("gap_state", label=gettext_lazy("Told to be missing")),
    ]
    list_export = ["query", "searches", "people", "empty", "clicks", "mean_place", "gap_state"]
    export_headings = {each.name: each.label for each in columns}
    export_filename = "searches"
    is_searchable = False
    paginator_class = SearchesPaginator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only for those who may see the report."""
        if not request.user.has_perm(REPORT):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def months(self) -> int:
        """The chosen length of the period."""
        given = self.request.GET.get("months", "")
        return next((each for each in PERIODS if str(each) == given), 3)

    @cached_property
    def shown(self) -> str:
        """Which queries are chosen."""
        given = self.request.GET.get("shown", "")
        return given if given in SHOWN else "all"

    def get_queryset(self) -> QuerySet[Any]:
        """The counts, as dictionaries."""
        return searched_since(months_back(self.months)).filter(SHOWN[self.shown][1])

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """As it is: the choices are in the address."""
        return queryset

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The most frequent first, always."""
        return queryset

    def get_table(self, object_list: Any) -> Any:
        """The table, with words in place of codes."""
        return super().get_table(self.decorate_paginated_queryset(object_list))

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Words for what a table shows; no text that a spreadsheet would run."""
        states = dict(SearchGap.State.choices)
        return [
            {
                **row,
                "query": safe_cell(row["query"]) if self.is_export else row["query"],
                "mean_place": round(row["place"], 1) if row["place"] else "",
                "gap_state": str(states.get(row["gap"], "")),
            }
            for row in object_list
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the choices, and what is not shown and why."""
        left_out = left_out_since(months_back(self.months))
        people = conf().search_log_people
        return super().get_context_data(
            *args,
            **kwargs,
            periods=[(each, label, each == self.months) for each, label in PERIODS.items()],
            kinds=[(each, label, each == self.shown) for each, (label, _q) in SHOWN.items()],
            chosen={"months": self.months, "shown": self.shown},
            left_out=ngettext(
                "%(number)s search is not shown: fewer than %(people)s people asked the same in "
                "a month.",
                "%(number)s searches are not shown: fewer than %(people)s people asked the same "
                "in a month.",
                left_out,
            )
            % {"number": left_out, "people": people},
        )


class ReportMenuItem(MenuItem):
    """The report in the menu, for those who may see it."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the reader has the permission."""
        return request.user.has_perm(REPORT)


class BestBetsMenuItem(MenuItem):
    """Wagtail's promoted search results, where the rest of the search is."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the reader may change them."""
        model = "wagtailsearchpromotions"
        return any(
            request.user.has_perm(f"{model}.{verb}_searchpromotion")
            for verb in ("add", "change", "delete")
        )


class SearchGroup(ViewSetGroup):
    """All that the knowledge team does for the search, together in the menu."""

    # Wagtail itself has a "Search" in its menu.
    menu_label = gettext_lazy("Finding")
    menu_name = "km-search"
    menu_icon = "search"
    menu_order = 305
    submenu_hook = SEARCH_MENU
    items = (GapViewSet("gaps"), OfferViewSet("who-knows"))


def best_bets_item() -> MenuItem:
    """Best bets, in the menu of the search."""
    url = reverse("wagtailsearchpromotions:index")
    return BestBetsMenuItem(_("Best bets"), url, name="best-bets", icon_name="pick", order=100)


def report_item() -> MenuItem:
    """The report, in the menu of the search."""
    url = reverse("km_search_report")
    words = _("What people search for")
    return ReportMenuItem(words, url, name="km-searches", icon_name="list-ul", order=200)


def report_urls() -> list[Any]:
    """The addresses of the report below ``/admin/``."""
    view = SearchReportView
    return [
        path("searches/", view.as_view(), name="km_search_report"),
        path("searches/results/", view.as_view(results_only=True), name="km_search_report_results"),
    ]


def without_search_terms(_request: HttpRequest, items: list[MenuItem]) -> None:
    """Take Wagtail's report of search terms out of the menu: it stays empty here."""
    items[:] = [each for each in items if each.name != "search-terms"]
