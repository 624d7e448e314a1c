"""No outlet tells a reader of what they may not see: every role, every visibility, every outlet.

Repeated after each way of losing a permission. The rule is written down here once more, by hand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.search_promotions.models import Query, SearchPromotion
from wagtail.models import PageViewRestriction

from km_pages.actions.follow_search import FollowSearch
from km_pages.actions.offer_to_be_asked import OfferToBeAsked
from km_pages.models import (
    CollectionPage,
    KnowledgeAssetPage,
    SavedSearch,
    SearchedDay,
    SearchGap,
    TeamSpacePage,
)
from km_pages.outlets.due import note_due
from km_pages.outlets.following import look_again
from km_pages.outlets.search_log import count_events
from km_pages.visibility import Visibility
from km_pages.work import run_due_jobs
from tests.factories import (
    KnowledgeAssetPageFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
    home_page,
)
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

WORD = "zanzibar"
OPEN, ORG = {"open"}, {"open", "organisation"}
TEAM, ALL = ORG | {"team"}, ORG | {"team", "named"}
SEES = {
    "anonymous": OPEN,
    "outsider": ORG,
    "member": TEAM,
    "steward": TEAM,
    "friend": TEAM,
    "named": ORG | {"named"},
    "manager": TEAM,
    "holder": ALL,
    "owner": ALL,
    "superuser": ALL,
}
# Feeds are the same for everybody: asked by a stranger, by a member, and by who sees all.
FEED_READERS = ("anonymous", "member", "superuser")


def title(kind: str) -> str:
    """A title that stands nowhere else."""
    return f"Quillfeather{kind}"


def named_in(text: str) -> set[str]:
    return {kind for kind in Visibility.values if title(kind) in text}


class World:
    """One item of each visibility, in every outlet there is, and somebody in every role."""

    def __init__(self) -> None:
        home_page()
        self.people = {role: UserFactory() for role in SEES if role != "anonymous"}
        self.people["superuser"].is_superuser = True
        self.people["superuser"].save()
        see_all = Permission.objects.get(codename="see_all_teams")
        self.people["manager"].user_permissions.add(see_all)
        who = self.people
        self.team = TeamFactory(slug="ward", members=[who["member"]], stewards=[who["steward"]])
        self.friends = TeamFactory(members=[who["friend"]])
        TeamSpacePageFactory(team=self.friends)
        self.section = TeamSectionPageFactory(parent=TeamSpacePageFactory(team=self.team))
        self.items = {kind: self._item(kind) for kind in Visibility.values}
        self.hub = KnowledgeAssetPageFactory(
            team=TeamFactory(), title=f"About {WORD}", visibility="open", topics=self.topics
        )
        self.technique = TechniquePageFactory(title=f"Learning about {WORD}")
        self.collection = CollectionPage(title="All of it", slug="all", wanted_words=WORD)
        home_page().add_child(instance=self.collection)
        settle()
        for role, person in self.people.items():
            search = FollowSearch(person=person, name=role, query=WORD, rhythm="daily").execute()
            SavedSearch.objects.filter(pk=search.pk).update(seen=[])

    @property
    def topics(self) -> list[Any]:
        return [TopicFactory(slug="sea", name="Sea")]

    def _item(self, kind: str) -> KnowledgeAssetPage:
        item = KnowledgeAssetPageFactory(
            parent=self.section,
            title=title(kind),
            summary=f"The {WORD} of everybody",
            visibility=kind,
            shared_with=[self.friends],
            named_people=[self.people["named"]],
            holder=self.people["holder"],
            owner=self.people["owner"],
            topics=self.topics,
        )
        for number, query in enumerate((WORD, "nothing has this")):
            SearchPromotion.objects.create(query=Query.get(query), page=item, sort_order=number)
        SearchGap.objects.create(query=f"blorp{kind}q", state="answered", answered_with=item)
        return item

    def client(self, role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(self.people[role])
        return client

    def pages(self) -> list[str]:
        """Addresses of all outlets that are pages."""
        search = reverse("km_pages:search")
        queries = [f"?q={WORD}", "?q=nothing+has+this", "?topic=sea"]
        queries += [f"?q=blorp{kind}q" for kind in Visibility.values]
        return [
            *(search + each for each in queries),
            self.hub.url,
            self.technique.url,
            self.collection.url,
            reverse("km_pages:my_page"),
            reverse("km_pages:follow") + f"?q={WORD}",
        ]

    def feeds(self) -> list[str]:
        return [
            reverse("km_pages:search_feed") + f"?q={WORD}",
            reverse("km_pages:collection_feed", args=[self.collection.pk]),
            reverse("km_pages:team_feed", args=["ward"]),
            reverse("km_pages:open_item_feed"),
        ]

    def digests(self) -> dict[str, set[str]]:
        """What the mails of each person name, all sent now."""
        past = timezone.now() - dt.timedelta(minutes=1)
        SavedSearch.objects.update(next_at=past, seen=[])
        mail.outbox.clear()
        note_due()
        run_due_jobs()
        roles = {person.email: role for role, person in self.people.items()}
        found = {role: set() for role in self.people}
        for each in mail.outbox:
            assert each.to[0] in roles
            found[roles[each.to[0]]] |= named_in(each.subject + each.body)
        return found


@pytest.fixture
def world() -> World:
    return World()


def check(world: World, sees: dict[str, set[str]], *, late: Collection[str] = ()) -> None:
    """Every outlet names for each role what they may see, and nothing else; most name all of it.

    ``late`` are items that the search leaves out for everybody until it knows their new readers.
    """
    late = set(late)
    for role, allowed in sees.items():
        client = world.client(role)
        told = {url: client.get(url).content.decode() for url in world.pages()}
        for url, text in told.items():
            assert named_in(text) <= allowed, (role, url)
        for url in (f"/search/?q={WORD}", world.collection.url, world.hub.url):
            assert named_in(told[url]) | late == allowed | late, (role, url)
        # Best bets and answers to gaps come from the database, so they are never late.
        bets = told["/search/?q=nothing+has+this"].partition("What we tried")[0]
        assert named_in(bets) == allowed, role
        for kind in Visibility.values:
            answer = told[f"/search/?q=blorp{kind}q"].partition("What we tried")[0]
            assert (title(kind) in answer) == (kind in allowed), (role, kind)
        for url in world.feeds() if role in FEED_READERS else ():
            assert named_in(client.get(url).content.decode()) == sees["anonymous"], (role, url)
    digests = world.digests()
    for role, named in digests.items():
        assert named <= sees[role], (role, "digest")
        assert named | late == sees[role] | late, (role, "digest")


def test_every_outlet_tells_each_role_what_it_may_see(world: World) -> None:
    check(world, SEES)


def test_after_members_were_removed_nothing_tells_them_any_more(world: World) -> None:
    world.team.members_group.user_set.clear()
    world.team.stewards_group.user_set.clear()
    world.friends.members_group.user_set.clear()
    world.people["manager"].user_permissions.clear()
    lost = dict.fromkeys(("member", "steward", "friend", "manager"), ORG)
    check(world, {**SEES, **lost})


@pytest.mark.parametrize("drained", [False, True])
def test_after_items_became_narrower_nothing_tells_of_them(world: World, drained: bool) -> None:
    item = KnowledgeAssetPage.objects.get(pk=world.items["open"].pk)
    item.visibility, item.named_people = "named", []
    item.save()
    if drained:
        settle()
    narrower = {role: allowed - {"open"} for role, allowed in SEES.items()}
    for role in ("holder", "owner", "superuser"):
        narrower[role] = SEES[role]
    # A team without open items has no feed, like a team that does not exist.
    answer = Client().get(world.feeds()[2])
    assert answer.status_code == 404
    check(world, narrower, late=() if drained else {"open"})


def test_after_a_section_was_restricted_nothing_tells_of_what_is_in_it(world: World) -> None:
    rule = PageViewRestriction.objects.create(
        page=world.section, restriction_type=PageViewRestriction.GROUPS
    )
    rule.groups.add(world.friends.members_group)
    restricted = {role: set() for role in SEES} | {"friend": TEAM, "superuser": ALL}
    check(world, restricted)


def test_a_mail_written_before_a_permission_was_lost_does_not_tell(world: World) -> None:
    SavedSearch.objects.update(next_at=timezone.now() - dt.timedelta(minutes=1), seen=[])
    note_due()
    for pk in SavedSearch.objects.values_list("pk", flat=True):
        look_again(pk)
    world.team.members_group.user_set.clear()
    run_due_jobs()
    to_member = [each for each in mail.outbox if each.to == [world.people["member"].email]]
    assert [named_in(each.body) for each in to_member] == [ORG]


def test_people_who_know_are_told_to_those_only_whom_they_chose(world: World) -> None:
    knower = UserFactory(first_name="Ada", last_name="Quill")
    world.team.members_group.user_set.add(knower)
    offer = {"person": knower, "reach": "extension 4312", "topics": world.topics}
    OfferToBeAsked(**offer, techniques=[world.technique], words=WORD).execute()
    shown = {"member", "steward", "manager", "superuser"}
    outlets = [*world.pages(), *world.feeds(), TeamSpacePage.objects.get(team=world.friends).url]
    for lost in (False, True):
        if lost:
            world.team.members_group.user_set.remove(world.people["member"])
            shown -= {"member"}
        for role in SEES:
            client = world.client(role)
            told = {u for u in outlets if "extension 4312" in client.get(u).content.decode()}
            assert bool(told) == (role in shown), (role, told)
    knower.is_active = False
    knower.save()
    for role in SEES:
        client = world.client(role)
        assert not any("extension 4312" in client.get(u).content.decode() for u in outlets), role


def test_log_and_beacon_hold_no_title_and_no_person(world: World) -> None:
    for role in SEES:
        client = world.client(role)
        text = client.get(f"/search/?q={WORD}").content.decode()
        token = re.search(r'data-km-token="([^"]+)"', text)
        if token:
            answer = client.post("/search/opened/", {"token": token[1], "rank": 1})
            assert (answer.status_code, answer.content) == (204, b"")
            assert not answer.cookies
    count_events()
    row = SearchedDay.objects.select_related("searched").get(searched__query=WORD)
    assert row.searched.people == len(SEES)
    kept = repr([*SearchedDay.objects.values(), *row.searched.readers.values()])
    assert "Quillfeather" not in kept
    assert not any(person.username in kept for person in world.people.values())
