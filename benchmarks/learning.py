"""The menu of modules, a module and a section of it, with thousands of learners who have begun."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from benchmarks.requests import Reader, Visit, in_rounds
from benchmarks.tables import Cell, table
from km_toolkit.models import (
    ElsewhereCompletion,
    LearningIndexPage,
    LearningModulePage,
    ModuleProgress,
)

LEARNERS = 5_000
ELSEWHERE = 37
CHUNK = 5_000
ROUNDS = 20
SHELL = "empty page in our shell"


def measure_learning() -> None:
    """Print the cost of the pages of learning for a stranger and for one of many learners."""
    learner = _fill()
    module = LearningModulePage.objects.order_by("pk").first()
    addresses = {
        SHELL: "/-/empty/",
        "menu": LearningIndexPage.objects.get().url,
        "module": module.url,
        "section": f"/learning/modules/{module.pk}/1/",
    }
    readers = [Reader("a stranger"), Reader("a learner", learner)]
    visits = {
        (page, reader.name): Visit(page, reader, [address])
        for page, address in addresses.items()
        for reader in readers
    }
    in_rounds(list(visits.values()), ROUNDS)
    rows: list[list[Cell]] = []
    for page in addresses:
        row: list[Cell] = [page]
        for reader in readers:
            visit, shell = visits[page, reader.name], visits[SHELL, reader.name]
            row += [visit.ms, visit.ms / shell.ms, visit.queries]
        rows.append(row)
    heads = [head for each in readers for head in (f"{each.name}: CPU ms", "x shell", "queries")]
    count = ModuleProgress.objects.count() + ElsewhereCompletion.objects.count()
    table(f"Learning, {LEARNERS:,} learners with {count:,} entries", ["page", *heads], rows)


def _fill() -> object:
    """Learners with an entry in each module and some from elsewhere; one of them."""
    users = get_user_model()
    names = [f"learner{number}@example.org" for number in range(LEARNERS)]
    users.objects.bulk_create([users(username=name) for name in names], batch_size=CHUNK)
    people = list(users.objects.filter(username__in=names[:1]))
    everybody = users.objects.filter(username__startswith="learner").order_by("pk")
    today = timezone.localdate()
    modules = list(LearningModulePage.objects.only("pk", "title"))
    ModuleProgress.objects.bulk_create(
        [
            ModuleProgress(user_id=pk, page=page, title=page.title, completed_on=today, minutes=7)
            for pk in everybody.values_list("pk", flat=True)
            for page in modules
        ],
        batch_size=CHUNK,
    )
    ElsewhereCompletion.objects.bulk_create(
        [
            ElsewhereCompletion(
                user_id=pk,
                target=f"technique:{number}",
                title="Course",
                completed_on=today - timedelta(days=number),
                minutes=20,
                proof_text="Certificate",
            )
            for pk in everybody.values_list("pk", flat=True)
            for number in range(ELSEWHERE)
        ],
        batch_size=CHUNK,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people[0]
