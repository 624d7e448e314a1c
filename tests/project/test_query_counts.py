"""Every list asks the database as often for twenty rows as for one.

Public lists are named here; the lists of our apps in the admin are found in the URLconf, so that a
new one is counted without being entered anywhere.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.models import Page

from km_pages.actions.open_team import OpenTeam
from km_pages.actions.share_item import ask_holder
from km_pages.drain import drain
from km_pages.listings.kept import forget
from km_pages.models import (
    Attachment,
    Framework,
    Invitation,
    Job,
    KnowledgeAssetPage,
    Offer,
    PageUse,
    RepositoryPage,
    SavedSearch,
    SearchGap,
    Synonym,
    TeamSpacePage,
    TechniqueIndexPage,
    TechniquePage,
)
from km_pages.setup.structure import EDITORS
from km_pages.templatetags.km_keep import lists
from km_pages.visibility import Visibility
from km_toolkit.models import Handover, ToolkitPage
from tests.factories import (
    ActivityPageFactory,
    AttachmentFactory,
    GoalFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PhaseFactory,
    PostFactory,
    StoredFileFactory,
    TeamSectionPageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    ToolkitPageFactory,
    TopicFactory,
    UserFactory,
    home_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

MANY = 20
VISIBILITIES = [Visibility.OPEN, Visibility.TEAM, Visibility.ORGANISATION, Visibility.NAMED]


class World:
    """A team with a steward, who is asked and has drafts, and rows of every kind."""

    def __init__(self) -> None:
        home_page()
        call_command("km_setup", "--without-content", stdout=io.StringIO())
        self.rows = 0
        self.steward = UserFactory(first_name="Grace")
        self.superuser = UserFactory(is_superuser=True, is_staff=True)
        self.editor = UserFactory()
        self.editor.groups.add(Group.objects.get(name=EDITORS))
        self.team = OpenTeam(name="Ward 7").execute()
        self.team.stewards_group.user_set.add(self.steward)
        self.holder = UserFactory()
        self.team.members_group.user_set.add(self.holder)
        if not ToolkitPage.objects.exists():
            ToolkitPageFactory()

    def fill_to(self, number: int) -> None:
        """Have ``number`` rows in every list, indexed."""
        for row in range(self.rows, number):
            self._add(row)
        self.rows = number
        drain()

    def _add(self, row: int) -> None:
        lists = {
            "phase": PhaseFactory(name=f"Phase {row}", introduction="When to learn."),
            "goal": GoalFactory(name=f"Goal {row}"),
            "topic": TopicFactory(name=f"Topic {row}"),
            "type": OutputTypeFactory(name=f"Type {row}"),
        }
        Framework.objects.create(
            slug=f"framework-{row}", name=f"Framework {row}", introduction="A way of learning."
        )
        Synonym.objects.create(words=f"abc{row}", also=f"alphabet {row}")
        SearchGap.objects.create(query=f"gap {row}", times=1)
        Job.objects.create(kind="read_text", target=str(row), state="dead")
        person = UserFactory(last_name=f"Zebra {row}")
        self.team.members_group.user_set.add(person)
        other = OpenTeam(name=f"Team {row}").execute()
        other.stewards_group.user_set.add(self.steward)
        technique = self._technique(row, lists)
        activity = ActivityPageFactory(
            title=f"Zebra activity {row}",
            output_type=lists["type"],
            weeks_earliest=8,
            weeks_latest=1,
            minutes_min=15,
            minutes_max=30,
        )
        self._offer(person, lists, technique)
        for number, kind in enumerate(VISIBILITIES):
            self._item(f"Zebra {row} {number}", kind, other, person, lists, technique, activity)
        self._waiting(row)
        self._asked(row, person)
        self._handover(row, person)
        TeamSectionPageFactory(title=f"Section {row}", parent=self._space())

    def _space(self) -> TeamSpacePage:
        return TeamSpacePage.objects.get(team=self.team)

    def _technique(self, row: int, lists: dict[str, Any]) -> TechniquePage:
        page = TechniquePageFactory(
            title=f"Zebra technique {row}",
            primary_phase=lists["phase"],
            phases=[lists["phase"]],
            goals=[lists["goal"]],
            review_due=dt.date(2020, 1, 1),
        )
        TechniqueFormatFactory(technique=page)
        return page

    def _offer(self, person: Any, lists: dict[str, Any], technique: Any) -> None:
        offer = Offer.objects.create(person=person, reach="Ring me", words="zebra")
        offer.topics.add(lists["topic"])
        offer.techniques.add(technique)

    def _item(
        self,
        title: str,
        kind: str,
        other: Any,
        person: Any,
        lists: Any,
        technique: Any,
        activity: Any,
    ) -> None:
        item = KnowledgeAssetPageFactory(
            title=title,
            team=self.team,
            visibility=kind,
            owner=self.steward if kind == Visibility.OPEN else person,
            holder=person,
            output_type=lists["type"],
            came_from=technique if kind == Visibility.OPEN else activity,
            shared_with=[other],
            named_people=[self.steward],
            topics=[lists["topic"]],
            tags=[f"tag {title}"],
            review_due=dt.date(2020, 1, 1),
        )
        stored = StoredFileFactory(uploader=self.steward, passages=["zebra in a file"])
        AttachmentFactory(page=item, stored_file=stored)
        item.save_revision().publish()
        PageUse.objects.create(page=item, month=timezone.localdate().replace(day=1), times=9)

    def _waiting(self, row: int) -> None:
        """What waits for the steward: drafts of their own, the holder's word, a wider audience."""
        common = {"team": self.team, "owner": self.holder, "live": False}
        mine = KnowledgeAssetPageFactory(
            title=f"Draft {row}", team=self.team, owner=self.steward, live=False
        )
        mine.save_revision(user=self.steward)
        held = KnowledgeAssetPageFactory(title=f"Held {row}", holder=self.steward, **common)
        held.save_revision(user=self.holder)
        ask_holder(KnowledgeAssetPage.objects.get(pk=held.pk), self.holder)
        wide = KnowledgeAssetPageFactory(
            title=f"Wide {row}", visibility=Visibility.OPEN, holder=self.holder, **common
        )
        wide.save_revision(user=self.holder)
        wide.get_workflow().start(wide, self.holder)

    def _asked(self, row: int, person: Any) -> None:
        Invitation.objects.create(
            team=self.team,
            email=f"new{row}@example.org",
            digest=f"{row:064d}",
            invited_by=self.steward,
            expires_at="2099-01-01T00:00Z",
        )
        SavedSearch.objects.create(person=self.steward, name=f"Search {row}", query="zebra")

    def _handover(self, row: int, person: Any) -> None:
        post = PostFactory(
            title=f"Post {row}", team=self.team, holder=person, line_manager=self.steward
        )
        made = Handover.objects.create(
            post=post,
            leaver=person,
            leaver_name="Leaver",
            line_manager=self.steward,
            last_day="2099-01-01",
            state="open",
            confirmed_at=timezone.now(),
            areas_shared_at=timezone.now(),
            questions_opened_at=timezone.now(),
        )
        area = made.areas.create(title="Area")
        made.requests.create(text="Question", named=True, released=True)
        made.actions.create(area=area, title="Do", recipient="Us", due="2099-01-01")
        made.outputs.create(title="Output")


