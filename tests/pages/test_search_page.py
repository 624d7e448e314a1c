"""The search page: what each reader finds, and that nothing they type breaks it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from km_pages.finding import Found, find
from km_pages.models import IndexChange, KnowledgeAssetPage, TeamSpacePage
from km_pages.search import EngineUnavailable, get_engine
from km_pages.visibility import Reader, Visibility
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PhaseFactory,
    StandardPageFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
)
from tests.pages.indexing import found_by, settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

SECRET = "zanzibar"


def page_for(client: Client, **query: Any) -> str:
    response = client.get(reverse("km_pages:search"), query)
    assert response.status_code == 200
    return str(response.content.decode())


# Who finds what


class Cast:
    """Everybody there is, and one item of each visibility with the same secret in a file."""

    def __init__(self) -> None:
        self.team = TeamFactory(name="Ward 7", slug="ward-7")
        self.friends = TeamFactory(name="Outpatients")
        member, steward, friend, named = (UserFactory() for _number in range(4))
        holder, owner, outsider = (UserFactory() for _number in range(3))
        self.team.members_group.user_set.add(member)
        self.team.stewards_group.user_set.add(steward)
        self.friends.members_group.user_set.add(friend)
        self.people = {
            "anonymous": None,
            "member": member,
            "steward": steward,
            "friend": friend,
            "named": named,
            "holder": holder,
            "owner": owner,
            "outsider": outsider,
            "superuser": UserFactory(is_superuser=True),
        }
        space = TeamSpacePageFactory(team=self.team)
        self.section = TeamSectionPageFactory(parent=space)
        self.items = {
            visibility: self._item(visibility, named=named, holder=holder, owner=owner)
            for visibility in Visibility.values
        }

    def _item(self, visibility: str, **people: Any) -> Any:
        page = KnowledgeAssetPageFactory(
            parent=self.section,
            title=f"Item {visibility}",
            visibility=visibility,
            shared_with=[self.friends],
            named_people=[people["named"]],
            holder=people["holder"],
            owner=people["owner"],
            topics=[TopicFactory(slug=f"topic-{visibility}")],
            output_type=OutputTypeFactory(slug=f"type-{visibility}"),
            tags=[f"tag-{visibility}"],
        )
        stored = StoredFileFactory(
            name=f"{visibility}.pdf", passages=[f"The {SECRET} of {visibility} people"]
        )
        AttachmentFactory(page=page, stored_file=stored)
        return page

    def sees(self, role: str) -> set[str]:
        """The rule of km_pages.visibility, written down once more and by hand."""
        return {
            "anonymous": {"open"},
            "outsider": {"open", "organisation"},
            "member": {"open", "organisation", "team"},
            "steward": {"open", "organisation", "team"},
            "friend": {"open", "organisation", "team"},
            "named": {"open", "organisation", "named"},
            "holder": {"open", "organisation", "team", "named"},
            "owner": {"open", "organisation", "team", "named"},
            "superuser": {"open", "organisation", "team", "named"},
        }[role]


ROLES = (
    "anonymous",
    "outsider",
    "member",
    "steward",
    "friend",
    "named",
    "holder",
    "owner",
    "superuser",
)


@pytest.fixture
def cast() -> Cast:
    made = Cast()
    settle()
    return made


def assert_finds_exactly(user: Any, visibilities: set[str]) -> None:
    """Hits, count, every facet and every snippet are those of these items and of no other."""
    found = found_by(user, SECRET)
    assert {hit.title for hit in found.hits} == {f"Item {each}" for each in visibilities}
    assert found.total == len(visibilities)
    counted = {facet.name: {v.value: v.count for v in facet.values} for facet in found.facets}
    for facet in ("topic", "type", "tag"):
        assert counted.get(facet, {}) == {f"{facet}-{each}": 1 for each in visibilities}
    assert counted.get("kind", {}) == ({"knowledge": len(visibilities)} if visibilities else {})
    hidden = set(Visibility.values) - visibilities
    text = " ".join(f"{hit.snippet} {hit.file_name}" for hit in found.hits)
    for each in hidden:
        assert f"{each} people" not in text
        assert f"{each}.pdf" not in text


@pytest.mark.parametrize("role", ROLES)
def test_each_reader_finds_counts_and_reads_what_is_theirs_to_see(cast: Cast, role: str) -> None:
    """Case 24."""
    assert_finds_exactly(cast.people[role], cast.sees(role))


@pytest.mark.parametrize("role", ROLES)
def test_a_restriction_above_hides_everything_below_it_at_once(cast: Cast, role: str) -> None:
    """Case 24; set on an ancestor, so that no document changes."""
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=cast.section.pk).get_parent(),
        restriction_type=PageViewRestriction.PASSWORD,
        password="x",
    )
    assert not IndexChange.objects.exists()
    assert_finds_exactly(cast.people[role], set())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("applied", [False, True])
def test_moved_below_a_restricted_page_it_is_hidden_before_and_after_it_is_applied(
    cast: Cast, role: str, applied: bool
) -> None:
    locked = TeamSpacePageFactory(title="Locked")
    PageViewRestriction.objects.create(
        page=locked, restriction_type=PageViewRestriction.PASSWORD, password="x"
    )
    settle()
    section = Page.objects.get(pk=cast.section.pk)
    section.move(Page.objects.get(pk=locked.pk), pos="last-child")
    if applied:
        settle()
    assert_finds_exactly(cast.people[role], set())


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("how", ["unpublished", "deleted", "named for nobody"])
def test_what_was_withdrawn_is_found_by_nobody_else_from_the_commit_on(
    cast: Cast, how: str, applied: bool
) -> None:
    item = KnowledgeAssetPage.objects.get(pk=cast.items["open"].pk)
    if how == "unpublished":
        item.unpublish()
    elif how == "deleted":
        item.delete()
    else:
        item.visibility, item.named_people = "named", []
        item.save()
    if applied:
        settle()
    for role in ("anonymous", "outsider", "member", "friend", "named"):
        assert_finds_exactly(cast.people[role], cast.sees(role) - {"open"})


def test_a_person_removed_from_the_team_finds_its_items_no_more(cast: Cast) -> None:
    """Case 25."""
    person = cast.people["member"]
    cast.team.members_group.user_set.remove(person)
    assert_finds_exactly(person, cast.sees("outsider"))


def test_a_knowledge_manager_finds_what_any_team_keeps_but_not_what_is_for_named_people(
    cast: Cast,
) -> None:
    from django.contrib.auth.models import Permission

    manager = UserFactory()
    manager.user_permissions.add(Permission.objects.get(codename="see_all_teams"))
    assert_finds_exactly(manager, {"open", "organisation", "team"})


def test_an_index_that_knows_too_much_shows_nothing_that_the_database_refuses(
    cast: Cast,
) -> None:
    """The last line: a change that no signal announced."""
    KnowledgeAssetPage.objects.filter(pk=cast.items["open"].pk).update(visibility="named")
    assert {hit.title for hit in found_by(None, SECRET).hits} == set()


def test_a_shared_password_typed_in_this_session_counts_for_the_search(cast: Cast) -> None:
    rule = PageViewRestriction.objects.create(
        page=cast.section, restriction_type=PageViewRestriction.PASSWORD, password="x"
    )
    from django.contrib.auth.models import AnonymousUser

    assert find(SECRET, reader=Reader(AnonymousUser())).total == 0
    assert find(SECRET, reader=Reader(AnonymousUser(), frozenset({rule.pk}))).total == 1


def test_the_name_of_a_private_team_is_told_to_nobody_who_asks_for_it(
    client: Client, cast: Cast
) -> None:
    text = page_for(client, q=SECRET, team="ward-7", tag="nothing-has-this")
    assert "Ward 7" not in text


# What the page shows


def test_a_word_inside_a_file_is_found_marked_and_named_by_file_and_page(
    client: Client,
) -> None:
    person = UserFactory()
    page = KnowledgeAssetPageFactory(
        team=TeamFactory(name="Stores", members=[person]), title="Supplier contract"
    )
    stored = StoredFileFactory(
        name="contract.pdf", passages=["Nothing here", "The indemnity clause <b>holds</b>"]
    )
    AttachmentFactory(page=page, stored_file=stored)
    settle()
    client.force_login(person)
    text = page_for(client, q="indemnity")
    assert "Supplier contract" in text
    assert "<mark>indemnity</mark>" in text
    assert "in contract.pdf, page 2" in text
    assert "<b>holds" not in text
    assert "Stores" in text


def test_results_name_kind_people_minutes_and_whether_they_were_checked(client: Client) -> None:
    page = TechniquePageFactory(
        title="Fishbowl",
        primary_phase=PhaseFactory(slug="during", name="During"),
        last_reviewed="2026-02-03",
    )
    TechniqueFormatFactory(technique=page)
    settle()
    text = page_for(client, q="fishbowl")
    for words in (
        "Technique",
        "During",
        "20 to 45 minutes",
        "4 to 8 people",
        "Checked on 3 February 2026",
        "<strong>1</strong> result for <strong>fishbowl</strong>",
    ):
        assert words in text


def test_facets_narrow_the_results_and_are_taken_away_by_a_link(client: Client) -> None:
    TechniquePageFactory(title="Handover walk")
    StandardPageFactory(title="Handover page")
    settle()
    text = page_for(client, q="handover")
    assert "?q=handover&amp;kind=technique" in text
    narrowed = page_for(client, q="handover", kind="technique")
    assert "Handover walk" in narrowed
    assert "Handover page" not in narrowed
    assert 'class="km-chip" href="?q=handover"' in narrowed


def test_the_box_of_a_team_space_searches_the_knowledge_of_that_team_alone(client: Client) -> None:
    member = UserFactory()
    ward, clinic = TeamFactory(name="Ward 7", members=[member]), TeamFactory(name="Clinic")
    space = TeamSpacePageFactory(team=ward)
    client.force_login(member)
    for team in (ward, clinic):
        KnowledgeAssetPageFactory(team=team, title=f"Giraffes in {team}", visibility="open")
    settle()
    text = client.get(space.url).content.decode()
    form = text[text.index('<form class="km-search"') :].partition("</form>")[0]
    found = re.search(r'type="hidden" name="(\w+)" value="([^"]+)"', form)
    assert found, form
    results = page_for(client, q="giraffes", **{found[1]: found[2]})
    assert "in Ward 7" in results
    assert "in Clinic" not in results


def test_several_values_of_one_facet_are_alternatives(client: Client) -> None:
    TechniquePageFactory(title="Handover walk")
    StandardPageFactory(title="Handover page")
    KnowledgeAssetPageFactory(title="Handover item", visibility="open")
    settle()
    text = page_for(client, q="handover", kind=["technique", "page"])
    assert "Handover walk" in text
    assert "Handover page" in text
    assert "Handover item" not in text


def test_of_many_values_the_most_frequent_are_shown_and_all_are_one_link_away(
    client: Client,
) -> None:
    tags = [f"tag {number:02}" for number in range(12)]
    KnowledgeAssetPageFactory(visibility="open", title="Rota", tags=tags)
    KnowledgeAssetPageFactory(visibility="open", title="Rota two", tags=tags[-1:])
    settle()
    page = page_for(client, q="rota", tag="tag 11")
    assert [tag for tag in tags if f">{tag}<" in page] == [*tags[:7], "tag 11"]
    assert "Show 4 more" in page
    assert "?q=rota&amp;tag=tag+11&amp;more=tag#facet-" in page
    page = page_for(client, q="rota", more="tag")
    assert [tag for tag in tags if f">{tag}<" in page] == tags
    assert "Show 4 more" not in page
    assert "more=tag&amp;page" not in page_for(client, q="rota", more="nonsense")


def test_filters_without_words_list_everything_that_fits(client: Client) -> None:
    TechniquePageFactory(title="Fishbowl")
    StandardPageFactory(title="Contact")
    settle()
    text = page_for(client, kind="technique")
    assert "Fishbowl" in text
    assert "Contact" not in text


def test_long_lists_come_in_parts_and_the_last_part_is_the_end(client: Client) -> None:
    for number in range(12):
        StandardPageFactory(title=f"Rota {number}")
    settle()
    first, second = page_for(client, q="rota"), page_for(client, q="rota", page=2)
    beyond = page_for(client, q="rota", page=99_999)
    assert [text.count('class="km-result"') for text in (first, second, beyond)] == [10, 2, 2]
    assert "Page 2 of 2" in second
    assert 'rel="next"' not in beyond


def test_a_query_that_nothing_has_all_words_of_is_widened_and_says_so(client: Client) -> None:
    StandardPageFactory(title="Rota for nights")
    settle()
    text = page_for(client, q="rota giraffe")
    assert "Rota for nights" in text
    assert "Nothing has all your words" in text


def test_the_strict_set_is_one_link_away(client: Client) -> None:
    StandardPageFactory(title="Rota for nights")
    StandardPageFactory(title="Rota for days")
    settle()
    text = page_for(client, q="rota nights")
    assert "?q=rota+nights&amp;all=1" in text
    strict = page_for(client, q="rota nights", all=1)
    assert "Rota for nights" in strict
    assert "Rota for days" not in strict


def test_nothing_found_says_what_to_do(client: Client) -> None:
    settle()
    text = page_for(client, q="giraffe", kind="technique")
    assert "Nothing found for giraffe" in text
    assert 'href="?q=giraffe"' in text
    assert "Sign in" in text


def test_before_anything_is_asked_the_page_says_what_can_be(client: Client) -> None:
    text = page_for(client)
    assert "Good to know" in text
    assert 'name="q"' in text


def test_without_the_engine_the_page_says_so_and_keeps_the_query(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 38."""
    engine = get_engine()

    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise EngineUnavailable("no folder")

    monkeypatch.setattr(type(engine), "search", gone)
    text = page_for(client, q="rota")
    assert "only titles are searched" in text
    assert 'value="rota"' in text
    assert "Nothing found" not in text


