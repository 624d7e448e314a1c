"""Fills the database of a site with thousands of items by bulk SQL.

Wagtail's ``add_child`` takes 9 to 55 ms a page; here the tree's paths are computed. What signals
would have done (the index) is done afterwards by a rebuild.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.utils.timezone import make_aware
from taggit.models import Tag
from wagtail.models import Locale, Page, PageViewRestriction

from benchmarks.corpus import PEOPLE, TAGS, TEAMS, TOPICS, TYPES, Item, item
from km_pages.actions.open_team import OpenTeam
from km_pages.models import (
    Attachment,
    FilePassage,
    GuideChange,
    KnowledgeAssetPage,
    KnowledgeTag,
    LearningPhase,
    OutputType,
    ScanState,
    StoredFile,
    Team,
    TechniqueFormat,
    TechniqueIndexPage,
    TechniquePage,
    TextState,
    Topic,
)

CHUNK = 1_000


@dataclass(frozen=True)
class World:
    """A site with its shipped content, and whoever and whatever items point at."""

    people: Sequence[Any]
    reader: Any
    teams: Sequence[Team]
    topics: Sequence[Topic]
    types: Sequence[OutputType]
    tags: Sequence[Tag]


def make_world() -> World:
    """Migrate, set up with all content, open teams; the reader is a member of two of them."""
    call_command("migrate", verbosity=0)
    call_command("km_setup", stdout=io.StringIO())
    users = get_user_model()
    people = users.objects.bulk_create(
        [
            users(username=f"p{n}@example.org", first_name="Person", last_name=str(n))
            for n in range(PEOPLE)
        ]
    )
    teams = [OpenTeam(name=f"Benchmark team {number}").execute() for number in range(TEAMS)]
    reader = people[7]
    for number in (1, 4):
        teams[number].members_group.user_set.add(reader)
    # One space is closed to all but its team, so that the rule has its second half to check.
    closed = PageViewRestriction.objects.create(
        page=teams[6].space, restriction_type=PageViewRestriction.GROUPS
    )
    closed.groups.add(teams[6].members_group)
    return World(
        people=people,
        reader=reader,
        teams=teams,
        topics=Topic.objects.bulk_create(
            [Topic(slug=f"topic-{n}", name=f"Benchmark topic {n}") for n in range(TOPICS)]
        ),
        types=OutputType.objects.bulk_create(
            [OutputType(slug=f"type-{n}", name=f"Benchmark type {n}") for n in range(TYPES)]
        ),
        tags=Tag.objects.bulk_create([Tag(slug=f"tag-{n}", name=f"tag {n}") for n in range(TAGS)]),
    )


def fill(world: World, first: int, last: int) -> None:
    """Make items number ``first`` to before ``last``."""
    for begin in range(first, last, CHUNK):
        made = [item(number) for number in range(begin, min(begin + CHUNK, last))]
        with transaction.atomic():
            _fill(world, made)
    analyse()


def _fill(world: World, made: Sequence[Item]) -> None:
    spaces = [Page.objects.get(pk=team.space.pk) for team in world.teams]
    pages = [
        _page(
            KnowledgeAssetPage,
            spaces[one.team],
            title=one.title,
            slug=f"item-{one.number}",
            owner=world.people[one.owner],
            day=one.captured_on,
        )
        for one in made
    ]
    add_children(
        pages, [_asset(world, one, page) for one, page in zip(made, pages, strict=True)], spaces
    )
    _relations(world, made, pages)
    _files(world, made, pages)


def _page(
    model: type[Page], parent: Page, *, title: str, slug: str, day: dt.date, owner: Any = None
) -> Page:
    """A row of the page tree, the next below ``parent``, whose count of children it raises."""
    parent.numchild += 1
    moment = make_aware(dt.datetime.combine(day, dt.time(9)))
    return Page(
        path=Page._get_path(parent.path, parent.depth + 1, parent.numchild),
        depth=parent.depth + 1,
        content_type=ContentType.objects.get_for_model(model),
        title=title,
        draft_title=title,
        slug=slug,
        url_path=f"{parent.url_path}{slug}/",
        locale=Locale.get_default(),
        owner=owner,
        live=True,
        first_published_at=moment,
        last_published_at=moment,
        latest_revision_created_at=moment,
    )


def add_children(pages: list[Page], rows: list[Model], parents: Sequence[Page]) -> None:
    """Insert ``pages`` with their ``rows`` of a page type's own table, and count the children."""
    Page.objects.bulk_create(pages)
    for page, row in zip(pages, rows, strict=True):
        row.page_ptr_id = page.pk  # type: ignore[attr-defined]
    insert(rows)
    for parent in parents:
        Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild)


