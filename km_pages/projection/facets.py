"""By what a document can be narrowed, and what is shown of it in a list of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from km_pages.projection.loading import Loaded
from km_pages.visibility import Visibility

# The order in which the search page shows them.
FACETS = (
    "kind",
    "team",
    "phase",
    "topic",
    "type",
    "goal",
    "tag",
    "filetype",
    "year",
    "review",
)
REVIEW_DUE, REVIEW_OK = "due", "ok"


def date_of(page: Any) -> date | None:
    """When the knowledge was captured; of other pages, when they were published last."""
    captured = getattr(page, "captured_on", None)
    return captured or _day(page.last_published_at or page.first_published_at)


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def facets_of(loaded: Loaded, files: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    """The values of each facet; facets without a value are left out.

    Values are the slugs of what editors keep in lists, and names of tags. ``review`` depends on
    today's date: :func:`km_pages.outbox.note_overdue` has documents renewed when it passes.
    """
    page = loaded.page
    day = date_of(page)
    values: dict[str, Iterable[str]] = {
        "kind": [page.km_kind],
        "team": [loaded.team.slug] if loaded.team else [],
        "phase": _slugs(page, "primary_phase", "phases"),
        "topic": _slugs(page, "topics"),
        "type": _slugs(page, "output_type"),
        "goal": _slugs(page, "goals"),
        "tag": tags_of(page),
        "filetype": sorted({each.extension for each in files if each.extension}),
        "year": [str(day.year)] if day else [],
        "review": _review(page),
    }
    found = {name: tuple(dict.fromkeys(given)) for name, given in values.items()}
    return {name: given for name, given in found.items() if given}


def _slugs(page: Any, *names: str) -> list[str]:
    entries: list[Any] = []
    for name in names:
        value = getattr(page, name, None)
        many = hasattr(value, "all")
        entries.extend(sorted(value.all(), key=lambda each: each.slug) if many else [value])
    return [each.slug for each in entries if each is not None]


def tags_of(page: Any) -> list[str]:
    """The names of the page's free tags, sorted."""
    tags = getattr(page, "tags", None)
    return sorted(each.name for each in tags.all()) if hasattr(tags, "all") else []


def _review(page: Any) -> list[str]:
    due = getattr(page, "review_due", None)
    if due is None:
        return []
    return [REVIEW_DUE if due < timezone.localdate() else REVIEW_OK]


def labels_of(loaded: Loaded) -> Mapping[str, str]:
    """What a result shows besides title and text: names as they are, everything else as codes.

    Keys: ``team``, ``date``, ``checked`` and ``review_due`` (ISO dates), ``type``, ``phase``,
    ``phase_colour``, ``minutes`` and ``people`` ("20-45", open ends left empty), ``visibility``,
    ``teams`` (one name a line), ``named`` (how many people), ``holder``. Codes are put into words
    when they are shown, in the reader's language.
    """
    page = loaded.page
    day, due = date_of(page), getattr(page, "review_due", None)
    checked = getattr(page, "last_reviewed", None)
    phase, kind = getattr(page, "primary_phase", None), getattr(page, "output_type", None)
    holder = getattr(page, "holder", None)
    labels = {
        "team": loaded.team.name if loaded.team else "",
        "date": day.isoformat() if day else "",
        "checked": checked.isoformat() if checked else "",
        "review_due": due.isoformat() if due else "",
        "type": kind.name if kind else "",
        "phase": phase.name if phase else "",
        "phase_colour": phase.colour if phase else "",
        "minutes": _range(page, "minutes"),
        "people": _range(page, "people"),
        "holder": (holder.get_full_name() or holder.get_username()) if holder else "",
        **_audience(loaded),
    }
    return {name: text for name, text in labels.items() if text}


def _audience(loaded: Loaded) -> dict[str, str]:
    page = loaded.page
    visibility = getattr(page, "visibility", "")
    labels = {"visibility": visibility}
    if visibility == Visibility.TEAM:
        home = [loaded.team.name] if loaded.team else []
        labels["teams"] = "\n".join([*home, *sorted(each.name for each in page.shared_with.all())])
    if visibility == Visibility.NAMED:
        labels["named"] = str(len(page.named_people.all()))
    return labels


def _range(page: Any, what: str) -> str:
    """The widest range of minutes or people, over all formats of fixed length, as "20-45"."""
    rows = [page] if hasattr(page, f"{what}_min") else []
    formats = getattr(page, "formats", None)
    if hasattr(formats, "all"):
        rows = [each for each in formats.all() if not each.ongoing]
    lows = [getattr(each, f"{what}_min", None) for each in rows]
    highs = [getattr(each, f"{what}_max", None) for each in rows]
    low = min((each for each in lows if each is not None), default="")
    ends = [each for each in highs if each is not None]
    high = max(ends) if ends and len(ends) == len(highs) else ""
    return f"{low}-{high}" if (low, high) != ("", "") else ""
