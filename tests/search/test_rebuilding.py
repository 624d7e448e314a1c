"""An index that is built anew: whole, however it is written."""

from __future__ import annotations

import pytest

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
