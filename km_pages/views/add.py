"""Add to the repository: write, upload, keep the draft, share."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Page, WorkflowState

from km_pages.actions.agreement import may_change
from km_pages.actions.errors import ActionError
from km_pages.actions.share_item import Outcome, ShareItem, standing_of
from km_pages.actions.store_file import room_of
from km_pages.actions.take_back_item import TakeBack
from km_pages.actions.write_draft import AlreadyThere, ChangedSince, DeleteDraft, WriteDraft
from km_pages.conf import conf
from km_pages.files.formats import accepted_extensions
from km_pages.forms.add import AddForm, LessonForm, initial_of, kept_files
from km_pages.models import (
    ApprovalState,
    HolderApproval,
    KnowledgeAssetPage,
    StoredFile,
    Team,
)
from km_pages.numbers import whole
from km_pages.private_data import Signs, signs_in
from km_pages.views.uploads import REFUSED, store_uploads, takes_files
from km_pages.visibility import reader_for, visible_to

# How long the press of a button may wait for files that are being read at this moment.
WAIT_SECONDS = 2.5


@login_required
@takes_files
def add(request: HttpRequest) -> HttpResponse:
    """The form for something new; ``?team=`` and ``?from=`` fill in where it comes from."""
    return _new(request, AddForm)


@login_required
@takes_files
def add_lesson(request: HttpRequest) -> HttpResponse:
    """The shortest form, for a lesson."""
    return _new(request, LessonForm)


def _new(request: HttpRequest, form_class: type[AddForm]) -> HttpResponse:
    if not Team.objects.with_member(request.user).exists():
        return render(request, "km_pages/add/no_team.html")
    return Writing(request, None, form_class).answer()


@login_required
@takes_files
def edit_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The same form for a draft of one's own, or a change to something shared."""
    page = own_item(request, pk)
    if request.method == "GET" and standing_of(page) is Outcome.SUBMITTED:
        return render(request, "km_pages/add/waiting.html", {"item": page})
    return Writing(request, page, AddForm).answer()


def own_item(request: HttpRequest, pk: int) -> KnowledgeAssetPage:
    """The newest draft of the item ``pk``; 404 unless it is the reader's own."""
    page = KnowledgeAssetPage.objects.filter(pk=pk).first()
    if page is None or not may_change(page, request.user):
        raise Http404
    return page.get_latest_revision_as_object()


def files_of(page: KnowledgeAssetPage | None) -> list[StoredFile]:
    """The files that a draft names, in its order. One query."""
    keys = [each.stored_file_id for each in page.attachments.all()] if page else []
    found = StoredFile.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


