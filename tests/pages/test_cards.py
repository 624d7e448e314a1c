"""Cards to print: each shipped technique and activity on one page, tagged, and no drafts."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from km_pages.models import TechniquePage
from km_toolkit.models import ActivityPage, ToolkitPage
from tests.factories import TechniqueFormatFactory, TechniquePageFactory

pytestmark = pytest.mark.django_db
SET = "/cards/techniques.pdf"


def pdf(client: Client, address: str) -> PdfReader:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def tagged(reader: PdfReader) -> None:
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/StructTreeRoot"]
    assert reader.metadata is not None
    assert reader.metadata.title


def plain(reader: PdfReader, page: int = 0) -> str:
    return " ".join(reader.pages[page].extract_text().split())


def test_every_shipped_card_is_one_page_with_all_that_a_card_needs(client: Client) -> None:
    call_command("km_setup")
    techniques = TechniquePage.objects.live().prefetch_related("formats")
    for page in techniques:
        for one in page.formats.all():
            reader = pdf(client, f"{page.get_url()}card/pdf/?format={one.pk}")
            assert len(reader.pages) == 1, page.title
        tagged(reader)
        words = plain(reader)
        # In the order in which it is read.
        order = [str(one), page.title, page.strapline, "Time", "People", "Step by step",
                 one.steps[0].value["title"], "Key questions", page.get_url()]  # fmt: skip
        place = 0
        for part in order:
            place = words.find(" ".join(part.split()), place)
            assert place >= 0, (page.title, part)
        assert all(step.value["title"] in words for step in one.steps), page.title
    assert len(pdf(client, SET).pages) == len(techniques)
    assert len(pdf(client, f"{SET}?size=a6").pages) == math.ceil(len(techniques) / 4)
    toolkit = ToolkitPage.objects.get()
    every = pdf(client, f"{toolkit.get_url()}cards/")
    tagged(every)
    activities = ActivityPage.objects.live().order_by("title")
    assert len(every.pages) == len(activities)
    for number, activity in enumerate(activities):
        words = plain(every, number)
        assert activity.title in words
        # What must not stand in the result, and who looks at it, is said on paper as well.
        assert str(activity.what_not_to_record[0].value).split(".")[0] in words
        assert " ".join(activity.who_checks.split())[:40] in words


def made(title: str, **fields: Any) -> TechniquePage:
    page = TechniquePageFactory(title=title, **fields)
    TechniqueFormatFactory(technique=page, minutes_min=5, minutes_max=9)
    return page


def test_a_draft_is_on_no_card_and_four_postcards_are_one_sheet(client: Client) -> None:
    assert client.get(SET).status_code == 404
    page, draft = made("Ready"), made("Not yet", live=False)
    assert "Not yet" not in plain(pdf(client, SET))
    assert client.get(f"{SET}?framework=no-such").status_code == 404
    assert client.get(f"/techniques/{draft.slug}/card/pdf/").status_code == 404
    sheet = pdf(client, f"{page.get_url()}card/pdf/?size=a6")
    assert len(sheet.pages) == 1
    assert plain(sheet).count("Ready") == 4


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(SET)
    return len(asked)


def test_a_longer_set_asks_the_database_no_more(client: Client) -> None:
    made("First")
    queries(client)
    one = queries(client)
    for number in range(5):
        made(f"Number {number}")
    assert queries(client) == one


def test_a_card_says_which_format_it_is_and_from_which_minute_until_which(client: Client) -> None:
    page = made("Ready")
    step = {"title": "Look", "minutes": 4, "instruction": "Look at it.", "prompt": "What is it?"}
    TechniqueFormatFactory(
        technique=page, label="By video", minutes_min=5, minutes_max=9,
        steps=[("step", step), ("step", {**step, "title": "Say", "prompt": ""})],
    )  # fmt: skip
    TechniqueFormatFactory(
        technique=page, label="All year", ongoing=True, minutes_min=None, minutes_max=None,
        steps=[("step", {**step, "minutes": 90})],
    )  # fmt: skip
    video, year = list(page.formats.all())[-2:]
    card = plain(pdf(client, f"{page.get_url()}card/pdf/?format={video.pk}"))
    assert "By video" in card
    assert "Minutes 0–4" in card
    assert "Minutes 4–8" in card
    assert "90 minutes" in plain(pdf(client, f"{page.get_url()}card/pdf/?format={year.pk}"))
    postcard = plain(pdf(client, f"{page.get_url()}card/pdf/?size=a6&format={video.pk}"))
    assert postcard.count("What is it?") == 4
    shown = client.get(f"{page.get_url()}card/?format={video.pk}").content.decode()
    assert "By video" in shown
    assert "Minutes 4–8" in shown