def public_lists() -> dict[str, str]:
    """Every list on the public side."""
    team = TeamSpacePage.objects.get(team__name="Ward 7")
    index = TechniqueIndexPage.objects.get().url
    search = reverse("km_pages:search")
    return {
        "home": home_page().url,
        "techniques by moment": index,
        "techniques by goal": f"{index}?view=goal",
        "techniques A to Z": f"{index}?view=a-z",
        "techniques that fit": f"{index}?minutes=30&people=6",
        "techniques, nothing fits": f"{index}?minutes=1&people=6",
        "technique": TechniquePage.objects.get(title="Zebra technique 0").url,
        "toolkit": ToolkitPage.objects.get().url,
        "toolkit, narrowed": ToolkitPage.objects.get().url + "?weeks=4&minutes=20",
        "activity": Page.objects.get(title="Zebra activity 0").url,
        "repository": RepositoryPage.objects.get().url,
        "team space": team.url,
        "item": Page.objects.get(title="Zebra 0 0").url,
        "search": f"{search}?q=zebra",
        "search for everything": f"{search}?q=&kind=knowledge",
        "suggestions": reverse("km_pages:suggest") + "?q=ze",
        "my page": reverse("km_pages:my_page"),
        "approvals": reverse("km_pages:approvals"),
        "people of a team": reverse("km_pages:team_people", args=[team.team.slug]),
        "add to the repository": reverse("km_pages:add"),
        "handovers": reverse("km_toolkit:handovers"),
        "board": reverse("km_toolkit:board"),
        "feed of techniques": reverse("km_pages:technique_feed"),
        "feed of open items": reverse("km_pages:open_item_feed"),
    }


