"""Go on from one section of a module to the next."""

from __future__ import annotations

from dataclasses import dataclass

from km_toolkit.actions.learning import ModuleAction, now
from km_toolkit.models import ModuleProgress


@dataclass(frozen=True, kw_only=True)
class SeeSection(ModuleAction):
    """Note the section ``key`` as seen, and ``then`` as the one to go on with."""

    key: str
    then: str = ""

    def change(self, progress: ModuleProgress) -> None:
        """Keep when it was seen first. An unknown section changes nothing but the place."""
        self.section(self.key)
        progress.seen.setdefault(self.key, now())
        progress.at = self.then or self.key
