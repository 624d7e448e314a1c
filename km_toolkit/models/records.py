"""Learning records: what somebody learned, kept for themselves alone.

Nothing here has a register in the admin, and nobody but its owner reads an entry, a draft or a
target on the public side, whatever rights they have. The lists of professional standards are the
one thing that editors keep.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable, Page

from km_pages.models import StoredFile

MOST_MINUTES = 31 * 24 * 60


class LearningScheme(ClusterableModel):
    """A set of standards that people show their learning against, as a site keeps it."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    summary = models.TextField(
        _("what it asks for"), blank=True, help_text=_("In plain words, for the people it is for.")
    )
    source = models.URLField(_("where it is set out"), blank=True)
    offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Untick instead of deleting: old entries keep it.")
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    panels = [
        FieldPanel("name"),
        FieldPanel("summary"),
        FieldPanel("source"),
        FieldPanel("offered"),
        FieldPanel("sort_order"),
        InlinePanel("parts", label=_("Part")),
    ]

    class Meta:
        ordering = ["sort_order", "name"]
        verbose_name = _("scheme of standards")
        verbose_name_plural = _("schemes of standards")

    def __str__(self) -> str:
        return self.name


class SchemePart(Orderable):
    """One standard, theme or domain of a scheme."""

    scheme = ParentalKey(LearningScheme, on_delete=models.CASCADE, related_name="parts")
    code = models.CharField(_("number or code"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=200)

    panels = [FieldPanel("code"), FieldPanel("name")]

    class Meta(Orderable.Meta):
        verbose_name = _("part of a scheme")
        verbose_name_plural = _("parts of a scheme")

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class LearningActivity(models.TextChoices):
    """How somebody learned."""

    TOOK_PART = "took_part", _("I took part in a technique or meeting")
    FACILITATED = "facilitated", _("I ran it for others")
    MODULE = "module", _("I worked through a module or e-learning")
    READ = "read", _("I read or watched something")
    COURSE = "course", _("I went to a course, talk or conference")
    TAUGHT = "taught", _("I taught or mentored somebody")
    OTHER = "other", _("Something else")

    @property
    def short(self) -> str:
        """A word or two for a table."""
        return str(SHORT[self])


SHORT = {
    LearningActivity.TOOK_PART: _("Took part"),
    LearningActivity.FACILITATED: _("Ran it"),
    LearningActivity.MODULE: _("Module"),
    LearningActivity.READ: _("Reading"),
    LearningActivity.COURSE: _("Course"),
    LearningActivity.TAUGHT: _("Teaching"),
    LearningActivity.OTHER: _("Other"),
}


class LearningOrigin(models.TextChoices):
    """Where an entry came from."""

    HAND = "hand", _("Written by hand")
    MODULE = "module", _("A completed module")
    TECHNIQUE = "technique", _("A technique or activity")


class LearningEntryQuerySet(models.QuerySet["LearningEntry"]):
    """Entries by whose they are and whether they count."""

    def of(self, owner: Any) -> LearningEntryQuerySet:
        """Everything that ``owner`` ever recorded; nothing for a stranger. No rights widen it."""
        return self.filter(owner_id=owner.pk) if owner.is_authenticated else self.none()

    def current(self) -> LearningEntryQuerySet:
        """Those that count: neither corrected by a newer one nor withdrawn."""
        return self.filter(is_newest=True, withdrawn_at=None)


class LearningEntry(models.Model):
    """One thing somebody learned. It never changes: a correction is a new entry that supersedes it.

    ``key`` is its address and tells one sending of a form from the next. ``origin_key`` is what
    made it, such as one completion of a module: for each person at most one entry begins with it.
    ``standards`` keeps the names of ``parts`` as they were: editors may change those later.
    ``is_newest`` follows from ``supersedes`` and is kept beside it for the sake of speed.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_learning"
    )
    date = models.DateField(_("when"))
    activity = models.CharField(_("how"), max_length=16, choices=LearningActivity.choices)
    what = models.CharField(_("what"), max_length=255)
    minutes = models.PositiveIntegerField(_("minutes"))
    participatory_minutes = models.PositiveIntegerField(_("minutes with other people"), default=0)
    role = models.CharField(_("your part in it"), max_length=160, blank=True)
    aim = models.TextField(_("what you wanted to learn"), blank=True)
    reflection = models.TextField(_("what you take from it"), blank=True)
    practice_change = models.TextField(_("what you do differently now"), blank=True)
    reference = models.CharField(_("another standard or code"), max_length=255, blank=True)
    parts = models.ManyToManyField(SchemePart, related_name="+", blank=True)
    standards = models.TextField(_("standards or codes"), blank=True, editable=False)
    files = models.ManyToManyField(
        StoredFile, through="LearningEvidence", related_name="+", blank=True
    )
    origin = models.CharField(
        max_length=12, choices=LearningOrigin.choices, default=LearningOrigin.HAND
    )
    origin_key = models.CharField(max_length=120, blank=True)
    page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="superseded_by"
    )
    is_newest = models.BooleanField(default=True, editable=False)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_from = models.UUIDField(null=True, blank=True, editable=False)

    objects = LearningEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-created_at", "-pk"]
        verbose_name = _("entry of a learning record")
        verbose_name_plural = _("entries of learning records")
        indexes = [
            models.Index(fields=["owner", "is_newest", "-date"], name="km_learning_mine"),
            models.Index(fields=["begun_at"], name="km_learning_begun"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES), name="km_learning_minutes"
            ),
            models.CheckConstraint(
                condition=Q(participatory_minutes__lte=F("minutes")),
                name="km_learning_participatory",
            ),
            # Reading by oneself is learning, but not with other people.
            models.CheckConstraint(
                condition=~Q(activity="read") | Q(participatory_minutes=0),
                name="km_learning_reading_alone",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="km_learning_of_something"),
            models.UniqueConstraint(
                fields=["owner", "origin_key"],
                condition=Q(supersedes__isnull=True) & ~Q(origin_key=""),
                name="km_learning_once_for_origin",
            ),
        ]

    def __str__(self) -> str:
        # This stands in the audit log, which others read: it says nothing of the entry.
        return "Learning record"

    @property
    def is_current(self) -> bool:
        """Whether it counts."""
        return self.is_newest and self.withdrawn_at is None

    @property
    def standard_lines(self) -> list[str]:
        """The standards and codes it belongs to, in words."""
        return [each for each in [*self.standards.splitlines(), self.reference] if each]

    @property
    def activity_word(self) -> str:
        """How they learned, in a word or two."""
        return LearningActivity(self.activity).short


class LearningEvidence(models.Model):
    """A file that shows something about an entry. Only its owner is ever given it."""

    entry = models.ForeignKey(LearningEntry, on_delete=models.CASCADE, related_name="evidence")
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "stored_file"], name="km_one_evidence")
        ]

    def __str__(self) -> str:
        return "Learning record"


class LearningDraft(models.Model):
    """An entry, or a correction of one, as it is being typed.

    ``version`` goes up with every save: whoever saves on top of an older one has a second draft
    made, so that two devices never overwrite each other. ``window`` is the window that saved last,
    which may save again without having heard of its own save.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_learning_drafts"
    )
    corrects = models.ForeignKey(
        LearningEntry, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    content = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    window = models.UUIDField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("draft of a learning record")
        verbose_name_plural = _("drafts of learning records")

    def __str__(self) -> str:
        return "Learning record"

    @property
    def title(self) -> str:
        """What it is about, as far as it was typed."""
        given = self.content.get("what") or [""]
        return str(given[0]).strip()[:120]


class DraftFile(models.Model):
    """A file of a draft, so that the sweep leaves it alone."""

    draft = models.ForeignKey(LearningDraft, on_delete=models.CASCADE, related_name="draft_files")
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "stored_file"], name="km_one_draft_file")
        ]

    def __str__(self) -> str:
        return "Learning record"


class LearningTarget(models.Model):
    """How much somebody wants to do in a time they chose, as a whole or for one scheme."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_learning_targets"
    )
    scheme = models.ForeignKey(
        LearningScheme,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for"),
    )
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    minutes = models.PositiveIntegerField(_("minutes"))
    participatory_minutes = models.PositiveIntegerField(_("of these with other people"), default=0)

    class Meta:
        ordering = ["-ends", "-pk"]
        verbose_name = _("learning target")
        verbose_name_plural = _("learning targets")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="km_target_period"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="km_target_minutes"),
            models.CheckConstraint(
                condition=Q(participatory_minutes__lte=F("minutes")),
                name="km_target_participatory",
            ),
        ]

    def __str__(self) -> str:
        return "Learning target"
