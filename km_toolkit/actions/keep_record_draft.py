"""Keep what somebody types for their learning record, so that nothing is lost or doubled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict
from km_toolkit.actions.record_learning import own_files
from km_toolkit.models import DraftFile, LearningDraft, LearningEntry

MOST_DRAFTS = 50


@dataclass(frozen=True, kw_only=True)
class KeepDraft:
    """Keep ``content`` (lists of strings by field) as the draft ``key`` of ``owner``.

    ``seen`` is the version that the window knew of; 0 for a draft that was never saved. Where
    another device has saved meanwhile, both are kept: the answer is then a draft of its own.
    ``window`` tells a late save of a form that was sent already from one of another device.
    """

    owner: Any
    key: uuid.UUID
    content: dict[str, list[str]]
    files: tuple[int, ...] = ()
    seen: int = 0
    corrects: LearningEntry | None = None
    window: uuid.UUID | None = None

    def execute(self) -> LearningDraft | None:
        """The draft as it is kept now; ``None`` where this window's form was sent already."""
        with transaction.atomic():
            # One save of a person after the other.
            people = get_user_model()._base_manager.select_for_update(no_key=True)
            people.filter(pk=self.owner.pk).first()
            sent = LearningEntry.objects.of(self.owner).filter(key=self.key).first()
            if sent is not None and self.window is not None and sent.sent_from == self.window:
                return None
            found = LearningDraft.objects.filter(key=self.key).first()
            if found is not None and found.owner_id != self.owner.pk:
                # Keys are random: somebody made this up. It is answered as any new one.
                return self._new()
            if found is None:
                return self._new() if sent is not None or self.seen else self._new(self.key)
            if self._same(found):
                return found
            return self._change(found) if self._follows(found) else self._new()

    def _follows(self, draft: LearningDraft) -> bool:
        """Whether this window knows all that is in ``draft``: it is overwritten only then."""
        own = self.window is not None and self.window == draft.window
        return own or draft.version == self.seen

    def _same(self, draft: LearningDraft) -> bool:
        files = draft.draft_files.values_list("stored_file_id", flat=True)
        return draft.content == self.content and set(files) == set(self.files)

    def _new(self, key: uuid.UUID | None = None) -> LearningDraft:
        if LearningDraft.objects.filter(owner=self.owner).count() >= MOST_DRAFTS:
            words = _("You have %(most)d entries that are not finished. Finish some of them first.")
            raise Conflict(words % {"most": MOST_DRAFTS})
        corrects = self.corrects if self.corrects and self._is_mine(self.corrects) else None
        draft = LearningDraft.objects.create(
            owner=self.owner,
            key=key or uuid.uuid4(),
            content=self.content,
            corrects=corrects,
            window=self.window,
        )
        self._name_files(draft)
        return draft

    def _is_mine(self, entry: LearningEntry) -> bool:
        return bool(entry.owner_id == self.owner.pk)

    def _change(self, draft: LearningDraft) -> LearningDraft:
        draft.content, draft.window = self.content, self.window
        draft.version += 1
        draft.changed_at = timezone.now()
        draft.save(update_fields=["content", "window", "version", "changed_at"])
        self._name_files(draft)
        return draft

    def _name_files(self, draft: LearningDraft) -> None:
        draft.draft_files.all().delete()
        DraftFile.objects.bulk_create(
            DraftFile(draft=draft, stored_file=each) for each in own_files(self.owner, self.files)
        )


@dataclass(frozen=True, kw_only=True)
class ForgetDraft:
    """Throw one draft away: because its entry was added, or because its owner says so."""

    owner: Any
    key: uuid.UUID

    def execute(self) -> None:
        """Throw it away; what is gone already, or another person's, is left alone."""
        LearningDraft.objects.filter(owner=self.owner, key=self.key).delete()
