"""Gaps for the knowledge team: a mail of what was told, at most one a day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from km_pages.models import SearchGap, SiteSettings, Team
from km_pages.notifications import send_to, site_address
from km_pages.outlets.counting import normalised
from km_pages.visibility import Reader, reader_for, visible_to

MOST_IN_A_MAIL = 30
MOST_STEWARDS = 12
CHANGE_GAPS = "change_searchgap"


def answer_to(query: str, request: HttpRequest) -> Page | None:
    """The page with which the knowledge team answered ``query``, if the reader may see it.

    At most two queries.
    """
    words = normalised(query)
    if not words:
        return None
    answered = SearchGap.objects.filter(query=words, state=SearchGap.State.ANSWERED)
    page_id = answered.values_list("answered_with", flat=True).first()
    if page_id is None:
        return None
    return visible_to(Page.objects.filter(pk=page_id), reader_for(request)).first()


def stewards_for(reader: Reader) -> list[tuple[str, list[str]]]:
    """The reader's teams, each with the names of its stewards: people to ask. Three queries."""
    if not reader.team_ids:
        return []
    users = get_user_model()._default_manager.filter(is_active=True)
    others = users.exclude(pk=reader.user_id).order_by("last_name", "first_name", "pk")
    teams = Team.objects.filter(pk__in=reader.team_ids).prefetch_related(
        Prefetch("stewards_group__user_set", others)
    )
    named = [(team.name, _names(team.stewards_group.user_set.all())) for team in teams]
    return [(team, people) for team, people in named if people]


def _names(people: Iterable[Any]) -> list[str]:
    return [each.get_full_name() or each.get_username() for each in people][:MOST_STEWARDS]


def team_addresses() -> list[str]:
    """Where the knowledge team gets its mails: its own address, or those who look after gaps."""
    sites = SiteSettings.objects.order_by("-site__is_default_site", "pk")
    address = sites.exclude(contact_email="").values_list("contact_email", flat=True).first()
    if address:
        return [address]
    able = Q(groups__permissions__codename=CHANGE_GAPS)
    people = get_user_model()._default_manager.filter(able, is_active=True).exclude(email="")
    return sorted(set(people.values_list("email", flat=True)))


def mail_new_gaps() -> int:
    """Write down one mail that names the gaps nobody was mailed about; returns how many.

    In one transaction: a worker that is killed has written none, and the next writes it once.
    """
    with transaction.atomic():
        new = SearchGap.objects.select_for_update().filter(mailed_at=None)
        gaps = list(new.filter(state=SearchGap.State.OPEN).order_by("-times", "pk"))
        to = team_addresses()
        if not gaps or not to:
            return 0
        context: dict[str, Any] = {
            "gaps": gaps[:MOST_IN_A_MAIL],
            "more": max(0, len(gaps) - MOST_IN_A_MAIL),
            "count": len(gaps),
            "link": site_address(reverse("gaps:index")),
        }
        send_to("gaps", to, context)
        pks = [each.pk for each in gaps]
        SearchGap.objects.filter(pk__in=pks).update(mailed_at=timezone.now())
    return len(gaps)
