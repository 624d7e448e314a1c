"""Tags that only present: figures in words, paragraphs, the widget of a form field, the trail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from km_pages import drawing, wording
from km_pages.dates import dated_entries
from km_pages.listings.cards import trail

register = template.Library()
register.filter(wording.first_sentence)

BLANK_LINES = re.compile(r"\n\s*\n")
ENDING = re.compile(r"[A-Za-z0-9]{1,4}\Z")
WIDTH = 1000
HOME_DEPTH = 2

register.filter(wording.size_in_words)
register.filter(wording.person_name)
register.filter(wording.time_in_words)


def _number(given: Any) -> int | None:
    """What a template has as a limit: a name that is not there arrives as an empty text."""
    return int(given) if given not in (None, "") else None


@register.simple_tag
def minutes_in_words(low: Any, high: Any = None) -> str:
    """``{% minutes_in_words 20 45 %}``: see :func:`km_pages.wording.minutes_in_words`."""
    return wording.minutes_in_words(_number(low), _number(high))


@register.simple_tag
def parts_in_words(name: str, number: int) -> str:
    """``{% parts_in_words file.name 12 %}``: see :func:`km_pages.wording.parts_in_words`."""
    return wording.parts_in_words(name, number)


@register.filter
def length_in_words(seconds: int | None) -> str:
    """How long a recording plays; see :func:`km_pages.wording.length_in_words`."""
    return wording.length_in_words(seconds)


@register.filter
def minutes_of(steps: Iterable[Any]) -> int | str:
    """The minutes that timed ``steps`` take together; empty for none."""
    rows = list(steps or [])
    return (rows[-1].until if rows else 0) or ""


@register.simple_tag
def who_sees(visibility: str, teams: Iterable[Any] = (), people: int = 0) -> str:
    """``{% who_sees item.visibility names 3 %}``: see :func:`km_pages.wording.who_sees`."""
    return wording.who_sees(visibility, teams=[str(each) for each in teams], people=people)


@register.filter
def goes_into(body: Any, where: str) -> bool:
    """Whether ``body`` holds what goes into an ``"address book"`` or a ``"calendar"``."""
    if where == "calendar":
        return bool(dated_entries([body]))
    return any(block.block_type == "contacts" for block in body)


@register.filter
def with_colon(label: Any) -> str:
    """``label`` with a colon, unless it is a question."""
    words = str(label)
    return words if words.endswith("?") else _("%(label)s:") % {"label": words}


@register.filter
def in_words(value: date | None) -> str:
    """A date as "4 December 2026"; empty for none."""
    if not value:
        return ""
    return wording.day_in_words(value.date() if isinstance(value, datetime) else value)


@register.filter
def paragraphs(text: Any) -> SafeString:
    """Plain text as ``<p>`` elements: a blank line begins a new one, a line break stays."""
    given = str(text or "").replace("\r\n", "\n").strip()
    parts = [part.strip() for part in BLANK_LINES.split(given) if part.strip()]
    return format_html_join("\n", "<p>{}</p>", ((_lines(part),) for part in parts))


def _lines(part: str) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in part.split("\n")))


@register.filter
def own_words(page: Any, door: Any) -> Mapping[str, Any]:
    """Title, text and go of a ``door`` of the home page: the editor's, else those it came with."""
    for block in getattr(page, "doors", None) or []:
        if block.value.get("door") == door.key:
            return dict(block.value)
    return {"title": door.title, "text": door.text, "go": door.go}


@dataclass(frozen=True)
class Bar:
    """One step on the bar of a meeting, in units of a picture 1000 wide."""

    number: int
    x: int
    width: int


@register.filter
def bars(steps: Iterable[Any]) -> list[Bar]:
    """Timed ``steps`` (``number`` and ``until``, the running total) as bars.

    Empty unless at least two steps take time: a bar of one says nothing.
    """
    rows = list(steps)
    total = rows[-1].until if rows else 0
    made, start = [], 0
    for row in rows:
        if row.until > start:
            left, right = round(WIDTH * start / total), round(WIDTH * row.until / total)
            made.append(Bar(row.number, left, right - left))
        start = row.until
    return made if len(made) > 1 else []


@register.simple_tag(takes_context=True)
def crumbs(context: template.Context, page: Any) -> list[Any]:
    """The pages above ``page`` that the reader may see, as (title, address). One query.

    The first is called "Home": its own title is the organisation's sentence.
    """
    request = context.get("request")
    if request is None or page is None:
        return []
    above = trail(page, request)
    words = [_("Home") if each.depth == HOME_DEPTH else each.title for each in above]
    return [(word, each.get_url(request)) for word, each in zip(words, above, strict=True)]


register.filter("widget", drawing.widget_of)


@register.simple_tag
def form_field(field: BoundField, large: Any = False, bare: Any = False) -> SafeString:
    """``{% form_field field large bare %}``: see :func:`km_pages.drawing.field_of`."""
    return drawing.field_of(field, large=bool(large), bare=bool(bare))


@register.filter
def file_kind(name: Any) -> str:
    """The ending of a file's name in up to four letters, such as "pdf"; "file" without one."""
    stem, _dot, ending = str(name).rpartition(".")
    return ending.lower() if stem and ENDING.match(ending) else _("file")
