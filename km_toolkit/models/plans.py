"""What is done about each area: actions of the plan, interviews, outputs."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import Orderable

from km_pages.blocks.knowledge import KnowledgeBodyBlock
from km_pages.models import KnowledgeAssetPage, OutputType, StoredFile
from km_pages.visibility import Visibility
from km_toolkit.models.areas import KnowledgeArea
from km_toolkit.models.handovers import Handover
from km_toolkit.models.questions import TeamRequest
from km_toolkit.models.toolkit import ActivityPage


class ActionState(models.TextChoices):
    """How far an agreed action has come."""

    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class TransferAction(models.Model):
    """One activity for one area: who receives it, by when, how long it takes, where."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="actions")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(KnowledgeArea, on_delete=models.CASCADE, related_name="actions")
    activity = models.ForeignKey(
        ActivityPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("what we do"), max_length=160)
    recipient = models.CharField(_("for whom"), max_length=160)
    due = models.DateField(_("by when"))
    minutes = models.PositiveIntegerField(_("minutes, about"), null=True, blank=True)
    place = models.CharField(_("where"), max_length=160, blank=True)
    state = models.CharField(
        max_length=8, choices=ActionState.choices, default=ActionState.PLANNED, editable=False
    )
    done_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["due", "pk"]
        verbose_name = _("agreed action")
        verbose_name_plural = _("agreed actions")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False),
                name="km_done_action_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_after_last_day(self) -> bool:
        """Whether it is due when the leaver has gone: worth a warning."""
        return self.due > self.handover.last_day


class InterviewState(models.TextChoices):
    """How far a write-up has come."""

    DRAFT = "draft", _("Being written")
    READY = "ready", _("Waiting for the holder")
    APPROVED = "approved", _("Approved by the holder")


class Interview(models.Model):
    """A conversation in which the helper asks and the holder tells.

    Until the holder has approved the write-up it is for the two of them. No recording can be
    attached before consent is given.
    """

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="interviews")
    area = models.ForeignKey(
        KnowledgeArea, on_delete=models.SET_NULL, null=True, blank=True, related_name="interviews"
    )
    interviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    held_on = models.DateField(_("held on"), default=timezone.localdate)
    consent_at = models.DateTimeField(null=True, blank=True, editable=False)
    consent_words = models.TextField(_("what was agreed to"), blank=True)
    recording = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        max_length=10,
        choices=InterviewState.choices,
        default=InterviewState.DRAFT,
        editable=False,
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set by the action that hands the write-up to the holder: a second press tells nobody again.
    newly_ready = False

    class Meta:
        ordering = ["held_on", "pk"]
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(recording__isnull=True) | Q(consent_at__isnull=False),
                name="km_no_recording_without_consent",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False),
                name="km_approved_interview_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.area or self.handover)


class InterviewAnswer(Orderable):
    """One question of the guide, and what the holder said."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="answers")
    question = models.TextField(_("question"))
    request = models.ForeignKey(
        TeamRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(_("answer"), blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return self.question[:80]


class Prompt(models.TextChoices):
    """The five questions of Express."""

    UNFINISHED = "unfinished", _("What is unfinished?")
    PEOPLE = "people", _("Whom should we call, and for what?")
    PLACES = "places", _("Where are things?")
    DATES = "dates", _("What happens when?")
    TROUBLE = "trouble", _("What goes wrong, and what helps?")


class KnowledgeOutput(models.Model):
    """Something captured. What it holds stays here, private, until the leaver shares it.

    Sharing makes a page of the repository of it (``page``); corrections become new revisions of
    that page. ``prompt`` is the question of Express that it answers, if any.
    """

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="outputs")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    prompt = models.CharField(max_length=12, choices=Prompt.choices, blank=True)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("in two or three sentences"), blank=True)
    output_type = models.ForeignKey(
        OutputType, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    body = StreamField(KnowledgeBodyBlock(), blank=True)
    files = models.ManyToManyField(
        StoredFile, through="OutputFile", related_name="km_outputs", blank=True
    )
    area = models.ForeignKey(
        KnowledgeArea, on_delete=models.SET_NULL, null=True, blank=True, related_name="outputs"
    )
    action = models.ForeignKey(
        TransferAction, on_delete=models.SET_NULL, null=True, blank=True, related_name="outputs"
    )
    activity = models.ForeignKey(
        ActivityPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    visibility = models.CharField(
        _("who should see it"),
        max_length=12,
        choices=Visibility.choices,
        default=Visibility.TEAM,
    )
    page = models.OneToOneField(
        KnowledgeAssetPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    shared_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("handover output")
        verbose_name_plural = _("handover outputs")
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "prompt"],
                condition=~Q(prompt=""),
                name="km_one_answer_to_a_prompt",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def attached(self) -> list[StoredFile]:
        """Its files, in order. One query."""
        return [each.stored_file for each in self.output_files.select_related("stored_file")]

    @property
    def has_unshared_changes(self) -> bool:
        """Whether it was changed after it was shared last."""
        return self.shared_at is not None and self.changed_at > self.shared_at


class OutputFile(Orderable):
    """A file of an output, in its place."""

    output = models.ForeignKey(
        KnowledgeOutput, on_delete=models.CASCADE, related_name="output_files"
    )
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["output", "stored_file"], name="km_file_once_in_an_output"
            )
        ]

    def __str__(self) -> str:
        return str(self.stored_file)


class SayBack(models.Model):
    """What the successor understood of one area, in their own words."""

    area = models.ForeignKey(KnowledgeArea, on_delete=models.CASCADE, related_name="said_back")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_("what I understood"))
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "by"], name="km_said_back_once"),
            models.CheckConstraint(condition=~Q(text=""), name="km_said_back_something"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class GapQuerySet(models.QuerySet["Gap"]):
    """Gaps by whether somebody must still do something."""

    def open(self) -> GapQuerySet:
        """Those that are neither answered nor waived."""
        return self.filter(answered_at=None, waived_at=None)


class Gap(models.Model):
    """Something the successor still misses: a question to the leaver or the manager."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="gaps")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(
        KnowledgeArea, on_delete=models.SET_NULL, null=True, blank=True, related_name="gaps"
    )
    text = models.TextField(_("what is still missing"))
    to_manager = models.BooleanField(_("ask the line manager"), default=False)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    raised_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    waived_at = models.DateTimeField(null=True, blank=True, editable=False)
    waive_reason = models.TextField(_("why it may stay open"), blank=True)
    # Set by the action that asks: a form sent twice tells nobody again.
    is_new = False

    objects = GapQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "pk"]
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        constraints = [
            models.CheckConstraint(
                condition=Q(waived_at__isnull=True) | ~Q(waive_reason=""),
                name="km_waived_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | ~Q(answer=""),
                name="km_answered_gap_has_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the words trimmed, so that a space is no answer."""
        self.answer = self.answer.strip()
        super().save(*args, **kwargs)
