"""Every page of a handover asks as often for twenty of everything as for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from km_pages.models import TeamSpacePage
from km_toolkit.models import Handover, RequestSupport
from tests.factories import (
    ActivityPageFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PostFactory,
    UserFactory,
)
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db
OF_A_HANDOVER = (
    "handover",
    "facts",
    "areas",
    "questions",
    "ask",
    "priorities",
    "plan",
    "add_action",
    "help",
    "capture",
    "express",
    "accept",
    "history",
    "pack",
    "thanks",
)
OF_NONE = ("handovers", "start_handover", "board", "mails")


def grow(ward: Cast, first: int, last: int) -> None:
    """Make number ``first`` to before ``last`` of everything that a handover has."""
    handover, now = ward.handover, timezone.now()
    team = handover.post.team
    space = TeamSpacePage.objects.get(team=team)
    for n in range(first, last):
        somebody = UserFactory(first_name=f"Helper {n}")
        team.members_group.user_set.add(somebody)
        activity = ActivityPageFactory(title=f"Activity {n}")
        area = handover.areas.create(title=f"Area {n}", priority="high", typed_by=somebody)
        asked = handover.requests.create(
            text=f"Question {n}?", author=somebody, author_name="A", released=True, area=area
        )
        RequestSupport.objects.create(request=asked, person=ward.member)
        handover.requests.create(text=f"Open {n}?", author=somebody, released=True)
        action = handover.actions.create(
            area=area, activity=activity, title=f"Action {n}", recipient="Us", due=now.date()
        )
        page = KnowledgeAssetPageFactory(parent=space, title=f"Note {n}", holder=somebody)
        page.post, page.output_type = handover.post, OutputTypeFactory()
        page.save()
        handover.outputs.create(
            title=f"Note {n}",
            area=area,
            action=action,
            page=page,
            shared_at=now,
            created_by=somebody,
        )
        handover.outputs.create(title=f"Draft {n}", area=area, created_by=somebody)
        handover.helping.create(person=somebody, state="volunteered")
        handover.interviews.create(area=area, interviewer=somebody)
        handover.gaps.create(text=f"Missing {n}?", area=area, raised_by=somebody)
        Handover.objects.create(
            post=PostFactory(team=team, title=f"Post {n}", line_manager=ward.manager),
            leaver=somebody, leaver_name=f"Leaver {n}", line_manager=ward.manager,
            last_day=now.date() + timedelta(days=n), state="open", confirmed_at=now,
            areas_shared_at=now, questions_opened_at=now,
        )  # fmt: skip


def counted(ward: Cast) -> dict[tuple[str, str], int]:
    """The queries of each page, for each of those who may open it."""
    found = {}
    for who in ("leaver", "manager", "successor", "member", "knowledge_manager"):
        client = Client()
        client.force_login(getattr(ward, who))
        pages = {name: reverse(f"km_toolkit:{name}") for name in OF_NONE}
        pages |= {
            name: reverse(f"km_toolkit:{name}", args=[ward.handover.pk]) for name in OF_A_HANDOVER
        }
        pages["post"] = reverse("km_toolkit:post", args=[ward.handover.post_id])
        for kind, row in {
            "area": ward.handover.areas.first(),
            "action": ward.handover.actions.first(),
            "question": ward.handover.requests.filter(area=None).first(),
            "output": ward.handover.outputs.filter(page=None).first(),
            "interview": ward.handover.interviews.first(),
        }.items():
            pages[kind] = reverse(f"km_toolkit:{kind}", args=[ward.handover.pk, row.pk])
        for name, address in pages.items():
            found |= _queries(client, who, name, address)
    return found


def _queries(client: Client, who: str, name: str, address: str) -> dict[Any, int]:
    if client.get(address).status_code != 200:
        return {}
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return {(who, name): len(queries)}


def test_every_page_asks_as_often_for_twenty_of_everything_as_for_one() -> None:
    ward = cast()
    now = timezone.now()
    Handover.objects.update(
        successor=ward.successor, areas_shared_at=now, questions_opened_at=now, thank_you=True
    )
    ward.handover.refresh_from_db()
    grow(ward, 0, 1)
    few = counted(ward)
    grow(ward, 1, 20)
    many = counted(ward)
    assert {name for _who, name in few} >= {*OF_A_HANDOVER, *OF_NONE, "post", "output", "action"}
    assert {page: (few[page], many[page]) for page in few if many[page] > few[page]} == {}