def insert(rows: Sequence[Model]) -> None:
    """Insert the part of each row that stands in its model's own table.

    ``bulk_create`` refuses models that stand in two tables.
    """
    model = type(rows[0])
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", values
        )


def _asset(world: World, one: Item, _page: Page) -> KnowledgeAssetPage:
    return KnowledgeAssetPage(
        output_type=world.types[one.kind],
        summary=one.summary,
        body=json.dumps(_body(one)),
        visibility=one.audience,
        holder=world.people[one.owner],
        captured_on=one.captured_on,
        review_due=one.review_due,
    )


def _body(one: Item) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "text", "value": "".join(f"<p>{each}</p>" for each in one.paragraphs)}
    ]
    if one.questions:
        entries = [
            {"type": "item", "value": {"question": question, "answer": answer}}
            for question, answer in one.questions
        ]
        blocks.append({"type": "questions", "value": {"entries": entries}})
    return [{**each, "id": str(uuid.uuid4())} for each in blocks]


def _relations(world: World, made: Sequence[Item], pages: Sequence[Page]) -> None:
    def link(name: str, column: str, keys: Iterable[tuple[int, int]]) -> None:
        through = getattr(KnowledgeAssetPage, name).through
        through.objects.bulk_create(
            [through(**{"knowledgeassetpage_id": page, column: key}) for page, key in keys]
        )

    pairs = list(zip(made, pages, strict=True))
    topics = [(page.pk, world.topics[n].pk) for one, page in pairs for n in one.topics]
    shared = [(page.pk, world.teams[n].pk) for one, page in pairs for n in one.shared_with]
    named = [(page.pk, world.people[n].pk) for one, page in pairs for n in one.named]
    link("topics", "topic_id", topics)
    link("shared_with", "team_id", shared)
    link("named_people", "user_id", named)
    KnowledgeTag.objects.bulk_create(
        [
            KnowledgeTag(content_object_id=page.pk, tag=world.tags[n])
            for one, page in pairs
            for n in one.tags
        ]
    )


def _files(world: World, made: Sequence[Item], pages: Sequence[Page]) -> None:
    pairs = [(one, page) for one, page in zip(made, pages, strict=True) if one.passages]
    files = StoredFile.objects.bulk_create(
        [
            StoredFile(
                blob=f"no/{one.number}",
                name=f"{one.title.lower().replace(' ', '-')}.pdf",
                size=40_000,
                mime="application/pdf",
                extension="pdf",
                sha256=f"{one.number:064x}",
                uploader=world.people[one.owner],
                scan_state=ScanState.UNSCANNED,
                text_state=TextState.READ,
                pages=len(one.passages),
            )
            for one, _page in pairs
        ]
    )
    Attachment.objects.bulk_create(
        [
            Attachment(page_id=page.pk, stored_file=stored, sort_order=0)
            for (_one, page), stored in zip(pairs, files, strict=True)
        ]
    )
    FilePassage.objects.bulk_create(
        [
            FilePassage(stored_file=stored, number=number, label=f"page {number}", text=text)
            for (one, _page), stored in zip(pairs, files, strict=True)
            for number, text in enumerate(one.passages, start=1)
        ]
    )


def fill_techniques(number: int) -> None:
    """Make ``number`` short techniques with one format each below the list of techniques."""
    above = Page.objects.get(pk=TechniqueIndexPage.objects.first().pk)
    phases = list(LearningPhase.objects.all())
    for begin in range(0, number, CHUNK):
        made = [item(each) for each in range(begin, min(begin + CHUNK, number))]
        with transaction.atomic():
            pages = [
                _page(
                    TechniquePage,
                    above,
                    title=one.title,
                    slug=f"technique-{one.number}",
                    day=one.captured_on,
                )
                for one in made
            ]
            rows = [
                TechniquePage(
                    strapline=one.summary[:150], primary_phase=phases[one.number % len(phases)]
                )
                for one in made
            ]
            add_children(pages, rows, [above])
            _formats(made, pages)
    GuideChange.note()
    analyse()


def _formats(made: Sequence[Item], pages: Sequence[Page]) -> None:
    TechniqueFormat.objects.bulk_create(
        [
            TechniqueFormat(
                technique_id=page.pk,
                minutes_min=10 + one.number % 50,
                minutes_max=10 + one.number % 50 + one.number % 90,
                people_min=2 + one.number % 5,
                people_max=8 + one.number % 20,
            )
            for one, page in zip(made, pages, strict=True)
        ]
    )


def analyse() -> None:
    """What a database does by itself in time, or is told to do after a bulk load."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
