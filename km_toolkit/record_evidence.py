"""A learning record to hand in: as a page, a tagged PDF and a table.

It says what its owner wrote and nothing about anybody else: no helper, manager or author of a page
is named, and no page is quoted.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.admin.registers import safe_cell
from km_pages.paper import as_pdf
from km_toolkit.models import (
    ElsewhereCompletion,
    LearningEntry,
    LearningScheme,
)
from km_toolkit.record_totals import Total, counted, time_in_words, totals_of

TEMPLATE = Path(__file__).parent / "paper" / "record.typ"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Period:
    """From when until when; without an end it is open there. Both days belong to it."""

    starts: datetime.date | None = None
    ends: datetime.date | None = None

    @property
    def words(self) -> str:
        """The period as it stands on paper."""
        first = date_format(self.starts, "j F Y") if self.starts else ""
        last = date_format(self.ends, "j F Y") if self.ends else ""
        if first and last:
            return _("%(first)s to %(last)s") % {"first": first, "last": last}
        if first:
            return _("since %(first)s") % {"first": first}
        return _("until %(last)s") % {"last": last} if last else _("everything recorded")

    def with_days(self, days: Sequence[datetime.date]) -> str:
        """The period in words; where it is open, from the first of ``days`` until the last."""
        if not days or (self.starts and self.ends):
            return self.words
        return Period(self.starts or min(days), self.ends or max(days)).words

    def of(self, entries: Any) -> Any:
        """Those of ``entries`` that fall into it."""
        if self.starts:
            entries = entries.filter(date__gte=self.starts)
        return entries.filter(date__lte=self.ends) if self.ends else entries


def shown_entries(owner: Any, period: Period) -> Any:
    """What counts in ``period``, the first day first. Three queries once it is read."""
    current = period.of(LearningEntry.objects.of(owner).current())
    return current.order_by("date", "begun_at", "pk").prefetch_related("evidence__stored_file")


def record_of(owner: Any, period: Period, progress: Progress | None = None) -> dict[str, Any]:
    """All that the printed record says: plain data. A constant number of queries."""
    entries = shown_entries(owner, period)
    count = entries.count()
    rows, days, proofs = [], [], proofs_of(owner)
    for number, each in enumerate(entries):
        rows.append(row_of(each, proofs))
        days.append(each.date)
        if progress is not None and number % 100 == 0:
            progress(number, count)
    covered = period.with_days(days)
    return {
        "title": _("Learning record"),
        "foot": _("Learning record: %(name)s, %(period)s")
        % {"name": name_of(owner), "period": covered},
        "facts": [
            [_("Name"), name_of(owner)],
            [_("Period"), covered],
            [_("Printed on"), date_format(timezone.localdate(), "j F Y")],
        ],
        "totals_header": ["", _("Entries"), _("Time"), _("With other people")],
        "totals": _totals(owner, period),
        "header": [
            _("Date"),
            _("What, and how"),
            _("Time"),
            _("Standard or code"),
            _("Aim, reflection and change"),
            _("Evidence"),
        ],
        "rows": rows,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "totals": _("Totals"),
        "entries": _("Entries"),
        "nothing": _("Nothing was recorded in this period."),
        "min": _("min"),
        "together": _("with others"),
        "role": _("Part"),
        "aim": _("Aim"),
        "reflection": _("What I take from it"),
        "change": _("What I do differently"),
        "note": _(
            "Written by its owner, who keeps the files named as evidence. Entries that were "
            "corrected are shown as they are now; what they said before is kept by the owner."
        ),
    }


def name_of(owner: Any) -> str:
    """The owner's own name."""
    return str(owner.get_full_name() or owner.get_username())


def proofs_of(owner: Any) -> dict[str, str]:
    """What shows in words that something was completed elsewhere, by the key of its entry."""
    said = ElsewhereCompletion.objects.filter(user=owner).exclude(proof_text="")
    return {f"elsewhere:{pk}": words for pk, words in said.values_list("pk", "proof_text")}


def row_of(entry: LearningEntry, proofs: Mapping[str, str]) -> dict[str, Any]:
    """What of ``entry`` is handed in, as plain data; ``proofs`` as :func:`proofs_of` gives them."""
    shown = [each.stored_file.name for each in entry.evidence.all()]
    if words := proofs.get(entry.origin_key):
        shown.append(words)
    return {
        "date": date_format(entry.date, "j M Y"),
        "what": entry.what,
        "how": str(entry.get_activity_display()),
        "role": entry.role,
        "minutes": entry.minutes,
        "participatory": entry.participatory_minutes,
        "standards": entry.standard_lines,
        "aim": entry.aim,
        "reflection": entry.reflection,
        "change": entry.practice_change,
        "files": shown,
    }


def _totals(owner: Any, period: Period) -> list[list[str]]:
    totals = totals_of(counted(period.of(LearningEntry.objects.of(owner).current())))
    names = dict(LearningScheme.objects.filter(pk__in=totals.schemes).values_list("pk", "name"))
    lines = [_line(_("All entries"), totals.everything)]
    if len(totals.years) > 1:
        lines += [_line(str(year), total) for year, total in totals.years.items()]
    return lines + [_line(names[pk], total) for pk, total in totals.schemes.items() if pk in names]


def _line(label: str, total: Total) -> list[str]:
    words = [time_in_words(total.minutes), time_in_words(total.participatory)]
    return [label, str(total.entries), *words]


def record_pdf(owner: Any, period: Period, progress: Progress | None = None) -> bytes:
    """The record of ``period`` as a tagged PDF."""
    return as_pdf(TEMPLATE, record_of(owner, period, progress))


def csv_headings() -> list[str]:
    """The words over the columns of the table."""
    words = [_("Date"), _("How"), _("What"), _("Minutes"), _("Minutes with other people")]
    words += [_("Part"), _("Aim"), _("What I take from it"), _("What I do differently")]
    return [*words, _("Standard or code"), _("Evidence")]


def record_csv(owner: Any, period: Period) -> str:
    """The record of ``period`` as CSV that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(csv_headings())
    proofs = proofs_of(owner)
    for each in shown_entries(owner, period):
        row = row_of(each, proofs)
        texts = [row["role"], row["aim"], row["reflection"], row["change"]]
        texts += ["; ".join(row["standards"]), "; ".join(row["files"])]
        begin = [each.date.isoformat(), safe_cell(row["how"]), safe_cell(row["what"])]
        numbers = [row["minutes"], row["participatory"]]
        writer.writerow([*begin, *numbers, *(safe_cell(value) for value in texts)])
    # The mark lets Excel read the file as UTF-8.
    return "\ufeff" + text.getvalue()
