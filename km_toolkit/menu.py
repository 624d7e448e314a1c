"""The menu of modules: by phase, ours and those elsewhere, with one's own done ones dated.

Stands below the models, which call it from ``get_context``; models are reached through the app
registry. However many modules and learners there are, it makes the same number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import IntegerField, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from km_pages.blocks.links import LINK_FIELDS
from km_pages.listings.cards import address_at
from km_pages.listings.techniques import LearnLink
from km_pages.prepared import Given, ask
from km_pages.visibility import Reader, Standing, reader_for, visible_to
from km_pages.wording import minutes_in_words


@dataclass(frozen=True)
class MenuRow:
    """One module of the menu, ours or (``external``) somebody else's.

    ``elsewhere`` is the reader's own word that they have completed it there, if that is why it is
    ticked.
    """

    target: str
    title: str
    url: str
    text: str = ""
    minutes: int | None = None
    external: bool = False
    done_on: date | None = None
    elsewhere: Any = None
    begun: bool = False

    @property
    def time(self) -> str:
        """Its minutes in words; empty where nobody says."""
        return minutes_in_words(self.minutes, self.minutes) if self.minutes else ""

    @property
    def elsewhere_url(self) -> str:
        """Where its reader says that they have completed it elsewhere."""
        return f"{reverse('km_learning:elsewhere')}?of={self.target}"


@dataclass
class MenuGroup:
    """A phase (``None`` for what stands in none) with its rows."""

    phase: Any
    rows: list[MenuRow] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name of the phase, or what the rest is called."""
        return str(self.phase) if self.phase else _("Other modules")


@dataclass(frozen=True)
class Done:
    """What one learner has completed, and begun: by key of the page, and by target of the menu."""

    here: dict[int, date] = field(default_factory=dict)
    elsewhere: dict[str, Any] = field(default_factory=dict)
    begun: frozenset[int] = frozenset()


def menu_context(request: HttpRequest) -> dict[str, Any]:
    """``groups``, how many are ``done`` of how many in ``all``, and what was done ``besides``."""
    groups, besides = menu_and_besides(request)
    rows = [row for group in groups for row in group.rows]
    return {
        "groups": groups,
        "all": len(rows),
        "done": sum(1 for row in rows if row.done_on),
        "besides": besides,
        "learning": settings_for(request),
    }


def menu_and_besides(request: HttpRequest) -> tuple[list[MenuGroup], list[Any]]:
    """The menu, and what its reader has completed elsewhere that does not stand in it."""
    elsewhere = own_elsewhere(request.user)
    groups = menu_of(request, elsewhere)
    targets = {row.target for group in groups for row in group.rows}
    return groups, [each for each in elsewhere if each.target not in targets]


def menu_of(request: HttpRequest, elsewhere: Iterable[Any]) -> list[MenuGroup]:
    """All modules that the reader may see, by phase; phases without any are left out.

    ``elsewhere`` is what the reader has completed elsewhere.
    """
    done = done_by(request.user, elsewhere)
    phases = list(apps.get_model("km_pages", "LearningPhase").objects.all())
    groups: dict[int | None, MenuGroup] = {phase.pk: MenuGroup(phase) for phase in phases}
    groups[None] = MenuGroup(None)
    for phase_key, row in [*_ours(request, done), *_theirs(request, phases, done)]:
        groups[phase_key].rows.append(row)
    return [group for group in groups.values() if group.rows]


def done_by(user: Any, completed: Iterable[Any]) -> Done:
    """What ``user`` has done here, and ``completed`` elsewhere. One query; none for strangers."""
    if not user.is_authenticated:
        return Done()
    here, begun = {}, set()
    rows = apps.get_model("km_toolkit", "ModuleProgress").objects.of(user)
    for page_id, on in rows.exclude(page=None).values_list("page_id", "completed_on"):
        if on:
            here[page_id] = on
        else:
            begun.add(page_id)
    # They come newest first, and the newest is the one that counts.
    elsewhere = {each.target: each for each in reversed(list(completed)) if each.target}
    return Done(here, elsewhere, frozenset(begun))