# What may be typed


@pytest.mark.parametrize(
    "query",
    [
        "a" * 8192,
        "word " * 1600,
        '"',
        '"""',
        "'",
        "*",
        "***",
        "-",
        "NEAR(",
        "a AND OR",
        "NOT",
        "title:secret",
        "tokens:open",
        "a AND (b OR",
        "[a TO z]",
        "x^1000000",
        "fuzzy~99",
        "\\",
        "/.*/",
        "\x00",
        "nul\x00inside",
        "🙂🙃",
        "\u202eright to left",
        "שלום",
        "naïve",
        "\ud7ff\ue000",
        "   ",
        "<script>alert(1)</script>",
        "%s %(a)s {0}",
    ],
)
def test_whatever_is_typed_gets_an_answer(client: Client, query: str) -> None:
    """Case 18."""
    StandardPageFactory(title="Rota for nights")
    settle()
    text = page_for(client, q=query)
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "address",
    [
        "?page=-1&page=1e99&sort=__class__&filter[x]=",
        "?q=rota&page=0",
        "?q=rota&page=999999999999999999999999",
        "?q=rota&page=%D9%A3",
        "?q=rota&sort=__class__",
        "?q=rota&team=nobody&team=&year=abc&kind=__class__",
        "?q=rota&kind=" + "x" * 8000,
        "?q=rota&" + "&".join(f"tag={number}" for number in range(500)),
        "?q=rota&q=other",
        "?all=2&exact=maybe",
        "?q=%FF%FE",
        "?q=rota&tag=%00",
        "?page_id=1&tokens=open&excluded=",
    ],
)
def test_whatever_stands_in_the_address_gets_an_answer(client: Client, address: str) -> None:
    """Case 19."""
    StandardPageFactory(title="Rota for nights")
    settle()
    response = client.get(reverse("km_pages:search") + address)
    assert response.status_code == 200


