"""Rich text: body, tables, boxes, headers, footers, notes and comments.

A reader of our own: the library striprtf leaves out what stands beside the text and tears cells
that hold paragraphs. The format: https://latex2rtf.sourceforge.net/rtfspec.html
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from km_pages.files.extract.answer import Answer, UnreadableError
from km_pages.files.extract.flow import Flow

MAX_BYTES = 64 * 1024 * 1024
MAX_GROUPS = 2_000
_BINARY = re.compile(rb"\\bin(\d+) ?")
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])"
    r"|([\r\n]+)|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    re.findall(
        r"\w+",
        "pict nonshppict colortbl stylesheet objdata themedata datastore listtable xmlnstbl sp "
        "listoverridetable revtbl rsidtbl filetbl bkmkstart bkmkend fldinst atnid atnref atntime "
        "atnauthor generator private tc xe comment doccomm hlinkbase operator category keywords "
        "subject company manager printim buptim template pgptbl ftnsep ftnsepc aftnsep",
    )
)
# Read although they are marked as something that a reader may leave out.
_STARRED = frozenset({"shpinst", "annotation", "shptxt", "txfieldtext", "footnote"})
_BESIDE = {
    "footnote": "footnotes",
    "annotation": "comments",
    **dict.fromkeys(
        ["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"],
        "headers and footers",
    ),
}
_FACTS = ("title", "author", "language")
_MOMENTS = {"creatim": "created", "revtim": "changed"}
# Microsoft's numbers of languages: [MS-LCID].
_LANGUAGES = {
    1025: "ar-SA", 1026: "bg-BG", 1029: "cs-CZ", 1030: "da-DK", 1031: "de-DE", 1032: "el-GR",
    1033: "en-US", 1034: "es-ES", 1035: "fi-FI", 1036: "fr-FR", 1037: "he-IL", 1038: "hu-HU",
    1040: "it-IT", 1041: "ja-JP", 1043: "nl-NL", 1044: "nb-NO", 1045: "pl-PL", 1046: "pt-BR",
    1048: "ro-RO", 1049: "ru-RU", 1051: "sk-SK", 1053: "sv-SE", 1055: "tr-TR", 1056: "ur-PK",
    1058: "uk-UA", 1065: "fa-IR", 1066: "vi-VN", 1081: "hi-IN", 1106: "cy-GB", 2052: "zh-CN",
    2055: "de-CH", 2057: "en-GB", 2070: "pt-PT", 3079: "de-AT", 3081: "en-AU", 4105: "en-CA",
    5129: "en-NZ", 6153: "en-IE",
}  # fmt: skip
_WORDS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "tab": " ", "nestcell": " | ",
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": " ", "_": "-", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\"}
_CHARSETS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip


def read(source: BinaryIO, answer: Answer) -> None:
    """One text, then what stands beside it."""
    data = source.read(MAX_BYTES + 1)
    answer.truncated = len(data) > MAX_BYTES
    if not data.lstrip().startswith(b"{\\rtf"):
        raise UnreadableError("damaged")
    document = _Document()
    for token in _TOKEN.finditer(_without_binary(data[:MAX_BYTES]).decode("latin-1")):
        document.take(*token.groups())
    answer.describe(**document.facts())
    answer.add("text", document.flow.take())
    for label, texts in document.beside.items():
        worded = [text for text in texts if any(each.isalpha() for each in text)]
        answer.add(label, "\n".join(dict.fromkeys(worded)))


def _without_binary(data: bytes) -> bytes:
    r"""``data`` without what ``\binN`` announces: N bytes that may look like anything."""
    return b"".join(_between_binary(data))


def _between_binary(data: bytes) -> Iterator[bytes]:
    start = 0
    for found in _BINARY.finditer(data):
        if found.start() >= start:
            yield data[start : found.start()]
            start = found.end() + min(int(found[1][:10]), len(data))
    yield data[start:]


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds between two braces."""

    skipped: bool = False
    starred: bool = False
    beside: str = ""
    fact: str = ""
    fallback: int = 1
    font: int = -1
    unseen: bool = False
    in_fonts: bool = False


