"""On paper: cards fit one side of A4, the workbook a page for each step, nothing leads nowhere."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from km_pages.models import TechniqueFormat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

LEAST_LETTERS = 1_050


def printed(page: Any, url: str) -> list[str]:
    """The text of each printed page of ``url``."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    pdf = page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    return [each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages]


def test_the_card_of_every_shipped_format_fits_one_side_of_a4(
    desktop: Any, live_server: Any, content: None
) -> None:
    too_long = {}
    for each in TechniqueFormat.objects.select_related("technique"):
        url = f"{live_server.url}{each.technique.url}card/?format={each.pk}"
        pages = printed(desktop, url)
        text = " ".join(pages)
        assert each.technique.title in text
        assert each.steps[0].value["title"] in text
        assert "Techniques\n" not in text, "the navigation is not printed"
        if len(pages) > 1:
            too_long[str(each.technique), str(each)] = len(pages), len(text), len(pages[1])
    assert too_long == {}


def test_a_printed_guide_prints_no_addresses_of_this_site_and_all_that_is_folded_away(
    desktop: Any, live_server: Any, content: None
) -> None:
    text = " ".join(printed(desktop, f"{live_server.url}/techniques/after-action-review/"))
    assert "(Link:" not in text
    assert "/techniques/" not in text
    assert text.rstrip().endswith("Knowledge Mobilisation"), "whose paper it is"
    assert "Nobody was harmed" in text, "filled examples are unfolded"


def test_a_printed_guide_leaves_no_sheet_half_empty(
    desktop: Any, live_server: Any, content: None
) -> None:
    """A sheet of text alone has some 2,500 letters; boxes, facts and lists have half of that."""
    for name in ("after-action-review", "community-of-practice"):
        pages = printed(desktop, f"{live_server.url}/techniques/{name}/")
        letters = [len(each) for each in pages]
        assert min(letters[:-1]) > LEAST_LETTERS, letters
        assert letters[-1] > len("Knowledge Mobilisation") + 100, "a sheet with nothing but a name"


def test_no_form_and_no_way_to_print_is_printed(
    desktop: Any, live_server: Any, content: None
) -> None:
    for path in ("/techniques/", "/toolkit/", "/toolkit/key-contacts/"):
        text = " ".join(printed(desktop, live_server.url + path))
        assert "Minutes you have" not in text
        assert "(PDF)" not in text


def test_the_workbook_has_a_page_for_each_step(
    desktop: Any, live_server: Any, content: None
) -> None:
    pages = printed(desktop, f"{live_server.url}/toolkit/workbook/")
    assert len(pages) == 6
    assert "Name your key knowledge areas" in pages[0]
    assert "Capture it" in pages[5]
