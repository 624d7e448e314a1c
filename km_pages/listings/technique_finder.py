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
    Prefetch,
    Q,
    QuerySet,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.blocks.links import LINK_FIELDS
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
from km_pages.listings.technique_cards import card_words, describe, grouped, what_it_needs
from km_pages.listings.technique_choice import Choice, as_condition, techniques_of
from km_pages.visibility import order_by_ids, reader_for, visible_to

Once = Callable[[str, Callable[[], Any]], Any]
TECHNIQUES_ON_PAGE = 60
NEAREST = 3
LARGEST_NUMBER = 100_000
VIEWS = ("fit", "phase", "goal", "a-z")
# What the cards show, and no more: a technique has two dozen texts.
CARD_FIELDS = (*LINK_FIELDS, "strapline", "primary_phase")
PHASE_FIELDS = (
    "name",
    "slug",
    "strapline",
    "introduction",
    "elearning_url",
    "colour",
    "sort_order",
)
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


def made(_name: str, make: Callable[[], Any]) -> Any:
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
    model = apps.get_model("km_pages", "TechniquePage")
    reader = reader_for(request)
    choice = Choice(once("techniques", lambda: techniques_of(page, reader.standing)))
    fields: Any = form.fields
    phases, goals = list(fields["phase"].queryset), list(fields["goal"].queryset)
    part = page_of(choice.ordered(wishes, view, _places(phases)), request, TECHNIQUES_ON_PAGE)
    seen = visible_to(model.objects.all(), reader)
    techniques = order_by_ids(_listed(seen, view), list(part.object_list))
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
        "nearest": nearest(page, wishes, request) if empty else [],
        "view": view,
        "views": _views(view, wishes, request),
        "letters": _letters(choice, wishes, request) if view == "a-z" else [],
        "count": part.paginator.count,
        "part": part,
        "groups": grouped(techniques, view, first=part.number == 1 if techniques else True),
        "narrowed": bool(wishes),
        "card_words": [(each.km_url, each.km_words) for each in techniques],
        "frameworks": [] if wishes or view != "phase" else _frameworks(),
    }


def _places(phases: list[Any]) -> Callable[[int | None], tuple[bool, int]]:
    """The place of a main moment by its key; techniques without one come last."""
    orders = {each.pk: each.sort_order for each in phases}
    return lambda pk: (pk not in orders, orders.get(pk or 0, 0))


def _listed(techniques: QuerySet[Any], view: str = "") -> QuerySet[Any]:
    """``techniques`` with what their cards show; goals only where these are the headings."""
    formats = apps.get_model("km_pages", "TechniqueFormat").objects.only(*FORMAT_FIELDS)
    kept = techniques.select_related("primary_phase").only(
        *CARD_FIELDS, *(f"primary_phase__{name}" for name in PHASE_FIELDS)
    )
    kept = kept.prefetch_related(Prefetch("formats", formats))
    return kept.prefetch_related("goals") if view == "goal" else kept


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
    framework = apps.get_model("km_pages", "Framework")
    return [each for each in framework.objects.all() if each.introduction or each.elearning_url]


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


def nearest(page: Any, wishes: dict[str, Any], request: HttpRequest) -> list[Any]:
    """Up to three techniques that would fit with other minutes or people, and what they need.

    Those that need the least more time come first. One query and those of the cards.
    """
    rest = {name: value for name, value in wishes.items() if name not in ("minutes", "people")}
    if len(rest) == len(wishes) or not page.pk:
        return []
    model = apps.get_model("km_pages", "TechniquePage")
    rows = visible_to(model.objects.child_of(page), reader_for(request))
    limits = format_limits({**rest, "people": wishes.get("people")})
    rooms = _formats().filter(limits, ongoing=False, minutes_min__isnull=False)
    least = rooms.order_by("minutes_min").values("minutes_min")[:1]
    near = (
        fitting(rows, rest)
        .annotate(km_least=least)
        .order_by(F("km_least").asc(nulls_last=True), "title")
    )
    found = list(_listed(near)[:NEAREST])
    for technique in found:
        technique.km_url = technique.get_url(request)
        technique.km_words = {**card_words(technique), "also": what_it_needs(technique, wishes)}
    return found
