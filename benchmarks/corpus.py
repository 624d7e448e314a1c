"""What a repository holds: items with text and files, of four audiences, in several teams."""

from __future__ import annotations

import datetime as dt
import pickle
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.words import prose, telling
from km_pages.search.documents import IndexDocument, IndexedFile, IndexedPassage

TEAMS, TOPICS, TYPES, TAGS, PEOPLE = 8, 12, 8, 60, 40
AUDIENCES = ("open", "organisation", "team", "named")
SHARES = (20, 35, 35, 10)
FIRST_DAY = dt.date(2019, 1, 1)
TODAY = dt.date(2026, 6, 1)
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """One item. Teams, topics, types, tags and people are numbers from 0."""

    number: int
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    passages: tuple[str, ...]
    audience: str
    team: int
    shared_with: tuple[int, ...]
    named: tuple[int, ...]
    owner: int
    topics: tuple[int, ...]
    kind: int
    tags: tuple[int, ...]
    captured_on: dt.date
    review_due: dt.date

    @property
    def text_bytes(self) -> int:
        """How much text it has, files included."""
        answers = [text for pair in self.questions for text in pair]
        texts = (self.title, self.summary, *self.paragraphs, *answers, *self.passages)
        return sum(len(each.encode()) + 1 for each in texts)


def item(number: int) -> Item:
    """Item ``number``: always the same one."""
    chance = random.Random(f"item {number}")
    subjects = telling(chance, 10)
    pages = chance.randint(1, 4) if chance.random() < 0.3 else 0
    captured = FIRST_DAY + dt.timedelta(days=chance.randrange((TODAY - FIRST_DAY).days))
    audience = chance.choices(AUDIENCES, SHARES)[0]
    return Item(
        number=number,
        title=" ".join(chance.sample(subjects, chance.randint(3, 6))).capitalize(),
        summary=prose(chance, chance.randint(15, 35), subjects),
        paragraphs=tuple(
            prose(chance, chance.randint(30, 80), subjects) for _each in range(chance.randint(1, 3))
        ),
        questions=tuple(
            (prose(chance, 8, subjects), prose(chance, 25, subjects))
            for _each in range(2 if chance.random() < 0.2 else 0)
        ),
        passages=tuple(prose(chance, chance.randint(100, 200), subjects) for _page in range(pages)),
        audience=audience,
        team=chance.randrange(TEAMS),
        shared_with=(chance.randrange(TEAMS),) if audience == "team" and number % 5 == 0 else (),
        named=tuple(chance.sample(range(PEOPLE), 3)) if audience == "named" else (),
        owner=chance.randrange(PEOPLE),
        topics=tuple(chance.sample(range(TOPICS), chance.randint(0, 2))),
        kind=chance.randrange(TYPES),
        tags=tuple(chance.sample(range(TAGS), chance.randint(0, 3))),
        captured_on=captured,
        review_due=captured + dt.timedelta(days=chance.randint(200, 1200)),
    )


def document(one: Item) -> IndexDocument:
    """``one`` as the projection would give it to the engine."""
    questions = [text for pair in one.questions for text in pair]
    tokens = {
        "open": ("open",),
        "organisation": ("organisation", f"user:{one.owner}"),
        "named": (f"user:{one.owner}", *(f"user:{each}" for each in one.named)),
        "team": (
            "managers",
            f"user:{one.owner}",
            *(f"team:{each}" for each in {one.team, *one.shared_with}),
        ),
    }
    passages = tuple(
        IndexedPassage(number, f"page {number}", text)
        for number, text in enumerate(one.passages, start=1)
    )
    name = f"{one.title.lower().replace(' ', '-')}.pdf"
    tags = tuple(f"tag {each}" for each in one.tags)
    return IndexDocument(
        page_id=1_000 + one.number,
        kind="knowledge",
        title=one.title,
        also=tags,
        summary=one.summary,
        body="\n".join([*one.paragraphs, *questions]),
        files=(IndexedFile(f"{one.number:032x}", name, passages),) if passages else (),
        url=f"/repository/team-{one.team}/item-{one.number}/",
        locale="en-gb",
        site_root=2,
        tokens=tokens[one.audience],
        ancestors=(1, 2, 3, 10 + one.team, 1_000 + one.number),
        facets={
            "kind": ("knowledge",),
            "team": (f"team-{one.team}",),
            "topic": tuple(f"topic-{each}" for each in one.topics),
            "type": (f"type-{one.kind}",),
            "tag": tags,
            "filetype": ("pdf",) if passages else (),
            "year": (str(one.captured_on.year),),
            "review": ("due" if one.review_due < TODAY else "ok",),
        },
        labels={
            "team": f"Team {one.team}",
            "date": one.captured_on.isoformat(),
            "review_due": one.review_due.isoformat(),
            "type": f"Type {one.kind}",
            "visibility": one.audience,
            "holder": f"Person {one.owner}",
        },
        date=one.captured_on,
    )


@dataclass(frozen=True, slots=True)
class Spool:
    """Documents made before the clock runs, on disk, because a million do not fit into memory."""

    path: Path
    documents: int
    text_bytes: int

    def read(self) -> Iterator[IndexDocument]:
        """All documents in order."""
        with self.path.open("rb") as stream:
            for _chunk in range(0, self.documents, CHUNK):
                yield from pickle.load(stream)


def spool(path: Path, number: int) -> Spool:
    """Write the first ``number`` documents to ``path``."""
    size = 0
    with path.open("wb") as stream:
        for first in range(0, number, CHUNK):
            made = [item(each) for each in range(first, min(first + CHUNK, number))]
            size += sum(each.text_bytes for each in made)
            pickle.dump([document(each) for each in made], stream, pickle.HIGHEST_PROTOCOL)
    return Spool(path, number, size)
