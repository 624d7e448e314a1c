"""The home page: three doors, in the words of the organisation where it has its own."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import TechniqueIndexPageFactory, ToolkitPageFactory, home_page

pytestmark = pytest.mark.django_db


def test_an_editor_words_the_cards_and_the_heading_anew(client: Client) -> None:
    home = home_page()
    TechniqueIndexPageFactory()
    ToolkitPageFactory()
    plain = client.get("/").content.decode()
    for words in ("Find a technique", "Search what we know", "Leaving a role?", "New and open"):
        assert words in plain
    home.refresh_from_db()
    home.doors = [
        ("door", {"door": "leave", "title": "Moving on?", "text": "We help.", "go": "Go"})
    ]
    home.new_heading = "Fresh from the wards"
    home.save()
    anew = client.get("/").content.decode()
    assert "Moving on?" in anew
    assert "Fresh from the wards" in anew
    assert "Leaving a role?" not in anew
    assert "Find a technique" in anew
    assert 'name="weeks"' in anew, "the question stays"
