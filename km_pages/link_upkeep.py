"""Keep the list of links to other sites: read them off the pages, and ask for their checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from wagtail.models import Page, Site

from km_pages.actions.check_links_again import CHECK_LINK
from km_pages.conf import conf
from km_pages.links.finding import addresses_in, host_of
from km_pages.models import (
    Framework,
    Job,
    LearningPhase,
    LinkReading,
    LinkUse,
    OutsideLink,
    SiteSettings,
)
from km_pages.visibility import Visibility, item_models

PAGES_AT_ONCE = 500
CHECKS_AN_HOUR = 100
# One after the other, and never two requests of one machine at the same time.
PAUSE = timedelta(seconds=30)
READ_BY_OTHERS = (Visibility.ORGANISATION, Visibility.OPEN)


def keep_links() -> None:
    """Read links off pages that were published since, and ask for due checks. Every hour."""
    if not conf().link_check:
        return
    read_pages()
    read_lists()
    OutsideLink.objects.filter(uses=None).delete()
    ask_for_checks()


def read_pages(limit: int = PAGES_AT_ONCE) -> int:
    """Read the links of at most ``limit`` pages that changed; returns of how many."""
    gone = LinkUse.objects.filter(page__live=False)
    gone.delete()
    LinkReading.objects.filter(page__live=False).delete()
    known = LinkReading.objects.filter(page=OuterRef("pk"))
    fresh = known.filter(
        Q(read_at__gte=OuterRef("last_published_at")) | Q(page__last_published_at=None)
    )
    pages = Page.objects.live().filter(depth__gt=1, alias_of=None).exclude(Exists(fresh))
    rows = list(pages.order_by(F("last_published_at").asc(nulls_last=True), "pk")[:limit])
    for page in rows:
        read_page(page.specific)
    return len(rows)


def read_page(page: Page) -> None:
    """Note the links that stand on the published ``page``.

    An item for a team or for named people is left out: its addresses may be private themselves.
    """
    private = isinstance(page, item_models()) and page.visibility not in READ_BY_OTHERS
    found = set() if private else outside(addresses_in(page.serializable_data()))
    with transaction.atomic():
        note_uses(found, page=page)
        LinkReading.objects.update_or_create(page_id=page.pk, defaults={"read_at": timezone.now()})


def read_lists() -> None:
    """Note the links of frameworks, phases and footers, which are no pages."""
    found: dict[str, set[str]] = {}
    for model in (LearningPhase, Framework):
        for entry in model._default_manager.exclude(elearning_url=""):
            place = f"{model._meta.verbose_name}: {entry}"[:160]
            found[place] = outside(addresses_in(entry.elearning_url))
    for settings in SiteSettings.objects.all():
        place = str(SiteSettings._meta.verbose_name)[:160]
        links = [block.value.get("url") or "" for block in settings.footer_links]
        found.setdefault(place, set()).update(outside(addresses_in(links)))
    LinkUse.objects.filter(page=None).exclude(place__in=found).delete()
    for place, addresses in found.items():
        with transaction.atomic():
            note_uses(addresses, place=place)


def outside(addresses: Iterable[str]) -> set[str]:
    """Those of ``addresses`` that lead to other sites than ours."""
    own = {each.lower() for each in Site.objects.values_list("hostname", flat=True)}
    return {each for each in addresses if host_of(each) not in own}


def note_uses(addresses: set[str], *, page: Any = None, place: str = "") -> None:
    """Let exactly ``addresses`` stand on ``page``, or at ``place``."""
    wanted = {OutsideLink.digest_of(each): each for each in addresses}
    rows = [
        OutsideLink(url=url, digest=digest, host=host_of(url)[:255])
        for digest, url in wanted.items()
    ]
    OutsideLink.objects.bulk_create(rows, ignore_conflicts=True)
    links = list(OutsideLink.objects.filter(digest__in=wanted).values_list("pk", flat=True))
    uses = LinkUse.objects.filter(page=page, place=place)
    known = set(uses.values_list("link_id", flat=True))
    uses.exclude(link__in=links).delete()
    LinkUse.objects.bulk_create(
        LinkUse(link_id=pk, page=page, place=place) for pk in links if pk not in known
    )


def ask_for_checks(limit: int = CHECKS_AN_HOUR) -> int:
    """Ask the worker for at most ``limit`` due checks, spread over the hour; returns how many."""
    due = OutsideLink.objects.due().order_by("next_check_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:limit])
    now = timezone.now()
    for number, pk in enumerate(keys):
        Job.objects.enqueue(CHECK_LINK, pk, next_try_at=now + PAUSE * number)
    return len(keys)
