"""Put a newer version of a file in its place, or an older one back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.actions.agreement import locked, may_change
from km_pages.actions.errors import ActionError, Conflict, NotAllowed
from km_pages.actions.share_item import Outcome, ShareItem
from km_pages.models import (
    FileReplacement,
    KnowledgeAssetPage,
    ScanState,
    StoredFile,
    versions_of,
)


@dataclass(frozen=True)
class Replaced:
    """What became of it. ``outcome`` is ``DRAFT`` while only the draft has the new version.

    ``problem`` says why it could not be shared although the old version was.
    """

    page: KnowledgeAssetPage
    outcome: Outcome
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class ReplaceFile:
    """Put ``new`` in the place of ``old`` in the item ``page``; the old one is kept as a version.

    What was shared is shared again by the rule of :class:`ShareItem`, unless its draft holds other
    changes that were not shared: these are for their author to share. ``looked_at`` is as there.
    ``note`` says to those who see the versions what is new.
    """

    page: KnowledgeAssetPage
    old: StoredFile
    new: StoredFile
    by: Any
    looked_at: int = 0
    note: str = ""

    def execute(self) -> Replaced:
        """Do it. Raises ``NotAllowed`` for others' items and files, and ``Conflict``."""
        with transaction.atomic():
            page = locked(self.page.pk)
            self._check(page)
            was_in_step = page.live and not page.has_unpublished_changes
            self._put(page)
            if not was_in_step:
                return Replaced(page, Outcome.DRAFT)
            return self._share(page)

    def _check(self, page: KnowledgeAssetPage) -> None:
        if not may_change(page, self.by):
            raise NotAllowed(_("Only the people it belongs to can change this."))
        if page.workflow_in_progress:
            raise Conflict(_("It is waiting for approval. Take it back first, then try again."))
        if self.old.pk not in {each.stored_file_id for each in page.attachments.all()}:
            raise Conflict(_("Somebody has put another file in its place meanwhile."))
        if self.new.pk in {each.stored_file_id for each in page.attachments.all()}:
            raise Conflict(_("This very file stands there already. Nothing was changed."))
        # Locked, so that it is not swept away before the revision names it.
        file = StoredFile.objects.select_for_update(no_key=True).filter(pk=self.new.pk).first()
        if file is None or file.binned_at is not None or file.scan_state == ScanState.INFECTED:
            raise Conflict(_("This file is not there any more. Upload it again."))
        known = {each.pk for each in versions_of(page.pk, self.old)}
        if file.private or (file.uploader_id != self.by.pk and file.pk not in known):
            raise NotAllowed(_("One of the files is not there any more. Upload it again."))

    def _put(self, page: KnowledgeAssetPage) -> None:
        rows = list(page.attachments.all())
        for row in rows:
            if row.stored_file_id == self.old.pk:
                row.stored_file = self.new
        page.attachments = rows
        revision = page.save_revision(user=self.by, clean=False, log_action=True)
        FileReplacement.objects.create(
            page_id=page.pk, old=self.old, new=self.new, by=self.by, note=self.note
        )
        names = {"old": self.old.name, "new": self.new.name}
        log(page, "km_pages.replaced", user=self.by, data=names)
        if not page.live:
            # What is not published is kept in step, for lists of one's own drafts.
            revision.as_object().save(clean=False)

    def _share(self, page: KnowledgeAssetPage) -> Replaced:
        try:
            # A refusal leaves the draft as it is.
            with transaction.atomic():
                outcome = ShareItem(page=page, by=self.by, looked_at=self.looked_at).execute()
        except ActionError as problem:
            return Replaced(page, Outcome.DRAFT, str(problem))
        return Replaced(page, outcome)
