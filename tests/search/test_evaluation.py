"""``km_evaluate`` measures what it says, and says what is wrong with a folder."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from km_pages.search.evaluation import evaluate, read_collection, scores_of
from km_pages.search.tantivy import TantivyEngine

DOCS = [
    {"id": "a", "title": "Pumps", "text": "How a pump is mended"},
    {"id": "b", "title": "Valves", "text": "A valve and its pump"},
    {"id": "c", "title": "Nothing", "text": ""},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ours"
    made.mkdir()
    (made / "docs.jsonl").write_text("\n".join(json.dumps(each) for each in DOCS) + "\n\n")
    queries = [
        {"id": "1", "text": "mended pump"},
        {"id": "2", "text": "valve"},
        {"id": "3", "text": "x"},
    ]
    (made / "queries.jsonl").write_text("\n".join(json.dumps(each) for each in queries))
    (made / "qrels.tsv").write_text("1\ta\t2\n1\tb\t1\n2\tb\t1\n2\tc\t0\n3\ta\t0\n9\ta\t1\n")
    return made


def measured(*words: str) -> dict[str, float]:
    out = io.StringIO()
    call_command("km_evaluate", *words, stdout=out)
    lines = out.getvalue().strip().splitlines()
    assert len(lines) == 1
    answer: dict[str, float] = json.loads(lines[0])
    return answer


def test_it_prints_one_line_with_all_measures(folder: Path) -> None:
    found = measured(str(folder))
    assert list(found) == [
        *("collection", "documents", "queries", "ndcg10", "map", "recall100", "mrr", "empty"),
        *("ms_p50", "ms_p95"),
    ]
    assert (found["collection"], found["documents"], found["queries"]) == ("ours", 3, 2)
    assert (found["ndcg10"], found["map"], found["recall100"], found["mrr"]) == (1, 1, 1, 1)
    assert found["empty"] == 0
    assert 0 < found["ms_p50"] <= found["ms_p95"]


def test_other_queries_can_be_asked(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "short.jsonl").write_text('{"id": "2", "text": "zzzzzz"}')
    found = measured(str(folder), "--queries", str(tmp_path / "short.jsonl"))
    assert (found["queries"], found["ndcg10"], found["empty"]) == (1, 0, 1)


def test_collections_as_they_are_published_are_read(folder: Path) -> None:
    """Numbers for ids, ``_id``, no titles or texts, names of columns, a document given twice."""
    docs = [
        {"_id": 1, "text": "How a pump is mended", "metadata": {"url": "x"}},
        {"_id": 2, "title": None, "text": "A valve and its pump"},
        {"_id": 2, "title": None, "text": "A valve and its pump"},
        {"_id": 3, "title": "Nothing", "text": None},
    ]
    (folder / "docs.jsonl").write_text(
        "\ufeff" + "\r\n".join(json.dumps(each) for each in docs), encoding="utf-8"
    )
    (folder / "queries.jsonl").write_text(
        '{"_id": 7, "text": "mended pump"}\n{"_id": 8, "text": null}'
    )
    for judged in (
        "query-id\tcorpus-id\tscore\r\n7\t1\t2.0\r\n7\t2\t1\r\n",
        "7\t0\t1\t2\n7\t0\t2\t1\n",
    ):
        (folder / "qrels.tsv").write_text(judged)
        found = measured(str(folder))
        assert (found["documents"], found["queries"], found["ndcg10"]) == (3, 1, 1)


def test_the_measures_are_those_of_trec_eval() -> None:
    """By hand: gains 0, 3, 0, 1 of judged 3, 2, 1, with one document never found."""
    scores = scores_of([9, 1, 8, 3], {1: 3, 2: 2, 3: 1})
    assert scores["ndcg10"] == pytest.approx(
        (3 / 1.58496 + 1 / 2.32193) / (3 + 2 / 1.58496 + 0.5), 1e-4
    )
    assert scores["map"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert scores["recall100"] == pytest.approx(2 / 3)
    assert scores["mrr"] == 0.5
    assert scores_of([], {1: 1})["empty"] == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("docs.jsonl", "{", "line 1"),
        ("docs.jsonl", '{"title": "x"}', "id"),
        ("qrels.tsv", "1 a 2", "tabs"),
        ("qrels.tsv", "1\ta\t1\n1\ta\tgood", "line 2"),
        ("qrels.tsv", "1\ta", "line 1"),
        ("queries.jsonl", '{"id": 1}', "text"),
        ("docs.jsonl", '["a"]', "id"),
        ("qrels.tsv", "", "No query"),
        ("queries.jsonl", None, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    folder: Path, name: str, content: str | None, said: str
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(CommandError, match=said):
        call_command("km_evaluate", str(folder))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "queries", "least"),
    [
        ("cranfield", None, 0.375),
        ("med", None, 0.71),
        ("cacm", None, 0.49),
        ("cacm", "queries_short.jsonl", 0.48),
    ],
)
def test_the_ranking_stays_as_good_as_it_was(
    shared_folder: Path, tmp_path: Path, name: str, queries: str | None, least: float
) -> None:
    path = shared_folder / "ir" / name
    collection = read_collection(path, path / queries if queries else None)
    found = evaluate(collection, TantivyEngine(tmp_path))
    assert found.ndcg10 >= least
    assert found.empty == 0
