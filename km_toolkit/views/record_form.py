"""Write an entry of one's learning record, with a draft on the server while it is typed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Page

from km_pages.actions.errors import ActionError
from km_pages.conf import conf
from km_pages.files.formats import accepted_extensions
from km_pages.models import StoredFile, TechniquePage
from km_pages.numbers import whole
from km_pages.views.uploads import REFUSED, signed_out, store_uploads, takes_files
from km_pages.visibility import reader_for, visible_to
from km_toolkit.actions.keep_record_draft import ForgetDraft, KeepDraft
from km_toolkit.actions.record_learning import (
    MOST_FILES,
    AddedElsewhere,
    AddEntry,
    CorrectEntry,
    own_files,
)
from km_toolkit.forms.record import (
    WRITTEN,
    EntryForm,
    form_of_draft,
    form_of_entry,
    schemes_for,
    typed_in,
)
from km_toolkit.models import (
    ActivityPage,
    LearningActivity,
    LearningDraft,
    LearningEntry,
    LearningOrigin,
)
from km_toolkit.record_privacy import signs_for
from km_toolkit.views.record import newest_of, own_entry


@login_required
@takes_files
def add(request: HttpRequest) -> HttpResponse:
    """A new entry; ``?draft=`` goes on with one, ``?page=`` begins with a technique."""
    if request.method == "POST":
        return _take(request)
    wanted = request.GET.get("draft", "")
    if wanted:
        return _go_on(request, wanted)
    form = EntryForm(initial=_beginning(request), schemes=schemes_for())
    drafts = request.user.km_learning_drafts.filter(corrects=None)[:3]
    return _show(request, form, [], unfinished=drafts)


@login_required
def correct(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The form with what an entry says. What is sent takes its place; the old one stays."""
    entry = own_entry(request, key)
    if not entry.is_newest:
        return redirect("km_record:correct", newest_of(entry).key)
    draft = entry.drafts.filter(owner=request.user).first()
    if draft is not None:
        return redirect(f"{reverse('km_record:add')}?draft={draft.key}")
    form = form_of_entry(entry, schemes_for(entry), key=uuid.uuid4(), window=uuid.uuid4(), seen=0)
    return _show(request, form, [each.stored_file for each in entry.evidence.all()])


def _beginning(request: HttpRequest) -> dict[str, Any]:
    """What a new form knows already: today, and the technique that somebody came from."""
    begin: dict[str, Any] = {"key": uuid.uuid4(), "window": uuid.uuid4(), "seen": 0}
    begin["date"] = timezone.localdate()
    page = _page(request, request.GET.get("page", ""))
    if page is not None:
        shortest = getattr(page.specific, "minutes_min", None)
        begin |= {"page": page.pk, "what": page.title[:255], "minutes": shortest}
    way = request.GET.get("as", "")
    if way in LearningActivity.values:
        begin["activity"] = way
        if way == LearningActivity.READ:
            begin.pop("minutes", None)
    return begin


def _page(request: HttpRequest, pk: Any) -> Any:
    """The technique or activity ``pk`` where the reader may see it."""
    pages = visible_to(Page.objects.type(TechniquePage, ActivityPage), reader_for(request))
    return pages.filter(pk=whole(pk), live=True).first()


def _go_on(request: HttpRequest, wanted: str) -> HttpResponse:
    key = _uuid(wanted)
    draft = LearningDraft.objects.filter(owner=request.user, key=key).first() if key else None
    if draft is None:
        done = LearningEntry.objects.of(request.user).filter(key=key).first() if key else None
        if done is not None:
            return redirect("km_record:entry", done.key)
        raise Http404
    form = form_of_draft(draft, schemes_for(draft.corrects))
    form.initial["window"] = uuid.uuid4()
    return _show(request, form, [each.stored_file for each in draft.draft_files.all()])


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _corrected(request: HttpRequest) -> LearningEntry | None:
    """The entry that the form corrects: the newest of its versions; 404 for another person's."""
    key = _uuid(request.POST.get("corrects", ""))
    return own_entry(request, key) if key is not None else None


def _take(request: HttpRequest) -> HttpResponse:
    corrected = _corrected(request)
    form = EntryForm(request.POST, schemes=schemes_for(corrected))
    files, complete = _files(request)
    does = request.POST.get("do", "")
    if does == "later":
        draft = _keep(request, corrected, files)
        if draft is not None:
            messages.success(request, _("Kept. Go on with it when you like, on any device."))
        return redirect("km_record:record")
    wants_more = does == "upload" or does.startswith("remove-") or not complete
    if wants_more or not form.is_valid():
        draft = _keep(request, corrected, files)
        if wants_more:
            # Nobody asked yet whether all is there.
            form = EntryForm(initial=_as_initial(form), schemes=form.schemes)
        return _show(request, form, files, draft=draft)
    signs = signs_for(request.user, [*_texts(request), *(each.name for each in files)])
    if signs and request.POST.get("looked") != signs.digest:
        draft = _keep(request, corrected, files)
        return _show(request, form, files, draft=draft, signs=signs)
    return _record(request, form, corrected, files)


def _texts(request: HttpRequest) -> list[str]:
    """What was typed, of what is printed with the entry."""
    return [request.POST.get(name, "") for name in WRITTEN]


