"""Write a knowledge item's draft from the public side: new, or a change to one that is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import Attachment, KnowledgeAssetPage, StoredFile, Team, TeamSpacePage
from km_pages.visibility import Visibility

FREE_SLUG_TRIES = 10_000


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """What somebody typed and chose. ``files`` are keys of stored files, in order."""

    title: str
    summary: str = ""
    notes: str | None = ""
    visibility: str = Visibility.TEAM
    output_type: Any = None
    holder: Any = None
    shared_with: list[Team] = field(default_factory=list)
    named_people: list[Any] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    came_from: Page | None = None


def may_change(page: KnowledgeAssetPage, user: Any) -> bool:
    """Whether ``user`` may change the item on the public side: its owner and its holder."""
    return user.pk is not None and user.pk in (page.owner_id, page.holder_id)


@dataclass(frozen=True, kw_only=True)
class WriteDraft:
    """Save ``draft`` by ``by`` in the space of ``team``, as a new revision of ``page`` if given."""

    by: Any
    team: Team
    draft: ItemDraft
    page: KnowledgeAssetPage | None = None

    def check(self) -> None:
        """Raise ``NotAllowed`` outside one's own teams, for others' items and others' files."""
        if self.page is None and not Team.objects.with_member(self.by).filter(pk=self.team.pk):
            raise NotAllowed(_("You can add to the repository of your own teams."))
        if self.page is not None and not may_change(self.page, self.by):
            raise NotAllowed(_("Only the people it belongs to can change this."))
        known = set(
            StoredFile.objects.filter(pk__in=self.draft.files, uploader=self.by).values_list(
                "pk", flat=True
            )
        )
        if self.page is not None:
            latest = self.page.get_latest_revision_as_object()
            known |= {each.stored_file_id for each in latest.attachments.all()}
        if set(self.draft.files) - known:
            raise NotAllowed(_("One of the files is not yours. Upload it again."))

    def execute(self) -> KnowledgeAssetPage:
        """Save it and return the page, with the draft's content."""
        self.check()
        with transaction.atomic():
            page = self._page()
            self._fill(page)
            revision = page.save_revision(user=self.by, clean=False, log_action=True)
            if not page.live:
                # What is not published is kept in step, for lists of one's own drafts.
                page = revision.as_object()
                page.save(clean=False)
        return page

    def _page(self) -> KnowledgeAssetPage:
        if self.page is not None:
            return self.page.get_latest_revision_as_object()
        space = TeamSpacePage.objects.filter(team=self.team).first()
        if space is None:
            raise Conflict(_("This team has no place in the repository yet."))
        page = KnowledgeAssetPage(
            title=self.draft.title,
            slug=free_slug(space, self.draft.title),
            live=False,
            owner=self.by,
            visibility=self.draft.visibility,
            holder=self.draft.holder,
        )
        space.add_child(instance=page)
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
        page.shared_with = draft.shared_with
        page.named_people = draft.named_people
        if draft.notes is not None:
            page.body = [("text", as_rich_text(draft.notes))] if draft.notes.strip() else []
        kept = {each.stored_file_id: each for each in page.attachments.all()}
        page.attachments = [
            kept.get(pk) or Attachment(stored_file_id=pk, sort_order=number)
            for number, pk in enumerate(draft.files)
        ]


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
        if not may_change(self.page, self.by):
            raise NotAllowed(_("Only the people it belongs to can delete this draft."))
        if self.page.live or self.page.first_published_at:
            raise Conflict(_("It has been shared already. Ask a steward to take it down."))
        with transaction.atomic():
            log(self.page, "wagtail.delete", user=self.by, deleted=True)
            self.page.delete()


def people_named(text: str, *, exclude: Any = None) -> tuple[list[Any], list[str]]:
    """Accounts for the e-mail addresses in ``text``, and the addresses without an account."""
    wanted = [each.strip().lower() for each in text.replace(",", "\n").split() if each.strip()]
    users = get_user_model()._default_manager.filter(is_active=True, username__in=wanted)
    found = {each.username.lower(): each for each in users}
    return list(found.values()), [each for each in wanted if each not in found]
