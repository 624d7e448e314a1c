"""Offer to be asked about something, change the offer, or take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import Offer, Team, TechniquePage, Topic
from km_pages.visibility import Reader, visible_to


@dataclass(frozen=True, kw_only=True)
class OfferToBeAsked:
    """What ``person`` says of themselves: about what, how, by whom and until when they are asked.

    ``leaves_on`` is the last day in the post; after it nobody is shown the offer, unless
    ``after_leaving_until`` says until when the person may still be asked. The teams that the
    person is in now are remembered for that time.
    """

    person: Any
    reach: str
    topics: Iterable[Topic] = ()
    techniques: Iterable[TechniquePage] = ()
    words: str = ""
    visibility: str = Offer.Visibility.TEAM
    until: dt.date | None = None
    leaves_on: dt.date | None = None
    after_leaving_until: dt.date | None = None

    def check(self) -> None:
        """Raise ``NotAllowed`` for an account that is closed, ``Conflict`` for half an offer."""
        if not self.person.is_active:
            raise NotAllowed(_("This account is closed, so nothing can be offered from it."))
        if not (list(self.topics) or list(self.techniques) or self.words.strip()):
            raise Conflict(_("Say at least one thing that people may ask you about."))
        if not self.reach.strip():
            raise Conflict(_("Say how people can reach you."))
        after = self.after_leaving_until
        if after and (self.leaves_on is None or after < self.leaves_on):
            raise Conflict(_("“After leaving” must be later than your last day in the post."))

    def execute(self) -> Offer:
        """Keep the offer, in place of an earlier one of the same person."""
        self.check()
        techniques = [each.pk for each in self.techniques]
        with transaction.atomic():
            offer, made = Offer.objects.update_or_create(
                person=self.person,
                defaults={
                    "reach": self.reach.strip(),
                    "words": self.words.strip(),
                    "visibility": self.visibility,
                    "until": self.until,
                    "leaves_on": self.leaves_on,
                    "after_leaving_until": self.after_leaving_until,
                },
            )
            offer.topics.set(self.topics)
            pages = visible_to(TechniquePage.objects.all(), Reader(self.person))
            offer.techniques.set(pages.filter(pk__in=techniques))
            self._keep_teams(offer)
            log(offer, "wagtail.create" if made else "wagtail.edit", user=self.person)
        return offer

    def _keep_teams(self, offer: Offer) -> None:
        """Remember the teams; those of a person who has left already stay as they are."""
        teams = Team.objects.with_member(self.person).distinct()
        if not offer.has_left or teams.exists():
            offer.teams.set(teams)


@dataclass(frozen=True, kw_only=True)
class TakeBackOffer:
    """Take back what ``person`` offered. Doing it twice changes nothing."""

    person: Any

    def execute(self) -> None:
        """Remove it; nobody is shown it from now on."""
        with transaction.atomic():
            for offer in Offer.objects.filter(person=self.person):
                log(offer, "wagtail.delete", user=self.person)
                offer.delete()
