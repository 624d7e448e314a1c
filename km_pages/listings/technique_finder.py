"""The list of techniques: the few that fit the minutes and people there are, best fit first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.finder.limits import format_clauses
from km_pages.listings.cards import page_of
from km_pages.listings.narrowing import (
    FilterForm,
    Narrowed,
    address,
    chosen,
    looser,
    with_counts,
)
from km_pages.listings.technique_cards import Card, cards_of, describe, grouped, what_it_needs
from km_pages.listings.technique_choice import Choice, as_condition
from km_pages.listings.technique_rows import mended, techniques_of
from km_pages.prepared import fetch
from km_pages.visibility import reader_for, visible_to

Once = Callable[[str, Callable[[], Any], Callable[[Any, frozenset[int]], Any]], Any]
# Three in a row; each costs as much as all else that a list says of ten thousand.
TECHNIQUES_ON_PAGE = 24
NEAREST = 3
LARGEST_NUMBER = 100_000
VIEWS = ("fit", "phase", "goal", "a-z")
FORMAT_FIELDS = (
    "technique_id",
    "kind",
    "label",
    "setting",
    "ongoing",
    "minutes_min",
    "minutes_max",
    "best_minutes_min",
    "best_minutes_max",
    "people_min",
    "people_max",
    "best_people_min",
    "best_people_max",
    "sort_order",
)


def made(_name: str, make: Callable[[], Any], _mend: Any) -> Any:
    """What ``make`` gives, not kept."""
    return make()


class TechniqueFilterForm(FilterForm):
    """The questions above the list of techniques: minutes, people, moment, setting, goal."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes you have"),
        min_value=1,
        max_value=LARGEST_NUMBER,
        required=False,
    )
    people = forms.IntegerField(
        label=gettext_lazy("How many people"), min_value=1, max_value=LARGEST_NUMBER, required=False
    )
    phase = forms.ModelChoiceField(
        label=gettext_lazy("Moment"), queryset=None, to_field_name="slug", required=False
    )
    setting = forms.ChoiceField(label=gettext_lazy("Setting"), required=False)
    goal = forms.ModelChoiceField(
        label=gettext_lazy("Goal"), queryset=None, to_field_name="slug", required=False
    )
    letter = forms.CharField(label=gettext_lazy("Letter"), max_length=1, required=False)
    view = forms.ChoiceField(required=False, choices=[("", ""), *((each, "") for each in VIEWS)])

    not_wishes = ("view",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = apps.get_model("km_pages", "TechniqueFormat")
        self._choices("phase", "LearningPhase", gettext_lazy("Any moment"))
        self._choices("goal", "Goal", gettext_lazy("Any goal"))
        settings = [("", gettext_lazy("Any setting")), *formats.Setting.choices]
        self.fields["setting"].choices = settings  # type: ignore[attr-defined]

    def _choices(self, name: str, model: str, empty: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = apps.get_model("km_pages", model).objects.all()
        field.empty_label = empty

    @property
    def view_name(self) -> str:
        """How to show the list: the best fit first where minutes or people were asked for."""
        wishes = self.wishes
        asked = "minutes" in wishes or "people" in wishes
        given = self.cleaned_data.get("view") or ("fit" if asked else "phase")
        return "phase" if given == "fit" and not asked else given


def format_limits(wishes: dict[str, Any], prefix: str = "") -> Q:
    """What one format must meet: the rule of the finder, as the database asks it."""
    return as_condition(format_clauses(wishes), prefix)


def fitting(techniques: QuerySet[Any], wishes: dict[str, Any]) -> QuerySet[Any]:
    """Those of ``techniques`` with one format that meets all ``wishes`` at once.

    A format fits when the minutes and people asked for lie within what is possible. Something
    without a fixed length never matches on minutes, and a limit left empty is no limit.
    """
    if limits := format_limits(wishes):
        techniques = techniques.filter(Exists(_formats().filter(limits)))
    if phase := wishes.get("phase"):
        through = apps.get_model("km_pages", "TechniquePage").phases.through
        mine = through.objects.filter(techniquepage=OuterRef("pk"), learningphase=phase)
        techniques = techniques.filter(Q(primary_phase=phase) | Exists(mine))
    if goal := wishes.get("goal"):
        techniques = techniques.filter(goals=goal)
    if letter := wishes.get("letter"):
        techniques = techniques.filter(title__istartswith=letter)
    return techniques


def _formats() -> QuerySet[Any]:
    return apps.get_model("km_pages", "TechniqueFormat").objects.filter(technique=OuterRef("pk"))


def technique_index_context(page: Any, request: HttpRequest, once: Once = made) -> dict[str, Any]:
    """``filters`` (the form), ``chosen``, ``count``, ``part`` and ``groups`` of techniques.

    ``groups`` are (heading, phase or goal, techniques). ``view`` is one of ``VIEWS``. Where none
    fits, ``looser`` says what to leave out, and ``nearest`` what nearly fits. ``frameworks`` are
    given where nothing was asked for. ``once`` keeps what is the same for all ways of narrowing
    the list. The queries do not grow with the list.
    """
    form = TechniqueFilterForm(request.GET)
    wishes, view = form.wishes, form.view_name
    reader = reader_for(request)
    standing = reader.standing
    choice = Choice(
        once(
            "techniques",
            lambda: techniques_of(page, standing),
            lambda before, changed: mended(before, changed, page, standing),
        )
    )
    phases, goals = fetch(_all_of, "LearningPhase"), fetch(_all_of, "Goal")
    part = page_of(choice.ordered(wishes, view, _places(phases)), request, TECHNIQUES_ON_PAGE)
    headed = {each: choice.techniques.goals.get(each.pk, frozenset()) for each in goals}
    techniques = cards_of(
        list(part.object_list), reader.standing, phases, headed if view == "goal" else {}
    )
    own_url = (page.get_url(request) or "") if page.pk else ""
    for technique in techniques:
        describe(technique, wishes, f"{own_url}{technique.slug}/")
    empty = not part.paginator.count
    _count_choices(form, choice, phases, goals)
    return {
        "filters": form,
        "wishes": wishes,
        "chosen": chosen(form, wishes, request),
        "looser": looser(form, wishes, request, lambda some: len(choice.keys(some)))
        if empty
        else [],
        "nearest": nearest(page, wishes, request, phases) if empty else [],
        "view": view,
        "views": _views(view, wishes, request),
        "letters": _letters(choice, wishes, request) if view == "a-z" else [],
        "count": part.paginator.count,
        "part": part,
        "groups": grouped(techniques, view, first=part.number == 1 if techniques else True),
        "narrowed": bool(wishes),
        "frameworks": [] if wishes or view != "phase" else _frameworks(),
    }


def _places(phases: list[Any]) -> Callable[[int | None], tuple[bool, int]]:
    """The place of a main moment by its key; techniques without one come last."""
    orders = {each.pk: each.sort_order for each in phases}
    return lambda pk: (pk not in orders, orders.get(pk or 0, 0))


def _views(view: str, wishes: dict[str, Any], request: HttpRequest) -> list[Narrowed]:
    words = {"phase": _("By moment"), "goal": _("By goal"), "a-z": _("A to Z")}
    if "minutes" in wishes or "people" in wishes:
        words = {"fit": _("Best fit"), **words}
    first = next(iter(words))
    return [
        Narrowed(
            label,
            address(request, view=None if name == first else name, letter=None),
            current=name == view,
        )
        for name, label in words.items()
    ]


def _letters(choice: Choice, wishes: dict[str, Any], request: HttpRequest) -> list[Narrowed]:
    """First letters of what fits the other wishes, each with its number."""
    now = str(wishes.get("letter", "")).upper()
    return [
        Narrowed(
            initial,
            address(request, letter=None if initial == now else initial),
            number,
            initial == now,
        )
        for initial, number in choice.letters(wishes).items()
    ]


def _frameworks() -> list[Any]:
    every = fetch(_all_of, "Framework")
    return [each for each in every if each.introduction or each.elearning_url]


def _all_of(name: str) -> QuerySet[Any]:
    """All entries of a list that editors keep, in its order."""
    return apps.get_model("km_pages", name)._default_manager.all()


def _count_choices(
    form: TechniqueFilterForm, choice: Choice, phases: list[Any], goals: list[Any]
) -> None:
    """Say behind every moment, goal and setting how many techniques it leaves."""
    fields: Any = form.fields
    settings = [value for value, _label in fields["setting"].choices if value]
    wishes = form.wishes
    _with_counts(fields["phase"], choice.counts("phase", phases, wishes))
    _with_counts(fields["goal"], choice.counts("goal", goals, wishes))
    with_counts(fields["setting"], choice.counts("setting", settings, wishes))


def _with_counts(field: Any, counts: dict[Any, int]) -> None:
    """As :func:`with_counts`, of records that were read already: a field would read them again."""
    rows = [(each.slug, str(each)) for each in counts]
    field.choices = [("", field.empty_label), *rows]
    with_counts(field, {each.slug: number for each, number in counts.items()})


def nearest(
    page: Any, wishes: dict[str, Any], request: HttpRequest, phases: list[Any]
) -> list[Card]:
    """Up to three techniques that would fit with other minutes or people, and what they need.

    Those that need the least more time come first. One query and those of the cards.
    """
    rest = {name: value for name, value in wishes.items() if name not in ("minutes", "people")}
    if len(rest) == len(wishes) or not page.pk:
        return []
    reader = reader_for(request)
    rows = visible_to(apps.get_model("km_pages", "TechniquePage").objects.child_of(page), reader)
    limits = format_limits({**rest, "people": wishes.get("people")})
    rooms = _formats().filter(limits, ongoing=False, minutes_min__isnull=False)
    least = rooms.order_by("minutes_min").values("minutes_min")[:1]
    near = (
        fitting(rows, rest)
        .annotate(km_least=least)
        .order_by(F("km_least").asc(nulls_last=True), "title")
    )
    found = cards_of(list(near.values_list("pk", flat=True)[:NEAREST]), reader.standing, phases, {})
    own_url = page.get_url(request) or ""
    for each in found:
        each.url = f"{own_url}{each.slug}/"
        each.also = what_it_needs(each.formats, wishes)
    return found
