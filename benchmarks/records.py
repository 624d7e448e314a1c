"""Learning records of many people: what their pages cost beside an empty page in our shell."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from benchmarks.filling import CHUNK, World
from benchmarks.requests import Reader, Visit, in_rounds
from benchmarks.tables import Cell, table
from km_toolkit.models import LearningEntry, LearningScheme, LearningTarget, SchemePart

LEARNERS, EACH, ROUNDS = 5_000, 50, 20
SHELL = "empty page in our shell"
PAGES = {
    SHELL: "/-/empty/",
    "my learning record": "/learning/record/",
    "my learning record, one year": "/learning/record/?year=2026",
    "the form": "/learning/record/add/",
    "a year to print": "/learning/record/print/?starts=2026-01-01&ends=2026-12-31",
    "a year as PDF": "/learning/record/my-learning-record.pdf?starts=2026-01-01&ends=2026-12-31",
    "all as CSV": "/learning/record/my-learning-record.csv",
}


def measure(world: World) -> None:
    """Fill in 5,000 people with 50 entries each, and look at one person's pages."""
    began = time.perf_counter()
    reader = _fill(world)
    print(f"\n{LearningEntry.objects.count():,} entries in {time.perf_counter() - began:.0f} s.")
    visits = {page: Visit(page, Reader("a learner", reader), [at]) for page, at in PAGES.items()}
    in_rounds(list(visits.values()), ROUNDS)
    shell = visits[SHELL]
    rows: list[list[Cell]] = [
        [page, visit.ms, visit.ms / shell.ms, visit.queries] for page, visit in visits.items()
    ]
    title = f"Learning records, {LEARNERS:,} people with {EACH} entries each"
    table(title, ["page", "CPU ms", "x shell", "queries"], rows)


def _fill(world: World) -> Any:
    users = get_user_model()
    people = [users(username=f"recorder{n}@example.org") for n in range(LEARNERS - 1)]
    learners = [world.reader, *users.objects.bulk_create(people, batch_size=CHUNK)]
    parts = list(SchemePart.objects.values_list("pk", flat=True))
    chance = random.Random("learners")
    named: list[Any] = []
    through = LearningEntry.parts.through
    for start in range(0, LEARNERS, 100):
        made = LearningEntry.objects.bulk_create(
            [
                _entry(chance, person)
                for person in learners[start : start + 100]
                for _n in range(EACH)
            ]
        )
        named += [
            through(learningentry_id=each.pk, schemepart_id=part)
            for each in made
            for part in chance.sample(parts, 2)
        ]
    through.objects.bulk_create(named, batch_size=5_000)
    for scheme in LearningScheme.objects.all():
        LearningTarget.objects.create(
            owner=world.reader,
            scheme=scheme,
            starts="2024-01-01",
            ends="2026-12-31",
            minutes=2_100,
            participatory_minutes=1_200,
        )
    return world.reader


def _entry(chance: random.Random, person: Any) -> LearningEntry:
    minutes = chance.randrange(5, 200)
    when = timezone.now() - dt.timedelta(days=chance.randrange(1_000))
    return LearningEntry(
        key=uuid.UUID(int=chance.getrandbits(128)),
        owner=person,
        date=when.date(),
        activity="took_part",
        what=f"Something learned, number {chance.randrange(1_000)}",
        minutes=minutes,
        participatory_minutes=minutes // 2,
        reflection="What we planned and what came of it. " * 8,
        begun_at=when,
        created_at=when,
    )