def _record(
    request: HttpRequest, form: EntryForm, corrected: LearningEntry | None, files: list[StoredFile]
) -> HttpResponse:
    learned = form.learned(tuple(each.pk for each in files))
    data = form.cleaned_data
    sent = {"learned": learned, "key": data["key"], "sent_from": data.get("window")}
    try:
        if corrected is not None:
            made = CorrectEntry(owner=request.user, entry=corrected, **sent).execute()
        else:
            page = _page(request, data.get("page"))
            origin = LearningOrigin.TECHNIQUE if page is not None else LearningOrigin.HAND
            action = AddEntry(owner=request.user, origin=origin, page=page, **sent)
            made = action.execute()
    except AddedElsewhere as problem:
        messages.warning(
            request, f"{problem} " + _("What you typed here is kept below; send it as well, or not")
        )
        return _show(request, form, files, draft=_keep(request, corrected, files))
    except ActionError as problem:
        messages.warning(request, str(problem))
        return _show(request, form, files, draft=_keep(request, corrected, files))
    ForgetDraft(owner=request.user, key=data["key"]).execute()
    messages.success(request, _("It is in your record. Only you can see it."))
    return redirect("km_record:entry", made.key)


def _as_initial(form: EntryForm) -> dict[str, Any]:
    names = [*form.fields]
    return {name: form[name].value() for name in names if form[name].value() not in (None, "")}


def _files(request: HttpRequest) -> tuple[list[StoredFile], bool]:
    """The files that stay and those that came with this request; whether none was refused."""
    dropped = request.POST.get("do", "").removeprefix("remove-")
    kept = [each for each in request.POST.getlist("kept") if each != dropped]
    stay = own_files(request.user, kept)
    new, problems = store_uploads(request, "files", room=MOST_FILES - len(stay), private=True)
    for problem in problems:
        messages.warning(request, problem)
    return stay + [each for each in new if each not in stay], not problems


def _keep(
    request: HttpRequest, corrected: LearningEntry | None, files: list[StoredFile]
) -> LearningDraft | None:
    """Keep what was typed; ``None``, and a message, where it cannot be kept."""
    try:
        return _kept(request, corrected, files)
    except ActionError as problem:
        messages.warning(request, str(problem))
        return None


def _kept(
    request: HttpRequest, corrected: LearningEntry | None, files: list[StoredFile]
) -> LearningDraft | None:
    """Keep what was typed; ``None`` where that window's form was sent already."""
    seen = request.POST.get("seen", "")
    return KeepDraft(
        owner=request.user,
        key=_uuid(request.POST.get("key", "")) or uuid.uuid4(),
        content=typed_in(request.POST),
        files=tuple(each.pk for each in files),
        seen=whole(seen, 9) or 0,
        corrects=corrected,
        window=_uuid(request.POST.get("window", "")),
    ).execute()


def _show(
    request: HttpRequest,
    form: EntryForm,
    files: list[StoredFile],
    *,
    draft: LearningDraft | None = None,
    signs: Any = (),
    unfinished: Any = (),
) -> HttpResponse:
    """The form; where it was kept as ``draft``, the hidden fields follow that."""
    hidden = {name: form[name].value() or "" for name in ("page", "corrects")}
    hidden |= {
        "key": draft.key if draft else form["key"].value() or uuid.uuid4(),
        "seen": draft.version if draft else form["seen"].value() or 0,
        "window": form["window"].value() or uuid.uuid4(),
    }
    context = {
        "form": form,
        "hidden": hidden,
        "files": files,
        "signs": signs,
        "unfinished": unfinished,
        "kept": draft,
        "max_bytes": conf().upload_max_bytes,
        "accept": ",".join(accepted_extensions()),
    }
    status = REFUSED if (form.is_bound and form.errors) or signs else 200
    return render(request, "km_toolkit/record/form.html", context, status=status)


@require_POST
def keep_draft(request: HttpRequest) -> HttpResponse:
    """Keep what is being typed, for the script of the form. Answers what to save on top of next."""
    if not request.user.is_authenticated:
        return signed_out()
    try:
        corrected = _corrected(request)
    except Http404:
        return JsonResponse({"error": _("This entry is not there.")}, status=404)
    files = own_files(request.user, request.POST.getlist("kept"))
    before = _uuid(request.POST.get("key", ""))
    try:
        draft = _kept(request, corrected, files)
    except ActionError as problem:
        return JsonResponse({"error": str(problem)}, status=409)
    if draft is None:
        return JsonResponse({"sent": True})
    if "text/html" in request.headers.get("Accept", ""):
        # Sent once more by hand, after its reader had been signed out: there is no script to tell.
        return redirect(f"{reverse('km_record:add')}?draft={draft.key}")
    answer: dict[str, Any] = {
        "key": str(draft.key),
        "seen": draft.version,
        "time": timezone.localtime(draft.changed_at).strftime("%H:%M"),
        "look": signs_for(request.user, _texts(request)).found,
    }
    if draft.key != before:
        answer["other"] = _(
            "This entry was changed on another device. Both are kept; this one is a second entry "
            "that is not finished."
        )
    return JsonResponse(answer)


@login_required
def draft_token(request: HttpRequest) -> HttpResponse:
    """A fresh token for a form that was open while its reader signed in again elsewhere."""
    return JsonResponse({"token": get_token(request)})
