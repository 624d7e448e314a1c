"""Add to the repository: write, upload, keep the draft, share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Page

from km_pages.actions.agreement import may_change
from km_pages.actions.errors import ActionError
from km_pages.actions.share_item import ShareItem
from km_pages.actions.store_file import StoreFile
from km_pages.actions.write_draft import DeleteDraft, WriteDraft
from km_pages.conf import conf
from km_pages.files.formats import accepted_extensions
from km_pages.files.refusals import RefusedFile
from km_pages.forms.add import AddForm, LessonForm, initial_of, kept_files
from km_pages.models import KnowledgeAssetPage, StoredFile, Team
from km_pages.private_data import warnings_of
from km_pages.visibility import reader_for, visible_to


@login_required
def add(request: HttpRequest, form_class: type[AddForm] = AddForm) -> HttpResponse:
    """The form for something new; ``?team=`` and ``?from=`` fill in where it comes from."""
    if not Team.objects.with_member(request.user).exists():
        return render(request, "km_pages/add/no_team.html", status=200)
    return _edit(request, None, form_class)


@login_required
def add_lesson(request: HttpRequest) -> HttpResponse:
    """The shortest form, for a lesson."""
    return add(request, LessonForm)


@login_required
def edit_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The same form for a draft of one's own, or a change to something shared."""
    return _edit(request, own_item(request, pk), AddForm)


def own_item(request: HttpRequest, pk: int) -> KnowledgeAssetPage:
    """The newest draft of the item ``pk``; 404 unless it is the reader's own."""
    page = KnowledgeAssetPage.objects.filter(pk=pk).first()
    if page is None or not may_change(page, request.user):
        raise Http404
    return page.get_latest_revision_as_object()


def _edit(
    request: HttpRequest, page: KnowledgeAssetPage | None, form_class: type[AddForm]
) -> HttpResponse:
    initial = initial_of(page) if page else {"team": request.GET.get("team", "")}
    posted = request.POST if request.method == "POST" else None
    form = form_class(posted, user=request.user, page=page, initial=initial)
    if posted is None:
        files = [each.stored_file for each in page.attachments.all()] if page else []
        return _show(request, form, page, files, [])
    files, problems = _take_files(request, page)
    wanted = request.POST.get("do", "save")
    if problems or wanted == "upload" or wanted.startswith("remove-") or not form.is_valid():
        return _show(request, form, page, files, problems)
    if wanted == "share" and (warned := _warnings(request, form, files)):
        return _show(request, form, page, files, [], warned)
    return _carry_out(request, form, page, files, wanted)


def _carry_out(
    request: HttpRequest,
    form: AddForm,
    page: KnowledgeAssetPage | None,
    files: list[StoredFile],
    wanted: str,
) -> HttpResponse:
    team: Any = page.home_team if page else form.cleaned_data["team"]
    draft = form.draft(files=[each.pk for each in files], came_from=_origin(request))
    try:
        saved = WriteDraft(by=request.user, team=team, draft=draft, page=page).execute()
        if wanted != "share":
            messages.success(request, _("Your draft is saved. Nobody else sees it yet."))
            return redirect("km_pages:edit_draft", pk=saved.pk)
        outcome = ShareItem(page=saved, by=request.user).execute()
    except ActionError as problem:
        form.add_error(None, str(problem))
        return _show(request, form, page, files, [])
    return redirect(f"{reverse('km_pages:sent', args=[saved.pk])}?what={outcome.value}")


def _take_files(
    request: HttpRequest, page: KnowledgeAssetPage | None
) -> tuple[list[StoredFile], list[str]]:
    """The files kept so far, with those that came with the form, and what was refused and why."""
    problems = []
    dropped = request.POST.get("do", "").removeprefix("remove-")
    values = [each for each in request.POST.getlist("kept") if each != dropped]
    try:
        files = kept_files(values, user=request.user, page=page)
    except ValidationError as problem:
        return [], [str(problem.message)]
    for upload in request.FILES.getlist("files"):
        try:
            files.append(store(request, upload))
        except RefusedFile as problem:
            problems.append(f"{upload.name}: {problem}")
    return files, problems


def store(request: HttpRequest, upload: Any) -> StoredFile:
    """Store one upload of the reader. Raises ``RefusedFile``, also where the disk is full."""
    try:
        return StoreFile(uploader=request.user, name=upload.name, stream=upload).execute()
    except OSError as problem:
        raise RefusedFile(
            "storage",
            _(
                "This file could not be stored: there is no room at the moment. Everything else "
                "you gave is kept. Try again later, or tell the knowledge team."
            ),
        ) from problem


def _warnings(request: HttpRequest, form: AddForm, files: list[StoredFile]) -> list[str]:
    """Signs of private data, unless the reader says that they have looked."""
    if request.POST.get("looked") == "yes":
        return []
    data = form.cleaned_data
    typed = "\n".join([data["title"], data["summary"], data.get("notes") or ""])
    return warnings_of(typed, files)


def _origin(request: HttpRequest) -> Page | None:
    value = request.POST.get("from", "")
    if not (value.isascii() and value.isdigit() and len(value) < 12):
        return None
    return visible_to(Page.objects.filter(pk=int(value)), reader_for(request)).first()


def _show(
    request: HttpRequest,
    form: AddForm,
    page: KnowledgeAssetPage | None,
    files: list[StoredFile],
    problems: list[str],
    warned: list[str] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "draft": page,
        "files": files,
        "problems": problems,
        "warned": warned or [],
        "came_from": request.POST.get("from") or request.GET.get("from", ""),
        "lesson": isinstance(form, LessonForm),
        "accept": ",".join(f".{each}" for each in accepted_extensions()),
        "max_bytes": conf().upload_max_bytes,
        "max_files": conf().upload_max_files,
    }
    failed = bool(form.errors or problems)
    return render(request, "km_pages/add/form.html", context, status=422 if failed else 200)


@login_required
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened after sharing, and what happens next."""
    page = own_item(request, pk)
    context = {"item": page, "what": request.GET.get("what", "")}
    return render(request, "km_pages/add/sent.html", context)


@login_required
def delete_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a draft that was never shared."""
    page = own_item(request, pk)
    if request.method == "POST":
        try:
            DeleteDraft(page=KnowledgeAssetPage.objects.get(pk=pk), by=request.user).execute()
        except ActionError as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("The draft is deleted."))
        return redirect("km_pages:my_page")
    return render(request, "km_pages/add/delete.html", {"item": page})


@login_required
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """Store one file for the script of the form. Answers its key, name and size, or the refusal."""
    given = request.FILES.get("file")
    if given is None:
        return JsonResponse({"error": _("No file came. Choose it again.")}, status=400)
    try:
        stored = store(request, given)
    except RefusedFile as problem:
        status = {"too_large": 413, "quota": 413, "storage": 507}.get(problem.code, 422)
        return JsonResponse({"error": str(problem)}, status=status)
    return JsonResponse({"id": stored.pk, "name": stored.name, "size": stored.size}, status=201)
