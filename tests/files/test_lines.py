"""Words that the lines of a PDF have torn apart are whole again; whole words stay as they are."""

from __future__ import annotations

import pytest

from km_pages.files.extract.cleaning import clean, one_line, row
from km_pages.files.extract.lines import mend, words_of


def mended(*texts: str) -> str:
    return mend(texts[0], words_of(list(texts)))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("good cri-\nteria apply", "good criteria apply"),
        (
            "a self-\npublishing author. self publishing",
            "a self-publishing author. self publishing",
        ),
        ("a well-\nknown case, as well-known", "a well-known case, as well-known"),
        ("the NHS-\nled board", "the NHS-led board"),
        ("Anglo-\nSaxon", "Anglo-Saxon"),
        ("pages 10-\n12", "pages 10-\n12"),
        ("a dash -\nhere", "a dash -\nhere"),
        ("Übergabe-\nplanung", "Übergabeplanung"),
    ],
)
def test_words_divided_at_a_lines_end_are_joined(text: str, whole: str) -> None:
    assert mended(text) == whole


@pytest.mark.parametrize(
    ("text", "elsewhere", "whole"),
    [
        ("permit di scrimination", "discrimination is", "permit discrimination"),
        ("non-discrimina tion", "no discrimination", "non-discrimination"),
        ("physi cal harm", "physical harm", "physical harm"),
        ("came fro m her", "from here from there", "came from her"),
        ("a way", "away away away", "a way"),
        ("put in to it", "into into into", "put in to it"),
        ("any one", "anyone anyone", "any one"),
        ("equiva lent", "nothing", "equiva lent"),
    ],
)
def test_words_with_a_gap_inside_are_joined_only_where_the_document_shows_them_whole(
    text: str, elsewhere: str, whole: str
) -> None:
    assert mended(text, elsewhere) == whole


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("of\ufb01ce \ufb02ow", "office flow"),
        ("\ufefb \ufe8d", "لا ا"),
        ("soft\u00adhyphen, soft-\u00ad\nend", "softhyphen, soft-end"),
        ("a\u00a0b\t c  d", "a b c d"),
        ("a\r\nb\rc\x0bd\u2028e", "a\nb\nc\nd\ne"),
        ("a \n\n\n\n b", "a\n\nb"),
        ("\uf0b7 point", "• point"),
        ("zero\u200bwidth \u202edeceit\u202c \x00\x07", "zerowidth deceit"),
        ("x² ½ ™", "x² ½ ™"),
        ("\ud83d\ude00 \ud83d", "😀"),
        ("خط\u200cنما", "خط\u200cنما"),
    ],
)
def test_text_is_what_a_person_sees(text: str, seen: str) -> None:
    assert clean(text) == seen


def test_a_row_keeps_its_empty_cells_but_those_at_its_end() -> None:
    assert row(["a", "", "b\n c", "", ""]) == "a |  | b c"
    assert row(["", " "]) == ""


def test_a_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("one\ntwo  three", limit=9) == "one two…"
    assert one_line("one", limit=3) == "one"
