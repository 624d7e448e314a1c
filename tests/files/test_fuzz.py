"""Thousands of files that were bent a little: no hang, no crash, no memory beyond limits."""

from __future__ import annotations

import io
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from km_pages.files.accept import AcceptLimits, RefusedFile, check_upload
from km_pages.files.reading import Bounds, read_text
from tests.files.building import compound, docx, odf, paragraph, pdf, pptx, shape, written, xlsx

LIMITS = AcceptLimits(max_bytes=100 * 1024 * 1024)
BOUNDS = Bounds(wall_seconds=20, cpu_seconds=10, memory_bytes=1024**3, text_bytes=4 * 1024**2)
QUICK, LONG = 200, 10_000
DICTIONARY = (
    b"\0", b"\xff" * 4, b"<", b">", b"{", b"}", b"(", b"[", b"<<", b"%PDF-", b"PK\x05\x06",
    b"endobj", b"stream\n", b"/Length 999999999", b"<!DOCTYPE x [", b"]]>", b"&#x0;", b"\\bin999",
    b"999999999999", b"-1", b"Content-Type: multipart/mixed; boundary=x\n", b"\xed\xa0\x80",
)  # fmt: skip


def seeds(shared: Path) -> list[tuple[str, bytes]]:
    built = {
        "a.pdf": pdf(written("first"), written("second")),
        "a.docx": docx(paragraph("words") * 20),
        "a.xlsx": xlsx("<row><c><v>1</v></c></row>" * 20),
        "a.pptx": pptx(shape("title"), notes=shape("notes")),
        "a.odt": odf("text", "<text:p>words</text:p>" * 20),
        "a.msg": compound({"__properties_version1.0": b"", "__substg1.0_1000001F": b"w\0" * 2048}),
        "a.csv": b"a,b\n1,2\n" * 30,
        "a.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n",
    }
    found = [(path.name, path.read_bytes()) for path in sorted((shared / "files").iterdir())]
    return [*built.items(), *found]


def bent(data: bytes, chance: random.Random) -> bytes:
    """``data`` with a few bytes changed, cut out, doubled, or put in."""
    out = bytearray(data)
    for _change in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(max(1, len(out)))
        how = chance.randrange(6)
        if how == 0:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif how == 1:
            del out[at : at + chance.choice([1, 10, 1000])]
        elif how == 2:
            out[at:at] = out[at : at + chance.choice([1, 100, 5000])] * chance.choice([1, 2, 50])
        elif how == 3:
            out[at:at] = chance.choice(DICTIONARY)
        elif how == 4:
            del out[at:]
        else:
            out[at : at + 4] = chance.randbytes(4)
    return bytes(out)


def run(shared: Path, count: int, seed: int, log: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    files = seeds(shared)
    ends: Counter[str] = Counter()
    slowest, largest, started = 0.0, 0, time.monotonic()
    for number in range(count):
        name, data = files[number % len(files)]
        data = bent(data, chance)
        try:
            accepted = check_upload(name, io.BytesIO(data), limits=LIMITS)
            extension = accepted.extension
            ends["accepted"] += 1
        except RefusedFile as refusal:
            ends[f"refused: {refusal.code}"] += 1
            # What the first look refuses, the reader must survive all the same.
            extension = Path(name).suffix[1:]
        result = read_text(io.BytesIO(data), extension=extension, bounds=BOUNDS)
        ends[result.reason_code or "read"] += 1
        assert result.state == "read" or result.reason, (seed, number, name)
        assert result.seconds < BOUNDS.wall_seconds + 5, (seed, number, name)
        assert result.peak_bytes < BOUNDS.memory_bytes, (seed, number, name)
        slowest, largest = max(slowest, result.seconds), max(largest, result.peak_bytes)
    # A child that fails has met something that nobody thought of: a fault of ours.
    assert [each for each in log.messages if "ended: failed" in each] == []
    print(
        f"\n{count} bent files (seed {seed}) in {time.monotonic() - started:.0f} s; slowest "
        f"{slowest:.1f} s, largest child {largest / 1e6:.0f} MB; {dict(ends.most_common())}"
    )


def test_bent_files_are_refused_or_read_or_named_unreadable(
    shared_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(shared_folder, QUICK, int(os.environ.get("KM_FUZZ_SEED", "1")), caplog)


@pytest.mark.soak
def test_ten_thousand_bent_files(shared_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(shared_folder, LONG, random.SystemRandom().randrange(10**9), caplog)
