"""Plain text, Markdown, tables with commas, and captions."""

from __future__ import annotations

import csv
import re
from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.cleaning import row
from km_pages.files.extract.decoding import decode

MAX_BYTES = 64 * 1024 * 1024
_DELIMITERS = ",;\t|"
_SAMPLE = 16 * 1024
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
    sample = text[:_SAMPLE]
    delimiter = max(_DELIMITERS, key=sample.count)
    try:
        lines = [row(cells) for cells in csv.reader(text.splitlines(True), delimiter=delimiter)]
    except csv.Error:
        lines = [text]
    answer.add("table", "\n".join(lines))


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
