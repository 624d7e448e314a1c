"""What the pages of the toolkit show: the toolbox with its filters, and neighbours.

Stands below the models, which call it from ``get_context``; models are reached through the app
registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from km_pages.blocks.links import LINK_FIELDS
from km_pages.finder.limits import weeks_limits
from km_pages.listings.narrowing import FilterForm, chosen, looser, with_counts
from km_pages.listings.technique_choice import as_condition
from km_pages.listings.techniques import Fact, timed, used_in
from km_pages.prepared import Given, fetch
from km_pages.visibility import Standing, reader_for, visible_to
from km_pages.wording import hours_in_words, minutes_in_words
from km_toolkit.menu import learn_links

TOOLBOX = "#toolbox"
CARD_FIELDS = (
    "content_type_id",
    "slug",
    "title",
    "minutes_max",
    "minutes_min",
    "strapline",
    "together",
    "weeks_earliest",
    "weeks_latest",
)


class ToolboxFilterForm(FilterForm):
    """The questions above the toolbox: weeks left, effort, kind of knowledge, alone or not."""

    weeks = forms.IntegerField(
        label=_("Weeks until the last day"), min_value=-52, max_value=520, required=False
    )
    minutes = forms.IntegerField(
        label=_("Minutes you have"), min_value=1, max_value=100_000, required=False
    )
    kind = forms.ChoiceField(label=_("Kind of knowledge"), required=False)
    together = forms.ChoiceField(label=_("Alone or with others"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activity = apps.get_model("km_toolkit", "ActivityPage")
        fields: Any = self.fields
        kinds = activity._meta.get_field("knowledge_type").choices
        fields["kind"].choices = [("", _("Any kind")), *_one_way(kinds, "both")]
        ways = activity.Together.choices
        fields["together"].choices = [("", _("Either")), *_one_way(ways, "either")]


def _one_way(choices: Any, all_of_them: str) -> list[Any]:
    """``choices`` without the one that means all of them: as a question it narrows nothing."""
    return [(value, label) for value, label in choices if value != all_of_them]


def fitting(activities: QuerySet[Any], wishes: dict[str, Any]) -> QuerySet[Any]:
    """Those of ``activities`` that can still be done with what is left; an empty limit is none.

    An activity fits the weeks left when it is not too late for it: one that may start earlier can
    still be done later, down to its latest week. After the last day only what is meant for then.
    """
    if (weeks := wishes.get("weeks")) is not None:
        activities = activities.filter(as_condition(weeks_limits(weeks)))
    if minutes := wishes.get("minutes"):
        activities = activities.filter(
            Q(minutes_min__isnull=True)
            | Q(minutes_min__lte=minutes)
            | Q(quick_minutes__lte=minutes)
        )
    for name in ("kind", "together"):
        if value := wishes.get(name):
            activities = activities.filter(_way(name, value))
    return activities


def toolkit_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``toolkit_steps``, ``filters`` (the form), what is ``chosen``, the ``activities`` that fit.

    With weeks left, what can wait least comes first. Where nothing fits, ``looser`` says what to
    leave out. The queries do not grow with the toolbox.
    """
    form = ToolboxFilterForm(request.GET)
    wishes = form.wishes
    model = apps.get_model("km_toolkit", "ActivityPage")
    rows = model.objects.child_of(page) if page.pk else model.objects.none()
    rows = visible_to(rows, reader_for(request))
    own_url = (page.get_url(request) or "") if page.pk else ""
    found = _in_order(fitting(rows, wishes), wishes)
    activities = [card_of(each, f"{own_url}{each.slug}/") for each in found]
    _count_choices(form, rows, wishes)
    steps = list(page.steps.all())
    return {
        "toolkit_steps": steps,
        "step_links": step_links(steps, request),
        "own_url": own_url,
        "filters": form,
        "wishes": wishes,
        "chosen": chosen(form, wishes, request, TOOLBOX),
        "looser": []
        if activities
        else looser(form, wishes, request, lambda some: fitting(rows, some).count(), TOOLBOX),
        "activities": activities,
        "count": len(activities),
    }


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """An activity as it stands in the toolbox, in words."""

    title: str
    url: str
    strapline: str
    minutes: str
    weeks: str
    together: str


def card_of(activity: Any, url: str) -> ActivityCard:
    """The card of ``activity``, which stands at ``url``. No query."""
    return ActivityCard(
        title=activity.title,
        url=url,
        strapline=activity.strapline,
        together=str(activity.get_together_display()),
        **words(activity),
    )


def step_links(steps: Sequence[Any], request: HttpRequest) -> list[list[tuple[str, str]]]:
    """For each of ``steps`` the activities that help, as (title, address). One query for all.

    Only those that the reader may see.
    """
    chosen = [[each["value"] for each in step.activities.raw_data] for step in steps]
    model = apps.get_model("km_toolkit", "ActivityPage")
    wanted = model.objects.filter(pk__in={each for keys in chosen for each in keys if each})
    found = visible_to(wanted.only(*LINK_FIELDS), reader_for(request)).in_bulk()
    links = {pk: (each.title, each.get_url(request) or "") for pk, each in found.items()}
    return [[links[key] for key in keys if key in links] for keys in chosen]


