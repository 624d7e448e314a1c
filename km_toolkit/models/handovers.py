"""A handover: one transition of a post from the person who holds it to whoever comes next."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_pages.models import Post, Team
from km_toolkit.models.helping import Helping, HelpingState

MANAGE_HANDOVERS = "km_toolkit.manage_handovers"


class Reason(models.TextChoices):
    """Why somebody hands a post over."""

    LEAVING = "leaving", _("Leaving for another job")
    MOVING = "moving", _("Moving within the organisation")
    RETIRING = "retiring", _("Retiring")
    SECONDMENT = "secondment", _("Going on secondment")
    LONG_LEAVE = "long_leave", _("Going on long leave")
    ROTATION = "rotation", _("Rotating to another placement")
    END_OF_PROJECT = "end_of_project", _("The project or contract ends")
    REORGANISATION = "reorganisation", _("The service is being reorganised")
    ABSENCE = "absence", _("Away without notice")
    DEATH = "death", _("Has died")


HOLDER_AWAY = frozenset({Reason.ABSENCE, Reason.DEATH})


class HandoverState(models.TextChoices):
    """How far a handover has come."""

    DRAFT = "draft", _("Being prepared")
    OPEN = "open", _("Under way")
    PROVISIONAL = "provisional", _("Accepted for now by the team")
    ACCEPTED = "accepted", _("Accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Agreed(models.TextChoices):
    """How far something has come that the line manager agrees."""

    NO = "no", _("Not agreed yet")
    PROPOSED = "proposed", _("Proposed, not agreed")
    YES = "yes", _("Agreed")
    REOPENED = "reopened", _("Changed since it was agreed")


class StepNumber(models.IntegerChoices):
    """The six steps of the toolkit."""

    AREAS = 1, _("Name what you know that matters")
    REQUESTS = 2, _("Ask the team what they want to know")
    PRIORITIES = 3, _("Agree what comes first")
    PLAN = 4, _("Agree what to do about it")
    HELPER = 5, _("Name somebody to help")
    CAPTURE = 6, _("Write it down and keep it for the team")


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Handovers by state, and by who has a part in them."""

    def under_way(self) -> HandoverQuerySet:
        """Those that are neither accepted for good nor withdrawn."""
        return self.exclude(state__in=[HandoverState.ACCEPTED, HandoverState.WITHDRAWN])

    def open(self) -> HandoverQuerySet:
        """Those that the team knows of and that are not accepted yet."""
        return self.filter(state=HandoverState.OPEN)

    def seen_by(self, user: Any) -> HandoverQuerySet:
        """Those ``user`` may see: for leaver, manager, deputy once asked, helper, successor.

        Knowledge managers see all. A holder who is away sees nothing of it and is sent nothing.
        Everybody else, stewards and administrators of the site's pages included, sees none.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm(MANAGE_HANDOVERS) else self.inside_for(user)

    def inside_for(self, person: Any) -> HandoverQuerySet:
        """Those that ``person`` may see by a part in them; an account, or what stands for its key.

        The rule of :meth:`seen_by` for everybody besides knowledge managers.
        """
        own = Q(leaver=person, holder_away=False) | Q(line_manager=person)
        # A notice that is not public yet must reach nobody of the team, the successor included.
        own |= Q(successor=person) & ~Q(state__in=[HandoverState.DRAFT, HandoverState.WITHDRAWN])
        deputy = Q(deputy=person, deputy_asked_at__isnull=False)
        # A subquery instead of a join, so that nobody is listed twice.
        helping = Helping.objects.filter(person=person, state=HelpingState.ACCEPTED)
        return self.filter(own | deputy | Q(pk__in=helping.values("handover")))


class Handover(models.Model):
    """One transition of a post.

    People may lose their accounts: the leaver's name is kept beside the account, and nothing of a
    handover goes with anybody. Steps have no state of their own that could differ from what was
    done: it is read from the records (:mod:`km_toolkit.standing`).
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="handovers")
    reason = models.CharField(
        _("reason"), max_length=20, choices=Reason.choices, default=Reason.LEAVING
    )
    state = models.CharField(
        max_length=12,
        choices=HandoverState.choices,
        default=HandoverState.DRAFT,
        editable=False,
        db_index=True,
    )
    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="km_handovers",
        verbose_name=_("who hands over"),
    )
    leaver_name = models.CharField(_("their name"), max_length=300, editable=False)
    line_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="km_handovers_managed",
        verbose_name=_("line manager"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="km_handovers_deputised",
        verbose_name=_("who stands in for the line manager"),
    )
    deputy_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="km_handovers_received",
        verbose_name=_("who comes next"),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    notice_date = models.DateField(_("date of notice"), null=True, blank=True)
    last_day = models.DateField(_("last day in the post"), db_index=True)
    express = models.BooleanField(_("express: five questions"), default=False)
    holder_away = models.BooleanField(_("the holder cannot take part"), default=False)
    away_reason = models.TextField(_("why the holder cannot take part"), blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    areas_shared_at = models.DateTimeField(null=True, blank=True, editable=False)
    questions_opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    questions_until = models.DateField(_("questions are taken until"), null=True, blank=True)
    questions_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    priorities = models.CharField(
        max_length=10, choices=Agreed.choices, default=Agreed.NO, editable=False
    )
    priorities_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    priorities_agreed_at = models.DateTimeField(null=True, blank=True, editable=False)
    priorities_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    plan = models.CharField(
        max_length=10, choices=Agreed.choices, default=Agreed.NO, editable=False
    )
    plan_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    plan_agreed_at = models.DateTimeField(null=True, blank=True, editable=False)
    plan_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    rostered_minutes = models.PositiveIntegerField(
        _("minutes that were rostered for it"), null=True, blank=True
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    email_afterwards = models.EmailField(
        _("e-mail after the last day"),
        blank=True,
        help_text=_("Only if you want us to write to you 4 and 12 weeks after your last day."),
    )
    thank_you = models.BooleanField(
        _("a page that says how often notes were opened"), default=False
    )

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["last_day", "pk"]
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        permissions = [("manage_handovers", _("Can see and look after every handover"))]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "leaver"],
                condition=Q(state__in=["draft", "open", "provisional"]),
                name="km_one_handover_of_a_post",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(confirmed_at__isnull=False),
                name="km_open_handover_was_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False),
                name="km_accepted_handover_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(priorities="yes") | Q(priorities_agreed_at__isnull=False),
                name="km_agreed_priorities_have_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(plan="yes") | Q(plan_agreed_at__isnull=False),
                name="km_agreed_plan_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(leaver__isnull=True)
                | Q(line_manager__isnull=True)
                | ~Q(leaver=F("line_manager")),
                name="km_nobody_manages_their_own_handover",
            ),
            models.CheckConstraint(
                condition=Q(holder_away=False) | ~Q(away_reason=""),
                name="km_away_holder_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post.title}: {self.leaver_name}"

    @property
    def team(self) -> Team:
        """The team of the post."""
        return self.post.team

    @property
    def questions_are_open(self) -> bool:
        """Whether the team may ask now: opened, not closed, and not past the last day for it."""
        if self.state != HandoverState.OPEN or self.questions_opened_at is None:
            return False
        if self.questions_closed_at is not None:
            return False
        return self.questions_until is None or timezone.localdate() <= self.questions_until

    @property
    def days_left(self) -> int:
        """Calendar days until the last day; negative after it."""
        return (self.last_day - timezone.localdate()).days

    @property
    def weeks_left(self) -> int:
        """Whole weeks until the last day, never below zero."""
        return max(self.days_left, 0) // 7


def working_days(start: datetime.date, end: datetime.date) -> int:
    """Mondays to Fridays after ``start`` up to and including ``end``; 0 if there are none.

    Public holidays differ between places and are not taken out.
    """
    days = max((end - start).days, 0)
    full, rest = divmod(days, 7)
    return full * 5 + sum(1 for n in range(1, rest + 1) if (start.weekday() + n) % 7 < 5)


class SkippedStep(models.Model):
    """A step that is left out, and why. Taking it up again deletes the row; the log keeps both."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="skipped")
    step = models.PositiveSmallIntegerField(choices=StepNumber.choices)
    reason = models.TextField(_("why it is left out"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "step"], name="km_step_skipped_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="km_skipped_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.reason}"
