"""The holder's word: whose it is, how far it goes, and what may not be published without it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from km_pages import notifications
from km_pages.actions.errors import Conflict
from km_pages.models import ApprovalState, HolderApproval, KnowledgeAssetPage, TeamApprovalTask
from km_pages.models.approvals import APPROVE_ANY
from km_pages.visibility import Reader, Visibility

WIDER = (Visibility.ORGANISATION, Visibility.OPEN)


def locked(pk: int) -> KnowledgeAssetPage:
    """The newest version of the item ``pk``, with its row locked until the transaction ends.

    Raises ``Conflict`` where it is gone.
    """
    if Page.objects.select_for_update(no_key=True).filter(pk=pk).first() is None:
        raise Conflict(_("It has been deleted meanwhile."))
    return KnowledgeAssetPage.objects.get(pk=pk).get_latest_revision_as_object()


def may_change(page: Any, user: Any) -> bool:
    """Whether ``user`` may change the item on the public side: its owner and its holder."""
    return user.pk is not None and user.pk in (page.owner_id, page.holder_id)


def may_answer(page: Any, user: Any, *, holder_id: int | None) -> bool:
    """Whether the word on ``page`` is ``user``'s: the holder's, or a steward's without a holder."""
    if holder_id is not None:
        return bool(holder_id == user.pk)
    return TeamApprovalTask.may_approve(page, user)


def asked_of(reader: Reader) -> QuerySet[HolderApproval]:
    """The waiting approvals that are for ``reader`` to decide. Makes no query of its own."""
    asked = Q(holder_id=reader.user_id)
    if reader.sees_everything or reader.user.has_perm(APPROVE_ANY):  # type: ignore[union-attr]
        asked |= Q(holder=None)
    for place in reader.teams:
        if place.steward and place.path:
            asked |= Q(holder=None, page__path__startswith=place.path)
    return HolderApproval.objects.waiting().filter(asked)


def has_agreement(page: Any) -> bool:
    """Whether the holder that ``page`` names has agreed to an audience as wide as it names.

    An item that its readers see already needs no new word, as long as neither holder nor audience
    is another.
    """
    wanted = Visibility(page.visibility).reach
    given = HolderApproval.objects.approved().filter(page_id=page.pk, holder_id=page.holder_id)
    same_page = type(page)._default_manager.filter(pk=page.pk)
    shared = same_page.filter(live=True, holder_id=page.holder_id)
    audiences = [
        *given.values_list("visibility", flat=True),
        *shared.values_list("visibility", flat=True),
    ]
    return any(Visibility(each).reach >= wanted for each in audiences)


def publication_problem(page: Any, user: Any) -> str:
    """Why ``user`` may not publish this version of ``page``, in words, or nothing.

    The rule behind every way of publishing an item: its holder agrees first (without a holder a
    steward does), and beyond the team a steward or knowledge editor does. Where it returns nothing
    and the item is published, call :func:`record_agreement`.
    """
    if not has_agreement(page) and not may_answer(page, user, holder_id=page.holder_id):
        return _(
            "%(who)s has not agreed to sharing this with “%(audience)s”. The draft is kept. "
            "Ask them to open it on their page and approve it."
        ) % {"who": holder_in_words(page), "audience": page.get_visibility_display()}
    if page.visibility in WIDER and not TeamApprovalTask.may_approve(page, user):
        return _(
            "Beyond the team, this is shared when a steward of the team or a knowledge editor has "
            "approved it. The draft is kept. Send it to them."
        )
    return ""


def holder_in_words(page: Any) -> str:
    """The holder's name, or who answers in their place."""
    if page.holder is None:
        return _("A steward of the team")
    return page.holder.get_full_name() or page.holder.get_username()


def record_agreement(page: Any, user: Any) -> None:
    """Write down that ``user`` agreed by sharing it themselves, where the word is theirs."""
    if has_agreement(page) or not may_answer(page, user, holder_id=page.holder_id):
        return
    waiting = HolderApproval.objects.waiting().filter(page_id=page.pk)
    decided = {
        "revision": page.latest_revision,
        "holder": page.holder,
        "visibility": page.visibility,
        "state": ApprovalState.APPROVED,
        "decided_at": timezone.now(),
    }
    if not waiting.update(**decided):
        HolderApproval.objects.create(page_id=page.pk, requested_by=user, **decided)
    log(page, "km_pages.holder_approved", user=user, data={"audience": page.visibility})


def ask_holder(page: Any, by: Any) -> HolderApproval:
    """Ask the holder (without one: the stewards) for their word. Asking twice asks once.

    Raises ``Conflict`` where there is nobody to ask.
    """
    people = people_to_ask(page)
    if not people:
        raise Conflict(
            _(
                "Nobody can agree to this yet: the team has no steward, or the person has no "
                "active account. Your draft is kept. Ask the knowledge team."
            )
        )
    asked = {
        "revision": page.latest_revision,
        "holder": page.holder,
        "visibility": page.visibility,
    }
    approval, made = HolderApproval.objects.update_or_create(
        page_id=page.pk,
        state=ApprovalState.WAITING,
        defaults=asked,
        create_defaults={**asked, "requested_by": by},
    )
    if made:
        log(page, "km_pages.ask_holder", user=by, data={"approval": approval.pk})
        notifications.tell_holder(approval, page, people)
    return approval


def people_to_ask(page: Any) -> list[Any]:
    """Who is asked for the word on ``page``: the holder; without one the stewards, or editors."""
    if page.holder is not None:
        return [page.holder] if page.holder.is_active else []
    stewards = list(page.home_team.stewards) if page.home_team else []
    return stewards or list(approvers_for_any())


def approvers_for_any() -> QuerySet[Any]:
    """The knowledge editors: people who may approve for every team by one of their groups."""
    codename = APPROVE_ANY.partition(".")[2]
    users = get_user_model()._default_manager.filter(is_active=True)
    return users.filter(groups__permissions__codename=codename).distinct()
