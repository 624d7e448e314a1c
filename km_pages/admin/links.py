"""The report on links to other sites: which are dead, and which pages have to be changed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.auth import require_admin_access
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permission_policies.base import BlanketPermissionPolicy

from km_pages.actions.check_links_again import CheckLinksAgain
from km_pages.admin.policy import seen_in_admin
from km_pages.admin.registers import safe_cell
from km_pages.conf import conf
from km_pages.models import LinkState, LinkUse, OutsideLink
from km_pages.numbers import whole_ones

MOST_AT_ONCE = 100


def uses_seen_by(user: Any) -> QuerySet[LinkUse]:
    """Where links stand, of what ``user`` may see in the admin."""
    pages = seen_in_admin(Page.objects.all(), user).values("pk")
    return LinkUse.objects.filter(Q(page=None) | Q(page__in=pages))


def links_seen_by(user: Any) -> QuerySet[OutsideLink]:
    """Links that stand on something that ``user`` may see in the admin."""
    return OutsideLink.objects.filter(Exists(uses_seen_by(user).filter(link=OuterRef("pk"))))


class LinkFilters(WagtailFilterSet):
    """Links by state, and by words of their address."""

    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"), choices=LinkState.choices, widget=CheckboxSelectMultiple
    )
    url = django_filters.CharFilter(label=gettext_lazy("Address holds"), lookup_expr="icontains")

    class Meta:
        model = OutsideLink
        fields = ["state", "url"]


class LinkReport(ReportView):
    """Dead links first of all; other states by the filter."""

    page_title = gettext_lazy("Links to other sites")
    header_icon = "link-external"
    model = OutsideLink
    index_url_name = "km_links"
    index_results_url_name = "km_links_results"
    results_template_name = "km_pages/admin/links_results.html"
    filterset_class = LinkFilters
    default_ordering = "host"
    permission_policy = BlanketPermissionPolicy(None)
    list_export = ["url", "state", "status", "reason", "answered_at", "checked_at", "where"]
    export_headings = {"where": gettext_lazy("Where it stands")}

    @cached_property
    def uses(self) -> Prefetch:
        """Where each link stands, of what this reader may see."""
        seen = uses_seen_by(self.request.user).select_related("page").order_by("page__title")
        return Prefetch("uses", queryset=seen, to_attr="seen_uses")

    def get_filterset_class(self) -> Any:
        """The filters."""
        return self.filterset_class

    def get_queryset(self) -> QuerySet[OutsideLink]:
        """What this reader may know of; only the dead ones until a filter says otherwise."""
        rows = links_seen_by(self.request.user).prefetch_related(self.uses)
        chosen = any(self.request.GET.get(name) for name in ("state", "url"))
        return (rows if chosen else rows.dead()).order_by("host", "url")

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Give each link what the export says of its places."""
        for link in object_list:
            link.where = safe_cell(
                "; ".join(each.place or each.page.title for each in link.seen_uses)
            )
        return object_list

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add whether links are checked at all, and how many wait."""
        context = super().get_context_data(*args, **kwargs)
        context["is_checked"] = conf().link_check
        context["days"] = conf().link_check_days
        return context


def check_again(request: HttpRequest) -> HttpResponse:
    """The button of the report: check the chosen links now."""
    keys = whole_ones(request.POST.getlist("link"))
    if request.method == "POST" and conf().link_check:
        links = links_seen_by(request.user).filter(pk__in=keys[:MOST_AT_ONCE])
        number = CheckLinksAgain(links=links, by=request.user).execute()
        words = ngettext(
            "%(n)d link is being checked. Look again in a minute.",
            "%(n)d links are being checked. Look again in a few minutes.",
            number,
        )
        messages.success(request, words % {"n": number})
    return redirect("km_links")


def link_report_urls() -> list[Any]:
    """The addresses, for Wagtail's ``register_admin_urls``."""
    results = LinkReport.as_view(results_only=True)
    return [
        path("reports/links/", require_admin_access(LinkReport.as_view()), name="km_links"),
        path("reports/links/results/", require_admin_access(results), name="km_links_results"),
        path("reports/links/again/", require_admin_access(check_again), name="km_links_again"),
    ]


def link_report_entry() -> MenuItem:
    """The entry in the menu of reports."""
    return MenuItem(
        _("Links to other sites"), reverse("km_links"), icon_name="link-external", name="km-links"
    )
