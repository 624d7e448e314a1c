"""The menu of modules as a tagged PDF: by phase, ours and others', what is done with its date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.paper import as_pdf
from km_toolkit.menu import MenuRow, menu_and_besides

TEMPLATE = Path(__file__).parent / "paper" / "menu.typ"


def menu_as_pdf(request: HttpRequest) -> tuple[str, bytes]:
    """A title and the bytes. Strangers get it without ticks."""
    title = _("Module menu")
    return title, as_pdf(TEMPLATE, menu_data(request, title))


def menu_data(request: HttpRequest, title: str) -> dict[str, Any]:
    """What stands on the paper, as plain data."""
    groups, besides = menu_and_besides(request)
    rows = [row for group in groups for row in group.rows]
    who = request.user.get_full_name() if request.user.is_authenticated else ""
    done = sum(1 for row in rows if row.done_on)
    return {
        "title": title,
        "who": who,
        "signed_in": request.user.is_authenticated,
        "count": _("%(done)d of %(all)d completed") % {"done": done, "all": len(rows)},
        "printed": _("As of %(day)s") % {"day": day(timezone.localdate())},
        "groups": [
            {"title": group.title, "rows": [_row(row) for row in group.rows]} for group in groups
        ],
        "besides": [[each.title, each.where, day(each.completed_on)] for each in besides],
        "words": {
            "besides": _("Completed elsewhere"),
            "header": [_("Done"), _("Module"), _("Where"), _("Minutes")],
            "besides_header": [_("What"), _("Where"), _("Completed on")],
            "not_done": _("not yet"),
        },
    }


def _row(row: MenuRow) -> dict[str, Any]:
    where = _("on another site") if row.external else _("here")
    if row.elsewhere and not row.external:
        where = _("completed elsewhere")
    return {
        "title": row.title,
        "where": where,
        "minutes": str(row.minutes or ""),
        "done": day(row.done_on) if row.done_on else "",
    }


def day(value: Any) -> str:
    """A date as "4 December 2026"."""
    return date_format(value, "j F Y")
