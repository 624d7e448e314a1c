"""Step 6: capture what is known, and share it as pages of the repository."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log
from wagtail.models import Page

from km_pages.actions.agreement import locked as locked_page
from km_pages.actions.agreement import record_agreement
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.share_item import Outcome, go_public
from km_pages.actions.write_draft import free_slug
from km_pages.models import (
    ApprovalState,
    Attachment,
    HolderApproval,
    KnowledgeAssetPage,
    StoredFile,
    TeamSpacePage,
)
from km_pages.models.knowledge_form import audience_problem
from km_toolkit.actions.base import CHANGED_MEANWHILE, UNTIL_ACCEPTED, HandoverAction, mine, save
from km_toolkit.models import (
    Handover,
    HandoverState,
    KnowledgeArea,
    KnowledgeOutput,
    OutputFile,
    TransferAction,
)
from km_toolkit.parts import Part

FIELDS = frozenset(
    {"title", "summary", "output_type", "body", "area", "action", "activity", "visibility"}
)
WRITERS = frozenset({Part.LEAVER, Part.HELPER})
CAPTURING = UNTIL_ACCEPTED | {HandoverState.DRAFT}
MOST_OUTPUTS = 500


@dataclass(frozen=True, kw_only=True)
class CaptureOutput(HandoverAction):
    """Keep something that was captured: new, or a change to ``output``.

    ``files`` are keys of stored files in order, ``None`` to leave them. ``seen`` is when the
    output was changed last as far as ``by`` knows. ``prompt`` is the question of Express.
    """

    title: str
    details: dict[str, Any] = field(default_factory=dict)
    files: list[int] | None = None
    output: Any = None
    prompt: str = ""
    key: uuid.UUID | None = None
    seen: Any = None

    name = "capture"
    words = gettext_lazy("Capture something")
    parts = WRITERS
    states = CAPTURING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a title, or where somebody else saved meanwhile."""
        if not self.title.strip():
            raise Conflict(_("Give it a title."))
        if self.output is None and handover.outputs.count() >= MOST_OUTPUTS:
            raise Conflict(_("There is very much here already. Put some of it together first."))
        for name, model in (("area", KnowledgeArea), ("action", TransferAction)):
            if self.details.get(name) is not None:
                mine(model.objects, handover, self.details[name].pk)
        self._check_files(handover)

    def _check_files(self, handover: Handover) -> None:
        if not self.files:
            return
        own = StoredFile.objects.filter(pk__in=self.files, uploader=self.by)
        # Locked, so that no file is swept away before the output names it.
        known = set(own.select_for_update(no_key=True).values_list("pk", flat=True))
        known |= set(
            OutputFile.objects.filter(output__handover=handover).values_list(
                "stored_file_id", flat=True
            )
        )
        if set(self.files) - known:
            raise NotAllowed(_("One of the files is not there any more. Upload it again."))

    def change(self, handover: Handover) -> KnowledgeOutput:
        """Keep it, and return it."""
        output = self._found(handover)
        if self.seen is not None and output.pk and output.changed_at != self.seen:
            raise Conflict(CHANGED_MEANWHILE)
        for name, value in self.details.items():
            if name in FIELDS:
                setattr(output, name, value)
        output.title = self.title.strip()[:160]
        output.changed_at = timezone.now()
        output.save()
        if self.files is not None:
            self._attach(output, self.files)
        return output

    def _found(self, handover: Handover) -> KnowledgeOutput:
        if self.output is not None:
            found: KnowledgeOutput = mine(KnowledgeOutput.objects, handover, self.output.pk)
            return found
        same = handover.outputs.none()
        if self.prompt:
            same = handover.outputs.filter(prompt=self.prompt)
        elif self.key:
            same = handover.outputs.filter(key=self.key)
        new = KnowledgeOutput(handover=handover, prompt=self.prompt, created_by=self.by)
        if self.key:
            new.key = self.key
        return same.first() or new

    @staticmethod
    def _attach(output: KnowledgeOutput, files: list[int]) -> None:
        wanted = list(dict.fromkeys(files))
        output.output_files.exclude(stored_file__in=wanted).delete()
        for number, pk in enumerate(wanted):
            OutputFile.objects.update_or_create(
                output=output, stored_file_id=pk, defaults={"sort_order": number}
            )


