from __future__ import annotations

from typing import Any

import pytest

from km_pages.numbers import whole, whole_ones


@pytest.mark.parametrize(
    ("given", "number"),
    [("7", 7), (7, 7), ("007", 7), ("0", 0), ("9" * 18, 10**18 - 1)]
    + [(each, None) for each in ("", None, "-1", "1.0", " 7", "²", "٣", "9" * 19, "\0", "1e3")],
)
def test_what_is_a_whole_number_and_what_is_none(given: Any, number: int | None) -> None:
    assert whole(given) == number


def test_numbers_among_other_things_keep_their_order_and_stand_once() -> None:
    assert whole_ones(["3", "x", "1", "3", None, "²"]) == [3, 1]
    assert whole("1000", digits=3) is None
