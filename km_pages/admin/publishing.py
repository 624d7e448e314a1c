"""Publishing in the admin: who has to agree first, and what an editor is told.

Hooks of Wagtail. The draft is saved before each of them runs, so nothing typed is lost by a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from wagtail.admin.auth import require_admin_access
from wagtail.models import Page, PageLogEntry

from km_pages import notifications
from km_pages.actions.agreement import (
    has_agreement,
    holder_in_words,
    publication_problem,
    record_agreement,
)
from km_pages.actions.errors import ActionError
from km_pages.actions.share_anyway import LOOKED, ShareAnyway
from km_pages.models import KnowledgeAssetPage, StoredFile, TeamApprovalTask, TeamSpacePage
from km_pages.models.techniques import TechniquePage
from km_pages.numbers import whole
from km_pages.private_data import Signs, signs_in
from km_pages.projection.text import body_of
from km_pages.signals import item_shared
from km_pages.visibility import Visibility


def back_to(page: Page) -> HttpResponse:
    """The way back to the editor of ``page``."""
    return redirect("wagtailadmin_pages:edit", page.pk)


def signs_of(item: KnowledgeAssetPage) -> Signs:
    """Signs of private data in the version ``item`` that were not looked at and answered for."""
    keys = [each.stored_file_id for each in item.attachments.all()]
    typed = "\n".join([item.title, item.summary, body_of(item)])
    signs = signs_in(typed, list(StoredFile.objects.filter(pk__in=keys)))
    looked = PageLogEntry.objects.filter(page_id=item.pk, action=LOOKED)
    known = bool(signs.found) and looked.filter(data__digest=signs.digest).exists()
    return Signs() if known else signs


def before_publish(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse what nobody has agreed to, and ask about signs of private data."""
    if not isinstance(page, KnowledgeAssetPage):
        return None
    problem = publication_problem(page, request.user)
    if problem:
        messages.error(request, problem)
        return back_to(page)
    if signs_of(page).found:
        return redirect("km_share_anyway", page.pk)
    record_agreement(page, request.user)
    return None


def before_approve(request: HttpRequest, page: Page) -> None:
    """In the editor, let nobody approve an audience that they changed past the holder.

    The button then saves what was typed, and says so.
    """
    wanted = request.POST
    if not isinstance(page, KnowledgeAssetPage) or not wanted.get("action-workflow-action"):
        return
    if wanted.get("workflow-action-name") != "approve":
        return
    holder = wanted.get("holder", "")
    asked = KnowledgeAssetPage(
        pk=page.pk,
        visibility=wanted.get("visibility", page.visibility),
        holder_id=whole(holder),
    )
    if asked.visibility not in Visibility.values or has_agreement(asked):
        return
    changed = wanted.copy()
    del changed["action-workflow-action"]
    request.POST = changed  # type: ignore[assignment]
    words = _("%(who)s has not agreed to this audience. Send it back, so that they are asked.")
    messages.error(request, words % {"who": holder_in_words(asked)})


def after_publish(request: HttpRequest, page: Page) -> None:
    """Announce a published item. What looks odd is told once it is saved, a moment later."""
    if isinstance(page, KnowledgeAssetPage) and page.live:
        announce(page, request.user)


def announce(page: KnowledgeAssetPage, by: Any) -> None:
    """Tell the team's stewards of what somebody else has published for it."""
    if not TeamApprovalTask.may_approve(page, by):
        notifications.tell_stewards(page, by)
    item_shared.send(KnowledgeAssetPage, page=page, by=by)


def tell_oddities(request: HttpRequest, page: Page) -> None:
    """Show warnings about ``page`` after it was saved by a button; they stop nothing."""
    if not request.accepts("text/html"):
        # Saved by itself, while somebody is typing.
        return
    for words in oddities(page):
        messages.warning(request, words)


def oddities(page: Page) -> Iterator[str]:
    """What looks wrong on ``page``, in words."""
    if isinstance(page, TechniquePage):
        yield from page.format_warnings
    elif isinstance(page, KnowledgeAssetPage):
        signs = signs_of(page)
        for words in signs.found:
            yield _("This may be about a patient or a private person. %s") % words
        if signs.unread:
            yield _("Still being read, so nobody has looked for private data in it: %s") % (
                ", ".join(signs.unread)
            )


