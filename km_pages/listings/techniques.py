"""What one technique's page shows: its facts, steps with running totals, where it was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from km_pages.listings.cards import ItemCard, address_at, cards, items
from km_pages.prepared import Given, ask, fetch, filled, given_keys
from km_pages.qr import qr_picture
from km_pages.visibility import Standing, reader_for, visible_to
from km_pages.wording import hours_in_words, minutes_in_words, people_in_words

USED_IN = 6
# A function (page, request) -> list of LearnLink: where one can learn the technique, here.
LEARN_HOOK = "km_technique_learning"
# What fits on one side of A4 beside band, facts and foot, measured with the shipped techniques.
LETTERS_ON_CARD = 2700


@dataclass(frozen=True)
class LearnLink:
    """A short module about a technique: its title, address, and time in words."""

    title: str
    url: str
    time: str = ""


def learn_links(page: Any, request: HttpRequest) -> list[LearnLink]:
    """What apps offer to learn ``page`` by, through the hook ``km_technique_learning``."""
    if not page.pk:
        return []
    return [each for give in hooks.get_hooks(LEARN_HOOK) for each in give(page, request)]


@dataclass(frozen=True)
class TimedStep:
    """A step with the minute at which it ends, counted from the start."""

    number: int
    step: Any
    until: int

    @property
    def since(self) -> int:
        """The minute at which it begins."""
        return self.until - int(self.step.get("minutes") or 0)


def timed(steps: Any) -> list[TimedStep]:
    """``steps`` with their number and running total of minutes."""
    total, rows = 0, []
    for number, block in enumerate(steps, start=1):
        total += block.value.get("minutes") or 0
        rows.append(TimedStep(number, block.value, total))
    return rows


def chosen_format(formats: Sequence[Any], request: HttpRequest) -> Any:
    """The one of ``formats`` that ``?format=`` names by key or by kind; else the first."""
    wanted = request.GET.get("format", "")
    named = [each for each in formats if str(each.pk) == wanted]
    named += [each for each in formats if each.kind == wanted]
    return next(iter(named or formats), None)


def around_technique(page: Any, request: HttpRequest) -> dict[str, Any]:
    """What depends on who reads, or is no part of a guide.

    ``used_in`` cards, where to ``learn`` it, who it was ``checked_by``.
    """
    return {
        "used_in": used_in(page, request),
        "learn": learn_links(page, request),
        "checked_by": page.reviewed_by.get_full_name() if page.reviewed_by else "",
    }


def told_of(around: dict[str, Any]) -> tuple[Any, ...]:
    """What the guide's own text shows of :func:`around_technique`, to be kept by."""
    return (
        around["checked_by"],
        [(each.title, each.url, str(each.time)) for each in around["learn"]],
    )