def admin_lists(patterns: Any = None, prefix: str = "/") -> Iterator[str]:
    """The addresses of all lists of our apps in the admin, as the URLconf has them."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(each.pattern).strip("^$")
        if isinstance(each, URLResolver):
            yield from admin_lists(each.url_patterns, path)
        elif path.startswith("/admin/") and "<" not in path and _is_ours(each):
            yield path


def _is_ours(pattern: Any) -> bool:
    view = getattr(pattern.callback, "view_class", None)
    wrapped = getattr(pattern.callback, "__wrapped__", None)
    options = getattr(pattern.callback, "view_initkwargs", None)
    options = options or getattr(wrapped, "view_initkwargs", None) or {}
    label = getattr(getattr(options.get("model"), "_meta", None), "app_label", "")
    name = pattern.name or ""
    if name.endswith("_modeladmin_index"):
        return True
    ours = label.startswith("km_") or getattr(view, "__module__", "").startswith("km_")
    return (ours and name in ("index", "choose")) or name == "km_search_report"


def counts(world: World, person: Any, addresses: dict[str, str]) -> dict[str, int]:
    """The queries of each address that opens for ``person``."""
    client, found = Client(), {}
    if person is not None:
        client.force_login(person)
    for name, address in addresses.items():
        if client.get(address).status_code != 200:
            continue
        # What a list costs that is not kept.
        lists.clear()
        forget()
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        found[name] = len(queries)
    return found


def grown(few: dict[str, int], many: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (few[name], many[name]) for name in few if many[name] > few[name]}


def test_public_lists_ask_as_often_for_twenty_rows_as_for_one() -> None:
    world = World()
    readers = {"anonymous": None, "steward": world.steward, "superuser": world.superuser}
    world.fill_to(1)
    few = {name: counts(world, person, public_lists()) for name, person in readers.items()}
    assert few["steward"].keys() == public_lists().keys()
    assert {"home", "techniques by moment", "toolkit", "repository", "search"} <= few[
        "anonymous"
    ].keys()
    world.fill_to(MANY)
    many = {name: counts(world, person, public_lists()) for name, person in readers.items()}
    assert {name: grown(few[name], many[name]) for name in few} == {name: {} for name in few}


def test_lists_of_the_admin_ask_as_often_for_twenty_rows_as_for_one() -> None:
    world = World()
    addresses = {path: path for path in admin_lists()}
    assert {"/admin/techniques/", "/admin/knowledge-items/", "/admin/handovers/"} <= set(addresses)
    addresses["dashboard"] = reverse("wagtailadmin_home")
    world.fill_to(1)
    readers = {"superuser": world.superuser, "editor": world.editor, "steward": world.steward}
    few = {name: counts(world, person, addresses) for name, person in readers.items()}
    assert few["superuser"].keys() == addresses.keys()
    world.fill_to(MANY)
    many = {name: counts(world, person, addresses) for name, person in readers.items()}
    assert {name: grown(few[name], many[name]) for name in few} == {name: {} for name in few}
    assert Attachment.objects.count() >= MANY
