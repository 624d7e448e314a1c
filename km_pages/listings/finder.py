"""What the finder's page shows: the questions, and the answer over techniques and more.

An app adds what it has through the hook ``km_finder_source``: a function of the wish and the
request that returns a :class:`Source`, or nothing where it has nothing to say about the wish.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import F, Prefetch
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks

from km_pages.blocks.links import LINK_FIELDS
from km_pages.finder.rule import LEAVING, Answer, Candidate, Format, Wish, WrongTool, answer
from km_pages.listings.narrowing import FilterForm
from km_pages.listings.technique_finder import FORMAT_FIELDS, LARGEST_NUMBER
from km_pages.visibility import reader_for, visible_to

# A function (wish, request) -> Source or None: what else the finder chooses from.
FINDER_HOOK = "km_finder_source"
LIMITS = tuple(
    f"{best}{name}_{end}"
    for name in ("minutes", "people")
    for best in ("", "best_")
    for end in ("min", "max")
)
# How the shipped phases are asked for; another phase is asked for by its name.
MOMENTS = {
    "before": gettext_lazy("About to start"),
    "during": gettext_lazy("In the middle of it"),
    "after": gettext_lazy("Just finished"),
    LEAVING: gettext_lazy("Losing someone"),
}


class FinderForm(FilterForm):
    """The questions of the finder: minutes, people, moment, setting, goal, weeks left."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes you have"),
        min_value=1,
        max_value=LARGEST_NUMBER,
        required=False,
    )
    people = forms.IntegerField(
        label=gettext_lazy("How many people"), min_value=1, max_value=LARGEST_NUMBER, required=False
    )
    moment = forms.ChoiceField(label=gettext_lazy("We are"), required=False)
    setting = forms.ChoiceField(label=gettext_lazy("We meet"), required=False)
    goal = forms.ChoiceField(label=gettext_lazy("We want to"), required=False)
    weeks = forms.IntegerField(
        label=gettext_lazy("If someone leaves: weeks until the last day"),
        min_value=-52,
        max_value=520,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["moment"].choices = [("", _("Any moment")), *moment_names().items()]
        settings = apps.get_model("km_pages", "TechniqueFormat").Setting.choices
        fields["setting"].choices = [("", _("Any setting")), *settings]
        goals = apps.get_model("km_pages", "Goal").objects.values_list("slug", "name")
        fields["goal"].choices = [("", _("Any goal")), *goals]


@dataclass(frozen=True)
class Source:
    """What is offered under ``heading``; ``about`` says in a sentence what it is.

    ``wish`` is what of the question it answers, where that is not all.
    """

    heading: str
    candidates: list[Candidate]
    about: str = ""
    wish: Wish | None = None


@dataclass(frozen=True)
class Found:
    """The answer of one source."""

    source: Source
    answer: Answer


def moment_names() -> dict[str, str]:
    """The moments in words: those of the phases, and losing someone. One query."""
    phases = apps.get_model("km_pages", "LearningPhase").objects.values_list("slug", "name")
    names = {slug: str(MOMENTS.get(slug, name)) for slug, name in phases}
    return {**names, LEAVING: str(MOMENTS[LEAVING])}


def finder_context(request: HttpRequest) -> dict[str, Any]:
    """``form``, ``wish``, and where anything was asked ``found``: an answer for each source.

    The queries do not grow with what there is.
    """
    form = FinderForm(request.GET)
    wish = Wish(**form.wishes)
    return {
        "form": form,
        "asked": bool(wish.named),
        "all_url": _all_url(request),
        "found": [_found(wish, source) for source in _sources(wish, request)] if wish.named else [],
    }


def _all_url(request: HttpRequest) -> str:
    lists = apps.get_model("km_pages", "TechniqueIndexPage").objects.only(*LINK_FIELDS)
    first = visible_to(lists, reader_for(request)).order_by("path").first()
    return (first.get_url(request) or "") if first else ""


def _sources(wish: Wish, request: HttpRequest) -> list[Source]:
    given = [give(wish, request) for give in hooks.get_hooks(FINDER_HOOK)]
    sources = [_techniques(wish, request), *given]
    return [each for each in sources if each is not None]


def _techniques(wish: Wish, request: HttpRequest) -> Source | None:
    """The techniques. Weeks say nothing about them, but who counts weeks is losing someone.

    Once that one has left, it is too late for any of them.
    """
    if wish.weeks is not None and wish.weeks < 0:
        return None
    asked = wish
    if wish.weeks is not None:
        asked = replace(wish.without({"weeks"}), moment=wish.moment or LEAVING)
    return Source(_("Techniques"), technique_candidates(request), wish=asked)


def _found(wish: Wish, source: Source) -> Found:
    return Found(source, answer(source.wish or wish, source.candidates))


def technique_candidates(request: HttpRequest) -> list[Candidate]:
    """All techniques that the reader may see, as the rule needs them. Four queries and names."""
    model = apps.get_model("km_pages", "TechniquePage")
    formats = apps.get_model("km_pages", "TechniqueFormat").objects.only(*FORMAT_FIELDS)
    rows = visible_to(model.objects.all(), reader_for(request)).only(
        *LINK_FIELDS, "strapline", "primary_phase__slug", "for_leaving", "when_not_to_use"
    )
    rows = rows.select_related("primary_phase").order_by(
        F("primary_phase__sort_order").asc(nulls_last=True), "title"
    )
    rows = rows.prefetch_related(Prefetch("formats", formats), "phases", "goals")
    names = moment_names()
    return [_candidate(each, names, request) for each in rows]


def _candidate(page: Any, names: dict[str, str], request: HttpRequest) -> Candidate:
    moments = _moments(page)
    goals = list(page.goals.all())
    return Candidate(
        key=page.pk,
        title=page.title,
        formats=tuple(_format(each) for each in page.formats.all()),
        moments=moments,
        moment_names=tuple(names[each] for each in moments),
        goals=tuple(each.slug for each in goals),
        goal_names=tuple(str(each) for each in goals),
        wrong_tools=tuple(wrong_tools(page)),
        url=page.get_url(request) or "",
        strapline=page.strapline,
    )


def _moments(page: Any) -> tuple[str, ...]:
    """The main phase first, and last that it helps when somebody leaves."""
    main = [page.primary_phase.slug] if page.primary_phase else []
    leaving = [LEAVING] if page.for_leaving else []
    return tuple(dict.fromkeys([*main, *(each.slug for each in page.phases.all()), *leaving]))


def _format(one: Any) -> Format:
    return Format(
        key=str(one.pk),
        name=str(one),
        setting=one.setting,
        setting_name=str(one.get_setting_display()),
        ongoing=one.ongoing,
        **{name: getattr(one, name) for name in LIMITS},
    )


def wrong_tools(page: Any) -> list[WrongTool]:
    """What editors wrote under "do not use it when". No query."""
    return [
        WrongTool(
            situation=value.get("situation") or "",
            instead=value.get("instead"),
            instead_text=value.get("instead_text") or "",
            moment=value.get("moment") or "",
            **{name: value.get(name) for name in ("fewer_than", "more_than", "shorter_than")},
        )
        for value in (each["value"] for each in page.when_not_to_use.raw_data)
    ]
