"""The site with its content and ever more items: pages, search, building the index."""

from __future__ import annotations

import random
import time

from benchmarks import records, wagtail_search
from benchmarks.corpus import item
from benchmarks.filling import World, fill, fill_techniques, make_world
from benchmarks.learning import measure_learning
from benchmarks.measuring import cpu_ms
from benchmarks.requests import Reader, Visit, in_rounds
from benchmarks.tables import Cell, table
from benchmarks.words import telling
from km_pages.models import (
    KnowledgeAssetPage,
    RepositoryPage,
    StandardPage,
    TeamSpacePage,
    TechniqueIndexPage,
    TechniquePage,
)
from km_pages.rebuilding import rebuild
from km_pages.visibility import Visibility
from km_toolkit.models import ActivityPage, ToolkitPage

# More is a matter of hours with nothing new to learn: pages read a constant number of rows.
MOST_IN_DATABASE = 100_000
STAGES = (1_000, 20_000)
MANY_TECHNIQUES = 10_000
ROUNDS = 20
SHELL, TEXT_PAGE = "empty page in our shell", "empty page of text in the tree"


def measure(size: int) -> None:
    """Print the cost of every kind of page at each stage up to ``size`` items."""
    most = min(size, MOST_IN_DATABASE)
    if size > most:
        print(f"\nThe database is filled to {most:,} items only; the engine was given {size:,}.")
    began = time.perf_counter()
    world = make_world()
    print(f"\nA site with all shipped content was made in {time.perf_counter() - began:.0f} s.")
    done = 0
    for stage in sorted({each for each in (*STAGES, most) if each <= most}):
        _fill(world, done, stage)
        done = stage
        _pages(world, stage)
        if stage <= wagtail_search.MOST_ITEMS:
            wagtail_search.measure(stage)
    records.measure(world)
    if most >= MANY_TECHNIQUES:
        fill_techniques(MANY_TECHNIQUES)
        _technique_lists(world)
    measure_learning()


def _fill(world: World, first: int, last: int) -> None:
    began = time.perf_counter()
    fill(world, first, last)
    filled = time.perf_counter() - began
    done = []
    began = time.perf_counter()
    cpu = cpu_ms(lambda: done.append(rebuild())) / 1000
    wall = time.perf_counter() - began
    table(
        f"Building the index from the database, {last:,} items",
        ["", "value"],
        [
            ("seconds to fill the database by bulk SQL", filled),
            ("documents", done[0].documents),
            ("seconds to build", wall),
            ("documents a second", done[0].documents / wall),
            ("CPU seconds", cpu),
        ],
    )


def _queries(items: int) -> list[str]:
    """Twelve searches: words of one title, words of several, single words."""
    chance = random.Random("visitors")

    def word() -> str:
        return chance.choice(item(chance.randrange(items)).title.lower().split())

    asked = [
        " ".join(item(chance.randrange(items)).title.lower().split()[:2]) for _each in range(4)
    ]
    asked += [f"{word()} {word()} {word()}" for _each in range(4)]
    asked += [telling(chance, 1)[0] for _each in range(4)]
    return [f"/search/?q={each.replace(' ', '+')}" for each in asked]


def _addresses(items: int) -> dict[str, list[str]]:
    technique = TechniquePage.objects.filter(slug="after-action-review").first()
    open_items = KnowledgeAssetPage.objects.filter(visibility=Visibility.OPEN)
    open_items = open_items.exclude(path__startswith=_closed_path()).order_by("pk")
    space = TeamSpacePage.objects.get(team__slug="benchmark-team-1")
    return {
        "bare Django view": ["/-/bare/"],
        SHELL: ["/-/empty/"],
        TEXT_PAGE: [_address_of_text()],
        "home": ["/"],
        "techniques": [TechniqueIndexPage.objects.get().url],
        "techniques, narrowed": [TechniqueIndexPage.objects.get().url + "?minutes=30&people=6"],
        "technique": [technique.url],
        "toolkit": [ToolkitPage.objects.get().url],
        "activity": [ActivityPage.objects.order_by("pk").first().url],
        "repository": [RepositoryPage.objects.get().url],
        "team space": [space.url],
        "item": [each.url for each in open_items[:6]],
        "search form": ["/search/"],
        "search": _queries(items),
    }


def _closed_path() -> str:
    return str(TeamSpacePage.objects.get(team__slug="benchmark-team-6").path)


def _address_of_text() -> str:
    page = StandardPage.objects.filter(slug="benchmark-empty").first()
    if page is None:
        page = StandardPage(title="Empty", slug="benchmark-empty")
        RepositoryPage.objects.get().get_parent().add_child(instance=page)
    return str(page.url)


# Strangers are sent to sign in.
MEMBERS_ONLY = {"team space"}


def _pages(world: World, items: int) -> None:
    stranger, member = Reader("a stranger"), Reader("a member", world.reader)
    addresses = _addresses(items)
    visits = {
        (page, reader.name): Visit(page, reader, given)
        for page, given in addresses.items()
        for reader in (stranger, member)
        if not (reader is stranger and page in MEMBERS_ONLY)
    }
    in_rounds(list(visits.values()), ROUNDS)
    _print(f"Pages, {items:,} items", visits, [stranger, member], list(addresses))


def _technique_lists(world: World) -> None:
    stranger, member = Reader("a stranger"), Reader("a member", world.reader)
    url = TechniqueIndexPage.objects.get().url
    addresses = {
        SHELL: ["/-/empty/"],
        "by moment": [url],
        "by moment, part 200": [f"{url}?page=200"],
        "A to Z": [f"{url}?view=a-z"],
        "by goal": [f"{url}?view=goal"],
        "30 minutes, 6 people": [f"{url}?minutes=30&people=6"],
    }
    visits = {
        (page, reader.name): Visit(page, reader, given)
        for page, given in addresses.items()
        for reader in (stranger, member)
    }
    in_rounds(list(visits.values()), ROUNDS)
    count = TechniquePage.objects.count()
    _print(
        f"The list of techniques, {count:,} techniques", visits, [stranger, member], list(addresses)
    )


def _print(
    title: str, visits: dict[tuple[str, str], Visit], readers: list[Reader], pages: list[str]
) -> None:
    rows: list[list[Cell]] = []
    for page in pages:
        row: list[Cell] = [page]
        for reader in readers:
            visit, shell = visits.get((page, reader.name)), visits[SHELL, reader.name]
            row += [visit.ms, visit.ms / shell.ms, visit.queries] if visit else [None] * 3
        rows.append(row)
    heads = [head for each in readers for head in (f"{each.name}: CPU ms", "x shell", "queries")]
    table(title, ["page", *heads], rows)
