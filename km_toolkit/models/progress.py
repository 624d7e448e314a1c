"""How far a learner has come. Private to its owner: no list, count or admin page shows a row."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_pages.models import StoredFile
from km_toolkit.models.learning import LONGEST_MODULE, LearningModulePage


class ModuleProgressQuerySet(models.QuerySet["ModuleProgress"]):
    """Progress by whose it is."""

    def of(self, user: Any) -> ModuleProgressQuerySet:
        """That of ``user``; nobody's for strangers."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class ModuleProgress(models.Model):
    """One learner in one module: a row for the two, by constraint.

    Sections are named by the key of their block, which stays when an editor moves them.

    - ``seen``: key → when it was seen first.
    - ``answers``: key → ``{"chosen": [numbers], "right": bool, "ever_right": bool, "tries": n}``.
    - ``reflections``: key → ``{"prompt", "text", "at", "version", "others": [{"text", "at"}]}``;
      ``others`` are texts that another device had written meanwhile.

    A module that an editor deletes leaves the row, with its title and what was written in it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_module_progress"
    )
    page = models.ForeignKey(
        LearningModulePage, on_delete=models.SET_NULL, null=True, related_name="progress"
    )
    title = models.CharField(max_length=255)
    at = models.CharField(max_length=40, blank=True)
    seen = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    reflections = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    completed_on = models.DateField(null=True, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)

    objects = ModuleProgressQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        verbose_name = _("progress in a module")
        verbose_name_plural = _("progress in modules")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="km_one_progress_in_a_module"),
            models.CheckConstraint(
                condition=Q(completed_on__isnull=True) | Q(minutes__isnull=False),
                name="km_completed_module_has_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ElsewhereCompletionQuerySet(models.QuerySet["ElsewhereCompletion"]):
    """Completions by whose they are, and whether they still count."""

    def of(self, user: Any) -> ElsewhereCompletionQuerySet:
        """Those of ``user`` that were not taken back; nobody's for strangers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user=user, taken_back_at=None)


class ElsewhereCompletion(models.Model):
    """Something that a learner says they have completed elsewhere: when, and what shows it.

    ``target`` names a row of the menu ("module:12", "technique:7", "phase:2", "framework:1"), or is
    empty for anything else. ``key`` comes from the form, so that sending it twice makes one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_elsewhere"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.CharField(max_length=40, blank=True, db_index=True)
    page = models.ForeignKey(
        "wagtailcore.Page", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("what you completed"), max_length=255)
    where = models.CharField(_("where"), max_length=200, blank=True)
    completed_on = models.DateField(_("completed on"))
    minutes = models.PositiveIntegerField(_("minutes, about"))
    proof_text = models.TextField(_("what shows it, in words"), blank=True)
    proof_file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what shows it, as a file"),
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ElsewhereCompletionQuerySet.as_manager()

    class Meta:
        ordering = ["-completed_on", "-pk"]
        verbose_name = _("completed elsewhere")
        verbose_name_plural = _("completed elsewhere")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(proof_text="") | Q(proof_file__isnull=False),
                name="km_elsewhere_has_proof",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MODULE * 10),
                name="km_elsewhere_minutes_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.title
