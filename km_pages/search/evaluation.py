"""How well an engine ranks: a collection with judgements, indexed and asked as in production.

A collection is a folder with ``docs.jsonl`` (id, title, text), ``queries.jsonl`` (id, text) and
``qrels.tsv`` (query, document, grade, with tabs; 0 and less: not relevant). Public collections come
with small differences, which are read as well: ``_id`` for ``id``, a first line of names and a
column between query and document among the judgements. The measures are those of trec_eval: gains
are grades, an ideal order is made of all that was judged.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from km_pages.search.documents import IndexDocument
from km_pages.search.engine import Engine
from km_pages.search.query import parse
from km_pages.search.requests import Scope, SearchRequest

# How deep a ranking is looked at, as usual in this field; ``recall100`` looks at its beginning.
DEPTH = 1000
EVERYBODY = "open"
FACETS = ("kind",)


class CollectionError(Exception):
    """A collection cannot be read; ``str()`` says which file and line, and what is wrong."""


@dataclass(frozen=True)
class Collection:
    """Documents by number, and the judged queries with their grades by document number."""

    name: str
    documents: Sequence[IndexDocument]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Measures:
    """What a run of all judged queries gave; times are milliseconds of one whole search."""

    collection: str
    documents: int
    queries: int
    ndcg10: float
    map: float
    recall100: float
    mrr: float
    empty: float
    ms_p50: float
    ms_p95: float

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))


def read_collection(folder: Path, queries: Path | None = None) -> Collection:
    """The collection in ``folder``, with the queries of another file where that is given.

    Queries without a relevant document are left out: nothing could be right about their answers.
    Raises :class:`CollectionError`.
    """
    numbers: dict[str, int] = {}
    documents = []
    for key, row in _rows(folder / "docs.jsonl"):
        if key in numbers:
            # The first counts: the same one twice would take the places of others.
            continue
        numbers[key] = len(numbers) + 1
        documents.append(_document(numbers[key], key, row))
    grades = _grades(folder / "qrels.tsv", numbers)
    asked = _rows(queries or folder / "queries.jsonl", needed=("text",))
    texts = {key: str(row["text"] or "") for key, row in asked}
    judged = {key: text for key, text in texts.items() if key in grades}
    if not judged:
        raise CollectionError(f"No query of {folder} has a document that was judged relevant.")
    return Collection(folder.resolve().name, documents, judged, grades)


def _document(number: int, key: str, row: Mapping[str, Any]) -> IndexDocument:
    return IndexDocument(
        page_id=number,
        kind="page",
        title=str(row.get("title") or ""),
        url=f"/{key}/",
        body=str(row.get("text") or ""),
        tokens=(EVERYBODY,),
        facets={"kind": ("page",)},
    )


def _rows(path: Path, needed: Sequence[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's id, as text, and the whole line."""
    names = ", ".join(("id", *needed))
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as fault:
            raise CollectionError(f"{path}, line {number}: no JSON: {fault}") from fault
        key = row.get("id", row.get("_id")) if isinstance(row, dict) else None
        if key is None or any(name not in row for name in needed):
            raise CollectionError(f"{path}, line {number}: an object with {names} is needed.")
        yield str(key), row


def _grades(path: Path, numbers: Mapping[str, int]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for number, line in _lines(path):
        parts = [each.strip() for each in line.split("\t")]
        try:
            query, document, grade = parts[0], parts[-2], int(float(parts[-1]))
            if len(parts) not in (3, 4):
                raise ValueError
        except (IndexError, ValueError, OverflowError) as fault:
            if number == 1 and len(parts) in (3, 4):
                # The names of the columns.
                continue
            raise CollectionError(
                f"{path}, line {number}: query, document and grade are needed, with tabs between."
            ) from fault
        if grade > 0:
            # A relevant document that is not in the collection can never be found: it still counts.
            known = numbers.get(document, -len(found[query]) - 1)
            found[query][known] = grade
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise CollectionError(f"{path} cannot be read: {fault}") from fault


def evaluate(collection: Collection, engine: Engine) -> Measures:
    """Index ``collection`` by ``engine``, ask every judged query, and measure the answers.

    ``engine`` must be an empty one for this purpose only. Raises ``EngineUnavailable``.
    """
    engine.rebuild(collection.documents)
    scores, times = [], []
    for key, text in collection.queries.items():
        began = time.perf_counter()
        engine.search(_request(text))
        times.append((time.perf_counter() - began) * 1000)
        ranking = [hit.page_id for hit in engine.search(_request(text, ranking=True)).hits]
        scores.append(scores_of(ranking, collection.grades[key]))
    means = {name: _mean([each[name] for each in scores]) for name in scores[0]}
    return Measures(
        collection=collection.name,
        documents=len(collection.documents),
        queries=len(scores),
        **{name: round(value, 4) for name, value in means.items()},
        ms_p50=round(percentile(times, 0.5), 2),
        ms_p95=round(percentile(times, 0.95), 2),
    )


def _request(text: str, *, ranking: bool = False) -> SearchRequest:
    """One question as the search page asks it; for a ``ranking`` without what only people read."""
    return SearchRequest(
        query=parse(text),
        scope=Scope(tokens=frozenset({EVERYBODY})),
        limit=DEPTH if ranking else 10,
        facets=() if ranking else FACETS,
        snippets=not ranking,
    )


def scores_of(ranking: Sequence[int], grades: Mapping[int, int]) -> dict[str, float]:
    """The measures of one query: ``grades`` are those above 0 of the relevant documents."""
    gains = [grades.get(each, 0) for each in ranking]
    ideal = sorted(grades.values(), reverse=True)
    found = [place for place, gain in enumerate(gains, start=1) if gain > 0]
    precisions = [number / place for number, place in enumerate(found, start=1)]
    return {
        "ndcg10": _discounted(gains[:10]) / _discounted(ideal[:10]),
        "map": sum(precisions) / len(grades),
        "recall100": sum(1 for place in found if place <= 100) / len(grades),
        "mrr": 1 / found[0] if found else 0.0,
        "empty": 0.0 if ranking else 1.0,
    }


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
