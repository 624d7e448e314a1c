"""Plain text, Markdown, tables with commas, and captions."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import partial
from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.cleaning import row
from km_pages.files.extract.decoding import decode

MAX_BYTES = 64 * 1024 * 1024
_DELIMITERS = ",;\t|"
_SAMPLE = 16 * 1024
# Excel's own way of saying it, in a line before the table.
_SAID_DELIMITER = re.compile(r"\ufeff?sep=([,;\t|])\r?\n", re.I)
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.{0,4000}?)\n---[ \t]*(?:\r?\n|$)", re.S)
_FACT = re.compile(r"^(title|author|lang|language|date|updated):[ \t]*(\S.*)$", re.I | re.M)
_HEADING = re.compile(r"^#[ \t]+(\S.*?)[ \t#]*$", re.M)
_CUE_TIME = re.compile(r"^(?:(\d{1,3}):)?(\d\d):(\d\d)[.,]\d{3}\s+-->.*$")
_CUE_TAG = re.compile(r"</?[a-zA-Z0-9:.][^>\n]{0,200}>")
_NOT_SPOKEN = ("NOTE", "STYLE", "REGION", "WEBVTT")
_CUES_TOGETHER_SECONDS = 60


def read(source: BinaryIO, answer: Answer) -> None:
    """The text as it is."""
    answer.add("text", _text(source, answer))


def read_csv(source: BinaryIO, answer: Answer) -> None:
    """A line a row, with bars between the cells."""
    text = _text(source, answer)
    csv.field_size_limit(MAX_BYTES)
    said = _SAID_DELIMITER.match(text)
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else max(_DELIMITERS, key=partial(_evenness, text[:_SAMPLE]))
    try:
        lines = [row(cells) for cells in csv.reader(text.splitlines(True), delimiter=delimiter)]
    except csv.Error:
        lines = [text]
    answer.add("table", "\n".join(lines))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """How well ``delimiter`` cuts a table: the share of its rows that have as many cells as most,
    and how many those are. Commas in figures ("1,5;2,5") cut some rows so and others otherwise.
    """
    lines = sample.splitlines(True)
    # The last line may be cut off in the middle.
    reader = csv.reader(lines[:-1] or lines, delimiter=delimiter)
    try:
        widths = Counter(len(cells) for cells in reader if cells)
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, rows = widths.most_common(1)[0]
    return (rows / widths.total(), width) if width > 1 else (0.0, 0)


def read_md(source: BinaryIO, answer: Answer) -> None:
    """The text as it is; what it says of itself at its head, or its first heading as its title."""
    text = _text(source, answer)
    head = _FRONT_MATTER.match(text)
    facts = {
        found[1].lower(): found[2].strip().strip("\"'")
        for found in _FACT.finditer(head[1] if head else "")
    }
    heading = _HEADING.search(text[head.end() if head else 0 :][:_SAMPLE])
    answer.describe(
        title=facts.get("title") or (heading[1] if heading else ""),
        author=facts.get("author"),
        language=facts.get("lang") or facts.get("language"),
        created=facts.get("date"),
        changed=facts.get("updated"),
    )
    answer.add("text", text)


def read_vtt(source: BinaryIO, answer: Answer) -> None:
    """What is said, in passages of about a minute; a passage's label is the time it begins."""
    begins, said = 0, []
    blocks = re.split(r"\n\s*\n", _text(source, answer).replace("\r\n", "\n").replace("\r", "\n"))
    for block in blocks:
        if block.strip().startswith(_NOT_SPOKEN):
            continue
        lines = block.strip().split("\n")
        at = next((each for each in range(len(lines)) if _CUE_TIME.match(lines[each])), None)
        if at is None:
            continue
        seconds = _seconds(lines[at])
        if said and seconds - begins >= _CUES_TOGETHER_SECONDS:
            answer.add(_clock(begins), "\n".join(said))
            said = []
        begins = begins if said else seconds
        said += [_CUE_TAG.sub("", line) for line in lines[at + 1 :]]
    answer.add(_clock(begins), "\n".join(said))


def _text(source: BinaryIO, answer: Answer) -> str:
    data = source.read(MAX_BYTES + 1)
    answer.truncated = len(data) > MAX_BYTES
    return decode(data[:MAX_BYTES])


def _seconds(line: str) -> int:
    found = _CUE_TIME.match(line)
    hours, minutes, seconds = found.groups() if found else (0, 0, 0)
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
