"""Files that are attached to a PDF, as its reader lists them beside the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from km_pages.files.extract.answer import BAD_INPUT, Answer
from km_pages.files.extract.cleaning import clean, one_line
from km_pages.files.extract.inside import MAX_ATTACHED, read_file

MAX_BRANCHES = 500
MAX_PAGES = 500
"""Pages that are searched for paper clips: files that hang on a place of a page."""

_CONTENTS = ("/UF", "/F", "/Unix", "/DOS", "/Mac")


def read_attached(document: PdfReader, answer: Answer) -> None:
    """Add a passage for each page of each attached file, and one with the names of all."""
    names: list[str] = []
    for told, content in _attached(document):
        if len(names) >= MAX_ATTACHED:
            answer.truncated = True
            break
        name = one_line(clean(told), limit=120)
        if name in names:
            continue
        names.append(name)
        try:
            data = content.get_data()
        except (PyPdfError, *BAD_INPUT):
            answer.truncated = True
            continue
        read_file(name, data, answer)
    if names and answer.has_text:
        answer.add("attached files", "\n".join(names))


def _attached(document: PdfReader) -> Iterator[tuple[str, StreamObject]]:
    for specification in (*_listed(document), *_clipped(document)):
        found = _name_and_content(specification)
        if found is not None:
            yield found


def _name_and_content(specification: Any) -> tuple[str, StreamObject] | None:
    """What is attached and how it is called; ``None`` for what only points outside."""
    specification = _resolved(specification)
    if not isinstance(specification, DictionaryObject):
        return None
    contents = _resolved(specification.get("/EF"))
    if not isinstance(contents, DictionaryObject):
        return None
    names = [_resolved(specification.get(key)) for key in _CONTENTS]
    streams = [_resolved(contents.get(key)) for key in _CONTENTS]
    name = next((each for each in names if isinstance(each, str) and each.strip()), "")
    content = next((each for each in streams if isinstance(each, StreamObject)), None)
    return (name or "attachment", content) if content is not None else None


def _listed(document: PdfReader) -> Iterator[Any]:
    """From the catalogue: a tree of lists of names, each followed by what it names."""
    lists = _resolved(document.root_object.get("/Names"))
    waiting = [lists.get("/EmbeddedFiles")] if isinstance(lists, DictionaryObject) else []
    for _branch in range(MAX_BRANCHES):
        if not waiting:
            return
        branch = _resolved(waiting.pop(0))
        if isinstance(branch, DictionaryObject):
            yield from _array(branch.get("/Names"))[1::2]
            waiting += _array(branch.get("/Kids"))[:MAX_BRANCHES]


def _clipped(document: PdfReader) -> Iterator[Any]:
    """From the pages: paper clips."""
    for number in range(min(len(document.pages), MAX_PAGES)):
        for reference in _array(document.pages[number].get("/Annots"))[:MAX_BRANCHES]:
            note = _resolved(reference)
            if isinstance(note, DictionaryObject) and note.get("/Subtype") == "/FileAttachment":
                yield note.get("/FS")


def _array(value: Any) -> list[Any]:
    value = _resolved(value)
    return list(value) if isinstance(value, ArrayObject) else []


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
