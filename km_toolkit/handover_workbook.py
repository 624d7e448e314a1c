"""The workbook of a handover: six steps on paper, filled with what is there, with room to write.

For somebody without a computer at hand. What they write a helper types in for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.paper import as_pdf
from km_toolkit.models import ActionState, Handover, Priority, Prompt, StepNumber

TEMPLATE = Path(__file__).parent / "paper" / "workbook.typ"

Section = dict[str, Any]


def workbook_of(handover: Handover, *, reads_areas: bool) -> dict[str, Any]:
    """What the workbook says: plain data. Without ``reads_areas`` its steps are empty to fill in.

    A constant number of queries. Write-ups of interviews are not in it: they are for two people.
    """
    areas = list(handover.areas.all()) if reads_areas else []
    return {
        "title": _("Handover workbook: %(post)s") % {"post": handover.post.title},
        "facts": [
            [_("Who hands over"), handover.leaver_name],
            [_("Team"), str(handover.post.team)],
            [_("Last day"), _day(handover.last_day)],
        ],
        "note": _(
            "Write by hand what you like, in any order, and leave out what makes no sense. Whoever "
            "helps you types it in. Nothing is shared until you have read it on the site and "
            "said so."
        ),
        "sections": [
            _areas(areas),
            _questions(handover, reads_areas=reads_areas),
            _priorities(areas),
            _plan(handover, reads_areas=reads_areas),
            _helper(handover),
            _capture(handover, reads_areas=reads_areas),
        ],
        "care": _(
            "Leave out patients, and leave out opinions about colleagues. Keep this paper where "
            "nobody else reads it, and destroy it when it has been typed in."
        ),
        "typed": [_("Typed in by"), _("On"), _("Read and found right by")],
        "typed_title": _("When it has been typed in"),
    }


def workbook_pdf(handover: Handover, *, reads_areas: bool) -> bytes:
    """The workbook as a tagged PDF."""
    return as_pdf(TEMPLATE, workbook_of(handover, reads_areas=reads_areas))


def _day(day: Any) -> str:
    return str(date_format(day, "j F Y"))


def _section(step: StepNumber, hint: str, **given: Any) -> Section:
    """A step: what is known of it (``filled``), and ``blanks`` of labels with ``lines`` each."""
    title = f"{step.value}. {step.label}"
    return {"title": title, "hint": hint, "filled": [], "blanks": [], **given}


def _blank(times: int, *fields: tuple[str, int]) -> list[list[dict[str, Any]]]:
    """``times`` boxes with the same labels and lines to write on."""
    return [[{"label": label, "lines": lines} for label, lines in fields] for _n in range(times)]


def _areas(areas: list[Any]) -> Section:
    return _section(
        StepNumber.AREAS,
        _("What would be missed? Think of what people ask you. Five are a good start."),
        filled=[
            {
                "title": each.title,
                "facts": [
                    [_("Why it matters"), each.why],
                    [_("Who relies on it"), each.who_relies],
                    [_("Who else knows it"), each.who_else],
                ],
            }
            for each in areas
        ],
        blanks=_blank(
            2 if areas else 4,
            (_("What it is about"), 1),
            (_("Why it matters, and to whom"), 2),
            (_("Who else knows it"), 1),
        ),
    )


def _questions(handover: Handover, *, reads_areas: bool) -> Section:
    asked = handover.requests.released() if reads_areas else handover.requests.none()
    return _section(
        StepNumber.REQUESTS,
        _("Answer what the team has asked. Add what they have asked you in the corridor."),
        filled=[
            {"title": each.text, "facts": [[_("Answer"), each.answer]]}
            for each in asked
            if each.answer
        ],
        blanks=[
            *([{"label": each.text, "lines": 3}] for each in asked if not each.answer),
            *_blank(1, (_("Question"), 1), (_("Answer"), 3)),
        ],
    )


def _priorities(areas: list[Any]) -> Section:
    return _section(
        StepNumber.PRIORITIES,
        _("Go through the areas with your line manager, who agrees them on the site."),
        options=[str(each.label) for each in Priority],
        choices=[
            {"title": each.title, "chosen": str(each.get_priority_display() or "")}
            for each in areas
        ]
        or [{"title": "", "chosen": ""} for _n in range(4)],
    )


def _plan(handover: Handover, *, reads_areas: bool) -> Section:
    actions = handover.actions.exclude(state=ActionState.DROPPED).select_related("area")
    return _section(
        StepNumber.PLAN,
        _("What will you do about each area that comes first, for whom, by when?"),
        filled=[
            {
                "title": each.title,
                "facts": [
                    [_("Area"), each.area.title],
                    [_("For whom"), each.recipient],
                    [_("By when"), _day(each.due)],
                ],
            }
            for each in (actions if reads_areas else [])
        ],
        blanks=_blank(2, (_("What, for which area"), 1), (_("For whom, and by when"), 1)),
    )


def _helper(handover: Handover) -> Section:
    helping = handover.helping.filter(state="accepted").select_related("person")
    names = [each.person.get_full_name() or each.person.get_username() for each in helping]
    return _section(
        StepNumber.HELPER,
        _("Somebody who listens, asks and types for you. Better not your line manager."),
        filled=[{"title": each, "facts": []} for each in names],
        blanks=[] if names else _blank(1, (_("Who could help"), 1)),
    )


def _capture(handover: Handover, *, reads_areas: bool) -> Section:
    outputs = handover.outputs.values_list("title", flat=True) if reads_areas else []
    return _section(
        StepNumber.CAPTURE,
        _("Five questions are enough to begin with."),
        filled=[{"title": title, "facts": []} for title in outputs],
        blanks=[[{"label": str(each.label), "lines": 4}] for each in Prompt],
    )
