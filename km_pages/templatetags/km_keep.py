"""``{% keep %}``: a piece of a page that is rendered once for as long as what it shows is the same.

What is kept is found by a digest of everything that it was made of, never by a name or a time: a
changed text is another key, and a piece can be neither stale nor somebody else's. Each process
keeps its own.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.db import connections
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.template.base import Parser, Token
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from wagtail.blocks import StreamValue, StructValue

from km_pages.pieces import Pieces

register = template.Library()

# A list is longer than a piece, and there is one for each way of narrowing it.
MOST_LISTS = 400
TOLD = "km_keep_told"
# What says all of itself.
PLAIN = frozenset({str, int, float, bool, type(None), Decimal, date, UUID})
SYNTAX = "{%% %s %%} takes: by NAME NAME … [with NAME NAME …]"


pieces: Pieces[str] = Pieces()
lists: Pieces[str] = Pieces(MOST_LISTS)


class NotDigestible(TypeError):
    """A value of a kind whose content is not known here."""


def told(value: Any) -> Any:
    """All that ``value`` says, as something with a ``repr``. No query.

    A record says what stands in its own row, not what it points at. Raises
    :class:`NotDigestible` for kinds that are not known.
    """
    if isinstance(value, SafeString):
        return ["safe", str(value)]
    if type(value) in PLAIN or isinstance(value, str | int | float | Decimal | date | time | UUID):
        return value
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Model):
        return _row(value)
    if isinstance(value, StreamValue):
        return list(value.raw_data)
    if isinstance(value, FieldFile):
        return value.name
    if isinstance(value, StructValue | dict):
        return [(name, told(each)) for name, each in value.items()]
    if isinstance(value, list | tuple):
        return [each if type(each) in PLAIN else told(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return [told(getattr(value, each.name)) for each in fields(value)]
    raise NotDigestible(f"{type(value)} cannot be a part of what a piece is kept by")


def _row(record: Model) -> list[Any]:
    given, meta = record.__dict__, record._meta
    # A column that was not read stands for itself: who uses it makes a query, and is not kept.
    columns = [told(given.get(field.attname, "–")) for field in meta.concrete_fields]
    return [meta.label, *columns]


class KeepNode(template.Node):
    """Renders its content without the page's context: only with the names it was given."""

    def __init__(
        self, by: list[str], also: list[str], nodelist: template.NodeList, name: str
    ) -> None:
        self.by, self.also, self.nodelist, self.name = by, also, nodelist, name

    def render(self, context: template.Context) -> str:
        """The kept piece, or a new one; what needed the database while it was made is not kept."""
        try:
            key = self._key(context)
        except NotDigestible:
            # A host site's own kind of field: rendered each time.
            key = b""
        found = pieces.get(key) if key else None
        if found is not None:
            return found
        given = {name: context.get(name) for name in (*self.by, *self.also)}
        fresh = template.Context(given, autoescape=context.autoescape)
        fresh.template, fresh.render_context = context.template, context.render_context
        with _Counting() as queries:
            html = self.nodelist.render(fresh)
        if key and not queries.number:
            pieces.put(key, html)
        return html

    def _key(self, context: template.Context) -> bytes:
        made = hashlib.blake2b(f"{self.name} {get_language()}".encode(), digest_size=20)
        # Several pieces of one page are kept by the same record.
        if TOLD not in context.render_context:
            context.render_context[TOLD] = {}
        known: Any = context.render_context[TOLD]
        for name in self.by:
            value = context.get(name)
            if id(value) not in known:
                known[id(value)] = hashlib.blake2b(
                    repr(told(value)).encode("utf-8", "replace")
                ).digest()
            made.update(known[id(value)])
        return made.digest()


class _Counting:
    """Counts the queries of this thread, of all databases."""

    def __init__(self) -> None:
        self.number = 0
        self._stack = ExitStack()

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.number += 1
        return execute(*args)

    def __enter__(self) -> _Counting:
        for each in connections.all():
            self._stack.enter_context(each.execute_wrapper(self))
        return self

    def __exit__(self, *_problem: Any) -> None:
        self._stack.close()


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    """``{% keep by page chosen with steps %}…{% endkeep %}``.

    ``by`` names everything that the content shows, each record by itself: of ``page`` only its
    own fields count, not its neighbours. ``with`` names what was worked out of those alone.
    Nothing else can be used inside: no request, no reader.
    """
    tag, *words = token.split_contents()
    if not words or words[0] != "by":
        raise template.TemplateSyntaxError(SYNTAX % tag)
    place = words.index("with") if "with" in words else len(words)
    by, also = words[1:place], words[place + 1 :]
    if not by:
        raise template.TemplateSyntaxError(SYNTAX % tag)
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    origin = parser.origin.name if parser.origin else ""
    return KeepNode(by, also, nodelist, f"{origin}:{token.lineno}")


class KeepListNode(template.Node):
    """Renders a list with what it is filled with and the page, or gives it as it was kept."""

    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> str:
        """The list that is kept under the key, or a new one. Nothing is known of who reads."""
        kept = context["kept"]
        key = kept.key_of(self.name)
        found = lists.get(key) if key else None
        if found is not None:
            return found
        fresh = template.Context(
            {**kept.filled, "page": context.get("page")}, autoescape=context.autoescape
        )
        fresh.template, fresh.render_context = context.template, context.render_context
        # Tags look for the request in either place; of it they get the address alone.
        fresh["request"] = kept.asked
        fresh.request = kept.asked  # type: ignore[attr-defined]
        html = self.nodelist.render(fresh)
        if key:
            lists.put(key, html)
        return html


@register.tag
def keep_list(parser: Parser, token: Token) -> KeepListNode:
    """``{% keep_list %}…{% endkeep_list %}``: renders ``kept``, a list of km_pages.listings.kept.

    Inside there are ``page``, what the list is filled with, and of the request its address.
    """
    nodelist = parser.parse(("endkeep_list",))
    parser.delete_first_token()
    # A page can have several parts that are kept.
    origin = parser.origin.name if parser.origin else ""
    return KeepListNode(nodelist, f"{origin}:{token.lineno}")