class _Document:
    """Puts the tokens of a document together."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.beside: dict[str, list[str]] = {}
        self._facts: dict[str, str] = {}
        self._group = _Group()
        self._outer: list[_Group] = []
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._bytes = bytearray()
        self._to_skip = 0
        self._in_row = False
        self._after_text: str | None = None
        self._line_ended = False

    def take(
        self,
        word: str | None,
        number: str | None,
        byte: str | None,
        symbol: str | None,
        brace: str | None,
        line_end: str | None,
        text: str | None,
    ) -> None:
        """Take one token: exactly one of the arguments, or a word and its number."""
        after_text, self._after_text = self._after_text, text or (line_end and self._after_text)
        if line_end:
            # The standard passes over line ends; but nobody who wraps lines means to glue words.
            self._line_ended = bool(after_text)
            return
        if text and self._line_ended and text[0].isalnum():
            text = f" {text}"
        self._line_ended = False
        if byte:
            self._take_bytes(bytes([int(byte, 16)]))
        elif text:
            self._take_text(text)
        else:
            self._end_bytes()
            if word:
                self._take_word(word, int(number) if number else None)
            elif brace:
                self._to_skip = 0
                (self._open if brace == "{" else self._close)()
            elif symbol:
                self._take_symbol(symbol)

    def facts(self) -> dict[str, str]:
        """Title, author and dates as the document gives them."""
        stated = {name: self._facts.get(name, "") for name in _FACTS}
        return {**stated, **{name: self._day(word) for word, name in _MOMENTS.items()}}

    def _day(self, moment: str) -> str:
        year, month, day = (int(self._facts.get(moment + each, "0")) for each in ("yr", "mo", "dy"))
        return f"{year:04}-{month:02}-{day:02}"

    def _open(self) -> None:
        if len(self._outer) < MAX_GROUPS:
            self._outer.append(self._group)
            self._group = replace(self._group, starred=False)

    def _close(self) -> None:
        if not self._outer:
            return
        inner, self._group = self._group, self._outer.pop()
        if inner.beside and inner.beside != self._group.beside:
            self.beside.setdefault(inner.beside, []).append(self.flow.close())

    def _take_word(self, word: str, number: int | None) -> None:
        if word == "u" and number is not None:
            self._write(chr(number % 0x10000))
            self._to_skip = self._group.fallback
            return
        self._to_skip = 0
        if word in _SKIPPED or (self._group.starred and word not in _STARRED):
            self._change(skipped=True, starred=False)
        elif word in _BESIDE and not self._group.beside and not self._group.skipped:
            self._change(beside=_BESIDE[word], starred=False)
            self.flow.open()
        elif word in _FACTS or word in _MOMENTS:
            # The first counts: LibreOffice calls who changed it last an author too.
            self._change(fact="other" if word in self._facts else word)
        elif word == "info":
            self._change(fact="other")
        elif word in ("v", "deleted"):
            # Hidden, or struck out by somebody whose changes are tracked.
            self._change(unseen=number != 0)
        elif word == "plain":
            self._change(unseen=False)
        elif number is not None:
            self._take_setting(word, number)
        elif word in _WORDS:
            self._write(_WORDS[word])
        else:
            self._take_structure(word)

    def _take_setting(self, word: str, number: int) -> None:
        if word == "uc":
            self._change(fallback=max(0, min(number, 16)))
        elif word == "f":
            self._change(font=number)
        elif word == "fcharset" and self._group.in_fonts:
            self._fonts[self._group.font] = _CHARSETS.get(number, "")
        elif word in ("deflang", "lang") and number in _LANGUAGES:
            self._facts.setdefault("language", _LANGUAGES[number])
        elif word == "ansicpg":
            self._encoding = _known(f"cp{number}")
        elif word in ("yr", "mo", "dy") and self._group.fact in _MOMENTS:
            self._facts.setdefault(self._group.fact + word, str(abs(number) % 10_000))

    def _take_structure(self, word: str) -> None:
        if word == "fonttbl":
            self._change(in_fonts=True)
        elif self._group.skipped:
            return
        elif word == "shptxt":
            self.flow.end_line()
        elif word == "trowd" and not self._in_row:
            self._in_row = True
            self.flow.end_line()
            self.flow.open_row()
            self.flow.open()
        elif word == "cell" and self._in_row:
            self.flow.close_cell()
            self.flow.open()
        elif word == "row" and self._in_row:
            self._in_row = False
            self.flow.close()
            self.flow.close_row()
        elif word == "cell":
            self._write(" | ")

    def _take_symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._change(starred=True)
        elif symbol in _SYMBOLS:
            self._take_text(_SYMBOLS[symbol])

    def _take_text(self, text: str) -> None:
        # What follows \u stands there for programs that do not know it.
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        for run in re.findall(r"[\x80-\xff]+|[^\x80-\xff]+", text[skipped:]):
            if run[0] >= "\x80":
                self._bytes += run.encode("latin-1")
            else:
                self._end_bytes()
                self._write(run)

    def _take_bytes(self, raw: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._bytes += raw

    def _end_bytes(self) -> None:
        if self._bytes:
            encoding = self._fonts.get(self._group.font) or self._encoding
            self._write(self._bytes.decode(encoding, "replace"))
            self._bytes.clear()

    def _write(self, text: str) -> None:
        group = self._group
        if group.skipped or group.in_fonts or group.unseen:
            return
        if group.fact:
            self._facts[group.fact] = self._facts.get(group.fact, "") + text
        else:
            self.flow.write(text)

    def _change(self, **changes: object) -> None:
        self._group = replace(self._group, **changes)  # type: ignore[arg-type]


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "cp1252"
