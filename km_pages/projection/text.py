"""The text of a page as its readers see it, for the search."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing

SUMMARY_FIELDS = ("strapline", "summary", "introduction", "sentence")
NAME_FIELDS = ("also_known_as",)
FILES_RELATION = "attachments"
# Said on every page of a kind: found last, and shown in a snippet only when nothing else fits.
CREDIT_FIELDS = ("sources", "source_credit", "licence")
# Addresses are no prose: their parts would be found as words.
NO_PROSE = (models.URLField, models.SlugField, models.FileField, models.FilePathField)


def summary_of(page: Page) -> str:
    """The one text that says what ``page`` is about; empty where it has none."""
    for name in SUMMARY_FIELDS:
        text = getattr(page, name, "")
        if isinstance(text, str) and text.strip():
            return plain(page, name, text)
    return ""


def body_of(page: Page) -> str:
    """All other text of ``page``, line by line.

    A page type says itself what its readers see by a method ``km_index_text() -> str``. Without
    one it is the text of its own fields and of its inline children: texts and StreamFields, but
    no choices, addresses or fields that nobody edits.
    """
    own = getattr(page, "km_index_text", None)
    if own is not None:
        return str(own())
    first = next((name for name in SUMMARY_FIELDS if getattr(page, name, "")), "")
    left_out = {first, *NAME_FIELDS, *CREDIT_FIELDS}
    fields = text_fields(page._meta.model)
    lines = [line for name in fields if name not in left_out for line in lines_of(page, name)]
    for relation in child_relations(page._meta.model):
        # A file that was not checked yet is seen by nobody: the projection adds those that were.
        if relation == FILES_RELATION:
            continue
        for child in getattr(page, relation).all():
            for name in text_fields(child._meta.model):
                lines.extend(lines_of(child, name))
    lines.extend(line for name in CREDIT_FIELDS if name in fields for line in lines_of(page, name))
    return "\n".join(sentence(line) for line in lines)


def sentence(line: str) -> str:
    """``line`` with an end, so that it does not run into the next one where both are quoted."""
    text = line.strip()
    return f"{text}." if text and (text[-1].isalnum() or text[-1] == ")") else text


@cache
def text_fields(model: Any) -> tuple[str, ...]:
    """Names of the fields of ``model`` that hold prose, without those that every page has."""
    shared = {field.name for field in Page._meta.get_fields()}
    return tuple(
        field.name
        for field in model._meta.concrete_fields
        if field.editable and field.name not in shared and _holds_prose(field)
    )


def _holds_prose(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, StreamField):
        return True
    is_text = isinstance(field, models.CharField | models.TextField)
    return is_text and not isinstance(field, NO_PROSE) and not field.choices


@cache
def child_relations(model: Any) -> tuple[str, ...]:
    """Accessors of the inline children of ``model``, without those of every page: comments."""
    shared = {relation.get_accessor_name() for relation in get_all_child_relations(Page)}
    names = (relation.get_accessor_name() for relation in get_all_child_relations(model))
    return tuple(name for name in names if name not in shared)


def lines_of(instance: models.Model, name: str) -> Iterator[str]:
    """The lines of text in the field ``name`` of ``instance``."""
    value = getattr(instance, name)
    if isinstance(instance._meta.get_field(name), StreamField):
        yield from block_lines(value.stream_block, value)
    elif value:
        yield plain(instance, name, value)


def plain(instance: models.Model, name: str, text: str) -> str:
    """``text`` without the markup that rich text fields keep."""
    rich = isinstance(instance._meta.get_field(name), RichTextField)
    return get_text_for_indexing(text) if rich else text


def block_lines(block: blocks.Block, value: Any) -> Iterator[str]:
    """The lines of text in ``value`` of ``block``.

    As Wagtail's ``get_searchable_content``, which blocks with a way of their own keep, but without
    the word "None" for what was left empty, and with e-mail addresses.
    """
    own = type(block).get_searchable_content
    if value is None or not getattr(block, "search_index", True):
        return
    if own is blocks.BaseStreamBlock.get_searchable_content:
        for child in value:
            yield from block_lines(child.block, child.value)
    elif own is blocks.BaseStructBlock.get_searchable_content:
        for name, child in block.child_blocks.items():
            yield from block_lines(child, value.get(name))
    elif own is blocks.ListBlock.get_searchable_content:
        for each in value:
            yield from block_lines(block.child_block, each)
    elif isinstance(block, blocks.EmailBlock):
        yield str(value)
    else:
        yield from (line for line in block.get_searchable_content(value) if line)
