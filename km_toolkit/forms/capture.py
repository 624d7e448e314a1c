"""Forms to capture by hand: each kind has the few fields that its block holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.write_draft import as_rich_text
from km_pages.numbers import whole
from km_toolkit.forms.parts import OutputForm
from km_toolkit.models import Handover, KnowledgeOutput

ROWS = 3
MOST_ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One way to capture: its words, the block it fills and the columns of a row of that block."""

    slug: str
    title: Any
    hint: Any
    output_type: str = ""
    block: str = ""
    # (name in the block, label, widget: "", "text", "date", "check")
    columns: tuple[tuple[str, Any, str], ...] = ()
    make: Callable[[list[dict[str, Any]]], Any] = lambda rows: {"entries": rows}
    read: Callable[[Any], list[dict[str, Any]]] = lambda value: list(value["entries"])


CAPTURES: dict[str, Capture] = {}


def _add(**given: Any) -> None:
    CAPTURES[given["slug"]] = Capture(**given)


class CaptureForm(OutputForm):
    """A title, a summary, the rows of its kind, free text, and files beside it."""

    kind: Capture
    notes = forms.CharField(
        label=gettext_lazy("Anything else?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=50_000,
        required=False,
    )
    apart = forms.BooleanField(
        label=gettext_lazy("Several files: make a note of each, called after the file"),
        required=False,
    )
    field_order = ["title", "summary", "notes", "output_type", "area", "action", "visibility"]

    def __init__(self, *args: Any, kind: Capture, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.rows = kind, rows
        if kind.block or self.initial.get("seen"):
            del self.fields["apart"]
        for number in range(rows):
            for name, label, widget in kind.columns:
                self.fields[f"{name}-{number}"] = _cell(label, widget)
        self.order_fields(
            ["title", "summary", *(n for n in self.fields if n[-1].isdigit()), "notes"]
        )

    def cells(self) -> list[list[Any]]:
        """The bound fields, row by row."""
        return [
            [self[f"{name}-{number}"] for name, _label, _widget in self.kind.columns]
            for number in range(self.rows)
        ]

    def plain_fields(self) -> list[Any]:
        """The bound fields that stand by themselves."""
        return [
            self[name]
            for name in self.fields
            if not name[-1].isdigit() and not self[name].is_hidden
        ]

    def details(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        body: list[tuple[str, Any]] = []
        rows = [
            {
                name: data.get(f"{name}-{n}") or _empty(widget)
                for name, _l, widget in self.kind.columns
            }
            for n in range(self.rows)
        ]
        filled = [row for row in rows if any(row.values())]
        if self.kind.block and filled:
            body.append((self.kind.block, self.kind.make(filled)))
        if data.get("notes", "").strip():
            body.append(("text", as_rich_text(data["notes"])))
        kept = {name: data[name] for name in ("summary", "output_type", "area", "visibility")}
        action = data["action"]
        if action is not None:
            # What came of an action is about its area, and was made by its activity.
            kept |= {"area": kept["area"] or action.area, "activity": action.activity}
        return {**kept, "action": action, "body": body}


def _empty(widget: str) -> Any:
    return {"date": None, "check": False}.get(widget, "")


def _with_words(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Dates as their block holds them: what has a day and no words is said by its day."""
    for row in rows:
        if row["date"] and not row["when_text"]:
            row["when_text"] = date_format(row["date"], "j F" if row["every_year"] else "j F Y")
    return {"entries": rows}


def _cell(label: Any, widget: str) -> forms.Field:
    if widget == "check":
        return forms.BooleanField(label=label, required=False)
    if widget == "date":
        return forms.DateField(
            label=label,
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )
    if widget == "text":
        return forms.CharField(
            label=label, required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
        )
    return forms.CharField(label=label, required=False, max_length=255)


def capture_form(
    slug: str, handover: Handover, row: KnowledgeOutput | None, posted: Any
) -> CaptureForm:
    """The form for a way to capture, or for what was captured (``row``), with what was typed."""
    kind = CAPTURES.get(slug) or (_kind_of(row) if row is not None else CAPTURES["note"])
    initial: dict[str, Any] = {}
    filled: list[dict[str, Any]] = []
    if row is not None:
        fields = ("title", "summary", "visibility")
        initial = {name: getattr(row, name) for name in fields}
        initial |= {"action": row.action_id}
        initial |= {"area": row.area_id, "output_type": row.output_type_id, "key": row.key}
        initial["seen"] = row.changed_at.isoformat()
        filled = _rows_of(row, kind)
        initial["notes"] = _notes_of(row)
    else:
        initial["output_type"] = _type_of(kind)
        if kind.slug == "memo":
            day = date_format(timezone.localdate(), "j F Y")
            initial["title"] = _("Voice memo, %(day)s") % {"day": day}
    for number, values in enumerate(filled):
        initial |= {f"{name}-{number}": values.get(name) for name, _l, _w in kind.columns}
    wanted = len(filled) + ROWS if kind.columns else 0
    if posted is not None and kind.columns:
        asked = whole(posted.get("rows"), 3)
        wanted = wanted if asked is None else asked
    return CaptureForm(
        posted, handover=handover, kind=kind, rows=min(wanted, MOST_ROWS), initial=initial
    )


def _type_of(kind: Capture) -> Any:
    field = CaptureForm.base_fields["output_type"]
    found = field.queryset.filter(slug=kind.output_type).first()  # type: ignore[attr-defined]
    return found.pk if found else None


def _kind_of(row: KnowledgeOutput) -> Capture:
    types = [block.block_type for block in row.body]
    return next(
        (each for each in CAPTURES.values() if each.block and each.block in types),
        CAPTURES["note"],
    )


def _rows_of(row: KnowledgeOutput, kind: Capture) -> list[dict[str, Any]]:
    for block in row.body:
        if kind.block and block.block_type == kind.block:
            return [dict(each) for each in kind.read(block.value)]
    return []


def _notes_of(row: KnowledgeOutput) -> str:
    parts = []
    for block in row.body:
        if block.block_type == "text":
            source = block.value.source.replace("<br/>", "\n").replace("</p>", "\n\n")
            parts.append(strip_tags(source).strip())
    return "\n\n".join(parts)


_add(
    slug="note",
    title=gettext_lazy("Write a note, or add files"),
    hint=gettext_lazy("A few words, and files or photographs beside them."),
)
_add(
    slug="memo",
    title=gettext_lazy("A voice memo or a photograph"),
    hint=gettext_lazy("Talk for two minutes, or photograph what hangs on the wall."),
)
_add(
    slug="contacts",
    title=gettext_lazy("Contacts"),
    hint=gettext_lazy("Whom to call, and for what."),
    output_type="contacts",
    block="contacts",
    columns=(
        ("name", gettext_lazy("Name"), ""),
        ("what_for", gettext_lazy("Call them about"), ""),
        ("role", gettext_lazy("Role"), ""),
        ("organisation", gettext_lazy("Organisation"), ""),
        ("phone", gettext_lazy("Phone"), ""),
        ("email", gettext_lazy("E-mail"), ""),
    ),
)
_add(
    slug="calendar",
    title=gettext_lazy("Dates of the year"),
    hint=gettext_lazy("What comes round, and what to prepare."),
    output_type="calendar",
    block="dates",
    columns=(
        ("what", gettext_lazy("What happens"), ""),
        ("date", gettext_lazy("Next on which day? (for calendars)"), "date"),
        ("every_year", gettext_lazy("Every year"), "check"),
        ("when_text", gettext_lazy("When, in words"), ""),
        ("note", gettext_lazy("What to prepare"), ""),
    ),
    make=_with_words,
)
_add(
    slug="work-in-hand",
    title=gettext_lazy("Work in hand"),
    hint=gettext_lazy("What is unfinished, and the next step."),
    output_type="work-in-hand",
    block="work_in_hand",
    columns=(
        ("title", gettext_lazy("Piece of work"), ""),
        ("position", gettext_lazy("Where it stands"), "text"),
        ("next_step", gettext_lazy("Next step"), ""),
        ("owner", gettext_lazy("Who takes it on"), ""),
        ("due", gettext_lazy("By when"), ""),
        ("risk", gettext_lazy("What could go wrong"), ""),
    ),
)
_add(
    slug="how-to",
    title=gettext_lazy("How to do something"),
    hint=gettext_lazy("A task in steps that somebody else can follow."),
    output_type="how-to",
    block="how_to",
    columns=(
        ("title", gettext_lazy("Step"), ""),
        ("text", gettext_lazy("What to do"), "text"),
        ("caution", gettext_lazy("Take care"), ""),
    ),
    make=lambda rows: {"title": "", "steps": rows},
    read=lambda value: list(value["steps"]),
)
_add(
    slug="questions",
    title=gettext_lazy("Questions and answers"),
    hint=gettext_lazy("What colleagues ask you, with your answers."),
    output_type="questions-and-answers",
    block="questions",
    columns=(
        ("question", gettext_lazy("Question"), ""),
        ("answer", gettext_lazy("Answer"), "text"),
    ),
)
_add(
    slug="story",
    title=gettext_lazy("A story"),
    hint=gettext_lazy("Something that happened, told so that people remember it."),
    output_type="story",
)
_add(
    slug="lesson",
    title=gettext_lazy("A lesson"),
    hint=gettext_lazy("What happened, why, and what to do next time."),
    output_type="lesson",
)
