"""A learning module as its learner meets it: sections in order, and how far they have come.

Stands below the models, which call it from ``get_context``. What is asked here is asked of a page
and of a row of progress (or of nothing), and changes neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest

CHECK = "check"
REFLECTION = "reflection"


@dataclass(frozen=True)
class Answer:
    """One answer of a check. ``key`` stays when an editor moves it."""

    key: str
    text: str
    right: bool
    feedback: str


@dataclass(frozen=True)
class Section:
    """One section: its place, counted from 1, its key, its kind and its block."""

    number: int
    key: str
    kind: str
    block: Any

    @property
    def heading(self) -> str:
        """What stands above it."""
        return str(self.block.value.get("heading") or "")

    @property
    def value(self) -> Any:
        """What an editor put into it."""
        return self.block.value

    @property
    def answers(self) -> list[Answer]:
        """The answers of a check; none of other sections."""
        if self.kind != CHECK:
            return []
        rows = enumerate(self.value["answers"].bound_blocks)
        return [
            Answer(
                each.id or str(n),
                each.value["text"],
                bool(each.value["right"]),
                str(each.value["feedback"] or ""),
            )
            for n, each in rows
        ]

    def is_right(self, chosen: Iterable[str]) -> bool:
        """Whether ``chosen`` are all the right answers and no other."""
        return set(chosen) == {each.key for each in self.answers if each.right}


@dataclass(frozen=True)
class Standing:
    """A section, and how far a learner is with it."""

    section: Section
    seen: bool = False
    tried: bool = False
    right: bool = False


def sections_of(page: Any) -> list[Section]:
    """The sections of ``page``, in order. In unsaved ones the place serves as the key."""
    return [
        Section(number, each.id or str(number), each.block_type, each)
        for number, each in enumerate(page.sections, start=1)
    ]


def standing(sections: Iterable[Section], progress: Any) -> list[Standing]:
    """How far ``progress`` (``None`` for nobody's) is with each of ``sections``."""
    seen = progress.seen if progress else {}
    answers = progress.answers if progress else {}
    return [
        Standing(
            each,
            seen=each.key in seen,
            tried=each.key in answers,
            right=bool(answers.get(each.key, {}).get("ever_right")),
        )
        for each in sections
    ]


def still_missing(page: Any, progress: Any) -> list[Standing]:
    """The sections that keep ``page`` from counting as completed, by its own rule."""
    rows = standing(sections_of(page), progress)
    rule = page.completion

    def lacks(row: Standing) -> bool:
        if not row.seen:
            return True
        if row.section.kind != CHECK or rule == "seen":
            return False
        return not (row.right if rule == "right" else row.tried)

    return [row for row in rows if lacks(row)]


def going_on(sections: list[Section], progress: Any) -> int:
    """The number of the section at which the learner goes on; 1 at the beginning."""
    at = progress.at if progress else ""
    return next((each.number for each in sections if each.key == at), 1)


def module_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``rows`` of sections, where the reader is ``going_on``, and what the module is about."""
    sections = sections_of(page)
    rows = apps.get_model("km_toolkit", "ModuleProgress").objects.of(request.user)
    progress = rows.filter(page=page.pk).first() if page.pk else None
    about = [each for each in (page.technique, page.activity) if each and each.live]
    return {
        "sections": sections,
        "rows": standing(sections, progress),
        "progress": progress,
        "going_on": going_on(sections, progress),
        "phase": page.own_phase,
        "about": [(each.title, each.get_url(request)) for each in about],
        "is_preview": getattr(request, "is_preview", False),
    }
