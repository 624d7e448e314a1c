"""What all changes of a handover have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.merging import seen_mark
from km_toolkit.models import Handover, HandoverState
from km_toolkit.parts import Part, parts_of
from km_toolkit.signals import handover_changed

UNDER_WAY = frozenset({HandoverState.OPEN})
UNTIL_ACCEPTED = frozenset({HandoverState.OPEN, HandoverState.PROVISIONAL})
PREPARING = frozenset({HandoverState.DRAFT, HandoverState.OPEN})

CHANGED_MEANWHILE = gettext_lazy(
    "Somebody has changed this since you opened it. What you typed is still here, and what they "
    "saved stands above it: compare, then save again."
)

# Who acts when a date has passed and nobody has pressed anything.
CLOCK = object()


class NotFound(NotAllowed):
    """To this person the handover does not exist."""


@dataclass(frozen=True, kw_only=True)
class HandoverAction:
    """One change of ``handover`` by ``by``.

    A subclass says its ``name`` (in the log), what it does in words, which ``parts`` may do it and
    in which ``states``; :meth:`check` adds what else must hold, :meth:`change` does it. The page,
    the admin and Python all call :meth:`execute`.
    """

    handover: Handover
    by: Any

    name: ClassVar[str]
    words: ClassVar[Any]
    parts: ClassVar[frozenset[Part]]
    states: ClassVar[frozenset[HandoverState]]
    by_clock: ClassVar[bool] = False

    def execute(self) -> Any:
        """Lock the handover, look whether it may be done, do it, log it, tell the listeners.

        Raises ``NotFound`` for people without any part, ``NotAllowed`` without the right part,
        ``Conflict`` if it cannot be done now. Nothing is changed then.
        """
        with transaction.atomic():
            handover = locked(self.handover.pk)
            self.check_part(handover)
            self.check(handover)
            result = self.change(handover)
            log(handover, f"km_toolkit.{self.name}", user=self.logged_as(), data=self.noted())
            transaction.on_commit(self._announce, robust=True)
        # What the caller holds is what is true now.
        self.handover.refresh_from_db()
        return result

    def may(self) -> bool:
        """Whether part and state allow it; what else must hold is not looked at."""
        try:
            self.check_part(self.handover)
        except (NotAllowed, Conflict):
            return False
        return True

    def check_part(self, handover: Handover) -> None:
        """Raise ``NotFound``, ``NotAllowed`` or ``Conflict``, in this order."""
        have = parts_of(handover, self.by)
        clock = self.by is CLOCK and self.by_clock
        if not have and not clock:
            raise NotFound(_("There is no such handover."))
        if not have & self.parts and not clock:
            raise NotAllowed(_("This is for somebody else to do."))
        if handover.state not in self.states:
            raise Conflict(
                _("This cannot be done now: the handover is %(state)s.")
                % {"state": str(handover.get_state_display()).lower()}
            )

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` or ``NotAllowed`` where something else stands against it."""

    def change(self, handover: Handover) -> Any:
        """Do it."""
        raise NotImplementedError

    def logged_as(self) -> Any:
        """Who stands in the log; nobody for the clock."""
        return None if self.by is CLOCK else self.by

    def noted(self) -> dict[str, Any] | None:
        """What the log keeps besides who, when and what. Never what somebody told in confidence."""
        return None

    def _announce(self) -> None:
        handover_changed.send(type(self), handover=self.handover, action=self.name, by=self.by)


def locked(pk: int) -> Handover:
    """The handover as it is now, its row locked until the transaction ends.

    Raises ``Conflict`` where it is gone.
    """
    found = Handover.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk)
    handover = found.select_related("post__team").first()
    if handover is None:
        raise Conflict(_("This handover has been deleted."))
    return handover


def save(instance: Any, **values: Any) -> None:
    """Set ``values`` on ``instance`` and save just them."""
    for name, value in values.items():
        setattr(instance, name, value)
    instance.save(update_fields=list(values))


def marked(instance: Any, names: Iterable[str]) -> str:
    """The mark of what the fields ``names`` of ``instance`` hold; see :mod:`km_toolkit.merging`."""
    return seen_mark(*(getattr(instance, f"{n}_id", getattr(instance, n)) for n in sorted(names)))


def mine(queryset: Any, handover: Handover, pk: Any) -> Any:
    """The record ``pk`` of ``handover``, or ``Conflict``: gone, or of another handover."""
    found = queryset.filter(handover=handover, pk=pk).first()
    if found is None:
        raise Conflict(_("It has been removed meanwhile. Nothing was changed."))
    return found