def own_elsewhere(user: Any) -> list[Any]:
    """What ``user`` has completed elsewhere, newest first."""
    rows = apps.get_model("km_toolkit", "ElsewhereCompletion").objects.of(user)
    return list(rows.select_related("proof_file"))


def modules_seen_by(request: HttpRequest) -> Any:
    """The published modules that the reader may see, without what stands in them."""
    return _modules(reader_for(request))


def _modules(reader: Reader | Standing) -> QuerySet[Any]:
    model = apps.get_model("km_toolkit", "LearningModulePage")
    rows = visible_to(model.objects.all(), reader).order_by("title")
    return rows.only(
        *LINK_FIELDS, "strapline", "minutes", "technique", "activity", "phase"
    ).select_related(None)


def _ours(request: HttpRequest, done: Done) -> Iterable[tuple[int | None, MenuRow]]:
    pages = list(modules_seen_by(request))
    techniques = apps.get_model("km_pages", "TechniquePage").objects.filter(
        pk__in={each.technique_id for each in pages}
    )
    phase_of = dict(techniques.values_list("pk", "primary_phase_id"))
    for page in pages:
        target = f"module:{page.pk}"
        on = done.here.get(page.pk)
        away = done.elsewhere.get(target)
        row = MenuRow(
            target=target,
            title=page.title,
            url=page.get_url(request) or "",
            text=page.strapline,
            minutes=page.minutes,
            done_on=on or (away.completed_on if away else None),
            elsewhere=away if on is None else None,
            begun=page.pk in done.begun,
        )
        yield page.phase_id or phase_of.get(page.technique_id), row


def _theirs(
    request: HttpRequest, phases: Iterable[Any], done: Done
) -> Iterable[tuple[int | None, MenuRow]]:
    for phase in phases:
        if phase.elearning_url:
            title = _("E-learning: %(what)s") % {"what": phase.name}
            yield phase.pk, _link(f"phase:{phase.pk}", title, phase.elearning_url, done)
    techniques = apps.get_model("km_pages", "TechniquePage").objects.exclude(elearning_url="")
    seen = visible_to(techniques, reader_for(request)).order_by("title")
    columns = ("pk", "title", "elearning_url", "primary_phase_id")
    for pk, title, url, phase_key in seen.values_list(*columns):
        named = _("E-learning: %(what)s") % {"what": title}
        yield phase_key, _link(f"technique:{pk}", named, url, done)
    frameworks = apps.get_model("km_pages", "Framework").objects.exclude(elearning_url="")
    for pk, name, url in frameworks.values_list("pk", "name", "elearning_url"):
        named = _("E-learning: %(what)s") % {"what": name}
        yield None, _link(f"framework:{pk}", named, url, done)


def _link(target: str, title: str, url: str, done: Done) -> MenuRow:
    said = done.elsewhere.get(target)
    return MenuRow(
        target=target,
        title=title,
        url=url,
        external=True,
        done_on=said.completed_on if said else None,
        elsewhere=said,
    )


def settings_for(request: HttpRequest) -> Any:
    """What the organisation says about its own learning system."""
    return apps.get_model("km_toolkit", "LearningSettings").for_request(request)


def learn_links(page: Any, request: HttpRequest) -> list[LearnLink]:
    """The modules about the technique or activity ``page`` that the reader may see. One query."""
    if not page.pk:
        return []
    name = "technique" if page._meta.model_name == "techniquepage" else "activity"
    rows = ask(_modules_about, reader_for(request).standing, name, about=page.pk)
    return [
        LearnLink(title, address_at(url_path, request), minutes_in_words(minutes, minutes))
        for title, url_path, minutes in rows
    ]


def _modules_about(reader: Standing, name: str) -> QuerySet[Any]:
    about = _modules(reader).filter(**{name: Given("about", IntegerField())})
    return about.values_list("title", "url_path", "minutes")
