"""Three processes publish, move, delete and search until killed at any moment.

``python -m tests.faults.random_scenes``. What each did is written into a journal only after it was
done; what it is about to do to a page of another, before.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from pathlib import Path
from typing import Any

from tests.faults.stage import live_shortly, make_tables, scenes_of, serve

LONGEST_LIFE = 1.5
PROCESSES = ("publish", "change", "search")
# In every item, and in no other page.
SHARED = "quillfeather"


def journal() -> Path:
    """What was done."""
    return Path(os.environ["KM_VAR"]) / "journal"


def note(*words: object) -> None:
    """Write one line that outlives this process."""
    with journal().open("a") as lines:
        lines.write(" ".join(map(str, words)) + "\n")


def told() -> dict[int, list[str]]:
    """The last thing that was done to each page, as far as it was noted.

    Another process may move or delete a page before the one that published it has noted that.
    """
    done: dict[int, list[str]] = {}
    for line in journal().read_text().splitlines():
        did, pk, *rest = line.split()
        if did == "published":
            done.setdefault(int(pk), [did, *rest])
        elif did != "searched":
            done[int(pk)] = [did, *rest]
    return done


def sections() -> list[Any]:
    """The open section, and one that only members may look into."""
    from km_pages.models import TeamSectionPage

    return list(TeamSectionPage.objects.order_by("pk"))


def scene_setup() -> None:
    """Two sections, and a first item."""
    from wagtail.models import PageViewRestriction

    from tests.factories import TeamSectionPageFactory, TeamSpacePageFactory

    make_tables()
    space = TeamSpacePageFactory()
    for title in ("Open", "Closed"):
        closed = TeamSectionPageFactory(parent=space, title=title)
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    publish_one()


def publish_one() -> None:
    """Publish an open item with a word that stands nowhere else."""
    from django.db import transaction

    from tests.factories import KnowledgeAssetPageFactory

    word = f"w{uuid.uuid4().hex}"
    with transaction.atomic():
        given = {"title": f"{SHARED} {word}", "slug": word, "visibility": "open"}
        item = KnowledgeAssetPageFactory(parent=sections()[0], **given)
    note("published", item.pk, word)


def scene_publish(seconds: str) -> None:
    """Publish one item after the other."""
    publish_one()
    live_shortly(seconds)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        publish_one()


def change_one() -> None:
    """Move an item into the other section, or delete one of several."""
    from wagtail.models import Page

    pages = Page.objects.filter(title__startswith=SHARED)
    page = pages.order_by("?")[0]
    note("begun", page.pk, page.slug)
    if random.random() < 0.3 and pages.count() > 1:
        page.delete()
        note("deleted", page.pk, page.slug)
    else:
        there = page.get_parent().pk
        target = next(each for each in sections() if each.pk != there)
        page.move(target, pos="last-child")
        note("moved", page.pk, page.slug, target.pk)


def scene_change(seconds: str) -> None:
    """Move and delete."""
    change_one()
    live_shortly(seconds)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        change_one()


def scene_search(seconds: str) -> None:
    """Search as a stranger."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    search_once(client)
    live_shortly(seconds)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        search_once(client)


def search_once(client: Any) -> None:
    """The answer is a page, and names nothing that was moved out of sight before it was asked.

    What is moved back while it is being answered may be either.
    """
    hidden = _hidden()
    answer = client.get("/search/", {"q": SHARED})
    text = answer.content.decode()
    assert answer.status_code == 200, text
    named = [word for pk, word in hidden.items() if word in text and pk in _hidden()]
    assert not named, named
    note("searched", 0)


def _hidden() -> dict[int, str]:
    """Words of items that were deleted or moved out of sight, and not touched since."""
    closed = str(sections()[1].pk)
    rows = told().items()
    gone = {pk: row[1] for pk, row in rows if row[0] == "deleted"}
    return gone | {pk: row[1] for pk, row in rows if row[0] == "moved" and row[2] == closed}


def scene_check() -> None:
    """After one drain index and database agree, and all that was noted is so in both."""
    from wagtail.models import Page

    from km_pages.finding import find
    from km_pages.index_upkeep import check
    from km_pages.models import IndexChange
    from km_pages.outbox import Ending, drain
    from km_pages.visibility import as_reader
    from tests.factories import UserFactory

    done = drain()
    assert done.ending is Ending.DONE, done
    assert not IndexChange.objects.exists()
    found = check()
    assert found.is_clean, found
    places = {
        page.pk: page.get_parent().pk for page in Page.objects.filter(title__startswith=SHARED)
    }
    member = as_reader(UserFactory(username=uuid.uuid4().hex))
    for pk, (did, word, *place) in told().items():
        hits = [each.page_id for each in find(word, reader=member, correct=False).hits]
        assert hits == ([pk] if pk in places else []), (did, word)
        if did != "begun":
            assert (pk in places) == (did != "deleted"), (did, word)
        if did == "moved":
            assert places[pk] == int(place[0]), word
    stranger = find(SHARED, reader=as_reader(None), correct=False)
    assert stranger.total == list(places.values()).count(sections()[0].pk)


if __name__ == "__main__":
    serve(scenes_of(globals()))
