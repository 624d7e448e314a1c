"""Links in mails and on paper: what each does when it is wrong, late, or opened by a machine.

Looking never acts; a link that has ended shows one and the same page, whatever the reason.
"""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_pages.outlets.following import search_of
from km_toolkit.actions.ask_team import CloseQuestions, InviteToAsk, OpenQuestions, RevokeLink
from km_toolkit.actions.keep_calendar import EndCalendarAddress, MakeCalendarAddress
from km_toolkit.actions.start_handover import Withdraw
from km_toolkit.models import Handover, QuestionLink, TeamRequest
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

QUESTION = {"text": "What about nights?", "named": "yes"}


@pytest.fixture
def ward() -> Cast:
    made = cast()
    OpenQuestions(handover=made.handover, by=made.leaver).execute()
    return made


def invited(ward: Cast) -> tuple[QuestionLink, str]:
    """A guest's link, and its address."""
    link, secret = InviteToAsk(
        handover=ward.handover, by=ward.manager, email="bank@example.org"
    ).execute()
    return link, reverse("km_toolkit:ask_by_link", args=[secret])


def revoke(ward: Cast, link: QuestionLink) -> None:
    RevokeLink(handover=ward.handover, by=ward.leaver, link=link).execute()


def close(ward: Cast, _link: QuestionLink) -> None:
    CloseQuestions(handover=ward.handover, by=ward.leaver).execute()


def expire(ward: Cast, _link: QuestionLink) -> None:
    Handover.objects.update(questions_until=timezone.localdate() - datetime.timedelta(days=1))


def withdraw(ward: Cast, _link: QuestionLink) -> None:
    Withdraw(handover=ward.handover, by=ward.leaver, reason="They stay").execute()


def accept(_ward: Cast, _link: QuestionLink) -> None:
    Handover.objects.update(state="accepted", accepted_at=timezone.now())


ENDINGS: list[Callable[[Cast, QuestionLink], None]] = [revoke, close, expire, withdraw, accept]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda each: each.__name__)
def test_a_guests_link_that_has_ended_asks_nothing_and_says_what_to_do(
    ward: Cast, ending: Any, caplog: Any
) -> None:
    link, address = invited(ward)
    assert Client().get(address).status_code == 200
    secret = address.rstrip("/").rpartition("/")[2]
    ending(ward, link)
    with caplog.at_level(logging.INFO, "km_toolkit"):
        pages = [Client().get(address), Client().post(address, QUESTION)]
    nobodys = Client().get(reverse("km_toolkit:ask_by_link", args=["x" * 43]))
    for page in pages:
        assert page.status_code == 404
        assert "Ask whoever sent it to you" in page.content.decode()
        # Nothing tells a link that was from one that never was.
        assert without_token(page).replace(secret, "x" * 43) == without_token(nobodys)
    assert not TeamRequest.objects.exists()
    refused = [each.getMessage() for each in caplog.records if "refused" in each.getMessage()][:2]
    assert len(refused) == 2
    assert all(str(ward.handover.pk) in each for each in refused)
    assert not [each for each in refused if secret in each]


def test_a_link_that_was_tampered_with_is_no_link(ward: Cast) -> None:
    _link, address = invited(ward)
    secret = address.rstrip("/").rpartition("/")[2]
    for wrong in (
        secret[:-1],
        secret[::-1],
        secret + "A",
        secret.swapcase(),
        "%00",
        "../" + secret,
    ):
        path = address.replace(secret, wrong)
        assert Client().get(path).status_code == 404, wrong
        assert Client().post(path, QUESTION).status_code == 404, wrong
    assert not TeamRequest.objects.exists()


def test_a_link_leads_to_its_own_handover_and_nowhere_else(ward: Cast) -> None:
    _link, address = invited(ward)
    client = Client()
    page = client.get(address).content.decode()
    assert ward.handover.post.title in page
    for name in ("handover", "ask", "areas", "questions", "capture"):
        inside = reverse(f"km_toolkit:{name}", args=[ward.handover.pk])
        assert client.get(inside).status_code == 302


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_a_guests_link_first_uses_nothing_up(ward: Cast, method: str) -> None:
    _link, address = invited(ward)
    for _each in range(3):
        assert getattr(Client(), method)(address).status_code == 200
    assert not TeamRequest.objects.exists()
    assert Client().post(address, QUESTION).status_code == 302
    assert TeamRequest.objects.count() == 1


