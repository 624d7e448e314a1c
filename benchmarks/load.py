"""Many people at once: how long they wait, how much a machine bears, what a kill costs them.

A gunicorn with two processes and a worker run as in a deployment; people with browsers stand in a
process of their own on the same machine, and take their share of its processors. Wall time.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from benchmarks.corpus import item
from benchmarks.filling import World, fill, make_world
from benchmarks.measuring import share
from benchmarks.serving import Server, a_server, a_worker, cookie_of
from benchmarks.tables import Cell, table
from benchmarks.visiting import Note
from km_pages.models import Post
from km_pages.rebuilding import rebuild
from km_toolkit.models import Handover, KnowledgeArea

WORKERS, THREADS = 2, 12
PEOPLE = 50
AT_ONCE = (1, 10, 50)
SECONDS, PAUSE = 30, 1.0
EVERYTHING = ("home", "guide", "search", "handover", "save", "upload")
READING = ("home", "guide", "search")
STEPS = (1, 2, 4, 8, 16, 32)
LONGEST_WAIT_MS = 500
WRITERS = 8
KILLS, BETWEEN_KILLS = 20, 2.0


@dataclass(frozen=True)
class Done:
    """What a number of people did, and in how many seconds."""

    notes: Sequence[Note]
    seconds: float

    def of(self, name: str) -> list[float]:
        """Milliseconds of each time that ``name`` was done and answered."""
        return [ms for what, _began, ms, status in self.notes if what == name and _went(status)]

    @property
    def waits(self) -> list[float]:
        """Milliseconds of everything that was answered."""
        return [ms for _what, _began, ms, status in self.notes if _went(status)]

    @property
    def faults(self) -> int:
        """How many were not answered, or with an error."""
        return sum(not _went(status) for *_rest, status in self.notes)


def _went(status: int) -> bool:
    return 200 <= status < 400


class Crowd:
    """The process in which all these people are; see :mod:`benchmarks.visiting`."""

    def __init__(self, server: Server, people: list[tuple[str, str]], words: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.visiting"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say({"port": server.port, "people": people, "words": words})

    def begin(self, people: int, *, doing: Sequence[str], seconds: float, pause: float) -> None:
        """Have so many of them do things."""
        order = {"people": people, "seconds": seconds, "pause": pause, "doing": list(doing)}
        self._say(order)
        self.seconds = seconds

    def done(self) -> Done:
        """Wait for the end of what was begun."""
        assert self.process.stdout is not None
        notes = json.loads(self.process.stdout.readline())
        return Done([tuple(each) for each in notes], self.seconds)

    def did(self, people: int, *, doing: Sequence[str], seconds: float, pause: float) -> Done:
        """Both."""
        self.begin(people, doing=doing, seconds=seconds, pause=pause)
        return self.done()

    def close(self) -> None:
        """Send them home."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def _say(self, what: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()


def measure(size: int) -> None:
    """Print waiting, the most that is borne, writes at once and kills, with ``size`` items."""
    world = make_world()
    fill(world, 0, size)
    rebuild()
    people = _people(world)
    words = sorted({word for n in range(200) for word in item(n).title.split() if len(word) > 3})
    connection.close()
    print(f"\nDatabase: {connection.vendor}; {size:,} items; {PEOPLE} people with handovers.")
    with a_server(people[0][0], workers=WORKERS, threads=THREADS) as server, a_worker():
        crowd = Crowd(server, people, words)
        crowd.did(4, doing=EVERYTHING, seconds=10, pause=0)
        _waiting(crowd)
        _most(crowd)
        _writes(crowd)
        _kills(crowd, server)
        crowd.close()


