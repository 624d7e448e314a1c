"""What the tests of learning records have in common."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from km_toolkit.actions.record_learning import AddEntry, Learned
from km_toolkit.models import LearningEntry, LearningScheme, SchemePart

SECRET = "zanzibar lanterns"


def learned(**given: Any) -> Learned:
    """What an entry says, with a reflection that no other text contains."""
    values: dict[str, Any] = {
        "date": datetime.date(2026, 3, 4),
        "activity": "took_part",
        "what": "After action review of the winter rota",
        "minutes": 45,
        "participatory_minutes": 30,
        "reflection": SECRET,
    }
    return Learned(**{**values, **given})


def entry_of(owner: Any, **given: Any) -> LearningEntry:
    """An entry of ``owner``."""
    action = {name: given.pop(name) for name in ("origin", "origin_key", "page") if name in given}
    return AddEntry(owner=owner, learned=learned(**given), **action).execute()


def scheme(name: str, *parts: str) -> LearningScheme:
    """A scheme with ``parts``."""
    made = LearningScheme.objects.create(name=name)
    for each in parts:
        SchemePart.objects.create(scheme=made, name=each)
    return made


def posted(**given: Any) -> dict[str, Any]:
    """What the form sends."""
    values: dict[str, Any] = {
        "date": "2026-03-04",
        "activity": "took_part",
        "what": "After action review of the winter rota",
        "minutes": "45",
        "participatory_minutes": "30",
        "reflection": SECRET,
        "key": str(uuid.uuid4()),
        "window": str(uuid.uuid4()),
        "seen": "0",
        "do": "save",
    }
    return {**values, **given}
