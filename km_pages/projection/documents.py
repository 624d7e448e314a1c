"""One loaded page as a document of the index."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from wagtail import hooks

from km_pages.models import FilePassage, TextState
from km_pages.projection.facets import date_of, facets_of, labels_of, tags_of
from km_pages.projection.loading import Loaded
from km_pages.projection.text import FILES_RELATION, block_lines, body_of, summary_of
from km_pages.search.documents import IndexDocument, IndexedFile, IndexedPassage
from km_pages.visibility import tokens_of

logger = logging.getLogger(__name__)

# A function (document, page) -> IndexDocument: the document of a page, changed before it is kept.
DOCUMENT_HOOK = "km_index_document"
# Characters of file text in one document; what is beyond can be found by the file's name only.
MOST_FILE_TEXT = 50_000_000


def document_of(loaded: Loaded) -> IndexDocument:
    """The document of one page, after all hooks ``km_index_document``.

    Raises whatever a host's page type or hook raises.
    """
    page = loaded.page
    attached = _attached(page)
    files = [each.stored_file for each in attached]
    titles = [each.title for each in attached if each.title]
    document = IndexDocument(
        page_id=page.pk,
        kind=page.km_kind,
        title=page.title,
        also=_also(page),
        summary=summary_of(page),
        body="\n".join(filter(None, [body_of(page), *titles])),
        files=_indexed_files(page.pk, files),
        url=loaded.url,
        locale=loaded.locale,
        site_root=loaded.site_root,
        tokens=tokens_of(page),
        ancestors=loaded.ancestors,
        facets=facets_of(loaded, files),
        labels=labels_of(loaded),
        date=date_of(page),
        verified=getattr(page, "last_reviewed", None),
    )
    for change in hooks.get_hooks(DOCUMENT_HOOK):
        document = change(document, page)
    return document


def _also(page: Any) -> tuple[str, ...]:
    """Other names and tags: they count as much as the title."""
    names = getattr(page, "also_known_as", None)
    lines = list(block_lines(names.stream_block, names)) if names else []
    return (*lines, *tags_of(page))


def _attached(page: Any) -> list[Any]:
    """The page's attachments whose file may be given to its readers, each file once."""
    relation = getattr(page, FILES_RELATION, None)
    if not hasattr(relation, "all"):
        return []
    servable = [each for each in relation.all() if each.stored_file.is_servable]
    return list({each.stored_file_id: each for each in servable}.values())


def _indexed_files(page_id: int, files: Iterable[Any]) -> tuple[IndexedFile, ...]:
    """Files with their passages; one that has no text is still found by its name.

    One query for a page with files. Text is read page by page, not for a whole chunk, so that a
    hundred items with long files do not stand in memory together.
    """
    read = [each.pk for each in files if each.text_state == TextState.READ]
    passages = _passages(page_id, read) if read else {}
    return tuple(
        IndexedFile(
            file_id=str(each.uuid), name=each.name, passages=tuple(passages.get(each.pk, ()))
        )
        for each in files
    )


def _passages(page_id: int, keys: list[int]) -> dict[int, list[IndexedPassage]]:
    rows = FilePassage.objects.filter(stored_file__in=keys).order_by("stored_file_id", "number")
    found: dict[int, list[IndexedPassage]] = defaultdict(list)
    room = MOST_FILE_TEXT
    columns = ("stored_file_id", "number", "label", "text")
    for key, number, label, text in rows.values_list(*columns).iterator():
        if len(text) > room:
            logger.warning("The files of page %s have more text than one document holds", page_id)
            break
        room -= len(text)
        found[key].append(IndexedPassage(number, label, text))
    return found
