"""Signs of personal or patient data in a text, found before it is published, and masked.

Pure functions: nothing is stored and nothing is logged, and what they return never holds the
data itself. A sign is a reason to look, not a proof.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

MAX_WARNINGS = 50
_BEFORE, _AFTER = 80, 30
_COLUMN_SIZE = 3
_PHONE_LIST = 8

LABELS: dict[str, Any] = {
    "nhs_number": _("what looks like an NHS number"),
    "national_insurance": _("what looks like a National Insurance number"),
    "payment_card": _("what looks like the number of a payment card"),
    "birth_date": _("what looks like a date of birth"),
    "address": _("what looks like a person's name and address"),
    "phone_list": _("what looks like a list of mobile phone numbers"),
    "password": _("what looks like a password"),
}
"""Plain words for every ``kind``."""


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 (it is what its users call it; nobody here wants Python's)
    """One sign: its ``kind``, an ``excerpt`` with the data itself masked, and the line it is on."""

    kind: str
    excerpt: str
    line: int

    @property
    def label(self) -> str:
        """What it is, in words."""
        return str(LABELS[self.kind])

    @property
    def masked(self) -> str:
        """What it is and its excerpt, to be shown."""
        return f"{self.label}: {self.excerpt}"

    @property
    def where(self) -> str:
        """Where it is in the text, in words."""
        return str(_("line %(number)s") % {"number": self.line})


_TEN_DIGITS = re.compile(r"(?<![\d.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])")
_NHS_WORDS = re.compile(
    r"\b(nhs|chi|h&c|h\+c)[\s:-]*(no\b|nos\b|num|number|id\b|#|:|\|)|\bpatient (no\b|number|id\b)",
    re.I,
)
_NATIONAL_INSURANCE = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
)
_CARD = re.compile(
    r"(?<![\d.,-])(?:4\d{3}|5\d{3}|2[2-7]\d{2}|6\d{3}|3[47]\d{2})(?:[ -]?\d){9,15}"
    r"(?![\d.,-]*\d)"
)
_BIRTH_WORDS = re.compile(r"\b(date of birth|birth ?date|d\.?o\.?b\b\.?|born( on)?\b)", re.I)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?[ ./-](\d{{1,2}}|(?:{_MONTHS})[a-z]*)"
    rf"[ .,/-]+(\d{{4}}|\d{{2}})|(\d{{4}})-(\d\d)-(\d\d))\b",
    re.I,
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b")
_PERSON = re.compile(r"\b(Mr|Mrs|Miss|Ms|Mx|Dr|Prof|Master)\.? [A-Z][a-zA-Z'’-]+")
# Mobile phones: the numbers of desks and switchboards are what a handover is for.
_PHONE = re.compile(r"(?<![\d.])(?:\+44 ?(?:\(0\) ?)?7|07)(?:[ -]?\d){9}(?!\d)")
_PASSWORD = re.compile(
    r"\b(?:password|passwd|passcode|pass ?phrase|pwd|pin code)\b"
    r"[ \t]*(?:[:=]|\bis\b)[ \t]*(\S{4,64})",
    re.I,
)
_NO_PASSWORD = re.compile(
    r"^(required|needed|protected|changed|reset|set|not|the|a|in|on|kept|stored|"
    r"held|with|from|never|https?:.*|[•*.x_-]+)$",
    re.I,
)
_DIGIT_OR_LETTER = re.compile(r"[^\W_]")


def find_warnings(text: str) -> list[Warning]:
    """The signs in ``text`` in its order, at most :data:`MAX_WARNINGS`, each excerpt masked."""
    found = [
        (start, kind, excerpt) for kind, find in _FINDERS.items() for start, excerpt in find(text)
    ]
    return [
        Warning(kind, excerpt, text.count("\n", 0, start) + 1)
        for start, kind, excerpt in sorted(found)[:MAX_WARNINGS]
    ]


def bare_nhs_numbers(text: str) -> list[Warning]:
    """Ten digits that pass the check, whatever stands beside them, each number once.

    One in eleven of all ten-digit numbers passes: for texts in which there should be none at all.
    """
    found: dict[str, Warning] = {}
    for each in _TEN_DIGITS.finditer(text):
        if is_nhs_number(_digits(each[0])):
            line = text.count("\n", 0, each.start()) + 1
            found.setdefault(_digits(each[0]), Warning("nhs_number", _mask(each[0]), line))
    return list(found.values())[:MAX_WARNINGS]


def is_nhs_number(digits: str) -> bool:
    """Whether the last of ten ``digits`` checks the others, modulo 11.

    https://www.datadictionary.nhs.uk/attributes/nhs_number.html
    """
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)
    )
    return (11 - total % 11) % 11 == int(digits[9])


def is_card_number(digits: str) -> bool:
    """Whether ``digits`` pass the Luhn check of payment cards, ISO/IEC 7812-1."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[::-2])) + sum(each - 9 * (each > 9) for each in doubled)) % 10 == 0