@dataclass(frozen=True, kw_only=True)
class RemoveOutput(HandoverAction):
    """Throw away something that was never shared."""

    output: Any

    name = "remove_output"
    words = gettext_lazy("Throw away something captured")
    parts = WRITERS
    states = CAPTURING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` once it was shared."""
        output = handover.outputs.filter(pk=self.output.pk).first()
        if output is not None and output.page_id is not None:
            raise Conflict(_("It has been shared already. Ask a steward to take it down."))

    def change(self, handover: Handover) -> None:
        """Throw it away; a second time does nothing."""
        handover.outputs.filter(pk=self.output.pk).delete()


@dataclass(frozen=True, kw_only=True)
class ShareOutput(HandoverAction):
    """The leaver's word: this may be shared with the people it says.

    It becomes a page in the space of the post's team, or a new revision of the page it became
    before. To the team and to named people it is published at once; wider audiences go through
    moderation. ``looked_at`` is how many signs of private data ``by`` was shown.

    Where the holder cannot take part the line manager shares it, and the page says that the holder
    has not checked it.
    """

    output: Any
    looked_at: int = 0
    seen: Any = None

    name = "share_output"
    words = gettext_lazy("Share something captured")
    parts = frozenset({Part.LEAVER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where it is gone, empty or changed since it was read."""
        output = mine(KnowledgeOutput.objects, handover, self.output.pk)
        if self.seen is not None and output.changed_at != self.seen:
            raise Conflict(_("It has changed since you opened it. Read it again, then share it."))
        if not (output.summary.strip() or output.body or output.output_files.exists()):
            raise Conflict(_("There is nothing in it yet."))
        problem = audience_problem(output.visibility, 0)
        if problem:
            raise Conflict(problem)
        if output.page_id and output.page.workflow_in_progress:
            raise Conflict(_("It is waiting for approval already."))
        if output.page_id and output.page.live and not output.has_unshared_changes:
            raise Conflict(_("It is shared already, and nothing in it has changed since."))

    def change(self, handover: Handover) -> Outcome:
        """Share it and say what became of it."""
        output = mine(KnowledgeOutput.objects, handover, self.output.pk)
        page = self._page(handover, output)
        self._fill(page, handover, output)
        revision = page.save_revision(user=self.by, clean=False, log_action=True)
        if not page.live:
            # What is not published is kept in step, as for every draft.
            page = revision.as_object()
            page.save(clean=False)
        if self.looked_at:
            log(page, "km_pages.looked", user=self.by, data={"signs": self.looked_at})
        if handover.holder_away:
            self._answer_for_holder(page, handover)
        else:
            record_agreement(page, self.by)
        save(output, page=page, shared_at=timezone.now())
        return go_public(locked_page(page.pk), self.by)

    def _page(self, handover: Handover, output: KnowledgeOutput) -> Any:
        if output.page_id is not None:
            return locked_page(output.page_id)
        space = TeamSpacePage.objects.filter(team=handover.post.team).first()
        if space is None:
            raise Conflict(_("This team has no place in the repository yet."))
        # One after the other: the tree and the names in it are counted anew each time.
        Page.objects.select_for_update(no_key=True).get(pk=space.pk)
        page = KnowledgeAssetPage(
            title=output.title,
            slug=free_slug(space, output.title),
            live=False,
            owner=self.by,
            identifier=output.key,
            holder=None if handover.holder_away else handover.leaver,
        )
        TeamSpacePage.objects.get(pk=space.pk).add_child(instance=page)
        log(page, "wagtail.create", user=self.by)
        return page

    @staticmethod
    def _fill(page: Any, handover: Handover, output: KnowledgeOutput) -> None:
        page.title = page.draft_title = output.title
        page.summary = output.summary
        page.body = output.body
        page.visibility = output.visibility
        page.output_type = output.output_type
        page.post = handover.post
        page.came_from = output.activity
        page.checked_by_holder = not handover.holder_away
        kept = {each.stored_file_id: each for each in page.attachments.all()}
        keys = output.output_files.values_list("stored_file_id", flat=True)
        attachments = [kept.get(pk) or Attachment(stored_file_id=pk) for pk in keys]
        for number, attachment in enumerate(attachments):
            attachment.sort_order = number
        page.attachments = attachments

    def _answer_for_holder(self, page: KnowledgeAssetPage, handover: Handover) -> None:
        HolderApproval.objects.update_or_create(
            page_id=page.pk,
            holder=None,
            defaults={
                "requested_by": self.by,
                "revision": page.latest_revision,
                "visibility": page.visibility,
                "state": ApprovalState.APPROVED,
                "decided_at": timezone.now(),
                "comment": handover.away_reason,
            },
        )
        data = {"reason": handover.away_reason}
        log(page, "km_toolkit.not_checked_by_holder", user=self.by, data=data)
