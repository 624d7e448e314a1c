"""What has changed in the handbook of a post from one holder to the next, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from km_pages.models import KnowledgeAssetPage, Post
from km_pages.paper.neutral import neutral
from km_pages.visibility import Reader
from km_toolkit.handbook import handbook_of

ALIKE = 0.6
MOST_COMPARED = 200


@dataclass(frozen=True)
class Difference:
    """One kind of knowledge: what the last holder says otherwise than the one before.

    ``changed`` are pairs of an old line and the new one that is most like it.
    """

    title: str
    now: str
    before: str
    changed: list[tuple[str, str]]
    added: list[str]
    gone: list[str]


def differences_of(post: Post, reader: Reader) -> list[Difference]:
    """The chapters of the handbook that two holders have filled, as far as ``reader`` may see them.

    Three queries.
    """
    chapters = [each for each in handbook_of(post, reader) if each.earlier]
    keys = [item.pk for chapter in chapters for item in [*chapter.newest, *chapter.earlier]]
    # Only what the handbook has shown to this reader is read again, with its text.
    full = KnowledgeAssetPage.objects.filter(pk__in=keys).prefetch_related(
        "attachments__stored_file"
    )
    pages = {page.pk: page for page in full}
    found = []
    for chapter in chapters:
        last = chapter.earlier[0].holder_id
        earlier = [each for each in chapter.earlier if each.holder_id == last]
        new = _lines([pages[each.pk] for each in chapter.newest])
        old = _lines([pages[each.pk] for each in earlier])
        changed, added, gone = compared(old, new)
        found.append(
            Difference(
                title=chapter.title,
                now=_holder(chapter.newest[0]),
                before=_holder(earlier[0]),
                changed=changed,
                added=added,
                gone=gone,
            )
        )
    return found


def _holder(page: Any) -> str:
    return (page.holder.get_full_name() or page.holder.get_username()) if page.holder else ""


def _lines(pages: list[KnowledgeAssetPage]) -> list[str]:
    lines = [line for page in pages for line in _lines_of(page)]
    return list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))


def _lines_of(page: KnowledgeAssetPage) -> Iterator[str]:
    """What stands on a page, one line for each paragraph, entry of a list, row and file."""
    yield page.summary
    for part in neutral(page.body):
        if part["kind"] in ("heading", "paragraph"):
            yield part["text"]
        yield from part.get("entries", ())
        yield from (" · ".join(cell for cell in row if cell) for row in part.get("rows", ()))
    yield from (each.stored_file.name for each in page.attachments.all())


def compared(old: list[str], new: list[str]) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Lines that have changed (old, new), that are new, and that are gone, in their order."""
    gone = [line for line in old if line not in set(new)]
    added = [line for line in new if line not in set(old)]
    changed = []
    # A long text is not compared word by word: the page must answer at once.
    if len(gone) <= MOST_COMPARED and len(added) <= MOST_COMPARED:
        for line in list(added):
            match = _most_like(line, gone)
            if match is not None:
                changed.append((match, line))
                gone.remove(match)
                added.remove(line)
    return changed, added, gone


def _most_like(line: str, others: list[str]) -> str | None:
    best, most = None, ALIKE
    for other in others:
        matcher = SequenceMatcher(None, other[:300], line[:300])
        # Quick upper bounds first: most pairs have nothing in common.
        if matcher.real_quick_ratio() > most and matcher.quick_ratio() > most:
            ratio = matcher.ratio()
            if ratio > most:
                best, most = other, ratio
    return best
