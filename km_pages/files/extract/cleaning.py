"""Text as a person sees it: no invisible characters, no ligatures, single spaces."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width and direction marks, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_SPACE_AT_LINE_ENDS = re.compile(r" ?\n ?")
_MANY_LINES = re.compile(r"\n{3,}")
# Latin ligatures and the Arabic forms that only fonts need: a search looks for the letters.
_FORMS = re.compile("[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufdff\ufe70-\ufefc]+")
_SYMBOL_BULLETS = re.compile("[\uf06c\uf06e\uf0a7\uf0b7\uf0d8\uf0fc\uf076]")
# Fonts of symbols have bullets of their own at places that mean nothing elsewhere.
_SYMBOL_AT_START = re.compile("^( *)[\ue000-\uf8ff](?= )", re.M)
_BREAK_IN_WORD = re.compile(r"\u00ad\n")


def clean(text: str) -> str:
    """``text`` with what no reader sees taken out, and every run of white space made one."""
    text = _PAIRS.sub(_joined_pair, text)
    text = _LINE_ENDS.sub("\n", text)
    text = _BREAK_IN_WORD.sub("", text)
    text = _SYMBOL_BULLETS.sub("•", text)
    text = _INVISIBLE.sub("", text)
    text = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _SPACES.sub(" ", text)
    text = _SYMBOL_AT_START.sub(r"\1•", text)
    text = _SPACE_AT_LINE_ENDS.sub("\n", text)
    return _MANY_LINES.sub("\n\n", text).strip()


def _joined_pair(found: re.Match[str]) -> str:
    return found[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def one_line(text: str, *, limit: int) -> str:
    """``text`` in one line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def row(cells: list[str]) -> str:
    """The cells of a table's row in one line, with bars between; "" where all are empty."""
    texts = [" ".join(cell.split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts) if any(texts) else ""
