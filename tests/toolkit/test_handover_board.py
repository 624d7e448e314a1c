"""The board, its export, the handbook of a post and the registers."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.models import Handover
from tests.factories import OutputTypeFactory, PostFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db
BOARD = "km_toolkit:board"


@pytest.fixture
def ward() -> Cast:
    return cast()


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def more(ward: Cast, number: int) -> None:
    for n in range(number):
        handover = Handover.objects.create(
            post=PostFactory(team=ward.handover.post.team, title=f"=Post {n}"),
            leaver_name=f"Person {n}",
            line_manager=ward.manager,
            last_day=timezone.localdate() + timedelta(days=n),
            state="open",
            confirmed_at=timezone.now(),
            areas_shared_at=timezone.now(),
        )
        handover.areas.create(title=f"Area {n}")


def test_each_sees_the_handovers_they_direct(ward: Cast) -> None:
    for who, seen in ((ward.manager, 1), (ward.knowledge_manager, 1), (ward.member, 0)):
        rows = client_of(who).get(reverse(BOARD)).context["rows"]
        assert len(rows) == seen


def test_the_board_has_a_constant_number_of_queries(
    ward: Cast, django_assert_max_num_queries: Any
) -> None:
    client = client_of(ward.knowledge_manager)
    client.get(reverse(BOARD))
    with django_assert_max_num_queries(60) as one:
        client.get(reverse(BOARD))
        queries = len(one.captured_queries)
    more(ward, 19)
    with django_assert_max_num_queries(queries):
        assert len(client.get(reverse(BOARD)).context["rows"]) == 20


def test_exports_say_what_the_screen_says_and_hold_no_formula(ward: Cast) -> None:
    more(ward, 2)
    client = client_of(ward.manager)
    text = client.get(reverse(BOARD) + "?export=csv").content.decode()
    assert "'=Post 1" in text
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse(BOARD) + "?export=xlsx").content))
    assert book.active is not None
    assert len(list(book.active.rows)) == 4


@pytest.mark.postgres_too
def test_unknown_filters_narrow_nothing(ward: Cast) -> None:
    client = client_of(ward.manager)
    for query in ("?state=x&reason=y&page=-1", "?team=%00", "?page=" + "9" * 30):
        assert client.get(reverse(BOARD) + query).status_code == 200
    assert not client.get(reverse(BOARD) + "?team=nowhere").context["rows"]


def titles(user: Any, query: str = "") -> list[str]:
    rows = client_of(user).get(reverse(BOARD) + query).context["rows"]
    return [row.handover.post.title for row in rows]


@pytest.mark.postgres_too
def test_the_board_is_narrowed_to_one_team_one_state_or_one_reason(ward: Cast) -> None:
    team = ward.handover.post.team
    other = PostFactory(title="Elsewhere")
    Handover.objects.create(
        post=other,
        leaver_name="Kim",
        line_manager=ward.manager,
        last_day="2030-01-01",
        reason="rotation",
    )
    for user in (ward.manager, ward.knowledge_manager):
        assert set(titles(user)) == {ward.handover.post.title, "Elsewhere"}
        assert titles(user, f"?team={team.slug}") == [ward.handover.post.title]
        assert titles(user, f"?team={other.team.slug}") == ["Elsewhere"]
        assert titles(user, "?state=draft") == ["Elsewhere"]
        assert titles(user, "?reason=rotation") == ["Elsewhere"]
        assert titles(user, f"?reason=rotation&team={team.slug}") == []


def test_a_deputy_directs_a_handover_from_the_moment_they_are_asked(ward: Cast) -> None:
    Handover.objects.filter(pk=ward.handover.pk).update(deputy=ward.deputy, deputy_asked_at=None)
    assert titles(ward.deputy) == []
    Handover.objects.filter(pk=ward.handover.pk).update(deputy_asked_at=timezone.now())
    assert titles(ward.deputy) == [ward.handover.post.title]


def test_a_long_board_comes_in_parts_of_twenty_five(ward: Cast) -> None:
    more(ward, 29)
    first, second = titles(ward.manager), titles(ward.manager, "?page=2")
    assert (len(first), len(second)) == (25, 5)
    assert not set(first) & set(second)
    assert titles(ward.manager, "?page=99") == second


@pytest.mark.postgres_too
def test_at_stake_stand_the_areas_that_score_highest_and_of_which_nothing_is_shared(
    ward: Cast,
) -> None:
    ward.handover.areas.all().delete()
    Handover.objects.filter(pk=ward.handover.pk).update(areas_shared_at=timezone.now())
    for title, scale, more_of_it in (
        ("Low", 1, {}),
        ("High", 5, {}),
        ("Told", 5, {"told_in_person": True}),
        ("Later", 5, {"priority": "not_now", "priority_reason": "No time"}),
        ("Middle", 3, {}),
        ("Kept", 5, {}),
    ):
        ward.handover.areas.create(
            title=title, criticality=scale, uniqueness=scale, urgency=scale, **more_of_it
        )
    kept = ward.handover.areas.get(title="Kept")
    ward.handover.outputs.create(title="Notes", area=kept, shared_at=timezone.now())
    for user in (ward.manager, ward.knowledge_manager):
        areas = client_of(user).get(reverse(BOARD)).context["areas"]
        assert [(each.title, each.score) for each in areas] == [
            ("High", 125),
            ("Middle", 27),
            ("Low", 1),
        ]
    Handover.objects.filter(pk=ward.handover.pk).update(areas_shared_at=None)
    assert client_of(ward.manager).get(reverse(BOARD)).context["areas"] == []


def shared(ward: Cast, title: str) -> Any:
    output = CaptureOutput(
        handover=ward.handover, by=ward.leaver, title=title, details={"summary": "Whom to call."}
    ).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    return KnowledgeAssetPage.objects.get(title=title)


def test_the_handbook_shows_the_team_what_they_may_see(ward: Cast) -> None:
    page = shared(ward, "Night calls")
    url = reverse("km_toolkit:post", args=[ward.handover.post.pk])
    assert page.title in client_of(ward.member).get(url).content.decode()
    assert client_of(ward.other).get(url).status_code == 404
    page.visibility = "named"
    page.save_revision().publish()
    assert page.title not in client_of(ward.member).get(url).content.decode()


def test_the_handbook_shows_what_the_next_holder_says_otherwise(
    ward: Cast, django_assert_max_num_queries: Any
) -> None:
    old, new = shared(ward, "Contacts of old"), shared(ward, "Contacts of now")
    people = [
        ({"name": "Ana Reyes", "phone": "200"}, {"name": "Lou Marsh"}),
        ({"name": "Ana Reyes", "phone": "201"}, {"name": "Sky Fenn"}),
    ]
    kind = OutputTypeFactory(name="Contacts", slug="contacts")
    for page, holder, entries in ((old, ward.member, people[0]), (new, ward.leaver, people[1])):
        page.body = [("contacts", {"entries": list(entries)})]
        page.holder, page.output_type = holder, kind
        page.save_revision().publish()
    url = reverse("km_toolkit:post_differences", args=[ward.handover.post.pk])
    client = client_of(ward.deputy)
    with django_assert_max_num_queries(25):
        [found] = client.get(url).context["differences"]
    assert found.changed == [("Ana Reyes · 200", "Ana Reyes · 201")]
    assert (found.added, found.gone) == (["Sky Fenn"], ["Lou Marsh"])
    old.visibility = "named"
    old.save_revision().publish()
    assert "Lou Marsh" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    "register", ["handovers", "handover-questions", "handover-actions", "handover-outputs"]
)
def test_registers_are_for_knowledge_managers_to_look_at(ward: Cast, register: str) -> None:
    ward.handover.requests.create(text="Held back", named=False)
    access = Permission.objects.get(codename="access_admin")
    for who in (ward.knowledge_manager, ward.steward):
        who.user_permissions.add(access)
    url = f"/admin/{register}/"
    answer = client_of(ward.knowledge_manager).get(url)
    assert answer.status_code == 200
    assert "Held back" not in answer.content.decode()
    assert client_of(ward.knowledge_manager).get(url + "?export=csv").status_code == 200
    assert client_of(ward.steward).get(url).status_code in (302, 403)


def test_a_register_finds_by_team_names_people_and_leads_to_the_handover(ward: Cast) -> None:
    access = Permission.objects.get(codename="access_admin")
    ward.knowledge_manager.user_permissions.add(access)
    client = client_of(ward.knowledge_manager)
    found = client.get("/admin/handovers/?q=Ward 7").content.decode()
    assert reverse("km_toolkit:handover", args=[ward.handover.pk]) in found
    assert "Manager Test" in found
    assert "Ward sister" not in client.get("/admin/handovers/?q=Nowhere").content.decode()
    ward.handover.requests.create(text="Why so?", released=True)
    asked = client.get("/admin/handover-questions/?q=Ward 7").content.decode()
    assert "Why so?" in asked
    assert reverse("km_toolkit:handover", args=[ward.handover.pk]) in asked


def test_the_board_names_who_is_waited_for(ward: Cast) -> None:
    Handover.objects.update(priorities_asked_at=timezone.now(), questions_opened_at=timezone.now())
    [row] = client_of(ward.manager).get(reverse(BOARD)).context["rows"]
    assert row.waiting == [
        "Ask the team what they want to know: the team",
        "Agree what comes first: Manager Test",
    ]


def test_exports_of_registers_hold_no_formula(ward: Cast) -> None:
    ward.handover.requests.create(text="=1+1", released=True)
    ward.handover.outputs.create(title="@SUM(1)")
    ward.handover.post.title = "=Sister"
    ward.handover.post.save()
    access = Permission.objects.get(codename="access_admin")
    ward.knowledge_manager.user_permissions.add(access)
    client = client_of(ward.knowledge_manager)
    for register in ("handovers", "handover-questions", "handover-outputs"):
        answer = client.get(f"/admin/{register}/?export=csv")
        text = b"".join(answer.streaming_content).decode()
        assert not [
            cell for cell in text.replace("\n", ",").split(",") if cell[:1] in "=@" and cell
        ]
        assert "'" in text
