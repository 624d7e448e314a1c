"""Which reminders were sent, and which mails somebody wants."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_toolkit.models.handovers import Handover


class Reminder(models.Model):
    """A reminder that was sent, written with the mail: one in seven days for each handover.

    ``week`` is the day of the reminder, with which the seven days begin. Letters after the last
    day have no person: they go to the address that the leaver has volunteered, each of them once.
    """

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="reminders")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    week = models.DateField()
    kind = models.CharField(max_length=10, default="weekly")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "person", "week"],
                condition=Q(kind="weekly"),
                name="km_one_reminder_a_week",
            ),
            models.UniqueConstraint(
                fields=["handover", "kind"],
                condition=~Q(kind="weekly"),
                name="km_each_letter_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handover}: {self.kind} {self.week}"


class MailChoice(models.Model):
    """Which mails about handovers somebody wants. Without a row: all of them."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_mail_choice"
    )
    reminders = models.BooleanField(_("reminders of what waits for me, once a week"), default=True)
    questions = models.BooleanField(_("when my team is asked what it wants to know"), default=True)
    news = models.BooleanField(_("when something is done in a handover of mine"), default=True)

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")

    def __str__(self) -> str:
        return str(self.person)


class CalendarAddress(models.Model):
    """The secret address at which somebody's calendar fetches the dates of their handovers.

    Only a digest of its secret is kept; a new address ends the one before.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_calendar_address"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("address for a calendar")
        verbose_name_plural = _("addresses for calendars")

    def __str__(self) -> str:
        return str(self.person)


def who_wants(people: Any, kind: str) -> list[Any]:
    """Those of ``people`` who want mails of ``kind`` (a field of ``MailChoice``). One query."""
    present = [each for each in people if each is not None]
    no = MailChoice.objects.filter(person__in=present, **{kind: False})
    refused = set(no.values_list("person_id", flat=True))
    return [each for each in present if each.pk not in refused]
