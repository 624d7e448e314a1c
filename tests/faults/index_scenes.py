"""Changes of pages that die on their way to the index: ``python -m tests.faults.index_scenes``."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.faults.stage import die, make_tables, scenes_of, serve, then_die


def while_dying(real: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, with the end somewhere in the middle of it."""

    def run(*args: Any, **kwargs: Any) -> Any:
        threading.Timer(random.uniform(0, 0.02), die).start()
        result = real(*args, **kwargs)
        time.sleep(1)
        return result

    return run


def patches() -> dict[str, tuple[Any, str, Callable[[Any], Any]]]:
    """The moments at which a change dies: what is replaced, and by what."""
    from km_pages import applying, handlers, outbox, rebuilding
    from km_pages.search import get_engine

    engine = type(get_engine())
    return {
        "before the row": (handlers, "enqueue", lambda _real: die),
        "after the row, before the commit": (handlers, "enqueue", then_die),
        "after the commit": (outbox, "drain", lambda _real: die),
        "when the turn was taken": (applying, "get_engine", lambda _real: die),
        "when the page was projected": (engine, "apply", lambda _real: die),
        "while the engine writes": (engine, "apply", while_dying),
        "when the engine has committed": (engine, "apply", then_die),
        "when the row was removed": (applying._Work, "_settle", then_die),
        "while a new index is built": (rebuilding, "indexed_ids", lambda _real: die),
        "while the new index is written": (engine, "rebuild", while_dying),
        "when the new index is in its place": (engine, "rebuild", then_die),
        "before the last drain of a rebuild": (rebuilding, "apply_changes", lambda _real: die),
    }


def publish(word: str) -> None:
    """One of everything: publish, narrow, move, unpublish, delete."""
    from django.db import transaction
    from wagtail.models import Page

    from km_pages.models import KnowledgeAssetPage
    from tests.factories import KnowledgeAssetPageFactory, TeamFactory, TeamSpacePageFactory

    # Every fork begins to count where the parent stood.
    own = uuid.uuid4().hex
    with transaction.atomic():
        team = TeamFactory(name=f"Team {own}", slug=own)
        space = TeamSpacePageFactory(team=team)
        items = [
            KnowledgeAssetPageFactory(title=f"{word} {number}", visibility="open")
            for number in range(4)
        ]
    narrowed = KnowledgeAssetPage.objects.get(pk=items[0].pk)
    narrowed.visibility = "team"
    narrowed.save_revision().publish()
    Page.objects.get(pk=items[1].pk).move(Page.objects.get(pk=space.pk), pos="last-child")
    KnowledgeAssetPage.objects.get(pk=items[2].pk).unpublish()
    Page.objects.get(pk=items[3].pk).delete()


def scene_setup() -> None:
    """Make the database and a few pages."""
    make_tables()
    publish("first")


def scene_kill(moment: str) -> None:
    """Change, or rebuild, and die at ``moment``."""
    from km_pages.rebuilding import rebuild

    target, name, replace = patches()[moment]
    setattr(target, name, replace(getattr(target, name)))
    if "index is" in moment or "rebuild" in moment:
        rebuild()
    publish(moment)


def scene_check() -> None:
    """One drain, then the check must be clean, and open items must be found."""
    from km_pages.finding import find
    from km_pages.index_upkeep import check
    from km_pages.models import IndexChange, KnowledgeAssetPage
    from km_pages.outbox import Ending, drain
    from km_pages.visibility import as_reader

    done = drain()
    assert done.ending is Ending.DONE, done
    assert not IndexChange.objects.exists()
    found = check()
    assert not found.differences, found.differences
    open_items = KnowledgeAssetPage.objects.filter(live=True, visibility="open")
    hits = find("", reader=as_reader(None), filters={"kind": ["knowledge"]}, page_size=1000)
    assert not hits.unavailable
    assert {each.page_id for each in hits.hits} == set(open_items.values_list("pk", flat=True))


def scene_publisher(name: str, times: str) -> None:
    """Publish again and again, as one of several web processes."""
    for number in range(int(times)):
        publish(f"{name}{number}")


def scene_searcher(times: str) -> None:
    """Search again and again; no answer may fail, and nobody sees what is for a team."""
    from km_pages.finding import find
    from km_pages.visibility import as_reader

    for _number in range(int(times)):
        found = find("first alpha0 beta1", reader=as_reader(None), page_size=50)
        assert not found.unavailable, found.notice
        assert all(hit.labels.get("visibility") == "open" for hit in found.hits)
        time.sleep(0.01)


def scene_rebuild() -> None:
    """Build the index anew a few times while others publish."""
    from km_pages.rebuilding import rebuild

    for _number in range(3):
        rebuild()


if __name__ == "__main__":
    serve(scenes_of(globals()))
