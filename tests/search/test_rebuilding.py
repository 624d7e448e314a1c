"""An index that is built anew: whole, however it is written."""

from __future__ import annotations

import pytest

from km_pages.search.query import ParsedQuery
from km_pages.search.requests import Scope, SearchRequest
from tests.search.conftest import Library, document


def test_a_large_index_is_written_by_two_threads_and_is_whole(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("km_pages.search.tantivy.MANY", 5, raising=False)
    told: list[int] = []
    made = library.engine.rebuild(
        (document(number, "Rota", f"part{number}") for number in range(1, 13)),
        progress=told.append,
    )
    assert (made.documents, told) == (12, list(range(1, 13)))
    assert [library.finds(f"part{number}") for number in range(1, 13)] == [
        [number] for number in range(1, 13)
    ]
    library.put(document(3, "Changed"))
    assert library.ask("rota").total == 11


def test_an_answer_that_is_kept_is_nobody_elses_and_ends_with_the_next_change(
    library: Library,
) -> None:
    def like(*tokens: str, **options: object) -> list[int]:
        scope = Scope(tokens=frozenset(tokens))
        query = ParsedQuery(words={"rota": 1})
        asked = SearchRequest(query=query, scope=scope, snippets=False, **options)  # type: ignore[arg-type]
        return [each.page_id for each in library.engine.search(asked).hits]

    library.put(document(1, "Rota"), document(2, "Rota of ours", tokens=("team:1",)))
    for _again in range(2):
        assert like("open") == [1]
        assert sorted(like("open", "team:1")) == [1, 2]
        assert like("open", "team:1", limit=1) == like("open", "team:1")[:1]
        assert like("open", "team:1", filters={"kind": ("technique",)}) == []
    library.put(document(1, "Something else"), document(3, "Rota"))
    assert like("open") == [3]
