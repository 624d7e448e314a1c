"""Why something fits, or what does not fit and by how much, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from km_pages.wording import minutes_in_words, people_in_words


def reasons(one: Any, way: Any, wish: Any) -> list[str]:
    """Why ``one`` fits ``wish`` in the format ``way``: a phrase for each thing asked for."""
    rows = []
    if way and wish.minutes:
        words = way.length or minutes_in_words(way.minutes_min, way.minutes_max)
        rows.append(_("“%(format)s” takes %(minutes)s") % {"format": way.name, "minutes": words})
    if way and wish.people and (way.people_min or way.people_max):
        words = people_in_words(way.people_min, way.people_max)
        rows.append(_("for %(people)s") % {"people": words})
    if name := _name(wish.moment, one.moments, one.moment_names):
        rows.append(_("for this moment: %(moment)s") % {"moment": _within_a_sentence(name)})
    if way and wish.setting and way.setting_name:
        rows.append(_("works like this: %(setting)s") % {"setting": way.setting_name.lower()})
    if name := _name(wish.goal, one.goals, one.goal_names):
        rows.append(_("helps you to: %(goal)s") % {"goal": _within_a_sentence(name)})
    if wish.weeks is not None:
        rows.append(_time_left(one, wish.weeks))
    return rows


def _time_left(one: Any, weeks: int) -> str:
    """Why there is time for ``one`` with so many weeks left."""
    if not one.when:
        return _("there is still time for it")
    if one.weeks_latest == weeks:
        return _("done %(when)s: this is the last week for it") % {"when": one.when}
    if one.weeks_earliest is not None and weeks > one.weeks_earliest:
        return _("done %(when)s: you can plan it now") % {"when": one.when}
    return _("done %(when)s: now is the time") % {"when": one.when}


def misfit_words(one: Any, way: Any, wish: Any, missed: Iterable[str]) -> list[str]:
    """What of ``wish`` does not fit, and by how much: a phrase for each of ``missed``."""
    return [_misfit(one, way, wish, name) for name in missed]


def _misfit(one: Any, way: Any, wish: Any, name: str) -> str:
    if name == "minutes":
        return _minutes(way, wish.minutes)
    if name == "people":
        return _people(way, wish.people)
    if name == "setting":
        return _("it is meant for: %(setting)s") % {"setting": way.setting_name.lower()}
    if name == "moment":
        names = [_within_a_sentence(each) for each in one.moment_names]
        moments = ", ".join(names) or _("no moment is named")
        return _("it is meant for another moment: %(moments)s") % {"moments": moments}
    if name == "goal":
        names = [_within_a_sentence(each) for each in one.goal_names]
        goals = ", ".join(names) or _("no goal is named")
        return _("it helps with something else: %(goals)s") % {"goals": goals}
    return _weeks(one.weeks_latest, wish.weeks)


def _minutes(way: Any, minutes: int) -> str:
    if way.ongoing:
        return _("it is not done in one meeting: it goes on")
    if way.minutes_min is None:
        return _("it has no fixed length")
    if minutes < way.minutes_min:
        words = _("it takes at least %(least)d minutes: %(more)d more than you have")
        return words % {"least": way.minutes_min, "more": way.minutes_min - minutes}
    words = _("it is over after %(most)d minutes: %(less)d fewer than you have")
    return words % {"most": way.minutes_max, "less": minutes - way.minutes_max}


def _people(way: Any, people: int) -> str:
    if way.people_min is not None and people < way.people_min:
        words = _("it needs at least %(least)d people: %(more)d more than you are")
        return words % {"least": way.people_min, "more": way.people_min - people}
    words = _("it is for at most %(most)d people: %(more)d fewer than you are")
    return words % {"most": way.people_max, "more": people - way.people_max}


def _weeks(latest: int | None, weeks: int) -> str:
    if latest is not None and latest > weeks:
        late = latest - weeks
        words = ngettext("it is %(late)d week too late", "it is %(late)d weeks too late", late)
        return words % {"late": late}
    return _("it is done before the last day")


def _within_a_sentence(name: str) -> str:
    """``name`` without the capital with which it stands alone; abbreviations keep theirs."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _name(slug: str, slugs: tuple[str, ...], names: tuple[str, ...]) -> str:
    """The name of what was asked for; empty where nobody has named it."""
    return dict(zip(slugs, names, strict=False)).get(slug, "")
