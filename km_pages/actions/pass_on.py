"""Pass on what somebody keeps right: to who comes after them, else to the stewards of its team."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from wagtail import hooks
from wagtail.log_actions import log

from km_pages import notifications
from km_pages.models import KnowledgeAssetPage
from km_pages.visibility import Visibility

# A function (person, item) -> user or None: who comes after ``person`` for that item.
SUCCESSOR_HOOK = "km_successor"


@dataclass(frozen=True, kw_only=True)
class PassOn:
    """Give everything that ``person`` keeps right to others, drafts as well.

    Whose knowledge it is does not change. Items for named people go to nobody but the one who was
    agreed to come after: a steward is not to learn of them. ``by`` is who closes the account, where
    that is known.
    """

    person: Any
    by: Any = None

    def execute(self) -> dict[Any, list[KnowledgeAssetPage]]:
        """Do it and tell those it goes to. Returns the items by new keeper; ``None``: by nobody."""
        given: dict[Any, list[KnowledgeAssetPage]] = defaultdict(list)
        with transaction.atomic():
            mine: Any = KnowledgeAssetPage.objects.filter(owner=self.person).order_by("pk")
            for item in mine.select_for_update(no_key=True, of=("self",)):
                keeper = self._keeper_of(item)
                item.owner = keeper
                item.save(update_fields=["owner"], clean=False)
                data = {"from": str(self.person), "to": str(keeper or "")}
                log(item, "km_pages.passed_on", user=self.by, data=data)
                given[keeper].append(item)
            for keeper, items in given.items():
                if keeper is not None:
                    notifications.tell_passed_on(keeper, self.person, items)
        return dict(given)

    def _keeper_of(self, item: KnowledgeAssetPage) -> Any:
        for name in hooks.get_hooks(SUCCESSOR_HOOK):
            found = name(self.person, item)
            if self._can_keep(found):
                return found
        if item.visibility == Visibility.NAMED or item.home_team is None:
            return None
        stewards = item.home_team.stewards.exclude(pk=self.person.pk).filter(is_active=True)
        return stewards.order_by("pk").first()

    def _can_keep(self, person: Any) -> bool:
        return person is not None and person.is_active and person.pk != self.person.pk
