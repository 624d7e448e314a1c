"""Every change of a handover there is, with who may do it, and when: one table."""

from __future__ import annotations

from collections.abc import Iterator

from km_toolkit.actions import (
    accept,
    agree,
    ask_team,
    capture,
    helping,
    name_areas,
    start_handover,
)
from km_toolkit.actions.base import HandoverAction

# Named, so that the classes are known whatever was imported before.
MODULES = (start_handover, name_areas, ask_team, agree, helping, capture, accept)


def all_actions() -> Iterator[type[HandoverAction]]:
    """Every kind of change there is, in order of its name."""

    def below(kind: type[HandoverAction]) -> Iterator[type[HandoverAction]]:
        for each in kind.__subclasses__():
            if "name" in vars(each):
                yield each
            yield from below(each)

    yield from sorted(below(HandoverAction), key=lambda each: each.name)
