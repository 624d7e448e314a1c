"""The door of every page of a handover: who comes in, and how a change is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from km_pages.actions.errors import ActionError
from km_pages.prepared import Given, fetch
from km_pages.views.uploads import REFUSED
from km_toolkit.actions.base import HandoverAction, NotFound
from km_toolkit.models import Handover
from km_toolkit.parts import INSIDE, Part, may_read_areas, parts_of
from km_toolkit.standing import days_in_words


@dataclass
class Room:
    """One handover, as one reader may use it. Templates get it as ``room``."""

    request: HttpRequest
    handover: Handover
    parts: frozenset[Part]

    @property
    def by(self) -> Any:
        """The reader."""
        return self.request.user

    @cached_property
    def reads_areas(self) -> bool:
        """Whether the reader is shown the areas."""
        return may_read_areas(self.handover, self.parts)

    @property
    def days(self) -> str:
        """How long there is, in words."""
        return days_in_words(self.handover)

    @property
    def is_leaver(self) -> bool:
        """Whether the reader hands over, or acts for somebody who cannot."""
        return Part.LEAVER in self.parts

    @property
    def is_manager(self) -> bool:
        """Whether the reader is the line manager, or stands in."""
        return Part.MANAGER in self.parts

    @property
    def is_helper(self) -> bool:
        """Whether the reader helps."""
        return Part.HELPER in self.parts

    @property
    def is_successor(self) -> bool:
        """Whether the reader comes next."""
        return Part.SUCCESSOR in self.parts

    def may(self, action: type[HandoverAction]) -> bool:
        """Whether part and state let the reader do ``action``. No query."""
        return bool(self.parts & action.parts) and self.handover.state in action.states

    def do(self, action: type[HandoverAction], words: Any = "", /, **given: Any) -> Any:
        """Carry ``action`` out and say ``words``.

        What it returns; ``None`` after a refusal, which is said in its place. 404 for strangers.
        """
        try:
            result = action(handover=self.handover, by=self.by, **given).execute()
        except NotFound as nothing:
            raise Http404 from nothing
        except ActionError as problem:
            messages.warning(self.request, str(problem))
            return None
        if words:
            messages.success(self.request, str(words))
        return True if result is None else result

    def show(self, name: str, context: dict[str, Any] | None = None, form: Any = None) -> Any:
        """Render ``km_toolkit/handover/<name>.html``; 422 for a form with errors."""
        values = {"room": self, "handover": self.handover, "form": form, **(context or {})}
        status = REFUSED if form is not None and form.is_bound and form.errors else 200
        return render(self.request, f"km_toolkit/handover/{name}.html", values, status=status)

    def back(self, name: str = "handover", *args: Any) -> HttpResponse:
        """To a page of this handover."""
        return redirect(f"km_toolkit:{name}", self.handover.pk, *args)


def enter(request: HttpRequest, pk: int, *, parts: frozenset[Part] = INSIDE) -> Room:
    """The handover ``pk`` for somebody with one of ``parts``; 404 for everybody else."""
    found = fetch(_with_people, pk=pk)
    if not found:
        raise Http404
    handover = found[0]
    have = parts_of(handover, request.user)
    if not have & parts:
        raise Http404
    return Room(request, handover, have)


def _with_people() -> QuerySet[Handover]:
    people = ("leaver", "line_manager", "deputy", "successor")
    wanted = Handover.objects.filter(pk=Given("pk", Handover._meta.pk)).order_by()
    return wanted.select_related("post__team", *people)


def found_in(queryset: Any, **lookup: Any) -> Any:
    """The one row, or 404."""
    try:
        row = queryset.filter(**lookup).first()
    except ValidationError:  # a key that is none, such as a text where a UUID stands
        row = None
    if row is None:
        raise Http404
    return row
