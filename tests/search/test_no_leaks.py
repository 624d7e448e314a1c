"""Roles × visibilities × every outlet of the search, also after a permission was taken away.

Whatever a reader types, nothing that they are answered may hold a word of an item that they may
not see: no hit, count, facet, snippet, suggestion or corrected word (cases 24 and 25).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from km_pages.finding import find
from km_pages.models import IndexChange, KnowledgeAssetPage
from km_pages.search.query import ParsedQuery
from km_pages.suggestions import suggest
from km_pages.visibility import Visibility
from tests.pages.indexing import settle
from tests.search.cast import MISTYPED, SEES, SHARED, WORDS, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

ALL = set(Visibility.values)


@pytest.fixture
def cast() -> Cast:
    made = Cast()
    settle()
    return made


def results(user: Any, visibility: str) -> str:
    """Titles, snippets, files and labels of what has the item's word, asked in every way."""
    word = WORDS[visibility]
    ways = (word, f'"{word} {SHARED}"', f"{word[:5]}*", f"{SHARED} -xyz", f"{word}.pdf")
    return "".join(repr(find(each, reader=user, correct=False).hits) for each in ways)


def counts(user: Any, visibility: str) -> int:
    """How many there are with the item's word; facets are counted by the same documents."""
    found = find(WORDS[visibility], reader=user, correct=False)
    kinds = [
        value.count for facet in found.facets if facet.name == "kind" for value in facet.values
    ]
    assert sum(kinds) == found.total == len(found.hits)
    return found.total


def facets(user: Any, visibility: str) -> str:
    """All facet values of everything, and of what is narrowed to the item's own."""
    word = WORDS[visibility]
    own = {"topic": [f"{word}-topic"], "type": [f"{word}-type"], "tag": [f"{word} tag"]}
    asked = [{}, *({name: values} for name, values in own.items())]
    rows = [row for filters in asked for row in find(SHARED, reader=user, filters=filters).facets]
    # What was chosen is said again, and counts nothing where it may not be seen.
    return repr([value for row in rows for value in row.values if value.count])


def snippets(user: Any, visibility: str) -> str:
    """What is quoted from pages and files."""
    return "".join(hit.snippet for hit in find(SHARED, reader=user, page_size=50).hits)


def suggestions(user: Any, visibility: str) -> str:
    """What is suggested for parts of the item's word, tag and title."""
    word = WORDS[visibility]
    ways = (word, word[:4], word[1:5], f"{word} t", f"the {word}", SHARED)
    return repr([suggest(each, reader=user, limit=30) for each in ways])


def spelling(user: Any, visibility: str) -> str:
    """What a mistyped word of the item is mended to."""
    found = find(MISTYPED[visibility], reader=user)
    return f"{found.corrected} {found.hits}"


def like_a_page(user: Any, visibility: str) -> str:
    """What is like a page about the item, whose answers an engine may keep."""
    words = {WORDS[visibility]: 3, SHARED: 1}
    asked = (find(ParsedQuery(words=words), reader=user, facets=(), titles_only=True),) * 2
    return "".join(repr(each.hits) for each in asked)


OUTLETS: dict[str, Callable[[Any, str], Any]] = {
    "results": results,
    "counts": counts,
    "facets": facets,
    "snippets": snippets,
    "suggestions": suggestions,
    "spelling": spelling,
    "like a page": like_a_page,
}


def assert_told_of(user: Any, seen: set[str], *, exactly: bool = True) -> None:
    """Every outlet tells of nothing but the items ``seen``; ``exactly``: of all of them."""
    for name, outlet in OUTLETS.items():
        for visibility in Visibility.values:
            told = outlet(user, visibility)
            there = told > 0 if name == "counts" else WORDS[visibility] in told
            assert there <= (visibility in seen), (name, visibility)
            assert there or not exactly or visibility not in seen, (name, visibility)
            if name != "counts":
                assert [each for each in ALL - seen if WORDS[each] in told] == [], name


@pytest.mark.parametrize("role", SEES)
def test_each_role_is_told_of_its_own_and_of_nothing_else(cast: Cast, role: str) -> None:
    assert_told_of(cast.people[role], SEES[role])


def leave_the_team(cast: Cast) -> dict[str, set[str]]:
    cast.team.members_group.user_set.remove(cast.people["member"])
    cast.team.stewards_group.user_set.remove(cast.people["steward"])
    cast.friends.members_group.user_set.remove(cast.people["friend"])
    return dict.fromkeys(("member", "steward", "friend"), SEES["outsider"])


