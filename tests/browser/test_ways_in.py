"""By a link in a mail, and by an invitation: browsers say where they come from, or do not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

from km_pages.setup.demo import PASSWORD
from tests.browser.conftest import work_off
from tests.browser.visitors import Windows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration"),
]


def path_in_the_mail_to(address: str) -> str:
    """Where the link in the newest mail to ``address`` leads."""
    work_off()
    newest = [each for each in mail.outbox if each.to == [address]][-1]
    return re.search(r"https?://[^/]+(/\S+)", newest.body)[1]


def test_a_link_by_mail_signs_in(window: Windows, settings: Any) -> None:
    settings.KM_SIGN_IN_DOMAINS = ("example.org",)
    sam = window("sam.whitlock", width=390)
    sam.open("/account/link/?next=/my-page/")
    sam.page.get_by_label("Your work e-mail address").fill(sam.address)
    sam.press("Send me the link")
    sam.page.get_by_text("Look at your e-mail").wait_for()
    sam.open(path_in_the_mail_to(sam.address))
    sam.press("Sign in")
    sam.page.wait_for_url("**/my-page/")
    assert sam.errors == []


def test_an_invitation_makes_an_account_and_a_member(window: Windows) -> None:
    grace, new = window("grace.tillotson"), window("new.person")
    grace.come_in()
    grace.open("/teams/ward-7/people/")
    grace.page.get_by_label("E-mail address").fill(new.address)
    grace.press("Add or invite")
    grace.page.get_by_text(new.address).first.wait_for()
    new.open(path_in_the_mail_to(new.address))
    new.page.get_by_label("First name").fill("Ada")
    new.page.get_by_label("Last name").fill("Bell")
    new.page.get_by_label("Choose a password").fill(PASSWORD + "-2026")
    new.press("Join the team")
    new.page.wait_for_url("**/my-page/")
    assert new.account.get_full_name() == "Ada Bell"
    assert new.errors == grace.errors == []
