"""Pages with nothing in them, and pages whose neighbours are gone: no bare heading, no dead end."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client

from km_pages.models import RelatedTechnique, TechniquePage
from tests.factories import KnowledgeAssetPageFactory, TechniquePageFactory, UserFactory
from tests.states import empty_pages, long_pages

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

HEADINGS = ("h2", "h3", "h4")


def bare_headings(html: str) -> list[str]:
    """Headings with nothing before the next one of their rank or above, and lists without rows."""
    main = BeautifulSoup(html, "html.parser").find("main")
    assert isinstance(main, Tag)
    bare = [str(each) for each in main.find_all(["ul", "ol", "dl"]) if not each.find_all()]
    waiting: Tag | None = None
    for each in main.find_all(True):
        if each.name in HEADINGS:
            if waiting is not None and each.name <= waiting.name:
                bare.append(waiting.get_text(" ", strip=True))
            # The title of a card is a link, which is all that a card needs.
            waiting = None if each.find("a") else each
        elif waiting is not None and waiting not in each.parents and _says(each):
            waiting = None
    return bare + ([waiting.get_text(" ", strip=True)] if waiting is not None else [])


def _says(each: Tag) -> bool:
    """Whether there is something to read or fill in, besides headings."""
    own = any(text.strip() for text in each.find_all(string=True, recursive=False))
    return own or each.name in ("input", "img", "textarea", "select")


@pytest.mark.parametrize("made", [empty_pages, long_pages])
def test_no_part_without_content_has_a_heading(client: Client, made: Any) -> None:
    reader = UserFactory()
    client.force_login(reader)
    for page in made(reader):
        answer = client.get(page.url)
        assert answer.status_code == 200, page.url
        assert bare_headings(answer.content.decode()) == [], page.url


def test_what_is_not_published_any_more_is_neither_named_nor_linked(client: Client) -> None:
    gone = TechniquePageFactory(title="Quillwort round", slug="quillwort")
    stays = TechniquePageFactory(title="Fishbowl")
    stays.related_links = [RelatedTechnique(other=gone, relation="combines")]
    words = {"instead_text": "", "moment": "", "situation": "You are many"}
    numbers = dict.fromkeys(("fewer_than", "more_than", "shorter_than"))
    stays.when_not_to_use = [("case", {**words, **numbers, "instead": gone})]
    stays.save()
    item = KnowledgeAssetPageFactory(visibility="open", came_from=gone)
    for page in (stays, item):
        assert "Quillwort" in client.get(page.url).content.decode()
    TechniquePage.objects.get(pk=gone.pk).unpublish()
    for page in (stays, item):
        text = client.get(page.url).content.decode()
        assert "uillwort" not in text, page.url
        assert bare_headings(text) == []
    assert client.get(gone.url).status_code == 404
    gone.delete()
    for page in (stays, item):
        answer = client.get(page.url)
        assert (answer.status_code, "uillwort" in answer.content.decode()) == (200, False)