def _nhs_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Beside words that say so; or a column of them, its head far above.

    The check alone would flag one in eleven of all ten-digit numbers.
    """
    first = _NHS_WORDS.search(text)
    if first is None:
        return
    numbers = list(_TEN_DIGITS.finditer(text))
    valid = [each for each in numbers if is_nhs_number(_digits(each[0]))]
    below = [each for each in valid if each.start() > first.start()]
    is_column = len(below) >= _COLUMN_SIZE and len(valid) * 5 >= len(numbers) * 4
    for each in valid:
        if _near(_NHS_WORDS, text, each) or (is_column and each.start() > first.start()):
            yield each.start(), _mask(each[0])


def _national_insurance(text: str) -> Iterator[tuple[int, str]]:
    for each in _NATIONAL_INSURANCE.finditer(text):
        yield each.start(), _mask(each[0], keep=1)


def _payment_cards(text: str) -> Iterator[tuple[int, str]]:
    for each in _CARD.finditer(text):
        if is_card_number(_digits(each[0])):
            yield each.start(), _mask(each[0])


def _birth_dates(text: str) -> Iterator[tuple[int, str]]:
    for words in _BIRTH_WORDS.finditer(text):
        day = _DATE.search(text, words.end(), words.end() + _BEFORE)
        if day and _can_be_birth(day):
            yield day.start(), f"{words[0].strip()} {_mask(day[0], keep=0)}"


def _addresses(text: str) -> Iterator[tuple[int, str]]:
    for each in _POSTCODE.finditer(text):
        if _PERSON.search(text, max(0, each.start() - 2 * _BEFORE), each.start()):
            yield each.start(), _mask(each[0], keep=0)


def _phone_list(text: str) -> Iterator[tuple[int, str]]:
    """One warning for the whole list: a few numbers are contacts, many are a list."""
    numbers = list({_digits(each[0]): each for each in _PHONE.finditer(text)}.values())
    if len(numbers) >= _PHONE_LIST:
        yield numbers[0].start(), f"{_mask(numbers[0][0])} (+{len(numbers) - 1})"


def _passwords(text: str) -> Iterator[tuple[int, str]]:
    for each in _PASSWORD.finditer(text):
        if not _NO_PASSWORD.match(each[1].strip(".,;")):
            yield each.start(), each[0][: -len(each[1])] + "••••••"


_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, str]]]] = {
    "nhs_number": _nhs_numbers,
    "national_insurance": _national_insurance,
    "payment_card": _payment_cards,
    "birth_date": _birth_dates,
    "address": _addresses,
    "phone_list": _phone_list,
    "password": _passwords,
}


def _near(words: re.Pattern[str], text: str, found: re.Match[str]) -> bool:
    start, end = max(0, found.start() - _BEFORE), found.end() + _AFTER
    return bool(words.search(text, start, found.start()) or words.search(text, found.end(), end))


def _can_be_birth(found: re.Match[str]) -> bool:
    """Whether it is a day of the last 120 years."""
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    if iso_year:
        day, month, year = iso_day, iso_month, iso_year
    if not month.isdigit():
        month = str(_MONTHS.split("|").index(month[:3].lower()) + 1)
    if len(year) == 2:
        return 1 <= int(day) <= 31 and 1 <= int(month) <= 12
    try:
        age = date.today().year - date(int(year), int(month), int(day)).year
    except ValueError:
        return False
    return 0 <= age <= 120


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit())


def _mask(text: str, *, keep: int = 2) -> str:
    """``text`` with a dot for each letter and digit but the last ``keep``."""
    hidden = text[: len(text) - keep]
    return _DIGIT_OR_LETTER.sub("•", hidden) + text[len(hidden) :]
