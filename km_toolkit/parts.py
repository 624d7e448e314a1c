"""Who has which part in a handover. The one place that decides it, for pages, admin and Python."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from km_pages.prepared import Given, ask
from km_toolkit.models import MANAGE_HANDOVERS, Handover, HandoverState, Helping, HelpingState


class Part(TextChoices):
    """A part in a handover; one person may have several."""

    LEAVER = "leaver", _("Leaver")
    MANAGER = "manager", _("Line manager")
    HELPER = "helper", _("Helper")
    ASKED_TO_HELP = "asked_to_help", _("Asked to help")
    SUCCESSOR = "successor", _("Successor")
    TEAM = "team", _("Member of the team")
    KNOWLEDGE_MANAGER = "knowledge_manager", _("Knowledge manager")


def parts_of(handover: Handover, user: Any) -> frozenset[Part]:
    """What ``user`` is in ``handover``; nothing for strangers. At most three queries.

    * Where the holder cannot take part, the line manager acts in the leaver's place, and the
      leaver has no part: nothing is asked of them.
    * The deputy is the line manager from the moment they are asked.
    * The team has its part from the moment the leaver has confirmed, the successor too.
    """
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    found = set()
    if user.pk in _managers(handover):
        found.add(Part.MANAGER)
        if handover.holder_away:
            found.add(Part.LEAVER)
    elif user.pk == handover.leaver_id and not handover.holder_away:
        found.add(Part.LEAVER)
    if handover.state not in (HandoverState.DRAFT, HandoverState.WITHDRAWN):
        found |= _later_parts(handover, user)
    if user.has_perm(MANAGE_HANDOVERS):
        found.add(Part.KNOWLEDGE_MANAGER)
    return frozenset(found)


def _managers(handover: Handover) -> set[int | None]:
    managers = {handover.line_manager_id}
    if handover.deputy_asked_at is not None:
        managers.add(handover.deputy_id)
    return managers - {None}


def _later_parts(handover: Handover, user: Any) -> set[Part]:
    found = set()
    if user.pk == handover.successor_id:
        found.add(Part.SUCCESSOR)
    helping = next(iter(ask(_helping, handover=handover.pk, person=user.pk)), (None,))[0]
    if helping == HelpingState.ACCEPTED:
        found.add(Part.HELPER)
    elif helping == HelpingState.ASKED:
        found.add(Part.ASKED_TO_HELP)
    team = handover.post.team
    groups = {"members": team.members_group_id, "stewards": team.stewards_group_id}
    if user.pk != handover.leaver_id and ask(_membership, person=user.pk, **groups):
        found.add(Part.TEAM)
    return found


def people_told_of(handover: Handover) -> list[Any]:
    """Those besides leaver and line manager who know of ``handover`` by name. One query."""
    if handover.state == HandoverState.DRAFT:
        return []
    helping = handover.helping.exclude(state=HelpingState.DECLINED).select_related("person")
    people = [handover.successor, *(each.person for each in helping)]
    if handover.deputy_asked_at is not None:
        people.append(handover.deputy)
    return [each for each in people if each is not None]


def given_person() -> Given:
    """Stands for an account in a question that is asked with ``person=<key>``."""
    return Given("person", get_user_model()._meta.pk)


def _helping() -> QuerySet[Any, Any]:
    wanted = Given("handover", Handover._meta.pk)
    found = Helping.objects.filter(handover=wanted, person=given_person())
    return found.values_list("state")[:1]


def groups_of_given_person() -> QuerySet[Group]:
    """The groups of :func:`given_person`."""
    name = get_user_model()._meta.get_field("groups").related_query_name()  # type: ignore[union-attr]
    return Group.objects.filter(**{name: given_person()}).order_by()


def _membership() -> QuerySet[Any, Any]:
    kinds = [Given(name, Group._meta.pk) for name in ("members", "stewards")]
    return groups_of_given_person().filter(pk__in=kinds).values_list("pk")[:1]


# Who reads what is in a handover before it is published. The team is not among them.
INSIDE = frozenset({Part.LEAVER, Part.MANAGER, Part.HELPER, Part.SUCCESSOR, Part.KNOWLEDGE_MANAGER})


def may_read_areas(handover: Handover, parts: frozenset[Part]) -> bool:
    """Whether somebody with ``parts`` may read the areas: all inside, once the leaver shares them.

    Before that they are the leaver's and the helper's own.
    """
    if parts & {Part.LEAVER, Part.HELPER}:
        return True
    return handover.areas_shared_at is not None and bool(parts & INSIDE)
