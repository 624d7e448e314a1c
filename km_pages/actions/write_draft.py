"""Write a knowledge item's draft from the public side: new, or a change to one that is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from km_pages.actions.agreement import locked, may_change
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import (
    Attachment,
    HolderApproval,
    KnowledgeAssetPage,
    StoredFile,
    Team,
    TeamSpacePage,
)
from km_pages.visibility import Visibility

FREE_SLUG_TRIES = 10_000


class AlreadyThere(Conflict):
    """The same form was sent before: ``page`` is what came of it."""

    def __init__(self, page: KnowledgeAssetPage) -> None:
        super().__init__(_("You have sent this already. It was not added a second time."))
        self.page = page


class ChangedSince(Conflict):
    """Somebody else saved another version since this one was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody has changed this since you opened it. What you typed is still here. "
                "Their version is kept too, in the history: save again to put yours on top."
            )
        )


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """What somebody typed and chose. ``files`` are keys of stored files, in order.

    ``notes`` is plain text, or ``None`` to leave the body as it is. ``shared_with`` is ``None`` to
    leave the further teams as they are. ``key`` tells one form from another: two drafts with the
    same key are the same draft, sent twice.
    """

    title: str
    summary: str = ""
    notes: str | None = ""
    visibility: str = Visibility.TEAM
    output_type: Any = None
    holder: Any = None
    shared_with: list[Team] | None = None
    named_people: list[Any] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    came_from: Page | None = None
    key: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class WriteDraft:
    """Save ``draft`` by ``by`` in the space of ``team``, as a new revision of ``page`` if given.

    ``seen`` is the key of the revision that ``by`` had before them, where that is known.
    """

    by: Any
    team: Team | None
    draft: ItemDraft
    page: KnowledgeAssetPage | None = None
    seen: int | None = None

    def execute(self) -> KnowledgeAssetPage:
        """Save it and return the page, with the draft's content.

        Raises ``NotAllowed`` outside one's own teams, for others' items and others' files, and
        ``Conflict``: :class:`ChangedSince`, :class:`AlreadyThere`, or while it waits for approval.
        """
        with transaction.atomic():
            page = locked(self.page.pk) if self.page is not None else self._new()
            self.check(page)
            self._fill(page)
            revision = page.save_revision(user=self.by, clean=False, log_action=True)
            withdraw_from_others(page)
            if not page.live:
                # What is not published is kept in step, for lists of one's own drafts.
                page = revision.as_object()
                page.save(clean=False)
        return page

    def check(self, page: KnowledgeAssetPage) -> None:
        """Raise what ``execute`` raises; ``page`` is the newest version."""
        if not may_change(page, self.by) and not may_change(self.page or page, self.by):
            raise NotAllowed(_("Only the people it belongs to can change this."))
        if page.workflow_in_progress:
            raise Conflict(
                _(
                    "It is waiting for approval, so it was not changed. "
                    "What you typed is still here. Take it back first, then save again."
                )
            )
        if self.seen is not None and page.latest_revision_id not in (None, self.seen):
            raise ChangedSince
        mine = StoredFile.objects.filter(pk__in=self.draft.files, uploader=self.by)
        # Locked, so that no file is swept away between here and the revision that names it.
        known = set(mine.select_for_update(no_key=True).values_list("pk", flat=True))
        known |= {each.stored_file_id for each in page.attachments.all()}
        if set(self.draft.files) - known:
            raise NotAllowed(_("One of the files is not there any more. Upload it again."))

    def _new(self) -> KnowledgeAssetPage:
        """A new page; or the draft that the same form made before."""
        if self.team is None or not Team.objects.with_member(self.by).filter(pk=self.team.pk):
            raise NotAllowed(_("You can add to the repository of your own teams."))
        space = TeamSpacePage.objects.filter(team=self.team).first()
        if space is None:
            raise Conflict(_("This team has no place in the repository yet."))
        # One after the other: the tree and the names in it are counted anew each time.
        Page.objects.select_for_update(no_key=True).get(pk=space.pk)
        same = KnowledgeAssetPage.objects.filter(identifier=self.draft.key).first()
        if same is not None and same.owner_id == self.by.pk:
            if is_on_its_way(same):
                raise AlreadyThere(same)
            return same.get_latest_revision_as_object()
        page = KnowledgeAssetPage(
            title=self.draft.title,
            slug=free_slug(space, self.draft.title),
            live=False,
            owner=self.by,
            visibility=self.draft.visibility,
            holder=self.draft.holder,
        )
        if self.draft.key and same is None:
            page.identifier = self.draft.key
        TeamSpacePage.objects.get(pk=space.pk).add_child(instance=page)
        log(page, "wagtail.create", user=self.by)
        return page

    def _fill(self, page: KnowledgeAssetPage) -> None:
        draft = self.draft
        page.title = draft.title
        page.draft_title = draft.title
        page.summary = draft.summary
        page.visibility = draft.visibility
        page.output_type = draft.output_type
        page.holder = draft.holder
        page.came_from = draft.came_from or page.came_from
        page.named_people = draft.named_people
        if draft.shared_with is not None:
            page.shared_with = draft.shared_with
        if draft.notes is not None:
            page.body = [("text", as_rich_text(draft.notes))] if draft.notes.strip() else []
        kept = {each.stored_file_id: each for each in page.attachments.all()}
        attachments = [kept.get(pk) or Attachment(stored_file_id=pk) for pk in draft.files]
        for number, attachment in enumerate(attachments):
            attachment.sort_order = number
        page.attachments = attachments


def is_on_its_way(page: KnowledgeAssetPage) -> bool:
    """Whether the item is shared, or somebody is asked about it."""
    waiting = HolderApproval.objects.waiting().filter(page_id=page.pk)
    return bool(page.live or waiting.exists() or page.workflow_in_progress)


def withdraw_from_others(page: KnowledgeAssetPage) -> None:
    """Ask no longer whom the item does not name as its holder any more."""
    waiting = HolderApproval.objects.waiting().filter(page_id=page.pk)
    if page.holder_id is None:
        waiting.exclude(holder=None).delete()
    else:
        waiting.exclude(holder_id=page.holder_id).delete()
        waiting.filter(holder=None).delete()


def free_slug(parent: Page, title: str) -> str:
    """A short name for addresses that no child of ``parent`` has yet."""
    wanted = slugify(title)[:60].strip("-") or "item"
    taken = set(
        parent.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    if wanted not in taken:
        return wanted
    return next(f"{wanted}-{n}" for n in range(2, FREE_SLUG_TRIES) if f"{wanted}-{n}" not in taken)


def as_rich_text(text: str) -> str:
    """Plain text as paragraphs of rich text; nothing typed becomes markup."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    clean = (escape(part.strip()).replace("\n", "<br/>") for part in parts if part.strip())
    return "".join(f"<p>{part}</p>" for part in clean)


@dataclass(frozen=True, kw_only=True)
class DeleteDraft:
    """Delete a draft that was never published. Its files are swept away later."""

    page: KnowledgeAssetPage
    by: Any

    def execute(self) -> None:
        """Delete it. Raises ``NotAllowed`` for others' drafts, ``Conflict`` once published."""
        with transaction.atomic():
            locked(self.page.pk)
            page = KnowledgeAssetPage.objects.get(pk=self.page.pk)
            if page.owner_id != self.by.pk:
                raise NotAllowed(_("Only the person who wrote this draft can delete it."))
            if page.live or page.first_published_at:
                raise Conflict(_("It has been shared already. Ask a steward to take it down."))
            log(page, "wagtail.delete", user=self.by, deleted=True)
            page.delete()
