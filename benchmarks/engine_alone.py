"""The engine without the site: building it, and asking for all that a results page shows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import Spool, item, spool
from benchmarks.measuring import cpu_ms, share
from benchmarks.tables import table
from benchmarks.words import telling, vocabulary
from km_pages.search.query import parse
from km_pages.search.requests import Scope, SearchRequest, SearchResult
from km_pages.search.tantivy import TantivyEngine

FACETS = ("kind", "team", "topic", "type", "filetype", "year")
QUERIES = 200
# A member of two teams, who may not look below one space.
READER = Scope(
    tokens=frozenset({"open", "organisation", "team:1", "team:4", "user:7"}),
    excluded=frozenset({16}),
)
Asked = tuple[list[float], list[SearchResult]]


def measure(number: int) -> None:
    """Print how long an index of ``number`` documents takes to build and to ask."""
    with TemporaryDirectory(prefix="km-bench-engine-") as folder:
        corpus = spool(Path(folder) / "documents", number)
        engine = TantivyEngine(Path(folder) / "index")
        _build(engine, corpus)
        asked = {name: _asked(engine, ask) for name, ask in _questions(number).items()}
        asked["all of these"] = _together(asked.values())
        rows = [(name, *_row(*times_and_answers)) for name, times_and_answers in asked.items()]
        table(
            f"Engine alone, {number:,} documents: 10 hits, snippets, permission, 6 facets",
            ["query", "asked", "CPU ms p50", "p95", "found (median)", "widened", "mended"],
            rows,
        )
        _suggest(engine, number)


def _build(engine: TantivyEngine, corpus: Spool) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    engine.rebuild(corpus.read())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = engine.status().size_bytes
    table(
        f"Building the index, engine alone, {corpus.documents:,} documents",
        ["", "value"],
        [
            ("seconds", wall),
            ("documents a second", corpus.documents / wall),
            ("CPU seconds", cpu),
            ("text, MB", corpus.text_bytes / 1e6),
            ("text of one document, bytes", corpus.text_bytes // corpus.documents),
            ("index, MB", size / 1e6),
            ("index / text", size / corpus.text_bytes),
        ],
    )


def _questions(number: int) -> dict[str, Callable[[random.Random], str]]:
    def from_title(chance: random.Random, many: int) -> list[str]:
        words = item(chance.randrange(number)).title.lower().split()
        return chance.sample(words, min(many, len(words)))

    return {
        "one word": lambda chance: telling(chance, 1)[0],
        "one of the commonest words": lambda chance: chance.choice(vocabulary()[60:300]),
        "all words: two or three of one title": lambda chance: " ".join(
            from_title(chance, chance.randint(2, 3))
        ),
        "all words: two common ones": lambda chance: " ".join(
            chance.sample(vocabulary()[100:1_000], 2)
        ),
        "any word: three or four of several titles": lambda chance: " ".join(
            from_title(chance, 1)[0] for _each in range(chance.randint(3, 4))
        ),
        "any word: a question of twelve words": lambda chance: " ".join(
            [*chance.sample(vocabulary()[:300], 6), *telling(chance, 6)]
        ),
        "a phrase in quotation marks": lambda chance: '"{}"'.format(
            " ".join(item(chance.randrange(number)).title.split()[:2])
        ),
        "a mistyped word": lambda chance: _mistyped(chance, telling(chance, 1)[0]),
    }


def _mistyped(chance: random.Random, word: str) -> str:
    place = chance.randrange(1, len(word)) if len(word) > 1 else 0
    return word[:place] + chance.choice("aeioukxz") + word[place + 1 :]


def _asked(engine: TantivyEngine, ask: Callable[[random.Random], str]) -> Asked:
    chance, times, answers = random.Random("questions"), [], []
    for _warm in range(20):
        _search(engine, ask(chance))
    for _each in range(QUERIES):
        text = ask(chance)
        times.append(cpu_ms(partial(_note, answers, engine, text)))
    return times, answers


def _together(parts: Iterable[Asked]) -> Asked:
    times: list[float] = []
    answers: list[SearchResult] = []
    for some_times, some_answers in parts:
        times += some_times
        answers += some_answers
    return times, answers


def _row(
    times: list[float], answers: list[SearchResult]
) -> tuple[int, float, float, int, str, str]:
    totals = sorted(each.total for each in answers)
    return (
        len(times),
        share(times, 0.5),
        share(times, 0.95),
        totals[len(totals) // 2],
        f"{sum(each.widened for each in answers) / len(answers):.0%}",
        f"{sum(each.corrected is not None for each in answers) / len(answers):.0%}",
    )


def _note(answers: list[SearchResult], engine: TantivyEngine, text: str) -> None:
    answers.append(_search(engine, text))


def _search(engine: TantivyEngine, text: str) -> SearchResult:
    return engine.search(SearchRequest(query=parse(text), scope=READER, facets=FACETS))


def _suggest(engine: TantivyEngine, number: int) -> None:
    chance = random.Random("typing")
    times: dict[str, list[float]] = {}
    for _each in range(60):
        title = item(chance.randrange(number)).title
        start = chance.choice([0, title.find(" ") + 1])
        typed = title[start:]
        for end in range(1, min(len(typed), 12) + 1):
            text = typed[:end]
            kind = "1 letter" if end == 1 else "2 letters" if end == 2 else "3 to 12 letters"
            took = cpu_ms(partial(engine.suggest, text, scope=READER))
            times.setdefault(kind, []).append(took)
    # Where a browser begins to ask.
    asked = [rows for kind, rows in times.items() if kind != "1 letter"]
    times["every keystroke from the second"] = [each for rows in asked for each in rows]
    table(
        f"Suggesting while somebody types, {number:,} documents",
        ["typed so far", "asked", "CPU ms p50", "p95"],
        [(name, len(rows), share(rows, 0.5), share(rows, 0.95)) for name, rows in times.items()],
    )
