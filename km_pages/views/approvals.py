"""Approve on the public side: as the holder, or as a steward or knowledge editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from km_pages.actions.agreement import asked_of, may_answer
from km_pages.actions.decide_item import DecideAsHolder, DecideModeration
from km_pages.actions.errors import ActionError
from km_pages.forms.decide import APPROVE, DecisionForm
from km_pages.models import HolderApproval, KnowledgeAssetPage, TeamApprovalTask
from km_pages.numbers import whole
from km_pages.private_data import signs_in
from km_pages.projection.text import body_of
from km_pages.views.add import files_of
from km_pages.views.uploads import REFUSED
from km_pages.visibility import reader_for

Decide = Callable[..., DecideAsHolder | DecideModeration]
MOST_SHOWN = 50


def waiting_for(request: HttpRequest) -> dict[str, list[Any]]:
    """What waits for the reader: ``as_holder`` (approvals) and ``as_steward`` (task states).

    The longest waiting first. A constant number of queries.
    """
    holder = asked_of(reader_for(request)).select_related("page", "requested_by")
    states: list[TaskState] = []
    for task in TeamApprovalTask.objects.filter(active=True):
        found = task.get_task_states_user_can_moderate(request.user).order_by("started_at", "pk")
        found = found.select_related("workflow_state__requested_by")
        states += list(found.prefetch_related("workflow_state__content_object")[:MOST_SHOWN])
    return {"as_holder": list(holder.order_by("pk")[:MOST_SHOWN]), "as_steward": states}


@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the reader's word."""
    return render(request, "km_pages/approvals/list.html", waiting_for(request))


@login_required
def holder_approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One item that somebody prepared from what the reader knows."""
    approval = HolderApproval.objects.select_related("requested_by").filter(pk=pk).first()
    page = approval and KnowledgeAssetPage.objects.filter(pk=approval.page_id).first()
    if approval is None or page is None:
        raise Http404
    if not may_answer(page, request.user, holder_id=approval.holder_id):
        raise Http404
    return _decide(
        request,
        page.get_latest_revision_as_object(),
        lambda **given: DecideAsHolder(approval=approval, by=request.user, **given),
        {"by": approval.requested_by, "decided": approval.decided_at, "as_holder": True},
    )


@login_required
def moderation(request: HttpRequest, pk: int) -> HttpResponse:
    """One item that should reach a wider audience."""
    state = TaskState.objects.filter(pk=pk).select_related("workflow_state__requested_by").first()
    page = _item_of(state) if state else None
    if state is None or page is None or not TeamApprovalTask.may_approve(page, request.user):
        raise Http404
    return _decide(
        request,
        page.get_latest_revision_as_object(),
        lambda **given: DecideModeration(task_state=state, by=request.user, **given),
        {"by": state.workflow_state.requested_by, "decided": state.finished_at},
    )


def _item_of(state: TaskState) -> KnowledgeAssetPage | None:
    if not isinstance(state.task.specific, TeamApprovalTask):
        return None
    return KnowledgeAssetPage.objects.filter(pk=whole(state.workflow_state.object_id)).first()


def _decide(
    request: HttpRequest, item: KnowledgeAssetPage, decide: Decide, context: dict[str, Any]
) -> HttpResponse:
    """Show the newest version and take the word on it; what was decided shows nothing more."""
    if context["decided"]:
        if request.method == "POST":
            messages.info(request, _("This was decided already. Nothing was changed."))
            return redirect("km_pages:approvals")
        return render(request, "km_pages/approvals/decided.html", {"item": item, **context})
    files = files_of(item)
    typed = "\n".join([item.title, item.summary, body_of(item)])
    signs = signs_in(typed, files)
    posted = request.POST if request.method == "POST" else None
    form = DecisionForm(posted, initial={"seen": item.latest_revision_id})
    if request.method == "POST" and form.is_valid():
        yes = form.cleaned_data["do"] == APPROVE
        if not yes or not signs or request.POST.get("looked") == signs.digest:
            given = {"comment": form.cleaned_data["comment"], "seen": form.cleaned_data["seen"]}
            return _carry_out(request, decide(approve=yes, looked_at=len(signs), **given))
        form.add_error(None, _("Look at the warning below first, and confirm that you have."))
    parts = {
        "item": item,
        "form": form,
        "signs": signs,
        "files": files,
        "team": item.home_team,
        "people": [each.get_full_name() or each.get_username() for each in item.audience],
        "shared_with": [str(each) for each in item.shared_with.all()],
    }
    status = REFUSED if form.is_bound and form.errors else 200
    return render(request, "km_pages/approvals/decide.html", {**context, **parts}, status=status)


def _carry_out(request: HttpRequest, action: DecideAsHolder | DecideModeration) -> HttpResponse:
    try:
        action.execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        done = _("Approved. Thank you.") if action.approve else _("Sent back with your words.")
        messages.success(request, done)
    return redirect("km_pages:approvals")