def technique_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``formats``, the ``chosen`` one with its ``steps``: what the guide itself says.

    ``?format=short`` chooses the first format of that kind; without it the first format.
    ``learning_url``, ``own_url`` and ``phase`` are read once for all that shows them.
    """
    formats = list(page.formats.all())
    chosen, phases = chosen_format(formats, request), list(page.phases.all())
    _know_phase(page, phases)
    return {
        "formats": formats,
        "chosen": chosen,
        "facts": facts(page, chosen, phases),
        "steps": timed(chosen.steps) if chosen else [],
        "total_minutes": chosen.total_minutes if chosen else 0,
        "instead": page.when_not_to_use,
        "goals": list(page.goals.all()),
        "phases": phases,
        "phase": page.primary_phase,
        "learning_url": page.learning_url,
        "own_url": page.get_url(request) if page.pk else "",
    }


def _know_phase(page: Any, phases: Sequence[Any]) -> None:
    """Spare the query for the main phase of ``page``, which is nearly always one of ``phases``."""
    for each in phases:
        if each.pk == page.primary_phase_id:
            page.primary_phase = each


def used_in(page: Any, request: HttpRequest) -> list[ItemCard]:
    """The newest knowledge items that came out of ``page``, as far as the reader may see them."""
    # Mostly there are none, and to ask who may see them costs more than to look.
    if not page.pk or not ask(_came_from, page=page.pk):
        return []
    found = items().filter(came_from_id=page.pk)
    return cards(visible_to(found, reader_for(request))[:USED_IN], request)


def _came_from() -> QuerySet[Any, Any]:
    came = apps.get_model("km_pages", "KnowledgeAssetPage").objects.order_by()
    return came.filter(came_from=Given("page", IntegerField())).values_list("came_from_id")[:1]


def card_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """What a printed card has besides: its ``address`` in full, that as ``qr``, ``card_facts``."""
    address = request.build_absolute_uri(page.get_url(request) or "/")
    chosen = chosen_format(list(page.formats.all()), request)
    return {
        "address": address,
        "qr": qr_picture(address),
        "card_facts": format_facts(chosen) if chosen else [],
        "dense": chosen is not None and _letters(page, chosen) > LETTERS_ON_CARD,
    }


def _letters(page: Any, chosen: Any) -> int:
    """How many letters a card of ``page`` in the format ``chosen`` would have in full."""
    texts = [page.opening_words, page.closing_words]
    for step in chosen.steps:
        texts += [step.value.get(key) or "" for key in ("title", "who", "instruction", "prompt")]
    # A step costs a line besides its words.
    return sum(len(each) for each in texts) + 40 * len(chosen.steps)


@dataclass(frozen=True)
class Fact:
    """One fact of the summary at the top of a guide."""

    label: Any
    value: Any
    icon: str = ""
    note: Any = ""
    wide: bool = False


def facts(page: Any, chosen: Any, phases: Sequence[Any]) -> list[Fact]:
    """What decides whether the technique fits: time, people, setting, moment, preparation."""
    outputs = ", ".join(str(each.value.get("name") or "") for each in page.outputs)
    rows = [
        *(format_facts(chosen) if chosen else []),
        Fact(_("When"), ", ".join(str(each) for each in phases), "repeat"),
        Fact(_("To prepare"), page.preparation_time, "calendar"),
        Fact(_("You will have"), outputs, "check", wide=True),
    ]
    return [each for each in rows if each.value]


def format_facts(chosen: Any) -> list[Fact]:
    """Time, people and setting of one format, with what works best."""
    minutes = (chosen.minutes_min, chosen.minutes_max)
    best = minutes_in_words(chosen.best_minutes_min, chosen.best_minutes_max)
    crowd = (chosen.best_people_min, chosen.best_people_max)
    time = minutes_in_words(*minutes) or (_("No fixed length") if chosen.ongoing else "")
    notes = [hours_in_words(*minutes), _("best: %s") % best if best else ""]
    return [
        Fact(_("Time"), time, "clock", " · ".join(str(each) for each in notes if each)),
        Fact(
            _("People"),
            people_in_words(chosen.people_min, chosen.people_max),
            "people",
            _("best: %s") % people_in_words(*crowd) if any(crowd) else "",
        ),
        Fact(_("Where"), chosen.get_setting_display(), "place"),
    ]


class RelatedLink(NamedTuple):
    """A related technique: a link, and the key of its page."""

    pk: int
    title: str
    url: str


def _related(reader: Standing, number: int) -> QuerySet[Any]:
    """Techniques with so many given keys, and variants of the given page."""
    model = apps.get_model("km_pages", "TechniquePage")
    named = model._meta.get_field("related_links").related_model._default_manager.filter(
        technique=OuterRef("pk"), other=Given("page", IntegerField()), relation="variant"
    )
    # By the key of the page: that of the technique is a relation, which takes no given values.
    wanted = model.objects.filter(Q(id__in=given_keys(number)) | Exists(named))
    return visible_to(wanted, reader).order_by("title").values_list("pk", "title", "url_path")


def related(page: Any, request: HttpRequest) -> tuple[tuple[str, tuple[RelatedLink, ...]], ...]:
    """Related techniques that the reader may see, as (relation in words, links). Two queries.

    A variant names its original; the original then names it too.
    """
    links = _links(page)
    others = filled([link.other_id for link in links] or [0])
    standing = reader_for(request).standing
    seen = ask(_related, standing, len(others), page=page.pk or 0, **others)
    found = {pk: RelatedLink(pk, title, address_at(at, request)) for pk, title, at in seen}
    groups: dict[str, list[RelatedLink]] = {}
    for link in links:
        if link.other_id in found:
            words = str(link.get_relation_display())
            groups.setdefault(words, []).append(found.pop(link.other_id))
    for other in found.values():
        groups.setdefault(str(_("Other versions")), []).append(other)
    return tuple((words, tuple(techniques)) for words, techniques in groups.items())


def _links(page: Any) -> list[Any]:
    """What ``page`` names, also where it is not saved yet."""
    if page.pk and "related_links" not in getattr(page, "_cluster_related_objects", {}):
        return fetch(_links_of, technique=page.pk)
    return list(page.related_links.all())


def _links_of() -> QuerySet[Any, Any]:
    model = apps.get_model("km_pages", "RelatedTechnique")
    given = Given("technique", IntegerField())
    return model._default_manager.filter(technique=given).order_by("sort_order")
