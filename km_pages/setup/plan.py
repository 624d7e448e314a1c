"""The plan of a set-up: steps with a key each, done once and then left to the editors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from wagtail import hooks

from km_pages.models import SetupRecord

# A function () -> list of SetupStep: what km_setup makes for an app.
SETUP_HOOK = "km_setup_steps"
# A function () -> list of SetupStep: what km_demo makes for an app.
DEMO_HOOK = "km_demo_steps"
# The one in C reads the same fourteen times as fast; a PyYAML built without it has the other.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class SetupStep:
    """One thing to make.

    ``key`` names it for ever; ``description`` is shown to whoever runs the set-up; ``run`` makes
    it, and must leave alone what it finds. Steps run by ``order``, then as they were given.
    ``content`` steps are left out by ``--without-content``.
    """

    key: str
    description: str
    run: Callable[[], Any]
    order: int = 100
    content: bool = False


def steps_of(hook: str) -> list[SetupStep]:
    """All steps that apps contribute through ``hook``, in the order in which they are to run."""
    steps = [step for contribute in hooks.get_hooks(hook) for step in contribute()]
    return sorted(steps, key=lambda step: step.order)


def missing(steps: Iterable[SetupStep], *, with_content: bool = True) -> list[SetupStep]:
    """Those of ``steps`` that were never run here. One query."""
    done = set(SetupRecord.objects.values_list("key", flat=True))
    return [step for step in steps if step.key not in done and (with_content or not step.content)]


def carry_out(steps: Iterable[SetupStep]) -> Iterator[SetupStep]:
    """Run ``steps``, each in a transaction of its own with its record, yielding each when done."""
    for step in steps:
        with transaction.atomic():
            step.run()
            SetupRecord.objects.create(key=step.key)
        yield step


def read_data(path: Path) -> Any:
    """The content of one YAML data file, as plain lists, dicts, texts, numbers and dates."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - both are safe


def read_folder(folder: Path) -> list[dict[str, Any]]:
    """The data files of ``folder`` in the order of their names."""
    return [read_data(path) for path in sorted(folder.glob("*.yaml"))]