def before_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    """Publish none of many pages where one is an item that may not be published like this."""
    pages = [each for each in objects if isinstance(each, Page)]
    if action_type != "publish" or not pages:
        return None
    chosen = Q(pk__in=[each.pk for each in pages])
    if action.cleaned_form.cleaned_data.get("include_descendants"):
        for each in pages:
            chosen |= Q(path__startswith=each.path, live=False)
    problems = []
    for item in KnowledgeAssetPage.objects.filter(chosen):
        if not item.permissions_for_user(request.user).can_publish():
            continue
        problem = _bulk_problem(item.get_latest_revision_as_object(), request.user)
        if problem:
            problems.append(f"{item.get_admin_display_title()}: {problem}")
    if not problems:
        return None
    messages.error(request, _("Nothing was published. %s") % " ".join(problems[:5]))
    return redirect(action.next_url)


def _bulk_problem(item: KnowledgeAssetPage, user: Any) -> str:
    problem = publication_problem(item, user)
    if problem:
        return problem
    if signs_of(item).found:
        return _("It may hold private data. Open it and publish it there.")
    record_agreement(item, user)
    return ""


def before_copy(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Let items be copied as drafts only, and a team keep its one space."""
    wanted = request.POST if request.method == "POST" else {}
    specific = page.specific
    if isinstance(specific, TeamSpacePage):
        words = _("A team has one space, so it cannot be copied. Open a new team instead.")
        messages.error(request, words)
        return redirect("wagtailadmin_explore", page.get_parent().pk)
    with_below = bool(wanted.get("copy_subpages"))
    below = page.get_descendants(inclusive=True) if with_below else Page.objects.filter(pk=page.pk)
    if with_below and below.type(TeamSpacePage).exists():
        messages.error(request, _("Team spaces cannot be copied. Copy the page without them."))
        return redirect("wagtailadmin_pages:copy", page.pk)
    wide = wanted.get("publish_copies") or wanted.get("alias")
    if wide and below.type(KnowledgeAssetPage).exists():
        words = _(
            "A copy of a knowledge item begins as a draft, because its new readers have to be "
            "agreed to as well. Copy it without publishing the copies and without an alias."
        )
        messages.error(request, words)
        return redirect("wagtailadmin_pages:copy", page.pk)
    return None


def after_move(request: HttpRequest, page: Page) -> None:
    """Say who sees an item now that it stands in another place."""
    moved = page.specific
    if isinstance(moved, KnowledgeAssetPage):
        team = KnowledgeAssetPage.objects.get(pk=moved.pk).home_team
        words = _("It is in the space of %(team)s now. Who sees it: %(audience)s.")
        messages.info(request, words % {"team": team, "audience": moved.get_visibility_display()})


def share_anyway(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs of private data in one draft: publish it with a reason, or go back and change it."""
    page = get_object_or_404(KnowledgeAssetPage, pk=pk).get_latest_revision_as_object()
    if not page.permissions_for_user(request.user).can_publish():
        messages.error(request, _("You cannot publish this."))
        return redirect("wagtailadmin_home")
    signs = signs_of(page)
    reason = request.POST.get("reason", "")[:500]
    problem = ""
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            ShareAnyway(
                page=page,
                by=request.user,
                reason=reason,
                signs=len(signs),
                digest=signs.digest,
                seen=whole(seen),
            ).execute()
        except ActionError as refusal:
            problem = str(refusal)
        else:
            announce(page, request.user)
            messages.success(request, _("Published. Your reason is kept in the history."))
            return redirect("wagtailadmin_explore", page.get_parent().pk)
    context = {"page": page, "signs": signs, "reason": reason, "problem": problem}
    return render(request, "km_pages/admin/share_anyway.html", context)


def publishing_urls() -> list[Any]:
    """The address, for Wagtail's ``register_admin_urls``."""
    view = require_admin_access(share_anyway)
    return [path("share-anyway/<int:pk>/", view, name="km_share_anyway")]
