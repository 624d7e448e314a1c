"""Say that something was completed elsewhere: on which day, and what shows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import StoredFile
from km_toolkit.models import ElsewhereCompletion
from km_toolkit.signals import module_completed


@dataclass(frozen=True, kw_only=True)
class CompleteElsewhere:
    """Keep that ``user`` completed ``title`` on ``completed_on`` in ``minutes``.

    ``proof_text`` or ``proof_file`` (the key of a file of their own) shows it. ``target`` and
    ``page`` name the row of the menu, if it is one. ``key`` comes from the form: sent twice, it is
    kept once. Nothing goes into the audit log: it is for its owner alone.
    """

    user: Any
    title: str
    completed_on: date
    minutes: int
    where: str = ""
    target: str = ""
    page: Any = None
    proof_text: str = ""
    proof_file: int | None = None
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    def execute(self) -> ElsewhereCompletion:
        """Keep it and tell the listeners. Raises ``NotAllowed`` or ``Conflict`` with a reason."""
        if not self.user.is_authenticated:
            raise NotAllowed(_("Sign in to keep what you do."))
        if self.completed_on > timezone.localdate():
            raise Conflict(_("This day has not come yet."))
        if not self.title.strip():
            raise Conflict(_("Say what you completed."))
        with transaction.atomic():
            row, new = ElsewhereCompletion.objects.get_or_create(
                key=self._own_key(), defaults=self._values()
            )
            if new:
                self._announce(row)
        return row

    def _own_key(self) -> uuid.UUID:
        """The key of the form; a new one for somebody else's, so that nothing tells it exists."""
        taken = ElsewhereCompletion.objects.filter(key=self.key).exclude(user=self.user)
        return uuid.uuid4() if taken.exists() else self.key

    def _values(self) -> dict[str, Any]:
        proof = self._proof()
        if proof is None and not self.proof_text.strip():
            raise Conflict(_("Add a file that shows it, or say in words what does."))
        return {
            "user": self.user,
            "target": self.target,
            "page": self.page,
            "title": self.title.strip()[:255],
            "where": self.where.strip()[:200],
            "completed_on": self.completed_on,
            "minutes": self.minutes,
            "proof_text": self.proof_text.strip(),
            "proof_file": proof,
        }

    def _proof(self) -> StoredFile | None:
        if self.proof_file is None:
            return None
        # Locked, so that it is not swept away before the row names it.
        own = StoredFile.objects.filter(pk=self.proof_file, uploader=self.user, private=True)
        found = own.select_for_update(no_key=True).first()
        if found is None:
            raise Conflict(_("The file is not there any more. Upload it again."))
        return found

    def _announce(self, row: ElsewhereCompletion) -> None:
        module_completed.send(
            sender=ElsewhereCompletion,
            user=self.user,
            page=self.page,
            title=row.title,
            completed_on=row.completed_on,
            minutes=row.minutes,
            key=f"elsewhere:{row.pk}",
            where=row.where,
            files=(row.proof_file_id,) if row.proof_file_id else (),
        )


@dataclass(frozen=True, kw_only=True)
class TakeBackElsewhere:
    """Take the tick off again: it was a mistake. What stands in a record of learning stays."""

    user: Any
    completion: ElsewhereCompletion

    def execute(self) -> None:
        """Raises ``NotAllowed`` for everybody but its owner."""
        if self.completion.user_id != self.user.pk:
            raise NotAllowed(_("There is no such entry."))
        rows = ElsewhereCompletion.objects.filter(pk=self.completion.pk, taken_back_at=None)
        rows.update(taken_back_at=timezone.now())
