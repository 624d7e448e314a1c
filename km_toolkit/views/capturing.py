"""Step 6: capture by form, by upload, or the five questions of Express; then share."""

from __future__ import annotations

import uuid
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from km_pages.actions.share_item import Outcome
from km_pages.actions.write_draft import as_rich_text
from km_pages.conf import conf
from km_pages.files.formats import accepted_extensions
from km_pages.models import StoredFile
from km_pages.numbers import whole, whole_ones
from km_pages.private_data import signs_in
from km_pages.projection.text import body_of
from km_pages.views.uploads import store_uploads, takes_files
from km_toolkit.actions.capture import CaptureOutput, RemoveOutput, ShareOutput
from km_toolkit.forms.capture import CAPTURES, CaptureForm, capture_form
from km_toolkit.forms.parts import ExpressForm
from km_toolkit.merging import merged, seen_mark
from km_toolkit.models import KnowledgeOutput, Prompt
from km_toolkit.views.entering import Room, enter, found_in

SAID = {
    Outcome.PUBLISHED: gettext_lazy("Shared. Your team can find it now."),
    Outcome.SUBMITTED: gettext_lazy("Sent to the stewards, who look at it first."),
}


@login_required
def capture(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything captured so far, and the ways to capture more."""
    room = enter(request, pk)
    context = {
        "outputs": room.handover.outputs.select_related("area", "page", "output_type", "created_by")
        if room.reads_areas
        else [],
        "ways": CAPTURES.values(),
        "may_capture": room.may(CaptureOutput),
        "may_share": room.may(ShareOutput),
    }
    return room.show("capture", context)


def _output(request: HttpRequest, pk: int, kind: str, output_pk: int | None) -> HttpResponse:
    room = enter(request, pk, parts=CaptureOutput.parts)
    row = None
    if output_pk is not None:
        row = found_in(KnowledgeOutput.objects, handover=room.handover, pk=output_pk)
    form = capture_form(
        kind, room.handover, row, request.POST if request.method == "POST" else None
    )
    if row is None:
        form.initial.setdefault("action", whole(request.GET.get("action")))
    files = row.attached if row else []
    if request.method == "POST":
        files = _with_new(room, form, files)
        if form.is_valid() and request.POST.get("do") != "upload":
            if row is None and form.cleaned_data.get("apart") and len(files) > 1:
                return _keep_apart(room, form, files)
            made = _keep(room, form, row, files)
            if made is not None and request.POST.get("do") == "share":
                return room.back("share_output", made.pk)
            if made is not None:
                return room.back("capture")
    theirs = _theirs(form, row)
    context = {
        "output": row,
        "theirs": theirs,
        "kind": form.kind,
        "files": files,
        "max_bytes": conf().upload_max_bytes,
        "accept": ",".join(accepted_extensions()),
    }
    return room.show("output", context, form=form)


def _theirs(form: CaptureForm, row: KnowledgeOutput | None) -> list[tuple[str, str]]:
    """What was saved since the form was opened, as (label, value); the form may then be sent again.

    Nothing where nobody has saved meanwhile.
    """
    if row is None or not form.is_bound:
        return []
    row.refresh_from_db()
    now = row.changed_at.isoformat()
    if form.data.get("seen", "") in ("", now):
        return []
    form.data = {**form.data.dict(), "seen": now}  # type: ignore[attr-defined]
    return [
        (str(form.fields["title"].label), row.title),
        (str(form.fields["summary"].label), row.summary),
        (_("Text"), body_of(row)),
    ]


@login_required
@takes_files
def new_output(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Capture something new: contacts, dates, a how-to, files …"""
    return _output(request, pk, kind, None)


@login_required
@takes_files
def output(request: HttpRequest, pk: int, output_pk: int) -> HttpResponse:
    """Change something captured."""
    return _output(request, pk, "", output_pk)


def _with_new(room: Room, form: CaptureForm, files: list[StoredFile]) -> list[StoredFile]:
    """The files that stay and those that came with this request; refusals are said."""
    posted = room.request.POST
    kept = whole_ones(posted.getlist("kept"))
    known = StoredFile.objects.filter(pk__in=kept, uploader=room.by)
    before = {each.pk: each for each in [*known, *files]}
    dropped = whole(posted.get("do", "").removeprefix("remove-"))
    stay = [before[key] for key in kept if key in before and key != dropped]
    new, problems = store_uploads(room.request, "files", room=conf().upload_max_files - len(stay))
    for problem in problems:
        messages.warning(room.request, problem)
    return stay + [each for each in new if each not in stay]


def _keep(
    room: Room, form: CaptureForm, row: KnowledgeOutput | None, files: list[StoredFile]
) -> Any:
    seen = parse_datetime(form.cleaned_data.get("seen") or "") if row is not None else None
    return room.do(
        CaptureOutput,
        _("Kept. Only you and your helper can change it."),
        output=row,
        title=form.cleaned_data["title"],
        details=form.details(),
        files=[each.pk for each in files],
        key=form.cleaned_data.get("key"),
        seen=seen,
    )


def _keep_apart(room: Room, form: CaptureForm, files: list[StoredFile]) -> HttpResponse:
    """Make a note of each of ``files``, with what the form says of all of them."""
    key = form.cleaned_data.get("key") or uuid.uuid4()
    for number, stored in enumerate(files):
        made = room.do(
            CaptureOutput,
            title=PurePath(stored.name).stem.replace("_", " ")[:160],
            details=form.details(),
            files=[stored.pk],
            # Sent twice, each is made once.
            key=uuid.uuid5(key, f"{number} {stored.name}"),
        )
        if made is None:
            return room.back("capture")
    said = ngettext("%(n)d note is kept.", "%(n)d notes are kept.", len(files))
    messages.success(room.request, said % {"n": len(files)})
    return room.back("capture")


@login_required
@require_POST
def remove_output(request: HttpRequest, pk: int, output_pk: int) -> HttpResponse:
    """Throw away what was never shared."""
    room = enter(request, pk, parts=RemoveOutput.parts)
    row = found_in(KnowledgeOutput.objects, handover=room.handover, pk=output_pk)
    room.do(RemoveOutput, _("Thrown away."), output=row)
    return room.back("capture")


@login_required
def share_output(request: HttpRequest, pk: int, output_pk: int) -> HttpResponse:
    """Check before sharing: what it says, who will see it, and signs of private data."""
    room = enter(request, pk, parts=ShareOutput.parts)
    row = found_in(KnowledgeOutput.objects, handover=room.handover, pk=output_pk)
    files = row.attached
    signs = signs_in("\n".join([row.title, row.summary, body_of(row)]), files)
    if request.method == "POST":
        if signs and request.POST.get("looked") != signs.digest:
            messages.warning(request, _("Look at the warning first, and confirm that you have."))
        else:
            given = {"looked_at": len(signs), "seen": parse_datetime(request.POST.get("seen", ""))}
            outcome = room.do(ShareOutput, output=row, **given)
            if outcome is not None:
                messages.success(request, str(SAID[outcome]))
                return room.back("capture")
    return room.show("share_output", {"output": row, "files": files, "signs": signs})


@login_required
@takes_files
def express(request: HttpRequest, pk: int) -> HttpResponse:
    """Five questions in 15 minutes: typed, spoken or photographed."""
    room = enter(request, pk, parts=CaptureOutput.parts)
    known = {
        each.prompt: each
        for each in room.handover.outputs.exclude(prompt="").prefetch_related("files")
    }
    initial = {prompt: _plain(each) for prompt, each in known.items()}
    form = ExpressForm(request.POST if request.method == "POST" else None, initial=initial)
    # Every answer is kept, also after one whose file was refused.
    valid = request.method == "POST" and form.is_valid()
    told: set[str] = set()
    kept = [_keep_answer(room, form, prompt, known, told) for prompt in Prompt] if valid else []
    if kept and all(kept):
        messages.success(request, _("Saved. Look it over, then share it with your team."))
        return room.back("capture")
    accept = ",".join(accepted_extensions())
    files = {prompt: list(each.files.all()) for prompt, each in known.items()}
    rows = [
        (form[prompt.value], files.get(prompt.value, []), seen_mark(initial.get(prompt.value, "")))
        for prompt in Prompt
    ]
    return room.show("express", {"rows": rows, "accept": accept}, form=form)


def _plain(row: KnowledgeOutput) -> str:
    """What was typed as an answer, without markup."""
    blocks = [block.value.source for block in row.body if block.block_type == "text"]
    return "\n\n".join(
        strip_tags(part.replace("<br/>", "\n")) for text in blocks for part in text.split("</p>")
    ).strip()


def _keep_answer(
    room: Room,
    form: ExpressForm,
    prompt: Prompt,
    known: dict[str, KnowledgeOutput],
    told: set[str],
) -> bool:
    """Keep one answer with what was spoken or photographed. An empty one makes nothing."""
    typed = form.cleaned_data[prompt.value].strip()
    new, problems = store_uploads(room.request, f"files-{prompt.value}", room=5)
    # What was refused while it came is told with every field: to say it once is enough.
    for problem in set(problems) - told:
        messages.warning(room.request, problem)
    told.update(problems)
    row = known.get(prompt.value)
    stored = _plain(row) if row else ""
    text = merged(typed, stored, room.request.POST.get(f"seen-{prompt.value}"))
    if seen_mark(text) == seen_mark(stored) and not new:
        return not problems
    files = [each.pk for each in row.files.all()] if row else []
    done = room.do(
        CaptureOutput,
        output=row,
        prompt=prompt.value,
        title=_("%(what)s %(post)s") % {"what": prompt.label, "post": room.handover.post.title},
        details={"body": [("text", as_rich_text(text))] if text else []},
        files=[*files, *(each.pk for each in new)],
        seen=row.changed_at if row else None,
    )
    return done is not None and not problems
