"""What technique pages show: the few that fit, steps with running totals, where it was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from km_pages.listings.cards import cards, items, page_of
from km_pages.visibility import reader_for, visible_to
from km_pages.wording import hours_in_words, minutes_in_words, people_in_words

TECHNIQUES_ON_PAGE = 60
USED_IN = 6
LARGEST_NUMBER = 100_000


class TechniqueFilterForm(forms.Form):
    """The questions above the list of techniques: minutes, people, moment, setting, goal."""

    minutes = forms.IntegerField(
        label=_("Minutes you have"), min_value=1, max_value=LARGEST_NUMBER, required=False
    )
    people = forms.IntegerField(
        label=_("How many people"), min_value=1, max_value=LARGEST_NUMBER, required=False
    )
    phase = forms.ModelChoiceField(
        label=_("Moment"), queryset=None, to_field_name="slug", required=False
    )
    setting = forms.ChoiceField(label=_("Setting"), required=False)
    goal = forms.ModelChoiceField(
        label=_("Goal"), queryset=None, to_field_name="slug", required=False
    )
    view = forms.ChoiceField(
        required=False, choices=[("", ""), ("phase", ""), ("goal", ""), ("a-z", "")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = apps.get_model("km_pages", "TechniqueFormat")
        self._choices("phase", "LearningPhase", _("Any moment"))
        self._choices("goal", "Goal", _("Any goal"))
        self.fields["setting"].choices = [("", _("Any setting")), *formats.Setting.choices]

    def _choices(self, name: str, model: str, empty: Any) -> None:
        field = self.fields[name]
        field.queryset = apps.get_model("km_pages", model).objects.all()
        field.empty_label = empty

    @property
    def wishes(self) -> dict[str, Any]:
        """What was asked for and understood; what was not is left out and shown as an error."""
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value and key != "view"}


@dataclass(frozen=True)
class TimedStep:
    """A step with the minute at which it ends, counted from the start."""

    number: int
    step: Any
    until: int


def fitting(techniques: QuerySet[Any], wishes: dict[str, Any]) -> QuerySet[Any]:
    """Those of ``techniques`` with one format that meets all ``wishes`` at once.

    A format fits when the minutes and people asked for lie within what is possible. Something
    without a fixed length never matches on minutes, and a limit left empty is no limit.
    """
    limits = Q()
    if minutes := wishes.get("minutes"):
        limits &= Q(ongoing=False, minutes_min__isnull=False, minutes_min__lte=minutes)
        limits &= Q(minutes_max__isnull=True) | Q(minutes_max__gte=minutes)
    if people := wishes.get("people"):
        limits &= Q(people_min__isnull=True) | Q(people_min__lte=people)
        limits &= Q(people_max__isnull=True) | Q(people_max__gte=people)
    if setting := wishes.get("setting"):
        limits &= Q(setting=setting)
    if limits:
        formats = apps.get_model("km_pages", "TechniqueFormat")
        techniques = techniques.filter(
            Exists(formats.objects.filter(limits, technique=OuterRef("pk")))
        )
    if phase := wishes.get("phase"):
        techniques = techniques.filter(Q(phases=phase) | Q(primary_phase=phase)).distinct()
    if goal := wishes.get("goal"):
        techniques = techniques.filter(goals=goal)
    return techniques


def technique_index_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``filters`` (the form), ``count``, ``part`` and ``groups``: (heading or phase, techniques).

    ``view`` is ``phase``, ``goal`` or ``a-z``; ``relax`` names the wishes to drop when none fits.
    """
    form = TechniqueFilterForm(request.GET)
    wishes = form.wishes
    view = form.cleaned_data.get("view") or "phase"
    model = apps.get_model("km_pages", "TechniquePage")
    rows = model.objects.child_of(page) if page.pk else model.objects.none()
    found = fitting(visible_to(rows, reader_for(request)), wishes)
    order = ["title"] if view != "phase" else [F("primary_phase__sort_order").asc(nulls_last=True)]
    found = found.order_by(*order, "title").select_related("primary_phase")
    part = page_of(
        found.prefetch_related("formats", "goals", "phases").defer_streamfields(),
        request,
        TECHNIQUES_ON_PAGE,
    )
    return {
        "filters": form,
        "wishes": wishes,
        "relax": [form.fields[name].label for name in wishes],
        "view": view,
        "count": part.paginator.count,
        "part": part,
        "groups": grouped(list(part.object_list), view),
    }


