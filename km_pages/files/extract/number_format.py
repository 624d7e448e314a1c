"""Numbers and dates of a workbook as their cells show them: "£1,234.50", "05/03/2024", "26%".

What a cell holds is a bare number; its format says what a person sees. The codes: ECMA-376 part 1,
18.8.31. Names of months and days are English; a colour, a condition on a value, fractions and the
calendars of East Asia are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite

_ISO = "yyyy-mm-dd"
_MONEY = "#,##0{0};\\-#,##0{0}"
# Those that every program knows by number: 18.8.30. Number 14 is the day as the country writes it.
BUILT_IN: dict[int, str] = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "hh:mm", 21: "hh:mm:ss", 22: "dd/mm/yyyy hh:mm",
    **dict.fromkeys([*range(27, 37), *range(50, 59)], _ISO),
    **dict.fromkeys([5, 6, 37, 38, 41, 42], _MONEY.format("")),
    **dict.fromkeys([7, 8, 39, 40, 43, 44], _MONEY.format(".00")),
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<gap>.)|\*(?P<fill>.)|\[\$(?P<money>[^\]-]*)[^\]]*\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<aside>[^\]]*)\]|(?P<general>General)|(?P<half>AM/PM|A/P)"
    r"|(?P<date>y+|m+|d+|h+|s+)|(?P<power>E[+-])|(?P<digit>[0#?])|(?P<sign>[.,%/;@])|(?P<plain>.)",
    re.I | re.S,
)
_LONGEST = 200
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class _Token:
    """One piece of a code: of which kind, and its letters."""

    kind: str
    text: str


def general(value: float) -> str:
    """A number as it is shown where nobody chose a format."""
    return f"{value:.15g}".replace("e", "E")


@lru_cache(maxsize=4096)
def shown(value: float, code: str, *, first_day: datetime) -> str:
    """``value`` as a cell with the format ``code`` shows it; days count from ``first_day``.

    What makes no sense in the format is shown as a plain number. May raise ``OverflowError`` for
    days that no calendar has, and ``ValueError`` for what is no number.
    """
    sections = _sections(code[:_LONGEST])
    has_conditions = any(_is_condition(each) for tokens in sections for each in tokens)
    if not sections or has_conditions or not isfinite(value):
        return general(value)
    tokens, number = _chosen(sections, value)
    if any(each.kind in ("date", "elapsed") for each in tokens):
        return _moment(tokens, value, first_day)
    return _number(tokens, number)


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[tuple[_Token, ...], ...]:
    """The parts of a code for numbers above, below and at zero, and for text."""
    parts: list[list[_Token]] = [[]]
    for found in _TOKEN.finditer(code):
        kind, text = found.lastgroup or "", found[found.lastgroup or 0]
        if kind == "sign" and text == ";":
            parts.append([])
        elif kind in ("quoted", "escaped", "money", "plain"):
            parts[-1].append(_Token("literal", text))
        elif kind == "gap":
            parts[-1].append(_Token("literal", " "))
        elif kind != "fill":
            parts[-1].append(_Token(kind, text))
    return tuple(tuple(each) for each in parts) if code.strip() else ()


def _is_condition(token: _Token) -> bool:
    return token.kind == "aside" and token.text[:1] in ("<", ">", "=")


def _chosen(
    sections: tuple[tuple[_Token, ...], ...], value: float
) -> tuple[tuple[_Token, ...], float]:
    """The part that is for ``value``, and the number it shows: one for numbers below zero says
    itself how they are marked.
    """
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


def _moment(tokens: tuple[_Token, ...], days: float, first_day: datetime) -> str:
    seconds = round(days * 86_400)
    moment = first_day + timedelta(seconds=seconds)
    halves = any(each.kind == "half" for each in tokens)
    written = []
    for place, token in enumerate(tokens):
        if token.kind == "elapsed":
            written.append(_elapsed(seconds, token.text))
        elif token.kind == "half":
            written.append("AM" if moment.hour < 12 else "PM")
        elif token.kind == "date":
            is_minutes = token.text[0] in "mM" and _beside_a_clock(tokens, place)
            written.append(_part_of(moment, token.text, halves=halves, is_minutes=is_minutes))
        elif token.kind == "literal" or token.text in (".", ",", "/"):
            written.append(token.text)
    return "".join(written).strip().rstrip(".")


def _beside_a_clock(tokens: tuple[_Token, ...], place: int) -> bool:
    """Whether the m at ``place`` means minutes: after hours, or before seconds."""
    clocks = ("date", "elapsed")
    before = next((each for each in reversed(tokens[:place]) if each.kind in clocks), None)
    after = next((each for each in tokens[place + 1 :] if each.kind in clocks), None)
    return (before is not None and before.text[0] in "hH") or (
        after is not None and after.text[0] in "sS"
    )


def _elapsed(seconds: int, letters: str) -> str:
    unit = {"h": 3600, "m": 60, "s": 1}[letters[0].lower()]
    sign = "-" if seconds < 0 else ""
    return f"{sign}{abs(seconds) // unit:0{len(letters)}}"


def _part_of(moment: datetime, letters: str, *, halves: bool, is_minutes: bool) -> str:
    kind, length = letters[0].lower(), len(letters)
    if kind == "y":
        return f"{moment.year:04}" if length > 2 else f"{moment.year % 100:02}"
    if kind == "d" and length > 2:
        name = _DAYS[moment.weekday()]
        return name if length > 3 else name[:3]
    if kind == "m" and length > 2 and not is_minutes:
        name = _MONTHS[moment.month - 1]
        return {3: name[:3], 5: name[:1]}.get(length, name)
    hour = (moment.hour + 11) % 12 + 1 if halves else moment.hour
    month = moment.minute if is_minutes else moment.month
    number = {"d": moment.day, "m": month, "h": hour, "s": moment.second}[kind]
    return f"{number:0{min(length, 2)}}"


def _number(tokens: tuple[_Token, ...], value: float) -> str:
    signs = [each.text for each in tokens if each.kind == "sign"]
    digits = [place for place, each in enumerate(tokens) if each.kind == "digit"]
    if not digits or "/" in signs:
        return _around(tokens, general(value))
    if any(each.kind == "power" for each in tokens):
        return _scientific(tokens, value)
    point = next((at for at, each in enumerate(tokens) if each == _Token("sign", ".")), None)
    wholes = [at for at in digits if point is None or at < point]
    places = [at for at in digits if point is not None and at > point]
    commas = [at for at, each in enumerate(tokens) if each == _Token("sign", ",")]
    exact = Decimal(repr(value)) * 100 ** signs.count("%")
    exact = exact.scaleb(-3 * sum(at > (wholes or digits)[-1] for at in commas))
    try:
        rounded = abs(exact).quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    except InvalidOperation:
        return general(value)
    whole, _point, rest = f"{rounded:f}".partition(".")
    grouped = any(wholes and wholes[0] < at < wholes[-1] for at in commas)
    sign = "-" if exact < 0 and rounded else ""
    return sign + _filled(tokens, wholes, places, whole, rest, grouped=grouped)


def _filled(
    tokens: tuple[_Token, ...],
    wholes: list[int],
    places: list[int],
    whole: str,
    rest: str,
    *,
    grouped: bool,
) -> str:
    """The code with the digits in their places; those before the first place stand in it too."""
    put: dict[int, str] = {}
    left = "" if whole == "0" else whole
    for at in reversed(wholes):
        put[at], left = (left[-1], left[:-1]) if left else (_empty(tokens[at]), "")
    if wholes:
        put[wholes[0]] = left + put[wholes[0]]
    if grouped:
        joined = "".join(put[at] for at in wholes)
        grouped_digits = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", joined)
        put.update(dict.fromkeys(wholes, ""))
        put[wholes[-1]] = grouped_digits
    shown_places = len(rest)
    while (
        shown_places
        and rest[shown_places - 1] == "0"
        and tokens[places[shown_places - 1]].text != "0"
    ):
        shown_places -= 1
    put.update({at: rest[index] if index < shown_places else "" for index, at in enumerate(places)})
    written = []
    for at, token in enumerate(tokens):
        if token.kind == "digit":
            written.append(put[at])
        elif token.kind == "literal" or token.text == "%" or (token.text == "." and shown_places):
            written.append(token.text)
    return "".join(written).strip()


def _empty(token: _Token) -> str:
    return "0" if token.text == "0" else ""


def _scientific(tokens: tuple[_Token, ...], value: float) -> str:
    kinds = [each.kind for each in tokens]
    power = kinds.index("power")
    point = next((at for at, each in enumerate(tokens[:power]) if each.text == "."), power)
    places = min(kinds[point:power].count("digit"), _MOST_DIGITS)
    mantissa, _e, exponent = f"{value:.{places}E}".partition("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):0{max(kinds[power:].count('digit'), 1)}}"


def _around(tokens: tuple[_Token, ...], number: str) -> str:
    """``number`` where the code has no places for digits; codes of words alone show the words."""
    if any(each.kind == "digit" or each.text == "@" for each in tokens):
        return number
    pieces = {"general": number, "literal": None}
    return "".join(pieces[each.kind] or each.text for each in tokens if each.kind in pieces).strip()
