"""Step 1: name what one knows that matters, and share the list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.errors import Conflict
from km_toolkit.actions.agree import reopen
from km_toolkit.actions.base import (
    CHANGED_MEANWHILE,
    PREPARING,
    UNDER_WAY,
    HandoverAction,
    marked,
    mine,
    save,
)
from km_toolkit.models import Handover, KnowledgeArea
from km_toolkit.parts import Part

WRITERS = frozenset({Part.LEAVER, Part.HELPER})
FIELDS = frozenset(
    {"title", "why", "who_relies", "who_else", "kind", "criticality", "uniqueness", "urgency"}
)
MOST_AREAS = 60


def mark_of(area: KnowledgeArea) -> str:
    """The mark of what an area says."""
    return marked(area, FIELDS)


@dataclass(frozen=True, kw_only=True)
class AddArea(HandoverAction):
    """Add an area. ``key`` tells one form from another: sent twice, it is added once."""

    title: str
    details: dict[str, Any] = field(default_factory=dict)
    key: uuid.UUID | None = None

    name = "add_area"
    words = gettext_lazy("Add a knowledge area")
    parts = WRITERS
    states = PREPARING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a title, or with more areas than anybody can talk about."""
        if not self.title.strip():
            raise Conflict(_("Say what it is about."))
        if handover.areas.count() >= MOST_AREAS:
            raise Conflict(
                _("There are %(most)s areas already. Put some of them together first.")
                % {"most": MOST_AREAS}
            )

    def change(self, handover: Handover) -> KnowledgeArea:
        """Add it, and open again what was agreed without it."""
        given = {name: value for name, value in self.details.items() if name in FIELDS}
        area, made = KnowledgeArea.objects.get_or_create(
            key=self.key or uuid.uuid4(),
            handover=handover,
            defaults={
                **given,
                "title": self.title.strip(),
                "sort_order": handover.areas.count(),
                # Said only where somebody typed it in for the person whose knowledge it is.
                "typed_by": None if self.by.pk == handover.leaver_id else self.by,
            },
        )
        if made:
            reopen(handover)
        return area


@dataclass(frozen=True, kw_only=True)
class ChangeArea(HandoverAction):
    """Change what is said about an area, or its scales. Its priority is agreed elsewhere.

    ``seen`` is the mark of the area (:func:`mark_of`) as ``by`` was shown it.
    """

    area: Any
    details: dict[str, Any]
    seen: str = ""

    name = "change_area"
    words = gettext_lazy("Change a knowledge area")
    parts = WRITERS
    states = PREPARING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for an empty title, or an area that is gone."""
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        if not str(self.details.get("title", self.area.title)).strip():
            raise Conflict(_("Say what it is about."))
        if self.seen and self.seen != mark_of(area):
            raise Conflict(CHANGED_MEANWHILE)

    def change(self, handover: Handover) -> KnowledgeArea:
        """Change it."""
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        save(area, **{name: value for name, value in self.details.items() if name in FIELDS})
        return area


@dataclass(frozen=True, kw_only=True)
class RemoveArea(HandoverAction):
    """Take an area off the list. What the team asked about it stays."""

    area: Any

    name = "remove_area"
    words = gettext_lazy("Remove a knowledge area")
    parts = WRITERS
    states = PREPARING

    def change(self, handover: Handover) -> None:
        """Remove it; a second time does nothing."""
        removed, _each = handover.areas.filter(pk=self.area.pk).delete()
        if removed:
            reopen(handover)

    def noted(self) -> dict[str, Any]:
        """Its title, since it is gone."""
        return {"title": self.area.title}


@dataclass(frozen=True, kw_only=True)
class ShareAreas(HandoverAction):
    """Show the list to the line manager. Before this it is the leaver's own."""

    name = "share_areas"
    words = gettext_lazy("Share the areas with the line manager")
    parts = frozenset({Part.LEAVER})
    states = PREPARING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` while there is nothing to share."""
        if not handover.areas.exists():
            raise Conflict(_("Name at least one area first."))

    def change(self, handover: Handover) -> None:
        """Share it, once."""
        if handover.areas_shared_at is None:
            save(handover, areas_shared_at=timezone.now())


@dataclass(frozen=True, kw_only=True)
class TellInPerson(HandoverAction):
    """Told in person, nothing stored: always possible, for whatever should not be written down."""

    area: Any
    told_to: str
    told: bool = True

    name = "tell_in_person"
    words = gettext_lazy("Note that something was told in person")
    parts = frozenset({Part.LEAVER})
    states = UNDER_WAY

    def change(self, handover: Handover) -> None:
        """Note that it was, and to whom; not what."""
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        save(area, told_in_person=self.told, told_to=self.told_to.strip() if self.told else "")