def _people(world: World) -> list[tuple[str, str]]:
    """Cookie and the address of an area, for people who each hand a post over."""
    users = get_user_model()._default_manager
    now, last = timezone.now(), timezone.localdate() + dt.timedelta(days=40)
    found = []
    for number in range(PEOPLE):
        person = users.create_user(username=f"load{number}@example.org", first_name="Leaver")
        team = world.teams[number % len(world.teams)]
        team.members_group.user_set.add(person)
        manager = world.people[number % len(world.people)]
        post = Post.objects.create(
            title=f"Post {number}", team=team, holder=person, line_manager=manager
        )
        handover = Handover.objects.create(
            post=post,
            leaver=person,
            leaver_name=str(person),
            line_manager=manager,
            last_day=last,
            state="open",
            confirmed_at=now,
        )
        area = KnowledgeArea.objects.create(handover=handover, title="Area", why="It stops.")
        address = reverse("km_toolkit:area", args=[handover.pk, area.pk])
        found.append((cookie_of(person), address))
    return found


def _waiting(crowd: Crowd) -> None:
    """How long each thing takes while so many people use the site with pauses."""
    rows: list[list[Cell]] = []
    for people in AT_ONCE:
        done = crowd.did(people, doing=EVERYTHING, seconds=SECONDS, pause=PAUSE)
        for name in EVERYTHING:
            waits = done.of(name)
            shares: list[Cell] = [share(waits, each) for each in (0.5, 0.95, 0.99) if waits]
            rows.append([f"{people}: {name}", len(waits), *(shares or [None] * 3)])
        rows.append([f"{people}: errors", done.faults, None, None, None])
    table(
        f"People with pauses of {PAUSE:.0f} s on average, {SECONDS} s: milliseconds of waiting",
        ["people: what", "times", "p50", "p95", "p99"],
        rows,
    )


def _most(crowd: Crowd) -> None:
    """How much is answered while p95 stays below half a second."""
    rows: list[list[Cell]] = []
    for people in STEPS:
        done = crowd.did(people, doing=READING, seconds=10, pause=0)
        waits = done.waits
        wait = share(waits, 0.95) if waits else None
        rows.append([people, len(waits) / done.seconds, wait, done.faults])
    table(
        f"The same pages ({', '.join(READING)}) without pauses; p95 should stay below "
        f"{LONGEST_WAIT_MS} ms",
        ["people", "answers a second", "p95 ms", "errors"],
        rows,
    )


def _writes(crowd: Crowd) -> None:
    """Eight people who save without pauses."""
    done = crowd.did(WRITERS, doing=["save"], seconds=15, pause=0)
    waits = done.waits
    table(
        f"{WRITERS} people save without pauses",
        ["saved a second", "p50 ms", "p95 ms", "errors"],
        [[len(waits) / done.seconds, share(waits, 0.5), share(waits, 0.95), done.faults]],
    )


def _kills(crowd: Crowd, server: Server) -> None:
    """A process of the web server is killed again and again while ten people work."""
    seconds = (KILLS + 1) * BETWEEN_KILLS
    crowd.begin(10, doing=EVERYTHING, seconds=seconds, pause=0.2)
    began = time.perf_counter()
    killed = []
    for number in range(1, KILLS + 1):
        time.sleep(max(0.0, began + number * BETWEEN_KILLS - time.perf_counter()))
        for victim in server.processes()[:1]:
            killed.append(time.perf_counter() - began)
            os.kill(victim, signal.SIGKILL)
    done = crowd.done()
    table(
        f"A web process is killed every {BETWEEN_KILLS:.0f} s while ten people work",
        ["kills", "answered", "not answered", "longest until answered again, s"],
        [[len(killed), len(done.waits), done.faults, max(_gaps(done, killed), default=0.0)]],
    )


def _gaps(done: Done, killed: Sequence[float]) -> list[float]:
    """Seconds from each kill to the end of the first thing that began after it and was answered."""
    ended = sorted(
        (began, began + ms / 1000) for _w, began, ms, status in done.notes if _went(status)
    )
    return [
        min((end for began, end in ended if began > moment), default=done.seconds) - moment
        for moment in killed
    ]
