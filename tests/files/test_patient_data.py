"""Signs of personal and patient data: found, masked, and not seen where there are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from km_pages.files.patient_data import (
    MAX_WARNINGS,
    find_warnings,
    is_card_number,
    is_nhs_number,
)

NHS = "943 476 5919"


def kinds(text: str) -> list[str]:
    return [each.kind for each in find_warnings(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"NHS number: {NHS}", "nhs_number"),
        (f"nhs no. {NHS.replace(' ', '')}", "nhs_number"),
        (f"NHS No {NHS.replace(' ', '-')}", "nhs_number"),
        (f"Patient number {NHS}", "nhs_number"),
        (f"{NHS} (NHS number)", "nhs_number"),
        ("CHI number 0101010001", "nhs_number"),
        ("Her NI number is AB 12 34 56 C.", "national_insurance"),
        ("AB123456D", "national_insurance"),
        ("card 4111 1111 1111 1111", "payment_card"),
        ("5500-0000-0000-0004", "payment_card"),
        ("378282246310005", "payment_card"),
        ("DOB: 12/03/1956", "birth_date"),
        ("D.O.B. 12.3.56", "birth_date"),
        ("date of birth 1956-03-12", "birth_date"),
        ("Born on 4th May 1970 in Leeds", "birth_date"),
        ("Mrs Patel, 4 High Street, Leeds, LS1 4AP", "address"),
        ("password: Winter2024!", "password"),
        ("the pwd is hunter22", "password"),
        ("\n".join(f"Name {n} 07700 9000{n:02}" for n in range(10)), "phone_list"),
    ],
)
def test_a_sign_is_found(text: str, kind: str) -> None:
    """Case 22."""
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        f"Order {NHS} was sent",
        "NHS number: 943 476 5918",
        "NHS number: 000 000 0000",
        f"The NHS is large. Phone {NHS}.",
        "NHS England, phone 0113 825 0000",
        "GB123456A",
        "AB123456E",
        "4111 1111 1111 1112",
        "Isbn 9780306406157 and 4006381333931",
        "Meeting on 12/03/2024",
        "DOB is needed by 12 people",
        "date of birth: 45/13/1956",
        "born in 1970",
        "Our office: Quarry House, Leeds LS2 7UE",
        "Dr Ahmed leads the ward. " + "Much later in the text. " * 12 + "LS2 7UE",
        "Ring 0113 825 0000 or 020 7946 0000",
        "password: required",
        "The password is kept in the safe",
        "reset your password at https://example.org",
        "Ward clerk 07700 900001, porter 07700 900002",
        "",
    ],
)
def test_what_is_no_sign_is_left_alone(text: str) -> None:
    """Case 22: a warning that cries wolf is not read."""
    assert kinds(text) == []


def test_a_column_of_numbers_is_found_far_below_its_head() -> None:
    filler = "\n".join(f"row {n} | ward {n}" for n in range(40))
    table = f"Name | NHS number\n{filler}\nA | 943 476 5919\nB | 401 023 2137\nC | 987 654 4322"
    assert kinds(table) == ["nhs_number"] * 3


def test_other_numbers_in_a_text_about_nhs_numbers_are_no_column() -> None:
    filler = "\n".join(f"order {1_000_000_000 + n * 7919}" for n in range(200))
    assert kinds(f"We never write down an NHS number here.\n{'-' * 100}\n{filler}") == []


def test_no_warning_holds_the_data() -> None:
    """Case 22: what is shown and logged is masked."""
    text = (
        f"NHS number: {NHS}\nAB123456C\n4111 1111 1111 1111\nDOB: 12/03/1956\n"
        "Mrs Patel LS1 4AP\npassword: Winter2024!"
    )
    found = find_warnings(text)
    assert len(found) == 6
    shown = repr(found) + "".join(each.masked for each in found)
    for secret in ("943", "476", "123456", "4111", "12/03", "1956", "Patel", "LS1", "Winter"):
        assert secret not in shown
    assert found[0].masked == "what looks like an NHS number: ••• ••• ••19"


def test_a_warning_says_where() -> None:
    found = find_warnings(f"one\ntwo\nNHS number: {NHS}")
    assert (found[0].line, found[0].where) == (3, "line 3")


def test_warnings_come_in_order_and_end_somewhere() -> None:
    text = "\n".join(["AB123456C", f"NHS number: {NHS}"] * 100)
    found = find_warnings(text)
    assert len(found) == MAX_WARNINGS
    assert [each.line for each in found] == sorted(each.line for each in found)


@pytest.mark.parametrize(
    "text", ["1 " * 1_000_000, "0 7" * 500_000, "born " * 200_000, "NHS no 12345 " * 100_000]
)
def test_a_long_text_is_no_hang(text: str) -> None:
    started = time.monotonic()
    find_warnings(text)
    assert time.monotonic() - started < 15


@given(st.integers(100_000_000, 999_999_999))
def test_nine_digits_have_at_most_one_check_digit(number: int) -> None:
    assert sum(is_nhs_number(f"{number}{digit}") for digit in range(10)) <= 1


@given(st.integers(10**14, 10**15 - 1))
def test_fifteen_digits_have_one_check_digit(number: int) -> None:
    assert sum(is_card_number(f"{number}{digit}") for digit in range(10)) == 1


def test_numbers_of_another_length_are_neither() -> None:
    assert not is_nhs_number("94347659190")
    assert not is_card_number("4111")
    assert not is_card_number("0" * 16)
