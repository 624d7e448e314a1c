"""What the team wants to know: questions with or without a name, and links for guests."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_toolkit.models.areas import KnowledgeArea
from km_toolkit.models.handovers import Handover


class TeamRequestQuerySet(models.QuerySet["TeamRequest"]):
    """Questions by who may read them."""

    def released(self) -> TeamRequestQuerySet:
        """Those that the leaver and the team may read: named ones, and unnamed ones together."""
        return self.filter(released=True)

    def unanswered(self) -> TeamRequestQuerySet:
        """Those nobody has answered or put to an area."""
        return self.filter(answer="", area=None)


class TeamRequest(models.Model):
    """One question to the leaver.

    Of an unnamed question nothing is kept that could name its author: no account, no name, no
    address, no time, and no running number. It is released with the others, in random order.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="requests")
    text = models.TextField(_("what would you like to know?"))
    named = models.BooleanField(_("with my name"), default=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    released = models.BooleanField(default=False)
    area = models.ForeignKey(
        KnowledgeArea, on_delete=models.SET_NULL, null=True, blank=True, related_name="requests"
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = TeamRequestQuerySet.as_manager()

    class Meta:
        # By key, which is random: the order says nothing about who came first.
        ordering = ["key"]
        verbose_name = _("question from the team")
        verbose_name_plural = _("questions from the team")
        constraints = [
            models.CheckConstraint(
                condition=Q(named=True)
                | Q(author__isnull=True, author_name="", asked_at__isnull=True),
                name="km_unnamed_question_names_nobody",
            ),
            models.CheckConstraint(
                condition=Q(named=False) | Q(released=True), name="km_named_question_is_released"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class RequestSupport(models.Model):
    """Somebody else wants to know the same."""

    request = models.ForeignKey(TeamRequest, on_delete=models.CASCADE, related_name="supports")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="km_supported_once")
        ]

    def __str__(self) -> str:
        return str(self.request)


class QuestionLink(models.Model):
    """A link that lets somebody without an account ask, until the questions close.

    Only a digest of its secret is kept. It gives the question page and nothing else.
    """

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField(_("e-mail"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["email"]
        verbose_name = _("link to the question page")
        verbose_name_plural = _("links to the question page")
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "email"],
                condition=Q(revoked_at__isnull=True),
                name="km_one_question_link",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def works(self) -> bool:
        """Whether it still lets somebody ask."""
        return self.revoked_at is None and self.handover.questions_are_open
