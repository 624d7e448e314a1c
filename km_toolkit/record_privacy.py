"""Warn before an entry names a patient or a colleague. It warns; it never refuses."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from km_pages.models import Team
from km_pages.private_data import Signs, signs_in

MOST_NAMES = 5
MOST_COLLEAGUES = 2000


def signs_for(owner: Any, texts: list[str]) -> Signs:
    """Signs of patients in ``texts``, and names of people who share a team with ``owner``.

    At most three queries, however many colleagues there are.
    """
    typed = "\n".join(texts)
    named = [
        _("It names somebody of your team: %(name)s") % {"name": name}
        for name in colleagues_named(owner, typed)
    ]
    return Signs((*named, *signs_in(typed, []).found))


def colleagues_named(owner: Any, typed: str) -> list[str]:
    """Full names of people in ``owner``'s teams that stand in ``typed``, at most five."""
    if not typed.strip():
        return []
    teams = Team.objects.with_member(owner)
    groups = {pk for pair in teams.values_list("members_group", "stewards_group") for pk in pair}
    people = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
    names = people.exclude(pk=owner.pk).order_by().values_list("first_name", "last_name").distinct()
    words = _words(typed)
    full = [f"{first} {last}" for first, last in names[:MOST_COLLEAGUES] if first and last]
    return sorted(each for each in full if _stands_in(each, words))[:MOST_NAMES]


def _stands_in(name: str, words: str) -> bool:
    return f" {_words(name)} " in f" {words} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