def _in_order(found: QuerySet[Any], wishes: dict[str, Any]) -> QuerySet[Any]:
    """What takes place earliest first; with weeks left, what may be left until later comes last."""
    order = F("weeks_earliest").desc(nulls_last=True)
    if "weeks" in wishes:
        order = F("weeks_latest").desc(nulls_last=True)
    return found.only(*CARD_FIELDS).order_by(order, "title")


def _count_choices(form: ToolboxFilterForm, rows: QuerySet[Any], wishes: dict[str, Any]) -> None:
    """Say behind each kind and each way of working how many activities it leaves. Two queries."""
    fields: Any = form.fields
    for name in ("kind", "together"):
        rest = {each: wishes[each] for each in wishes if each != name}
        values = [value for value, _label in fields[name].choices if value]
        found = fitting(rows, rest).order_by()
        counts = found.aggregate(
            **{value: Count("pk", filter=_way(name, value)) for value in values}
        )
        with_counts(fields[name], counts)


def _way(name: str, value: str) -> Q:
    if name == "kind":
        return Q(knowledge_type__in={value, "both"})
    return Q(together__in={value, "either"})


def around_activity(page: Any, request: HttpRequest) -> dict[str, Any]:
    """What is no part of a guide: ``used_in`` cards, where to ``learn`` it, its ``checked_by``."""
    return {
        "used_in": used_in(page, request),
        "learn": learn_links(page, request),
        "checked_by": page.reviewed_by.get_full_name() if page.reviewed_by else "",
    }


def activity_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``facts``, ``weeks``, timed ``steps`` and ``quick_steps``, and the ``techniques`` used."""
    return {
        "facts": facts(page),
        "weeks": weeks_bar(page),
        "steps": timed(page.steps),
        "quick_steps": timed(page.quick_steps),
        "techniques": [(each.title, each.get_url(request)) for each in _techniques(page, request)],
        "own_url": page.get_url(request) if page.pk else "",
    }


def _techniques(page: Any, request: HttpRequest) -> list[Any]:
    """The techniques that ``page`` uses, as far as the reader may see them. One query."""
    reader = reader_for(request)
    if page.pk and "techniques" not in getattr(page, "_cluster_related_objects", {}):
        return fetch(_techniques_of, reader.standing, activity=page.pk)
    technique = apps.get_model("km_pages", "TechniquePage")
    wanted = technique.objects.filter(pk__in=[each.pk for each in page.techniques.all()])
    return list(visible_to(wanted.only(*LINK_FIELDS), reader))


def _techniques_of(reader: Standing) -> QuerySet[Any]:
    activity = apps.get_model("km_toolkit", "ActivityPage")
    through = activity.techniques.through._default_manager.filter(
        activitypage=Given("activity", IntegerField()), techniquepage=OuterRef("pk")
    )
    technique = apps.get_model("km_pages", "TechniquePage")
    return visible_to(technique.objects.filter(Exists(through)).only(*LINK_FIELDS), reader)


def words(activity: Any) -> dict[str, str]:
    """Minutes and weeks of an activity in words."""
    return {
        "minutes": minutes_in_words(activity.minutes_min, activity.minutes_max),
        "weeks": weeks_in_words(activity.weeks_earliest, activity.weeks_latest),
    }


def weeks_in_words(earliest: int | None, latest: int | None) -> str:
    """When an activity is due, such as "6 to 2 weeks before the last day"; empty if unknown."""
    if earliest is None or latest is None:
        return ""
    if earliest < 0:
        return str(_("%(a)d to %(b)d weeks after the last day")) % {"a": -earliest, "b": -latest}
    if latest < 0:
        return str(_("from %(a)d weeks before to %(b)d weeks after the last day")) % {
            "a": earliest,
            "b": -latest,
        }
    if latest == 0:
        return str(_("from %(a)d weeks before, up to the last day")) % {"a": earliest}
    if earliest == latest:
        return str(_("%(a)d weeks before the last day")) % {"a": earliest}
    return str(_("%(a)d to %(b)d weeks before the last day")) % {"a": earliest, "b": latest}


def facts(page: Any) -> list[Fact]:
    """What decides whether an activity fits: when, how long, with whom, what it gives."""
    low, high = page.minutes_min, page.minutes_max
    return [
        Fact(_("When"), weeks_in_words(page.weeks_earliest, page.weeks_latest), "calendar"),
        Fact(_("Time"), minutes_in_words(low, high), "clock", hours_in_words(low, high)),
        Fact(_("Who"), page.get_together_display(), "people", page.who_takes_part),
        Fact(_("Good for"), page.get_knowledge_type_display(), "person"),
        Fact(_("You will have"), page.gives, "check", wide=True),
    ]


BAR_WEEKS = 12


def weeks_bar(page: Any) -> dict[str, int] | None:
    """The weeks of an activity on a bar of twelve weeks that ends with the last day.

    ``x`` and ``width`` are hundredths of the bar; nothing where the weeks lie outside it.
    """
    if page.weeks_earliest is None or page.weeks_latest is None or page.weeks_earliest <= 0:
        return None
    start = min(page.weeks_earliest, BAR_WEEKS)
    end = max(min(page.weeks_latest, BAR_WEEKS), 0)
    left = round(100 * (BAR_WEEKS - start) / BAR_WEEKS)
    right = round(100 * (BAR_WEEKS - end) / BAR_WEEKS)
    return {"x": left, "width": max(right - left, 3)}
