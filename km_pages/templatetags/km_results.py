"""``{% results %}`` and ``{% facet_sections %}``: the rows of a search as HTML, joined by hand.

A page of results has ten rows and some fifty filters, each of a dozen pieces. To put these together
takes a template three milliseconds, and Python a twentieth of that. Whatever was written by
somebody goes through :func:`as_text`; snippets and marked names alone are HTML when they come,
made safe by the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from km_pages.html_text import as_text
from km_pages.wording import day_in_words

if TYPE_CHECKING:
    from km_pages.found import FoundHit
    from km_pages.views.search import Facet, Link, Result

register = template.Library()

THOUSAND = 1_000
CHECK = '<span class="km-icon km-icon--check"></span>'
DUE = (
    '<span class="km-tag km-tag--warn"><span class="km-icon km-icon--warning" '
    'aria-hidden="true"></span>%s</span>'
)
CHECKED = (
    '<span class="km-tag km-tag--good"><span class="km-icon km-icon--check" '
    'aria-hidden="true"></span>%s</span>'
)
FILE = (
    '<p class="km-result__file"><span class="km-icon km-icon--file" aria-hidden="true"></span>'
    "<span>%s</span></p>"
)
FOUND_BY = '<p class="km-result__found-by"><span class="km-soft">%s</span> <span>%s</span></p>'


@register.simple_tag
def facet_sections(facets: Iterable[Facet]) -> SafeString:
    """A ``<section>`` of links for each of ``facets`` that has values, numbered from 1."""
    number = enumerate(facets, start=1)
    return mark_safe("".join(_facet(each, place) for place, each in number if each.values))  # noqa: S308 - see as_text


def _facet(facet: Facet, place: int) -> str:
    label, more = as_text(facet.label), ""
    if facet.more:
        words = _("Show %(number)s more") % {"number": number_format(facet.more.count)}
        more = (
            f'<p class="km-facet__more"><a href="{as_text(facet.more.url)}#facet-{place}" '
            f'rel="nofollow">{as_text(words)}<span class="km-hidden">: {label}</span></a></p>'
        )
    return (
        f'<section class="km-facet" aria-labelledby="facet-{place}">'
        f'<h2 class="km-facet__title" id="facet-{place}">{label}</h2>'
        f"<ul>{''.join(map(_value, facet.values))}</ul>{more}</section>"
    )


def _number(count: int) -> str:
    """``count`` as the language writes it, which of small numbers is known."""
    return str(count) if count < THOUSAND else as_text(number_format(count))


def _value(value: Link) -> str:
    current, check = (' aria-current="true"', CHECK) if value.chosen else ("", "")
    return (
        f'<li><a class="km-facet__value" href="{as_text(value.url)}"{current} rel="nofollow">'
        f'<span class="km-facet__box" aria-hidden="true">{check}</span>'
        f"<span>{as_text(value.label)}</span>"
        f'<span class="km-facet__count"><span class="km-hidden">(</span>{_number(value.count)}'
        '<span class="km-hidden">)</span></span></a></li>'
    )


@register.simple_tag
def results(rows: Iterable[Result]) -> SafeString:
    """The ``<li>`` of each of ``rows``, of an ``<ol class="km-results">``.

    Each says its kind, team, holder, day and facts, its title, the snippet, in which file and where
    that stands, with a link to that place, and whether it was checked.
    """
    return mark_safe("".join(map(_Rows().row, rows)))  # noqa: S308 - see as_text


class _Rows:
    """The rows of one page: its words are translated once, the address of files is made once."""

    def __init__(self) -> None:
        self.by = _("from %(from_whom)s")
        self.due, self.checked = _("Due for checking"), _("Checked on %(day)s")
        self.in_file = _("in %(file_name)s")
        self.in_place = _("in %(file_name)s, %(file_place)s")
        self._first = self._address = ""

    def row(self, row: Result) -> str:
        hit = row.hit
        parts = [
            '<li class="km-result"><ul class="km-result__meta">',
            *self._about(row),
            '</ul><h2 class="km-result__title">',
            f'<a href="{as_text(hit.url)}">{as_text(hit.title)}</a></h2>',
        ]
        if hit.snippet:
            parts.append(f'<p class="km-result__snippet">{hit.snippet}</p>')
        if hit.file_name:
            parts.append(FILE % self._file(hit))
        parts += (FOUND_BY % (self._name_of(each.kind), each.html) for each in hit.found_by)
        if row.overdue:
            parts.append(DUE % as_text(self.due))
        elif row.checked_on:
            parts.append(CHECKED % as_text(self.checked % {"day": day_in_words(row.checked_on)}))
        return "".join((*parts, "</li>"))

    @staticmethod
    def _name_of(kind: str) -> str:
        """What a name is to what it names."""
        names = {"tag": _("Tag:"), "name": _("Also called:"), "file": _("File:")}
        return as_text(names[kind])

    def _about(self, row: Result) -> Iterator[str]:
        """Kind, team, from whom, day and facts, as far as they are known."""
        labels, day = row.hit.labels, row.hit.day
        if row.hit.kind_name:
            yield f'<li><span class="km-tag km-tag--kind">{as_text(row.hit.kind_name)}</span></li>'
        if team := labels.get("team"):
            yield f"<li>{as_text(team)}</li>"
        if holder := labels.get("holder"):
            yield f"<li>{as_text(self.by % {'from_whom': holder})}</li>"
        if day:
            yield f"<li>{as_text(day_in_words(day))}</li>"
        for fact in row.facts:
            yield f"<li>{as_text(fact)}</li>"

    def _file(self, hit: FoundHit) -> str:
        """Where in which file the words stand."""
        words = self.in_place if hit.file_place else self.in_file
        said = as_text(words % {"file_name": hit.file_name, "file_place": hit.file_place})
        if not hit.file_id:
            return said
        return f'<a href="{as_text(self._page_of(hit.file_id, hit.file_label))}">{said}</a>'

    def _page_of(self, file_id: str, label: str | None) -> str:
        """The page of a file, at the part named ``label``. To look up each takes a row's time."""
        if not self._first:
            self._first, self._address = file_id, reverse("km_pages:file_page", args=[file_id])
        place = f"?at={quote(label, safe='')}" if label else ""
        return self._address.replace(self._first, file_id) + place
