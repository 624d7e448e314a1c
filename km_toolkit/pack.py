"""The handover pack: all that was shared of one handover, as a page, a PDF and an archive."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.contacts import cards_of
from km_pages.dates import calendar_text, dated_entries, events_of
from km_pages.file_access import may_open as may_open_file
from km_pages.models import KnowledgeAssetPage
from km_pages.notifications import page_address, site_address
from km_pages.paper import as_pdf
from km_pages.paper.neutral import neutral
from km_pages.visibility import Reader, visible_to
from km_toolkit.calendars import calendar_of
from km_toolkit.models import ActionState, Handover, KnowledgeOutput
from km_toolkit.packing import free_name, pack_stored

TEMPLATE = Path(__file__).parent / "paper" / "pack.typ"
MOST_IN_MEMORY = 5 * 2**20


def pack_of(handover: Handover, reader: Reader) -> dict[str, Any]:
    """What the pack of ``handover`` says, as far as ``reader`` may see it: plain data.

    Only what was shared is in it; drafts and write-ups that wait are not.
    """
    return {
        "title": _("Handover: %(post)s") % {"post": handover.post.title},
        "facts": _facts(handover),
        "areas": [_area(each) for each in _areas(handover)],
        "plan": _plan(handover),
        "questions": [
            {"question": each.text, "answer": each.answer}
            for each in handover.requests.released().exclude(answer="")
        ],
        "outputs": [_output(each, page) for each, page in shared_outputs(handover, reader)],
        "words": {
            "kind": _("Handover pack"),
            "note": _(
                "Made from what was shared. Read it on the site for what has changed since. "
                "It holds contacts of people: keep it safe, and throw it away when it is old."
            ),
            "contents": _("Contents"),
            "areas": _("What matters"),
            "plan": _("What was agreed"),
            "questions": _("What the team asked"),
        },
    }


def shared_outputs(
    handover: Handover, reader: Reader
) -> list[tuple[KnowledgeOutput, KnowledgeAssetPage]]:
    """Outputs with the page they became, for those that ``reader`` may see. Constant queries."""
    outputs = list(handover.outputs.filter(page__isnull=False).select_related("area"))
    pages = visible_to(KnowledgeAssetPage.objects.all(), reader)
    seen = pages.filter(pk__in=[each.page_id for each in outputs]).prefetch_related(
        "attachments__stored_file"
    )
    by_key = {page.pk: page for page in seen}
    return [(each, by_key[each.page_id]) for each in outputs if each.page_id in by_key]


def _facts(handover: Handover) -> list[list[str]]:
    rows = [
        [_("Who handed over"), handover.leaver_name],
        [_("Team"), str(handover.post.team)],
        [_("Last day"), date_format(handover.last_day, "j F Y")],
        [_("Line manager"), _name(handover.line_manager)],
        [_("Who comes next"), _name(handover.successor)],
        [_("State"), str(handover.get_state_display())],
    ]
    if handover.holder_away:
        rows.append([_("Note"), _("Put together by the team, not checked by the holder")])
    return rows


def _name(person: Any) -> str:
    return (person.get_full_name() or person.get_username()) if person else ""


def _areas(handover: Handover) -> Iterator[Any]:
    if handover.areas_shared_at is None:
        return
    yield from handover.areas.prefetch_related("said_back")


def _area(area: Any) -> dict[str, Any]:
    said = [each.text for each in area.said_back.all()]
    return {
        "title": area.title,
        "facts": [
            [_("Priority"), str(area.get_priority_display() or "")],
            [_("Why it matters"), area.why],
            [_("Who relies on it"), area.who_relies],
            [_("Who else knows it"), area.who_else],
            [_("Told in person to"), area.told_to],
            [_("What the successor understood"), " ".join(said)],
        ],
    }


def _plan(handover: Handover) -> dict[str, Any]:
    actions = handover.actions.exclude(state=ActionState.DROPPED).select_related("area")
    return {
        "header": [_("What"), _("Area"), _("For whom"), _("By when"), _("State")],
        "rows": [
            [
                each.title,
                each.area.title,
                each.recipient,
                date_format(each.due, "j M Y"),
                str(each.get_state_display()),
            ]
            for each in actions
        ],
    }


def _output(output: KnowledgeOutput, page: KnowledgeAssetPage) -> dict[str, Any]:
    names = ", ".join(each.stored_file.name for each in page.attachments.all())
    return {
        "title": page.title,
        "summary": page.summary,
        "parts": neutral(page.body),
        "url": page_address(page),
        "facts": [
            [_("Area"), output.area.title if output.area else ""],
            [_("Files"), names],
            [_("On the site"), page_address(page)],
        ],
    }


def pack_pdf(handover: Handover, reader: Reader) -> bytes:
    """The pack as a tagged PDF."""
    return as_pdf(TEMPLATE, pack_of(handover, reader))


def pack_archive(handover: Handover, reader: Reader, page: str) -> IO[bytes]:
    """The pack as a ZIP: the page ``page`` (HTML), the PDF, contacts, dates and the files.

    Files that the reader may not be given, or that are not checked yet, are left out. The archive
    is written to disk beyond some megabytes, and read from its beginning. Raises ``OSError`` while
    the storage of the files is away.
    """
    archive = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 - handed on
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("handover.html", page)
        packed.writestr("handover.pdf", pack_pdf(handover, reader))
        packed.writestr("dates.ics", calendar_of(handover, with_plan=True))
        outputs = shared_outputs(handover, reader)
        contacts = cards_of(each.body for _output, each in outputs)
        if contacts:
            packed.writestr("contacts.vcf", contacts)
        entries = dated_entries(each.body for _output, each in outputs)
        if entries:
            packed.writestr("dates-of-the-year.ics", _dates_of_the_year(handover, entries))
        for name, stored in _files(outputs, reader):
            pack_stored(packed, name, stored)
    archive.seek(0)
    return archive  # type: ignore[return-value]


def _dates_of_the_year(handover: Handover, entries: Any) -> str:
    link = site_address(reverse("km_toolkit:post", args=[handover.post_id]))
    return calendar_text(handover.post.title, events_of(entries, f"post-{handover.post_id}", link))


def _files(outputs: Any, reader: Reader) -> Iterator[tuple[str, Any]]:
    taken: set[str] = set()
    for _output, page in outputs:
        for attachment in page.attachments.all():
            stored = attachment.stored_file
            if may_open_file(stored, reader) and stored.is_servable:
                yield free_name(f"files/{stored.name}", taken), stored