def test_no_other_method_reaches_a_guests_page(ward: Cast) -> None:
    _link, address = invited(ward)
    for method in ("put", "delete", "patch", "options"):
        assert getattr(Client(), method)(address).status_code == 405


def everything(ward: Cast) -> Any:
    ward.handover.refresh_from_db()
    return (
        Handover.objects.values().get(pk=ward.handover.pk),
        list(ward.handover.helping.order_by("pk").values()),
        TeamRequest.objects.count(),
        KnowledgeAssetPage.objects.count(),
        OutgoingMail.objects.count(),
    )


def without_token(answer: Any) -> str:
    """The page without what differs from one answer to the next."""
    return re.sub(r'value="\w{64}"', "", answer.content.decode())


# Where the links of our mails lead, and who gets them.
IN_MAILS = {
    "handover": "leaver",
    "ask": "member",
    "priorities": "manager",
    "plan": "manager",
    "help": "asked",
    "accept": "leaver",
}


@pytest.mark.parametrize("page", IN_MAILS)
def test_the_links_of_our_mails_act_on_nothing_and_tell_strangers_nothing(
    ward: Cast, page: str
) -> None:
    address = reverse(f"km_toolkit:{page}", args=[ward.handover.pk])
    before = everything(ward)
    scanner, reader, other = Client(), Client(), Client()
    reader.force_login(getattr(ward, IN_MAILS[page]))
    other.force_login(ward.other)
    nowhere = address.replace(f"/{ward.handover.pk}/", "/99999/")
    for method in ("get", "head"):
        first = getattr(scanner, method)(address)
        assert first.status_code == getattr(scanner, method)(nowhere).status_code == 302
        assert getattr(reader, method)(address).status_code == 200
        assert getattr(other, method)(address).status_code == 404
    gone = without_token(other.get(nowhere))
    assert without_token(other.get(address)).replace(address, nowhere) == gone
    assert everything(ward) == before


@pytest.mark.parametrize("page", IN_MAILS)
def test_after_the_last_day_the_links_still_lead_somewhere(ward: Cast, page: str) -> None:
    Handover.objects.update(last_day=timezone.localdate() - datetime.timedelta(days=30))
    reader = Client()
    reader.force_login(getattr(ward, IN_MAILS[page]))
    assert reader.get(reverse(f"km_toolkit:{page}", args=[ward.handover.pk])).status_code == 200


def test_the_address_of_a_calendar_ends_and_is_never_guessed(ward: Cast, caplog: Any) -> None:
    secret = MakeCalendarAddress(by=ward.leaver).execute()
    address = reverse("km_toolkit:calendar", args=[secret])
    assert Client().get(address).status_code == 200
    assert Client().get(address.replace(secret, secret[:-1])).status_code == 404
    newer = reverse("km_toolkit:calendar", args=[MakeCalendarAddress(by=ward.leaver).execute()])
    assert Client().get(address).status_code == 404
    assert Client().get(newer).status_code == 200
    EndCalendarAddress(by=ward.leaver).execute()
    with caplog.at_level(logging.INFO, "km_toolkit"):
        assert Client().get(newer).status_code == 404
    assert "address for a calendar refused" in caplog.text


def test_a_link_to_stop_mails_says_the_same_whoever_has_it(ward: Cast) -> None:
    assert search_of("no-such-token") is None
    pages = [
        Client().get(reverse("km_pages:stop_following", args=[token])).content
        for token in ("no-such-token", "a" * 60)
    ]
    assert Client().head(reverse("km_pages:stop_following", args=["a"])).status_code == 200
    assert pages[0].replace(b"no-such-token", b"a" * 60) == pages[1]