def lose_the_permission(cast: Cast) -> dict[str, set[str]]:
    cast.people["manager"].user_permissions.clear()
    cast.people["superuser"].is_superuser = False
    cast.people["superuser"].save()
    return dict.fromkeys(("manager", "superuser"), SEES["outsider"])


def deactivate(cast: Cast) -> dict[str, set[str]]:
    """Close accounts of people who keep nothing: what somebody keeps is passed on, and changes."""
    for role in ("named", "member"):
        _close(cast.people[role])
    return dict.fromkeys(("named", "member"), SEES["anonymous"])


def deactivate_the_keeper(cast: Cast) -> dict[str, set[str]]:
    _close(cast.people["owner"])
    return {"owner": SEES["anonymous"], "steward": SEES["steward"], "named": SEES["named"]}


def _close(person: Any) -> None:
    person.is_active = False
    person.save()


def restrict_a_page_above(cast: Cast) -> dict[str, set[str]]:
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=cast.section.pk).get_parent(),
        restriction_type=PageViewRestriction.PASSWORD,
        password="x",
    )
    return {role: set() for role in SEES}


def name_nobody(cast: Cast) -> dict[str, set[str]]:
    item = KnowledgeAssetPage.objects.get(pk=cast.items["named"].pk)
    item.named_people = []
    item.save()
    return {"named": SEES["outsider"], "holder": SEES["holder"]}


def share_no_more(cast: Cast) -> dict[str, set[str]]:
    item = KnowledgeAssetPage.objects.get(pk=cast.items["team"].pk)
    item.shared_with = []
    item.save()
    return {"friend": SEES["outsider"], "member": SEES["member"]}


def narrow_to_named(cast: Cast) -> dict[str, set[str]]:
    for visibility in ("open", "organisation"):
        item = KnowledgeAssetPage.objects.get(pk=cast.items[visibility].pk)
        item.visibility, item.named_people = Visibility.NAMED, []
        item.save()
    return {"anonymous": set(), "outsider": set(), "member": {"team"}, "owner": ALL}


def unpublish(cast: Cast) -> dict[str, set[str]]:
    for item in cast.items.values():
        KnowledgeAssetPage.objects.get(pk=item.pk).unpublish()
    return {role: set() for role in SEES}


def delete_the_section(cast: Cast) -> dict[str, set[str]]:
    Page.objects.get(pk=cast.section.pk).delete()
    return {role: set() for role in SEES}


LOSSES = [
    leave_the_team,
    lose_the_permission,
    deactivate,
    deactivate_the_keeper,
    restrict_a_page_above,
    name_nobody,
    share_no_more,
    narrow_to_named,
    unpublish,
    delete_the_section,
]


@pytest.mark.parametrize("applied", [False, True], ids=["at once", "after it is applied"])
@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_taken_away_is_told_by_nothing_any_more(
    cast: Cast, loss: Callable[[Cast], dict[str, set[str]]], applied: bool
) -> None:
    for role, seen in loss(cast).items():
        if applied:
            settle()
        user = cast.people[role]
        if user is not None:
            user = type(user).objects.get(pk=user.pk)
        # What is being narrowed is hidden from all until the index knows who may see it now.
        assert_told_of(user, seen, exactly=applied)


def test_losses_of_membership_and_restrictions_touch_no_document(cast: Cast) -> None:
    for loss in (leave_the_team, lose_the_permission, deactivate, restrict_a_page_above):
        loss(cast)
    assert not IndexChange.objects.exists()


@pytest.mark.parametrize("role", SEES)
def test_no_page_of_the_search_names_what_is_hidden(client: Client, cast: Cast, role: str) -> None:
    user = cast.people[role]
    if user is not None:
        client.force_login(user)
    hidden = [WORDS[each] for each in ALL - SEES[role]]
    for query in (
        {"q": SHARED},
        {"q": "plattypus"},
        {"kind": "knowledge"},
        {"q": SHARED, "sort": "newest"},
    ):
        text = client.get(reverse("km_pages:search"), query).content.decode()
        assert [word for word in hidden if word in text] == []
        assert WORDS["open"] in text
    answer = client.get(reverse("km_pages:suggest"), {"q": SHARED}).content.decode()
    assert [word for word in hidden if word in answer] == []
