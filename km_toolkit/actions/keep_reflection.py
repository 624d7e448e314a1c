"""Keep what a learner wrote about a question, from however many devices."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict
from km_toolkit.actions.learning import ModuleAction, now
from km_toolkit.models import ModuleProgress
from km_toolkit.modules import REFLECTION

MOST_CHARACTERS = 20_000


def digest(text: str) -> str:
    """A short mark by which a text is known again; line ends and blanks around it do not count."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


@dataclass(frozen=True, kw_only=True)
class KeepReflection(ModuleAction):
    """Keep ``text`` as the answer to the question of section ``key``.

    ``version`` is the one that the device had when its text was loaded, ``was`` the mark of that
    text. A device that sends what it was given changes nothing. Where another device wrote
    meanwhile the newer text counts, and the other one is kept beside it.
    """

    key: str
    text: str
    version: int = 0
    was: str = ""

    def change(self, progress: ModuleProgress) -> None:
        """Keep the text. Raises ``Conflict`` if it is longer than can be kept."""
        section = self.section(self.key)
        if section.kind != REFLECTION:
            raise Conflict(_("There is nothing to write here."))
        text = _plain(self.text)
        if len(text) > MOST_CHARACTERS:
            raise Conflict(
                _("This is longer than can be kept here: %(most)d letters. Shorten it a little.")
                % {"most": MOST_CHARACTERS}
            )
        before = progress.reflections.get(self.key, {})
        if text == before.get("text", "") or (self.was and digest(text) == self.was):
            return
        progress.reflections[self.key] = {
            "prompt": str(section.value["prompt"]),
            "text": text,
            "at": now(),
            "version": before.get("version", 0) + 1,
            "others": self._others(before, text),
        }
        progress.at = self.key

    def _others(self, before: dict[str, Any], text: str) -> list[dict[str, str]]:
        """Texts of other devices that are not part of the new one."""
        others = list(before.get("others", []))
        if before and before["version"] != self.version:
            others.append({"text": before["text"], "at": before["at"]})
        return [each for each in others if each["text"] and each["text"] not in text]


@dataclass(frozen=True, kw_only=True)
class DropOtherTexts(ModuleAction):
    """Throw away what another device had written for section ``key``, once it has been read."""

    key: str

    def change(self, progress: ModuleProgress) -> None:
        """Keep the newest text alone."""
        if self.key in progress.reflections:
            progress.reflections[self.key]["others"] = []
