"""Try a knowledge check."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict
from km_toolkit.actions.learning import ModuleAction, now
from km_toolkit.models import ModuleProgress
from km_toolkit.modules import CHECK, Section


def looked_at(section: Section, chosen: list[str]) -> list[str]:
    """``chosen`` without doubles, in the order of the answers; raises ``Conflict``."""
    known = [each.key for each in section.answers if each.key in chosen]
    if not known:
        raise Conflict(_("Choose an answer first. You can also go on without one."))
    if len(known) > 1 and not section.value["several"]:
        raise Conflict(_("Choose one answer."))
    return known


@dataclass(frozen=True, kw_only=True)
class AnswerCheck(ModuleAction):
    """Keep what was chosen in the check ``key``; the same answer sent twice is one try."""

    key: str
    chosen: list[str]

    def change(self, progress: ModuleProgress) -> None:
        """Keep the newest answer, whether it is right, and whether one ever was."""
        section = self.section(self.key)
        if section.kind != CHECK:
            raise Conflict(_("There is nothing to answer here."))
        chosen = looked_at(section, self.chosen)
        before = progress.answers.get(self.key, {})
        right = section.is_right(chosen)
        again = before.get("chosen") == chosen
        progress.answers[self.key] = {
            "chosen": chosen,
            "right": right,
            "ever_right": right or before.get("ever_right", False),
            "tries": before.get("tries", 0) + (0 if again else 1),
        }
        progress.seen.setdefault(self.key, now())
        progress.at = self.key