def grouped(techniques: list[Any], view: str) -> list[tuple[Any, list[Any]]]:
    """``techniques`` in groups: by main phase, by goal, or by first letter; in the order given."""
    groups: dict[Any, list[Any]] = {}
    for technique in techniques:
        for heading in _headings(technique, view):
            groups.setdefault(heading, []).append(technique)
    for technique in techniques:
        technique.km_words = card_words(technique)
    rows = list(groups.items())
    if view == "goal":
        rows.sort(key=lambda row: (row[0] is None, getattr(row[0], "sort_order", 0)))
    return rows


def _headings(technique: Any, view: str) -> list[Any]:
    if view == "goal":
        return list(technique.goals.all()) or [None]
    if view == "a-z":
        return [technique.title[:1].upper()]
    return [technique.primary_phase]


def timed(steps: Any) -> list[TimedStep]:
    """``steps`` with their number and running total of minutes."""
    total, rows = 0, []
    for number, block in enumerate(steps, start=1):
        total += block.value.get("minutes") or 0
        rows.append(TimedStep(number, block.value, total))
    return rows


def technique_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``formats``, the ``chosen`` one with its ``steps``, ``related`` links, ``used_in`` cards.

    ``?format=short`` chooses the first format of that kind; without it the first format.
    ``frameworks`` are the frameworks that it belongs to, where sources agree.
    """
    reader = reader_for(request)
    formats = list(page.formats.all())
    wanted = request.GET.get("format", "")
    chosen = next((each for each in formats if str(each.pk) == wanted), None)
    chosen = chosen or next((each for each in formats if each.kind == wanted), None)
    chosen = chosen or (formats[0] if formats else None)
    used = items().filter(came_from=page.pk) if page.pk else items().none()
    return {
        "formats": formats,
        "chosen": chosen,
        "facts": facts(page, chosen),
        "steps": timed(chosen.steps) if chosen else [],
        "total_minutes": chosen.total_minutes if chosen else 0,
        "related": related(page, request),
        "instead": page.when_not_to_use,
        "used_in": cards(visible_to(used, reader)[:USED_IN], request),
        "goals": list(page.goals.all()),
        "phases": list(page.phases.all()),
    }


@dataclass(frozen=True)
class Fact:
    """One fact of the summary at the top of a guide."""

    label: Any
    value: Any
    icon: str = ""
    note: Any = ""
    wide: bool = False


def facts(page: Any, chosen: Any) -> list[Fact]:
    """What decides whether the technique fits: time, people, setting, moment, preparation."""
    phases = ", ".join(str(each) for each in page.phases.all())
    outputs = ", ".join(str(each.value.get("name") or "") for each in page.outputs)
    rows = format_facts(chosen) if chosen else []
    return [
        *rows,
        Fact(_("When"), phases, "repeat"),
        Fact(_("To prepare"), page.preparation_time, "calendar"),
        Fact(_("You will have"), outputs, "check", wide=True),
    ]


def format_facts(chosen: Any) -> list[Fact]:
    """Time, people and setting of one format, with what works best."""
    minutes = (chosen.minutes_min, chosen.minutes_max)
    best = minutes_in_words(chosen.best_minutes_min, chosen.best_minutes_max)
    crowd = (chosen.best_people_min, chosen.best_people_max)
    time = _("No fixed length") if chosen.ongoing else minutes_in_words(*minutes)
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


def card_words(technique: Any) -> dict[str, str]:
    """Minutes and people of a technique in words, over all its formats. No query if prefetched."""
    formats = list(technique.formats.all())
    fixed = [each for each in formats if not each.ongoing]
    lows = [each.minutes_min for each in fixed if each.minutes_min is not None]
    highs = [each.minutes_max for each in fixed if each.minutes_max is not None]
    least = [each.people_min for each in formats if each.people_min is not None]
    most = [each.people_max for each in formats]
    words = minutes_in_words(min(lows, default=None), max(highs, default=None))
    return {
        "minutes": words if fixed else str(_("No fixed length")),
        "people": people_in_words(
            min(least, default=None), None if None in most or not most else max(most)
        )
        if formats
        else "",
    }


def related(page: Any, request: HttpRequest) -> list[tuple[str, list[Any]]]:
    """Related techniques that the reader may see, as (relation in words, techniques). One query."""
    links = list(page.related_links.all())
    model = apps.get_model("km_pages", "TechniquePage")
    wanted = model.objects.filter(pk__in=[link.other_id for link in links]).defer_streamfields()
    found = {each.pk: each for each in visible_to(wanted, reader_for(request))}
    groups: dict[str, list[Any]] = {}
    for link in links:
        if link.other_id in found:
            words = str(link.get_relation_display())
            groups.setdefault(words, []).append(found[link.other_id])
    return list(groups.items())
