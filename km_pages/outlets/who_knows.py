"""Who knows: the people who offered to be asked about what somebody looks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects

from km_pages.models import Offer, TechniquePage, Topic
from km_pages.search.analysis import is_stop_word, plain, stems
from km_pages.visibility import Reader, visible_to

MOST_PEOPLE = 5
MOST_WORDS = 8
MOST_CANDIDATES = 200
SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class Knows:
    """One person, the subjects that fit, how to reach them, and until when.

    ``has_left``: their last day in the post is over, and they said that they may still be asked.
    """

    person_id: int
    name: str
    subjects: tuple[str, ...]
    reach: str
    until: dt.date | None
    has_left: bool


def who_knows(
    reader: Reader,
    *,
    words: str = "",
    topics: Collection[str] = (),
    technique: int | None = None,
    limit: int = MOST_PEOPLE,
) -> list[Knows]:
    """Who may be asked about ``words``, ``topics`` (slugs) or a ``technique``, best fit first.

    Only offers that ``reader`` may see, and in them only techniques that they may see. Strangers
    get nothing and cost nothing; otherwise one query where nobody offers anything, else at most
    four, however many people there are.
    """
    telling = _telling(words)
    if not (telling or topics or technique) or not reader.in_organisation:
        return []
    # To make the question below takes forty times as long as to ask this one.
    if not Offer.objects.exists():
        return []
    wanted = Q(topics__slug__in=list(topics)) | Q(techniques=technique)
    if not technique:
        wanted = Q(topics__slug__in=list(topics))
    for word in telling:
        wanted |= Q(topics__name__icontains=word) | Q(words__icontains=word)
        wanted |= Q(techniques__title__icontains=word)
    seen = Offer.objects.seen_by(reader).select_related("person")
    offers = list(seen.filter(pk__in=Offer.objects.filter(wanted).values("pk"))[:MOST_CANDIDATES])
    if offers:
        techniques = visible_to(TechniquePage.objects.only("pk", "title", "path"), reader)
        topics_named = Prefetch("topics", Topic.objects.only("pk", "name", "slug"))
        prefetch_related_objects(offers, topics_named, Prefetch("techniques", techniques))
    asked = {stem for word in telling for stem in stems(word)}
    scored = []
    for offer in offers:
        score, subjects = _fit(offer, asked, set(topics), technique)
        if score:
            scored.append((score, _knows(offer, subjects)))
    scored.sort(key=lambda each: (-each[0], each[1].name.lower(), each[1].person_id))
    return [knows for _score, knows in scored[:limit]]


def _telling(text: str) -> list[str]:
    words = dict.fromkeys(plain(text))
    telling = [each for each in words if len(each) >= SHORTEST_WORD and not is_stop_word(each)]
    # The beginning of a word, so that "handovers" is looked for as widely as "handover".
    return [each[:-1] if len(each) > 5 and each.endswith("s") else each for each in telling][
        :MOST_WORDS
    ]


def _fit(
    offer: Any, asked: set[str], topics: set[str], technique: int | None
) -> tuple[int, list[str]]:
    """How well ``offer`` fits, and in which of its subjects."""
    score, subjects = 0, []
    listed = [(each.name, each.slug in topics) for each in offer.topics.all()]
    listed += [(each.title, each.pk == technique) for each in offer.techniques.all()]
    listed += [(offer.words, False)] if offer.words else []
    for name, chosen in listed:
        shared = len(asked & set(stems(name)))
        if chosen or shared:
            score += shared + (2 if chosen else 0)
            subjects.append(name)
    return score, subjects


def _knows(offer: Any, subjects: list[str]) -> Knows:
    return Knows(
        person_id=offer.person_id,
        name=str(offer),
        subjects=tuple(subjects),
        reach=offer.reach,
        until=offer.ends_on,
        has_left=offer.has_left,
    )
