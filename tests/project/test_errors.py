"""When something fails: the right status, words that help, and nothing told that is private."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from km_site.errors import MOST_CHARACTERS, server_error

from tests.pages.adding import text_file


def answer_to(request: Any, fault: Exception) -> HttpResponse:
    try:
        raise fault
    except type(fault):
        return server_error(request)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (OperationalError("database is locked"), 503),
        (OperationalError("disk I/O error"), 503),
        (OperationalError("attempt to write a readonly database"), 503),
        (OperationalError("connection to server at 127.0.0.1 failed: Connection refused"), 503),
        (InterfaceError("connection already closed"), 503),
        (OperationalError("no such table: km_pages_team"), 500),
        (ValueError("locked"), 500),
    ],
)
def test_waiting_is_advised_only_where_waiting_helps(
    rf: RequestFactory, fault: Exception, status: int
) -> None:
    # No test without the mark may ask the database, and neither may these pages.
    answer = answer_to(rf.get("/"), fault)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert str(fault) not in answer.content.decode()


BUSY = OperationalError("database is locked")


def test_a_form_with_files_is_given_back_without_them(rf: RequestFactory) -> None:
    request = rf.post("/add/?team=x", {"title": "A <b> & c", "files": text_file()})
    text = answer_to(request, BUSY).content.decode()
    assert '<form method="post" action="/add/?team=x">' in text
    assert ">\nA &lt;b&gt; &amp; c</textarea>" in text
    assert 'name="files"' not in text
    assert "Ring the lab" not in text


def test_no_new_token_is_made_for_a_form_that_came_from_elsewhere(rf: RequestFactory) -> None:
    text = answer_to(rf.post("/add/", {"title": "x"}), BUSY).content.decode()
    assert "csrfmiddlewaretoken" not in text
    given = {"title": "x", "csrfmiddlewaretoken": "forged"}
    text = answer_to(rf.post("/add/", given), BUSY).content.decode()
    assert text.count("csrfmiddlewaretoken") == 1
    assert ">\nforged<" in text


@pytest.mark.parametrize(
    "given",
    [
        {"username": "ann", "password": "open sesame"},
        {"new_password1": "open sesame"},
        {f"field{number}": "x" for number in range(501)},
        {"title": "x" * (MOST_CHARACTERS + 1)},
        {},
    ],
)
def test_what_should_not_or_cannot_be_given_back_is_not(
    rf: RequestFactory, given: dict[str, str]
) -> None:
    text = answer_to(rf.post("/somewhere/", given), BUSY).content.decode()
    assert "<form" not in text
    assert "open sesame" not in text
    assert "back button" in text


def test_a_page_that_is_only_read_is_loaded_again(rf: RequestFactory) -> None:
    text = answer_to(rf.get("/", {"password": "open sesame"}), BUSY).content.decode()
    assert "load it again" in text
    assert "<form" not in text
    assert "open sesame" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {"username": "x" * 6_000_000, "password": "y"},
        {f"field{number}": "x" for number in range(10_001)},
    ],
)
def test_more_than_a_form_takes_is_said_so(client: Client, given: dict[str, str]) -> None:
    answer = client.post(reverse("login"), given)
    assert answer.status_code == 413
    text = answer.content.decode()
    assert "That was too much at once" in text
    assert "saved" in text


@pytest.mark.django_db
def test_a_body_that_makes_no_sense_is_a_bad_request(client: Client) -> None:
    answer = client.generic("POST", reverse("login"), b"--x\r\n", "multipart/form-data; boundary=")
    assert answer.status_code == 400
    assert "start again from the home page" in answer.content.decode()
