"""Approve on the public side: as the holder, or as a steward or knowledge editor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from km_pages.actions.agreement import may_answer
from km_pages.actions.decide_item import DecideAsHolder, DecideModeration
from km_pages.actions.errors import ActionError
from km_pages.models import HolderApproval, KnowledgeAssetPage, TeamApprovalTask
from km_pages.visibility import reader_for


def waiting_for(request: HttpRequest) -> dict[str, list[Any]]:
    """What waits for the reader: ``as_holder`` (approvals) and ``as_steward`` (task states).

    A constant number of queries.
    """
    reader = reader_for(request)
    asked = Q(holder=request.user)
    for place in reader.teams:
        if place.steward and place.path:
            asked |= Q(holder=None, page__path__startswith=place.path)
    holder = HolderApproval.objects.waiting().filter(asked).select_related("page", "requested_by")
    states: list[TaskState] = []
    for task in TeamApprovalTask.objects.filter(active=True):
        found = task.get_task_states_user_can_moderate(request.user)
        states += list(
            found.select_related("workflow_state__requested_by", "revision").prefetch_related(
                "workflow_state__content_object"
            )
        )
    return {"as_holder": list(holder), "as_steward": states}


@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the reader's word."""
    return render(request, "km_pages/approvals/list.html", waiting_for(request))


@login_required
def holder_approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One item that somebody prepared from what the reader knows."""
    approval = HolderApproval.objects.select_related("page").filter(pk=pk).first()
    if approval is None:
        raise Http404
    page = KnowledgeAssetPage.objects.filter(pk=approval.page_id).first()
    if page is None or not may_answer(page, request.user, holder_id=approval.holder_id):
        raise Http404
    if request.method == "POST":
        yes, comment = request.POST.get("do") == "approve", request.POST.get("comment", "")[:2000]
        action = DecideAsHolder(approval=approval, by=request.user, approve=yes, comment=comment)
        return _decide(request, action)
    latest = page.get_latest_revision_as_object()
    context = {"item": latest, "by": approval.requested_by, "decided": approval.decided_at}
    return render(request, "km_pages/approvals/decide.html", {**context, **_parts(latest)})


@login_required
def moderation(request: HttpRequest, pk: int) -> HttpResponse:
    """One item that should reach a wider audience."""
    state = TaskState.objects.filter(pk=pk).select_related("workflow_state").first()
    item = state and state.workflow_state.content_object.specific
    task = state and state.task.specific
    if state is None or not isinstance(task, TeamApprovalTask):
        raise Http404
    if not isinstance(item, KnowledgeAssetPage):
        raise Http404
    latest = item.get_latest_revision_as_object()
    if not task.may_approve(latest, request.user):
        raise Http404
    if request.method == "POST":
        yes, comment = request.POST.get("do") == "approve", request.POST.get("comment", "")[:2000]
        action = DecideModeration(task_state=state, by=request.user, approve=yes, comment=comment)
        return _decide(request, action)
    decided = state.finished_at if state.status != TaskState.STATUS_IN_PROGRESS else None
    context = {"item": latest, "by": state.workflow_state.requested_by, "decided": decided}
    return render(request, "km_pages/approvals/decide.html", {**context, **_parts(latest)})


def _parts(item: KnowledgeAssetPage) -> dict[str, Any]:
    return {
        "team": item.home_team,
        "files": [each.stored_file for each in item.attachments.all()],
        "people": [each.get_full_name() for each in item.named_people.all()],
    }


def _decide(request: HttpRequest, action: DecideAsHolder | DecideModeration) -> HttpResponse:
    try:
        action.execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        done = _("Approved. Thank you.") if action.approve else _("Sent back with your words.")
        messages.success(request, done)
    return redirect("km_pages:approvals")
