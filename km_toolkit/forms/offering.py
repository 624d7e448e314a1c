"""What lists in forms offer: read with SQL made once, and looked for anew when one is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from km_pages.models import Post, Team
from km_pages.prepared import Given, fetch, fetch_each
from km_toolkit.models import ActionState, ActivityPage, Handover, KnowledgeArea, TransferAction


def colleagues(teams: Sequence[Any]) -> QuerySet[Any]:
    """People of the teams with these keys, and those who manage a post in them, by name."""
    users = get_user_model()._default_manager
    rows = Team.objects.filter(pk__in=teams)
    groups = Q(pk__in=rows.values("members_group")) | Q(pk__in=rows.values("stewards_group"))
    inside = users.filter(groups__in=Group.objects.filter(groups).order_by()).values("pk")
    managers = Post.objects.filter(team__pk__in=teams, line_manager__isnull=False)
    near = Q(pk__in=inside) | Q(pk__in=managers.order_by().values("line_manager"))
    return users.filter(near, is_active=True).order_by("first_name", "last_name", "pk")


def listed_colleagues(teams: Iterable[Team], *, besides: Any = None) -> list[Any]:
    """Those of :func:`colleagues` as a list, without the account ``besides``. One query."""
    keys = sorted({each.pk for each in teams})
    found = fetch_each(colleagues, Team._meta.pk, keys)
    return [each for each in found if each.pk != besides]


def offer(form: forms.BaseForm, name: str, rows: Iterable[Any], among: Callable[[], Any]) -> None:
    """Offer ``rows``, which have been read, in the list ``name``.

    What is sent is looked for in the queryset ``among()``, which is made only then.
    """
    field: Any = form.fields[name]
    if form.is_bound:
        field.queryset = among()
    first = [("", field.empty_label)] if field.empty_label is not None else []
    field.choices = [*first, *((each.pk, field.label_from_instance(each)) for each in rows)]


def offer_areas(form: forms.BaseForm, handover: Handover) -> None:
    """Offer the areas of ``handover`` in the list ``area``. One query."""
    offer(form, "area", fetch(_areas, handover=handover.pk), handover.areas.all)


def offer_activities(form: forms.BaseForm) -> None:
    """Offer the activities of the toolbox in the list ``activity``, by their titles. One query."""
    offer(form, "activity", fetch(_activities), ActivityPage.objects.live)


def offer_actions(form: forms.BaseForm, handover: Handover) -> None:
    """Offer what the plan of ``handover`` says in the list ``action``. One query."""
    planned = handover.actions.exclude(state=ActionState.DROPPED)
    offer(form, "action", fetch(_actions, handover=handover.pk), planned.all)


def _areas() -> QuerySet[KnowledgeArea]:
    return KnowledgeArea.objects.filter(handover=_given_handover()).only("title")


def _activities() -> QuerySet[ActivityPage]:
    return ActivityPage.objects.live().order_by("title").only("title")


def _actions() -> QuerySet[TransferAction]:
    planned = TransferAction.objects.filter(handover=_given_handover())
    return planned.exclude(state=ActionState.DROPPED).only("title")


def _given_handover() -> Given:
    return Given("handover", Handover._meta.pk)
