"""Who knows: what people offer to be asked about, how they are reached, and until when."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_pages.models.teams import Team
from km_pages.models.vocabulary import Topic
from km_pages.visibility import Reader


class OfferQuerySet(models.QuerySet["Offer"]):
    """Offers by whether they stand, and by who may see them."""

    def standing(self, day: dt.date | None = None) -> OfferQuerySet:
        """Those that stand on ``day`` (today): of people with an account that works, in time."""
        today = day or timezone.localdate()
        in_time = Q(until=None) | Q(until__gte=today)
        here = Q(leaves_on=None) | Q(leaves_on__gte=today) | Q(after_leaving_until__gte=today)
        return self.filter(in_time, here, person__is_active=True)

    def seen_by(self, reader: Reader, day: dt.date | None = None) -> OfferQuerySet:
        """Those standing offers that ``reader`` may see. Makes at most the reader's own queries.

        Strangers see none. Who offers it to the team is seen by those who are in a team with
        them now; after the last day by the teams they were in then.
        """
        today = day or timezone.localdate()
        standing = self.standing(today)
        if reader.user_id is None or not reader.in_organisation:
            return self.none()
        if reader.sees_all_teams:
            return standing
        seen = Q(visibility=Offer.Visibility.ORGANISATION) | Q(person_id=reader.user_id)
        teams = reader.team_ids
        if teams:
            seen |= Q(_together(teams)) | Q(_left(teams), leaves_on__lt=today)
        return standing.filter(seen)


def _together(teams: frozenset[int]) -> Exists:
    """Whether the person is in one of ``teams`` at this moment."""
    member = Q(groups__km_member_team__in=teams) | Q(groups__km_steward_team__in=teams)
    people = get_user_model()._default_manager
    return Exists(people.filter(member, pk=OuterRef("person_id")))


def _left(teams: frozenset[int]) -> Exists:
    """Whether the person was in one of ``teams`` when they last looked at their offer."""
    rows = Offer.teams.through.objects
    return Exists(rows.filter(offer_id=OuterRef("pk"), team_id__in=teams))


class Offer(models.Model):
    """One person's offer to be asked. Nobody is listed who has not said so themselves."""

    class Visibility(models.TextChoices):
        TEAM = "team", _("The people in my teams")
        ORGANISATION = "organisation", _("Everyone in the organisation")

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="km_offer",
        verbose_name=_("who"),
    )
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="offers", verbose_name=_("topics")
    )
    techniques = models.ManyToManyField(
        "km_pages.TechniquePage", blank=True, related_name="offers", verbose_name=_("techniques")
    )
    words = models.CharField(_("anything else"), max_length=300, blank=True)
    reach = models.CharField(_("how to reach them"), max_length=300)
    visibility = models.CharField(
        _("who may see it"), max_length=12, choices=Visibility.choices, default=Visibility.TEAM
    )
    teams = models.ManyToManyField(Team, blank=True, related_name="+", editable=False)
    until = models.DateField(_("may be asked until"), null=True, blank=True)
    leaves_on = models.DateField(_("last day in the post"), null=True, blank=True)
    after_leaving_until = models.DateField(
        _("after leaving, may be asked until"), null=True, blank=True
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["person__last_name", "person__first_name", "pk"]
        verbose_name = _("offer to be asked")
        verbose_name_plural = _("who knows")
        constraints = [
            models.CheckConstraint(
                condition=Q(after_leaving_until=None)
                | Q(leaves_on__isnull=False, after_leaving_until__gte=F("leaves_on")),
                name="km_offer_after_the_last_day",
            )
        ]

    def __str__(self) -> str:
        return self.person.get_full_name() or self.person.get_username()

    @property
    def has_left(self) -> bool:
        """Whether the last day in the post is over."""
        return self.leaves_on is not None and self.leaves_on < timezone.localdate()

    @property
    def ends_on(self) -> dt.date | None:
        """The day after which nobody is shown it any more, as far as that is known."""
        ends = [self.until, self.after_leaving_until or self.leaves_on]
        return min((each for each in ends if each), default=None)