def test_what_was_typed_stands_escaped_in_box_title_and_lines(client: Client) -> None:
    """Case 20."""
    text = page_for(client, q='"><img src=x onerror=alert(1)>', tag="<i>tag</i>")
    assert "<img src=x" not in text
    assert "<i>tag" not in text


def test_titles_names_and_files_with_markup_stand_as_text(client: Client) -> None:
    """Case 20."""
    bad = "<script>alert(1)</script>"
    page = KnowledgeAssetPageFactory(
        title=f"Rota {bad}",
        visibility="open",
        holder=UserFactory(first_name=bad, last_name=""),
        tags=[bad],
        team=TeamFactory(name=bad),
        summary=f"Rota {bad}",
    )
    stored = StoredFileFactory(name=f"{bad}.pdf", passages=[f"giraffe {bad}"])
    AttachmentFactory(page=page, stored_file=stored)
    settle()
    for query in ("rota", "giraffe"):
        text = page_for(client, q=query)
        assert "km-result" in text
        assert bad not in text


def test_only_reading_is_possible(client: Client) -> None:
    assert client.post(reverse("km_pages:search")).status_code == 405


def test_what_signed_in_readers_find_is_kept_by_no_cache(client: Client) -> None:
    """Case 32."""
    client.force_login(UserFactory())
    response = client.get(reverse("km_pages:search"), {"q": "rota"})
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"


# What it costs


def test_twenty_results_cost_as_many_queries_as_one(cast: Cast, client: Client) -> None:
    from django.db import connection

    client.force_login(cast.people["member"])
    space = TeamSpacePage.objects.get(team=cast.team)
    KnowledgeAssetPageFactory(parent=space, title="Giraffe")
    settle()
    address = reverse("km_pages:search")
    client.get(address, {"q": "giraffe"})
    with CaptureQueriesContext(connection) as one:
        client.get(address, {"q": "giraffe"})
    for number in range(19):
        KnowledgeAssetPageFactory(
            team=TeamFactory(members=[cast.people["member"]]), title=f"Giraffe {number}"
        )
    settle()
    with CaptureQueriesContext(connection) as twenty:
        client.get(address, {"q": "giraffe"})
    assert len(twenty) == len(one)


def test_finding_makes_at_most_eleven_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(11):
        found: Found = found_by(cast.people["member"], SECRET)
    assert found.total == 3
