"""The sign-in ends in the middle of a long form: nothing lost, nothing doubled, nothing shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import PASSWORD
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
SIGN_IN, TYPED = reverse("login"), reverse("km_pages:typed")
STORY = "The pump on bay 4 must be primed twice."


@pytest.fixture
def ward() -> Cast:
    return cast()


def sign_in(client: Client, who: Any, **more: str) -> Any:
    return client.post(SIGN_IN, {"username": who.username, "password": PASSWORD, **more})


def express_too_late(client: Client, ward: Cast, monkeypatch: Any, **files: Any) -> str:
    """Send the five answers 31 minutes after the last request; return where one signs in."""
    sign_in(client, ward.leaver)
    url = reverse("km_toolkit:express", args=[ward.handover.pk])
    client.get(url)
    late = timezone.now().timestamp() + 31 * 60
    monkeypatch.setattr("km_pages.middleware.time.time", lambda: late)
    answer = client.post(url, {"unfinished": STORY, **files})
    assert answer.status_code == 302
    assert not ward.handover.outputs.exists()
    return str(answer.headers["Location"])


def test_what_was_typed_goes_on_after_signing_in_by_one_button(
    ward: Cast, monkeypatch: Any
) -> None:
    client = Client()
    photo = SimpleUploadedFile("board.txt", b"whiteboard", "text/plain")
    location = express_too_late(client, ward, monkeypatch, **{"files-places": photo})
    assert STORY not in client.get(location).content.decode()
    assert sign_in(client, ward.leaver, next=TYPED).headers["Location"] == TYPED
    page = client.get(TYPED)
    assert STORY in page.content.decode()
    assert not ward.handover.outputs.exists(), "looking sends nothing"
    kept = page.context["typed"]
    for _press in range(2):
        client.post(kept["to"], dict(kept["fields"]))
    assert STORY in str(ward.handover.outputs.get().body)


def test_the_next_person_at_the_computer_never_sees_it(ward: Cast, monkeypatch: Any) -> None:
    client = Client()
    express_too_late(client, ward, monkeypatch)
    sign_in(client, ward.member)
    assert "km_typed" not in client.session
    answer = client.get(TYPED)
    assert answer.headers["Location"] == reverse("km_pages:my_page")


def test_it_is_thrown_away_after_twelve_hours(ward: Cast, monkeypatch: Any) -> None:
    client = Client()
    express_too_late(client, ward, monkeypatch)
    morning = timezone.now().timestamp() + 13 * 60 * 60
    monkeypatch.setattr("km_pages.typed.time.time", lambda: morning)
    sign_in(client, ward.leaver)
    client.get(TYPED)
    assert "km_typed" not in client.session


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        (SIGN_IN, {"username": "somebody", "next": "/"}),
        (reverse("wagtailadmin_home") + "pages/1/edit/", {"title": STORY}),
        ("/anywhere/", {"title": STORY, "new_password1": "secret words"}),
        ("/anywhere/", {"title": "x" * 500_001}),
    ],
    ids=["signing in", "admin", "password", "too long"],
)
def test_what_is_no_text_of_the_service_is_not_kept(
    ward: Cast, monkeypatch: Any, address: str, fields: dict[str, str]
) -> None:
    client = Client()
    sign_in(client, ward.leaver)
    client.get(reverse("km_pages:my_page"))
    late = timezone.now().timestamp() + 31 * 60
    monkeypatch.setattr("km_pages.middleware.time.time", lambda: late)
    assert client.post(address, fields).status_code == 302
    assert "km_typed" not in client.session
