"""The fields of the index, and how a document fills them."""

from __future__ import annotations

import json
from typing import Any

from tantivy import Document, Schema, SchemaBuilder

from km_pages.search.analysis import EXACT, INSIDE, PLAIN, STEMS, joined, normal, plain
from km_pages.search.documents import WIDE_TOKENS, IndexDocument

# Raised whenever fields or analysis change: an index of another version is not read.
SCHEMA_VERSION = 7
TITLE_WEIGHT = 3
# Letters of a title by which it is found from its beginning.
LONGEST_BEGINNING = 80
FACET_SEPARATOR = "\x1f"
# Stands as a token at what bears none of the wide ones. No reader has it.
CLOSED = "\x1fclosed"


def make_schema() -> Schema:
    """The schema; ``text`` holds everything in one field, the title three times.

    Two fields with added scores measured worse (see docs/why/ranking.md).
    """
    builder = SchemaBuilder()
    builder.add_unsigned_field("page_id", stored=True, indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=STEMS, index_option="position")
    builder.add_text_field("words", tokenizer_name=PLAIN, index_option="basic")
    builder.add_text_field("title", tokenizer_name=PLAIN, index_option="basic")
    builder.add_text_field("inside", tokenizer_name=INSIDE, index_option="basic")
    builder.add_text_field("begin", tokenizer_name=EXACT, index_option="basic")
    builder.add_text_field("token", tokenizer_name=EXACT, index_option="basic")
    builder.add_unsigned_field("ancestor", indexed=True)
    builder.add_text_field("locale", tokenizer_name=EXACT, index_option="basic")
    builder.add_unsigned_field("site_root", indexed=True)
    builder.add_text_field("facet", tokenizer_name=EXACT, index_option="basic", fast=True)
    builder.add_text_field("tag", tokenizer_name=EXACT, index_option="basic", fast=True)
    builder.add_unsigned_field("date", fast=True)
    builder.add_unsigned_field("verified", fast=True)
    builder.add_text_field("fingerprint", stored=True, tokenizer_name=EXACT, index_option="basic")
    builder.add_bytes_field("name", stored=True)
    builder.add_bytes_field("head", stored=True)
    builder.add_bytes_field("passages", stored=True)
    return builder.build()


def facet_field(name: str) -> str:
    """The field that holds the values of the facet ``name``: free tags have one of their own."""
    return "tag" if name == "tag" else "facet"


def to_tantivy(document: IndexDocument) -> Document:
    """``document`` in the fields of the schema."""
    made = Document()
    made.add_unsigned("page_id", document.page_id)
    names = [normal(each) for each in (document.title, *document.also)]
    texts = [normal(each) for each in _texts(document)]
    # Each as a value of its own, so that no phrase is found across the end of one.
    for text in names * TITLE_WEIGHT + texts:
        made.add_text("text", text)
    for text in names + texts:
        made.add_text("words", text)
    # What is written with a hyphen is found without one as well.
    for word in dict.fromkeys(word for text in names + texts for word in joined(text)):
        made.add_text("text", word)
        made.add_text("words", word)
    # Tags are suggested themselves.
    for text in (each for each in names if each not in document.facets.get("tag", ())):
        made.add_text("title", text)
        made.add_text("inside", text)
    made.add_text("begin", " ".join(plain(names[0]))[:LONGEST_BEGINNING])
    for token in document.tokens:
        made.add_text("token", token)
    if WIDE_TOKENS.isdisjoint(document.tokens):
        made.add_text("token", CLOSED)
    for ancestor in document.ancestors:
        made.add_unsigned("ancestor", ancestor)
    made.add_text("locale", document.locale)
    made.add_unsigned("site_root", document.site_root)
    for name, values in document.facets.items():
        for value in values:
            made.add_text(facet_field(name), f"{name}{FACET_SEPARATOR}{value}")
    made.add_unsigned("date", document.date.toordinal() if document.date else 0)
    made.add_unsigned("verified", document.verified.toordinal() if document.verified else 0)
    made.add_text("fingerprint", document.fingerprint())
    made.add_bytes("name", json.dumps(_name(document), ensure_ascii=False).encode())
    made.add_bytes("head", pack(_head(document)))
    made.add_bytes("passages", pack(_passages(document)))
    return made


def _texts(document: IndexDocument) -> list[str]:
    """All text besides the names; a file is one text, as its sentences run over its pages."""
    texts = [document.summary, document.body, *(each.name for each in document.files)]
    for each in document.files:
        texts.append("\n".join(passage.text for passage in each.passages))
    return [text for text in texts if text]


def pack(value: Any) -> bytes:
    """``value`` as JSON. The index compresses what it stores; twice costs each hit time."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


# What most documents have of files.
NOTHING = pack([])


def unpack(raw: bytes) -> Any:
    """The value that :func:`pack` made ``raw`` of."""
    # As text, because JSON would look for the encoding of bytes each time.
    return json.loads(raw.decode())


def _name(document: IndexDocument) -> list[str]:
    """What a suggestion shows: small, as many are read for each key."""
    title = document.title.encode("utf-8", "replace").decode()
    return [title, document.kind, document.url, document.labels.get("team", "")]


def _head(document: IndexDocument) -> dict[str, Any]:
    return {
        "title": document.title,
        "kind": document.kind,
        "url": document.url,
        "labels": dict(document.labels),
        "summary": normal(document.summary),
        "body": normal(document.body),
        "names": _other_names(document),
    }


def _other_names(document: IndexDocument) -> list[list[str]]:
    """What finds a document besides title and texts: kind (see ``FoundBy``) and name of each."""
    tags = document.facets.get("tag", ())
    also = [["tag" if each in tags else "name", normal(each)] for each in document.also]
    return [*also, *(["file", normal(each.name)] for each in document.files)]


def _passages(document: IndexDocument) -> list[list[Any]]:
    return [
        [each.file_id, each.name, passage.label, passage.number, normal(passage.text)]
        for each in document.files
        for passage in each.passages
    ]