class Writing:
    """One request to the form: what was typed, what came with it, what is wanted."""

    template = "km_pages/add/form.html"

    def __init__(
        self, request: HttpRequest, page: KnowledgeAssetPage | None, form_class: type[AddForm]
    ) -> None:
        self.request, self.page, self.form_class = request, page, form_class
        self.posted = request.POST if request.method == "POST" else None
        self.wanted = request.POST.get("do", "save")
        self.files: list[StoredFile] = []
        self.problems: list[str] = []
        self.signs = Signs()
        self.seen = page.latest_revision_id if page else None
        self.form = self._form(self.posted)

    def _form(self, posted: Any) -> AddForm:
        initial = initial_of(self.page, self.request.user) if self.page else self._beginning()
        return self.form_class(posted, user=self.request.user, page=self.page, initial=initial)

    def _beginning(self) -> dict[str, Any]:
        return {"team": self.request.GET.get("team", ""), "key": uuid.uuid4()}

    def answer(self) -> HttpResponse:
        """Show the form, or do what is wanted."""
        if self.posted is None:
            self.files = files_of(self.page)
            return self.show()
        self._take_files()
        self.seen = self._seen()
        if self.wanted == "upload" or self.wanted.startswith("remove-"):
            # Files are on their way; what is missing elsewhere is not wrong yet.
            self.form = self.form.as_typed()
            return self.show()
        if not self.form.is_valid() or self.problems:
            return self.show()
        if self.wanted == "share" and not self._has_looked():
            return self.show()
        return self._carry_out()

    def _take_files(self) -> None:
        dropped = self.wanted.removeprefix("remove-")
        values = [each for each in self.request.POST.getlist("kept") if each != dropped]
        self.files = kept_files(values, user=self.request.user, page=self.page)
        room = conf().upload_max_files - len(self.files)
        new, self.problems = store_uploads(self.request, "files", room=room)
        known = {each.pk for each in self.files}
        self.files += [each for each in new if each.pk not in known]

    def _seen(self) -> int | None:
        return whole(self.request.POST.get("seen"))

    def _has_looked(self) -> bool:
        """Whether there is no sign of private data, or the reader says of these: I have looked."""
        looked = self.request.POST.get("looked", "")
        data = self.form.cleaned_data
        typed = "\n".join([data["title"], data["summary"], data.get("notes") or ""])
        self.signs = signs_in(typed, self.files, wait_seconds=0 if looked else WAIT_SECONDS)
        return not self.signs or looked == self.signs.digest

    def _carry_out(self) -> HttpResponse:
        try:
            saved, problem = self._save()
        except AlreadyThere as before:
            messages.info(self.request, str(before))
            return redirect("km_pages:sent", pk=before.page.pk)
        except ActionError as problem:
            if isinstance(problem, ChangedSince) and self.page is not None:
                self.seen = KnowledgeAssetPage.objects.get(pk=self.page.pk).latest_revision_id
            self.form.add_error(None, str(problem))
            return self.show()
        if problem:
            messages.warning(self.request, str(problem))
        elif self.wanted == "share":
            return redirect("km_pages:sent", pk=saved.pk)
        else:
            messages.success(self.request, _("Your draft is saved. It is not shared yet."))
        return redirect("km_pages:edit_draft", pk=saved.pk)

    def _save(self) -> tuple[KnowledgeAssetPage, ActionError | None]:
        """Save, and share where that is wanted. A draft that cannot be shared is kept."""
        team = self.page.home_team if self.page else self.form.cleaned_data["team"]
        draft = self.form.draft(files=[each.pk for each in self.files], came_from=self._origin())
        by = self.request.user
        # In one transaction, so that of two presses of the button the second finds it shared.
        with transaction.atomic():
            saved = WriteDraft(
                by=by, team=team, draft=draft, page=self.page, seen=self.seen
            ).execute()
            if self.wanted == "share":
                try:
                    ShareItem(page=saved, by=by, looked_at=len(self.signs)).execute()
                except ActionError as problem:
                    return saved, problem
        return saved, None

    def _origin(self) -> Page | None:
        pages = Page.objects.filter(pk=whole(self.request.POST.get("from")))
        return visible_to(pages, reader_for(self.request)).first()

    def show(self) -> HttpResponse:
        """The form with everything that was typed and every file that has arrived."""
        given = self.request.POST.get("from") or self.request.GET.get("from", "")
        context = {
            "form": self.form,
            "draft": self.page,
            "asked": self._asked(),
            "returned": returned_with(self.page) if self.page else None,
            "files": self.files,
            "saved_files": self._saved_files(),
            "problems": self.problems,
            "signs": self.signs,
            "seen": self.seen,
            "came_from": given[:18],
            "lesson": self.form_class is LessonForm,
            "mine": self.page is not None and self.page.owner_id == self.request.user.pk,
            "accept": ",".join(accepted_extensions(allow_zip=conf().upload_zip)),
            "max_bytes": conf().upload_max_bytes,
            "max_files": conf().upload_max_files,
            "room": room_of(self.request.user),
        }
        status = REFUSED if self.problems or self.wrong() else 200
        return render(self.request, self.template, {**context, **self.more()}, status=status)

    def wrong(self) -> list[Any]:
        """The forms in which something is wrong."""
        return [self.form] if self.form.is_bound and self.form.errors else []

    def more(self) -> dict[str, Any]:
        """What other forms show besides."""
        return {}

    def _saved_files(self) -> set[int]:
        """Keys of the files that stand in the saved draft already."""
        return {each.stored_file_id for each in self.page.attachments.all()} if self.page else set()

    def _asked(self) -> HolderApproval | None:
        if self.page is None:
            return None
        waiting = HolderApproval.objects.waiting().filter(page_id=self.page.pk)
        return waiting.select_related("holder").first()


def returned_with(page: KnowledgeAssetPage) -> str | None:
    """The words with which the item was sent back and still lies with its author, if it was."""
    last = HolderApproval.objects.filter(page_id=page.pk).first()
    if last is not None and last.state == ApprovalState.DECLINED:
        return last.comment
    workflow = page.current_workflow_state
    if workflow is not None and workflow.status == WorkflowState.STATUS_NEEDS_CHANGES:
        return workflow.current_task_state.comment
    return None


@login_required
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened after sharing, and what happens next."""
    page = own_item(request, pk)
    context = {"item": page, "team": page.home_team, "standing": standing_of(page).value}
    return render(request, "km_pages/add/sent.html", context)


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask nobody any more; the draft can be changed again."""
    try:
        TakeBack(page=own_item(request, pk), by=request.user).execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Nobody is asked any more. You can change it now."))
    return redirect("km_pages:edit_draft", pk=pk)


@login_required
def delete_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a draft that was never shared."""
    page = own_item(request, pk)
    if page.owner_id != request.user.pk:
        raise Http404
    if request.method == "POST":
        try:
            DeleteDraft(page=page, by=request.user).execute()
        except ActionError as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("The draft is deleted."))
        return redirect("km_pages:my_page")
    return render(request, "km_pages/add/delete.html", {"item": page})
