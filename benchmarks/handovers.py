"""The handover service with ever more handovers: every page for its reader, and the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from benchmarks.filling import World, analyse, make_world
from benchmarks.measuring import cpu_ms
from benchmarks.requests import Reader, Visit, in_rounds
from benchmarks.tables import Cell, table
from km_pages.models import Post
from km_toolkit.models import (
    Gap,
    Handover,
    KnowledgeArea,
    KnowledgeOutput,
    Reminder,
    TeamRequest,
    TransferAction,
)
from km_toolkit.reminding import let_the_clock_act

STAGES = (20, 2_000)
AREAS, REQUESTS, ACTIONS, OUTPUTS = 6, 4, 5, 10
ROUNDS = 15
SHELL = "empty page in our shell"
PRIORITIES = ("high", "high", "medium", "low", "low", "low")


def measure() -> None:
    """Print the cost of every page of the service at each stage."""
    world = make_world()
    watched = _watched(world)
    done = 0
    for stage in STAGES:
        fill(world, done, stage)
        done = stage
        _pages(world, watched, stage)
    _clock(STAGES[-1])


def _watched(world: World) -> Handover:
    """The handover that is looked at: of somebody in a team of the reader, who manages it."""
    post = Post.objects.create(
        title="Post that is looked at",
        team=world.teams[1],
        holder=world.people[8],
        line_manager=world.reader,
    )
    made = _handovers([post], world)
    _parts(made)
    permission = Permission.objects.get(codename="manage_handovers")
    world.people[9].user_permissions.add(permission)
    return made[0]


def fill(world: World, first: int, last: int) -> None:
    """Make handovers number ``first`` to before ``last``, with all their parts."""
    with transaction.atomic():
        posts = Post.objects.bulk_create(
            [
                Post(
                    title=f"Post {number}",
                    team=world.teams[number % len(world.teams)],
                    holder=world.people[11 + number % (len(world.people) - 11)],
                    line_manager=world.people[_manager(number, len(world.people))],
                )
                for number in range(first, last)
            ]
        )
        _parts(_handovers(posts, world))
    analyse()


def _manager(number: int, people: int) -> int:
    """Who manages it: the reader, number 7, has six people who leave; others share the rest.

    Never the holder, who is the one before in the same round.
    """
    return 7 if number < 5 else 11 + (number + 1) % (people - 11)


def _handovers(posts: list[Post], world: World) -> list[Handover]:
    now, today = timezone.now(), timezone.localdate()
    return Handover.objects.bulk_create(
        [
            Handover(
                post=post,
                leaver_id=post.holder_id,
                leaver_name=f"Leaver {post.pk}",
                line_manager_id=post.line_manager_id,
                successor=world.people[10],
                last_day=today + dt.timedelta(days=7 + post.pk % 200),
                state="open",
                confirmed_at=now,
                areas_shared_at=now,
                questions_opened_at=now,
                priorities_asked_at=now,
            )
            for post in posts
        ]
    )


def _parts(handovers: list[Handover]) -> None:
    areas = KnowledgeArea.objects.bulk_create(
        [
            KnowledgeArea(
                handover=each,
                title=f"Area {number}",
                why="It stops without it.",
                priority=PRIORITIES[number],
                criticality=1 + (each.pk + number) % 5,
                sort_order=number,
            )
            for each in handovers
            for number in range(AREAS)
        ]
    )
    first = {each.handover_id: each for each in reversed(areas)}

    def rows(model: Any, many: int, **given: Any) -> None:
        model.objects.bulk_create(
            [
                model(handover=each, **{name: make(each, n) for name, make in given.items()})
                for each in handovers
                for n in range(many)
            ]
        )

    rows(TeamRequest, REQUESTS, text=lambda _e, n: f"Question {n}?", released=lambda _e, _n: True)
    rows(
        TransferAction,
        ACTIONS,
        area=lambda each, _n: first[each.pk],
        title=lambda _e, n: f"Action {n}",
        recipient=lambda _e, _n: "Successor",
        due=lambda each, n: each.last_day - dt.timedelta(days=n),
        minutes=lambda _e, n: 30 * n,
    )
    rows(
        KnowledgeOutput,
        OUTPUTS,
        area=lambda each, _n: first[each.pk],
        title=lambda _e, n: f"Output {n}",
        summary=lambda _e, _n: "What to do on a bad night.",
    )
    rows(Gap, 1, text=lambda _e, _n: "Where is the key?")


def _addresses(handover: Handover) -> dict[str, tuple[str, str]]:
    """Page -> (reader, address)."""

    def of(name: str, *args: Any) -> str:
        return reverse(f"km_toolkit:{name}", args=[handover.pk, *args])

    area = handover.areas.first()
    output = handover.outputs.first()
    action = handover.actions.first()
    question = handover.requests.first()
    board = reverse("km_toolkit:board")
    return {
        "my handovers": ("manager", reverse("km_toolkit:handovers")),
        "start": ("manager", reverse("km_toolkit:start_handover")),
        "start, of all posts": ("knowledge manager", reverse("km_toolkit:start_handover")),
        "start, of one of all": (
            "knowledge manager",
            f"{reverse('km_toolkit:start_handover')}?post={handover.post_id}",
        ),
        "board of a manager": ("manager", board),
        "board of all": ("knowledge manager", board),
        "board of all, last part": ("knowledge manager", f"{board}?page=9999"),
        "board of all, narrowed": ("knowledge manager", f"{board}?state=open"),
        "post": ("manager", reverse("km_toolkit:post", args=[handover.post_id])),
        "task list": ("leaver", of("handover")),
        "dates and people": ("leaver", of("facts")),
        "areas": ("leaver", of("areas")),
        "one area": ("leaver", of("area", area.pk)),
        "questions": ("leaver", of("questions")),
        "one question": ("leaver", of("question", question.pk)),
        "ask": ("member", of("ask")),
        "priorities": ("manager", of("priorities")),
        "plan": ("leaver", of("plan")),
        "one action": ("leaver", of("action", action.pk)),
        "help": ("leaver", of("help")),
        "capture": ("leaver", of("capture")),
        "Express": ("leaver", of("express")),
        "one output": ("leaver", of("output", output.pk)),
        "before sharing": ("leaver", of("share_output", output.pk)),
        "acceptance": ("successor", of("accept")),
        "history": ("manager", of("history")),
        "pack": ("leaver", of("pack")),
        "mails": ("leaver", reverse("km_toolkit:mails")),
    }


def _readers(world: World, handover: Handover) -> dict[str, Reader]:
    member = next(p for p in world.people[20:] if p.pk != handover.leaver_id)
    world.teams[1].members_group.user_set.add(member)
    people = {
        "leaver": handover.leaver,
        "manager": handover.line_manager,
        "knowledge manager": world.people[9],
        "successor": world.people[10],
        "member": member,
    }
    return {name: Reader(name, person) for name, person in people.items()}


def _pages(world: World, handover: Handover, stage: int) -> None:
    handover.refresh_from_db()
    readers = _readers(world, handover)
    shells = {name: Visit(SHELL, reader, ["/-/empty/"]) for name, reader in readers.items()}
    visits = {
        page: Visit(page, readers[who], [address])
        for page, (who, address) in _addresses(handover).items()
    }
    in_rounds([*shells.values(), *visits.values()], ROUNDS)
    rows: list[list[Cell]] = [
        [f"{page}, for the {visit.reader.name}", visit.ms, visit.ms / shell.ms, visit.queries]
        for page, visit in visits.items()
        for shell in [shells[visit.reader.name]]
    ]
    title = f"Handover service, {stage:,} handovers with {stage * OUTPUTS:,} outputs"
    table(title, ["page", "CPU ms", "x shell", "queries"], rows)


def _clock(stage: int) -> None:
    """The whole day's reminders, in one go; and once more, when nothing is left to do."""
    today = timezone.localdate() + dt.timedelta(days=1)
    first = cpu_ms(lambda: let_the_clock_act(today))
    again = cpu_ms(lambda: let_the_clock_act(today))
    table(
        f"The day's reminders, {stage:,} handovers",
        ["", "value"],
        [
            ("CPU seconds", first / 1000),
            ("reminders", Reminder.objects.count()),
            ("CPU seconds the second time", again / 1000),
        ],
    )
