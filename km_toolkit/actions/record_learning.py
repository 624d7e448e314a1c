"""Add to one's own learning record, correct an entry, withdraw it, bring it back.

The audit log says that somebody changed their record. What they wrote is not in it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from km_pages.actions.errors import ActionError, Conflict
from km_pages.models import StoredFile
from km_pages.numbers import whole_ones
from km_toolkit.models import (
    LearningActivity,
    LearningEntry,
    LearningEvidence,
    LearningOrigin,
    SchemePart,
)
from km_toolkit.models.records import MOST_MINUTES

MOST_FILES = 20
EARLIEST = datetime.date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What an entry says. ``parts`` and ``files`` are primary keys."""

    date: datetime.date
    activity: str
    what: str
    minutes: int
    participatory_minutes: int = 0
    role: str = ""
    aim: str = ""
    reflection: str = ""
    practice_change: str = ""
    reference: str = ""
    parts: frozenset[int] = frozenset()
    files: tuple[int, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """The fields of the row itself."""
        inside = {each.name for each in fields(self)} - {"parts", "files"}
        return {name: getattr(self, name) for name in inside}

    @classmethod
    def of(cls, entry: LearningEntry) -> Learned:
        """What ``entry`` says. Two queries."""
        names = [each.name for each in fields(cls) if each.name not in ("parts", "files")]
        return cls(
            **{name: getattr(entry, name) for name in names},
            parts=frozenset(entry.parts.values_list("pk", flat=True)),
            files=tuple(entry.evidence.values_list("stored_file_id", flat=True)),
        )


class AddedElsewhere(Conflict):
    """The same form was sent before with other words: ``entry`` is what came of it."""

    def __init__(self, entry: LearningEntry) -> None:
        super().__init__(_("You added this already in another window or on another device."))
        self.entry = entry


def problem_of(learned: Learned) -> tuple[str, str] | None:
    """What is wrong with it, as (field, words); the form says the same beside the field."""
    today = timezone.localdate()
    if not learned.what.strip():
        return "what", _("Say what it was about.")
    if not EARLIEST <= learned.date <= today:
        return "date", _("Give the day when it happened. It cannot be in the future.")
    if learned.activity not in LearningActivity.values:
        return "activity", _("Say how you learned.")
    if not 1 <= learned.minutes <= MOST_MINUTES:
        return "minutes", _("Give the time in minutes: at least 1.")
    if learned.participatory_minutes > learned.minutes:
        return "participatory_minutes", _("This cannot be more than the whole time.")
    if learned.activity == LearningActivity.READ and learned.participatory_minutes:
        words = _("Reading by yourself is not time with other people. Leave this empty.")
        return "participatory_minutes", words
    return None


@dataclass(frozen=True, kw_only=True)
class LearningAction:
    """One change of ``owner``'s own record. Nobody changes another person's."""

    owner: Any
    name: ClassVar[str]
    words: ClassVar[Any]
    done: ClassVar[Any]

    def logged(self, entry: LearningEntry) -> None:
        """Write into the audit log that it was done, and nothing of what was written."""
        log(entry, f"km_toolkit.{self.name}", user=self.owner, title=str(entry))

    def own(self, entry: LearningEntry) -> LearningEntry:
        """The row of ``entry`` as it is now, locked. Raises ``Conflict`` for another person's."""
        rows = LearningEntry.objects.select_for_update(no_key=True, of=("self",))
        found = rows.filter(pk=entry.pk, owner=self.owner).first()
        if found is None:
            raise Conflict(_("There is no such entry in your record."))
        return found


@dataclass(frozen=True, kw_only=True)
class AddEntry(LearningAction):
    """Add an entry. ``key`` tells one form from another: sent twice, it is added once.

    ``origin_key`` names what made it: once for each owner. ``sent_from`` is the window it was
    typed in.
    """

    learned: Learned
    key: uuid.UUID | None = None
    sent_from: uuid.UUID | None = None
    origin: str = LearningOrigin.HAND
    origin_key: str = ""
    page: Any = None

    name = "add_learning"
    words = gettext_lazy("Add to a learning record")
    done = gettext_lazy("Added to their learning record")

    def execute(self) -> LearningEntry:
        """The entry, made now or before. Raises ``ActionError``, or ``AddedElsewhere``."""
        _checked(self.learned, self.owner)
        before = self._before()
        if before is not None:
            return before
        try:
            with transaction.atomic():
                return self._make()
        except IntegrityError:
            # Sent twice at the same moment: the other was first.
            before = self._before()
            if before is None:
                raise
            return before

    def _make(self) -> LearningEntry:
        entry = LearningEntry.objects.create(
            owner=self.owner,
            key=free_key(self.owner, self.key),
            sent_from=self.sent_from,
            origin=self.origin,
            origin_key=self.origin_key,
            page=self.page,
            standards=_named(self.learned.parts),
            **self.learned.columns,
        )
        _fill(entry, self.learned, self.owner)
        self.logged(entry)
        return entry

    def _before(self) -> LearningEntry | None:
        """What the same form, or the same completion, has made already."""
        mine = LearningEntry.objects.of(self.owner)
        if self.origin_key:
            first = mine.filter(origin_key=self.origin_key, supersedes=None).first()
            if first is not None:
                return first
        return same_sending(mine, self.key, self.sent_from, self.learned)


def free_key(owner: Any, key: uuid.UUID | None) -> uuid.UUID:
    """``key``, or another where there is none, or where an entry of somebody else has it.

    Whoever sends another person's key is answered as if there were no such entry.
    """
    others = LearningEntry.objects.exclude(owner=owner)
    return key if key is not None and not others.filter(key=key).exists() else uuid.uuid4()


def same_sending(
    mine: Any, key: uuid.UUID | None, sent_from: uuid.UUID | None, learned: Learned
) -> LearningEntry | None:
    """The entry that the form ``key`` has made already, or ``None``.

    Raises ``AddedElsewhere`` where it was sent from another window with other words.
    """
    found: LearningEntry | None = mine.filter(key=key).first() if key is not None else None
    if found is None:
        return None
    same_window = sent_from is not None and sent_from == found.sent_from
    if same_window or Learned.of(found) == learned:
        return found
    raise AddedElsewhere(found)


@dataclass(frozen=True, kw_only=True)
class CorrectEntry(LearningAction):
    """Put a corrected entry in the place of ``entry``, which stays in the history."""

    entry: LearningEntry
    learned: Learned
    key: uuid.UUID | None = None
    sent_from: uuid.UUID | None = None

    name = "correct_learning"
    words = gettext_lazy("Correct a learning record")
    done = gettext_lazy("Corrected their learning record")

    def execute(self) -> LearningEntry:
        """The new entry. Raises ``ActionError`` where there is a newer one already."""
        _checked(self.learned, self.owner)
        with transaction.atomic():
            old = self.own(self.entry)
            mine = LearningEntry.objects.of(self.owner)
            before = same_sending(mine, self.key, self.sent_from, self.learned)
            if before is not None:
                return before
            if not old.is_newest:
                raise Conflict(_("You corrected this entry already in another window."))
            if old.withdrawn_at is not None:
                raise Conflict(_("You took this entry out. Bring it back first."))
            if Learned.of(old) == self.learned:
                return old
            return self._supersede(old)

    def _supersede(self, old: LearningEntry) -> LearningEntry:
        old.is_newest = False
        old.save(update_fields=["is_newest"])
        entry = LearningEntry.objects.create(
            owner=self.owner,
            key=free_key(self.owner, self.key),
            sent_from=self.sent_from,
            origin=old.origin,
            origin_key=old.origin_key,
            page=old.page,
            supersedes=old,
            begun_at=old.begun_at,
            standards=_named(self.learned.parts),
            **self.learned.columns,
        )
        _fill(entry, self.learned, self.owner)
        self.logged(entry)
        return entry


@dataclass(frozen=True, kw_only=True)
class WithdrawEntry(LearningAction):
    """Take an entry out of totals and printed records. It stays in the owner's history."""

    entry: LearningEntry

    name = "withdraw_learning"
    words = gettext_lazy("Take an entry out of a learning record")
    done = gettext_lazy("Took an entry out of their learning record")

    def execute(self) -> None:
        """Take it out; a second time does nothing."""
        with transaction.atomic():
            entry = self.own(self.entry)
            if not entry.is_newest:
                raise Conflict(_("There is a newer entry in its place."))
            if entry.withdrawn_at is None:
                entry.withdrawn_at = timezone.now()
                entry.save(update_fields=["withdrawn_at"])
                self.logged(entry)


@dataclass(frozen=True, kw_only=True)
class BringBackEntry(LearningAction):
    """Let an entry that was taken out count again."""

    entry: LearningEntry

    name = "bring_back_learning"
    words = gettext_lazy("Bring back an entry of a learning record")
    done = gettext_lazy("Brought back an entry of their learning record")

    def execute(self) -> None:
        """Bring it back; a second time does nothing."""
        with transaction.atomic():
            entry = self.own(self.entry)
            if entry.withdrawn_at is not None:
                entry.withdrawn_at = None
                entry.save(update_fields=["withdrawn_at"])
                self.logged(entry)


LEARNING_ACTIONS: tuple[type[LearningAction], ...] = (
    AddEntry,
    CorrectEntry,
    WithdrawEntry,
    BringBackEntry,
)


def own_files(owner: Any, keys: Iterable[Any]) -> list[StoredFile]:
    """Those of ``keys`` that are private files of ``owner``, in this order."""
    numbers = whole_ones(keys)
    mine = StoredFile.objects.filter(uploader=owner, private=True).in_bulk(numbers)
    return [mine[each] for each in numbers if each in mine][:MOST_FILES]


def _checked(learned: Learned, owner: Any) -> None:
    problem = problem_of(learned)
    if problem is not None:
        raise ActionError(problem[1])
    if len(own_files(owner, learned.files)) < len(learned.files):
        raise Conflict(_("One of the files is not there any more. Choose it again."))


def _named(parts: Iterable[int]) -> str:
    """The standards in words, a line each, as they are called now."""
    found = SchemePart.objects.filter(pk__in=parts).select_related("scheme")
    ordered = sorted(found, key=lambda part: (part.scheme.sort_order, part.scheme_id, part.pk))
    return "\n".join(f"{part.scheme.name}: {part}" for part in ordered)


def _fill(entry: LearningEntry, learned: Learned, owner: Any) -> None:
    entry.parts.set(learned.parts)
    LearningEvidence.objects.bulk_create(
        LearningEvidence(entry=entry, stored_file=stored, sort_order=number)
        for number, stored in enumerate(own_files(owner, learned.files))
    )
