"""What all changes of a learner's progress have in common.

Nothing of it goes into the audit log, which administrators read: how far somebody has come, and
what they wrote, is for them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.models import LearningModulePage, ModuleProgress
from km_toolkit.modules import Section, sections_of, still_missing
from km_toolkit.signals import module_completed


@dataclass(frozen=True, kw_only=True)
class ModuleAction:
    """One change of ``user``'s progress in ``page``; :meth:`change` of a subclass makes it.

    Whoever carries it out has looked that ``user`` may see ``page``.
    """

    user: Any
    page: LearningModulePage

    def execute(self) -> ModuleProgress:
        """Lock the row (made if there is none), change it, and complete it if it is due.

        Raises ``NotAllowed`` for strangers and ``Conflict`` with a reason; nothing is changed then.
        """
        if not self.user.is_authenticated:
            raise NotAllowed(_("Sign in to keep what you do."))
        with transaction.atomic():
            rows = ModuleProgress.objects.select_for_update()
            progress, _new = rows.get_or_create(
                user=self.user, page=self.page, defaults={"title": self.page.title}
            )
            self.change(progress)
            progress.last_seen_at = timezone.now()
            completed = self._complete(progress)
            progress.save()
            if completed:
                self._announce(progress)
        return progress

    def change(self, progress: ModuleProgress) -> None:
        """Make the change in ``progress``, which is saved afterwards."""
        raise NotImplementedError

    def section(self, key: str) -> Section:
        """The section ``key``; raises ``Conflict`` where an editor has taken it out meanwhile."""
        found = next((each for each in sections_of(self.page) if each.key == key), None)
        if found is None:
            raise Conflict(_("This section has been changed meanwhile. Load the page again."))
        return found

    def _complete(self, progress: ModuleProgress) -> bool:
        """Complete it where its rule is met for the first time. Whether that was now."""
        if progress.completed_on is not None or still_missing(self.page, progress):
            return False
        progress.completed_on = timezone.localdate()
        progress.minutes = self.page.minutes
        progress.title = self.page.title
        return True

    def _announce(self, progress: ModuleProgress) -> None:
        module_completed.send(
            sender=ModuleProgress,
            user=self.user,
            page=self.page,
            title=self.page.title,
            completed_on=progress.completed_on,
            minutes=progress.minutes,
            key=f"module:{self.page.pk}:{self.user.pk}",
        )


def now() -> str:
    """The time as it is kept beside an answer."""
    return timezone.now().isoformat()
