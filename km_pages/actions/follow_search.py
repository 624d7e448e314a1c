"""Follow a search, change how often mails come, stop them, or forget the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.conf import conf
from km_pages.models import SavedSearch
from km_pages.outlets.following import SearchAwayError, matches, next_time


@dataclass(frozen=True, kw_only=True)
class FollowSearch:
    """Keep a search for ``person`` and have new matches mailed in a ``rhythm``.

    What matches now counts as known. Only what has all the words matches.
    """

    person: Any
    name: str
    query: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rhythm: str = SavedSearch.Rhythm.WEEKLY

    def check(self) -> None:
        """Raise ``Conflict`` for an empty search, or where there are too many."""
        if not (self.query.strip() or any(self.filters.values())):
            raise Conflict(_("There is nothing to follow: search for something first."))
        if self.person.km_saved_searches.count() >= conf().saved_searches_limit:
            raise Conflict(
                _("You follow %(most)d searches, which is the most. Remove one on your page first.")
                % {"most": conf().saved_searches_limit}
            )

    def execute(self) -> SavedSearch:
        """Keep it. The same search again changes name and rhythm of the one that is there."""
        filters = {name: sorted(values) for name, values in self.filters.items() if values}
        kept = {"name": self.name.strip()[:120], "rhythm": self.rhythm}
        for search in self.person.km_saved_searches.filter(query=self.query):
            if search.filters == filters:
                return _changed(search, **kept)
        self.check()
        search = SavedSearch(
            person=self.person, query=self.query, filters=filters, strict=True, **kept
        )
        try:
            search.seen = [each.page_id for each in matches(search)]
        except SearchAwayError as problem:
            raise Conflict(str(problem)) from problem
        search.next_at = next_time(self.rhythm)
        search.save()
        return search


@dataclass(frozen=True, kw_only=True)
class ChangeRhythm:
    """Let mails about ``search`` come in another ``rhythm``, or not at all."""

    search: SavedSearch
    by: Any
    rhythm: str

    def execute(self) -> SavedSearch:
        """Change it. Raises ``NotAllowed`` for somebody else's search."""
        if self.search.person_id != self.by.pk:
            raise NotAllowed(_("Only the person who follows this search can change it."))
        return _changed(self.search, rhythm=self.rhythm)


def _changed(search: SavedSearch, **changes: Any) -> SavedSearch:
    for name, value in changes.items():
        setattr(search, name, value)
    search.next_at = next_time(search.rhythm)
    search.save(update_fields=[*changes, "next_at"])
    return search


@dataclass(frozen=True, kw_only=True)
class StopMails:
    """Send no more mails about ``search``: for whoever holds the link in one of them."""

    search: SavedSearch

    def execute(self) -> None:
        """Stop them; the search stays on the person's page. Twice changes nothing."""
        with transaction.atomic():
            mine = SavedSearch.objects.filter(pk=self.search.pk)
            mine.update(rhythm=SavedSearch.Rhythm.NEVER, next_at=None)


@dataclass(frozen=True, kw_only=True)
class ForgetSearch:
    """Remove ``search`` from the page of the person who follows it."""

    search: SavedSearch
    by: Any

    def execute(self) -> None:
        """Remove it. Raises ``NotAllowed`` for somebody else's search."""
        if self.search.person_id != self.by.pk:
            raise NotAllowed(_("Only the person who follows this search can remove it."))
        self.search.delete()
