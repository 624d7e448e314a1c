"""Warn before an entry names a patient or a colleague. It warns; it never refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from km_pages.files.patient_data import bare_nhs_numbers
from km_pages.models import Team
from km_pages.private_data import MOST_WARNINGS, Signs, signs_in

MOST_NAMES = 5
MOST_COLLEAGUES = 2000
SHORTEST = 3
# Where a text is looked at. A draft may be longer than an entry.
MOST_LOOKED_AT = 120_000

_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Miss|Ms|Mx|Dr|Prof|Professor|Sister|Matron)\.?[ \t]+[A-Z][\w'’-]+"
)
_BEGINS = re.compile(r"(?:^|[.!?:\n\"“(])\s*$")


def signs_for(owner: Any, texts: Iterable[str]) -> Signs:
    """Signs of patients in ``texts``, and names of people who share a team with ``owner``.

    A record says what its owner did, so any name and any patient's number is a reason to look,
    with or without words that say what it is. At most three queries, however many colleagues
    there are.
    """
    typed = "\n".join(each for each in texts if each)[:MOST_LOOKED_AT]
    if not typed.strip():
        return Signs()
    named = [
        _("It names somebody of your team: %(name)s") % {"name": name}
        for name in colleagues_named(owner, typed)
    ]
    titled = [
        _("It names a person: %(name)s") % {"name": name}
        for name in list(dict.fromkeys(_TITLED.findall(typed)))[:MOST_NAMES]
    ]
    bare = [_("In what you typed: %s") % each.masked for each in bare_nhs_numbers(typed)]
    found = dict.fromkeys((*named, *titled, *signs_in(typed, []).found, *bare))
    return Signs(tuple(found)[:MOST_WARNINGS])


def colleagues_named(owner: Any, typed: str) -> list[str]:
    """People in ``owner``'s teams whose name stands in ``typed``, at most five, as it stands there.

    The whole name however it is written; a last name, or a first name inside a sentence, with its
    capital letter. Many first names are words at which a sentence may begin: Will, Mark, May.
    """
    if not typed.strip():
        return []
    teams = Team.objects.with_member(owner)
    groups = {pk for pair in teams.values_list("members_group", "stewards_group") for pk in pair}
    people = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
    names = people.exclude(pk=owner.pk).order_by().values_list("first_name", "last_name").distinct()
    words, capital = _words(typed), set(_inside_sentences(typed))
    found = (_found(first, last, words, capital) for first, last in names[:MOST_COLLEAGUES])
    return sorted({each for each in found if each})[:MOST_NAMES]


def _found(first: str, last: str, words: str, capital: set[str]) -> str:
    """What of a name stands in the text: all of it, one part, or nothing."""
    if first and last and _stands_in(f"{first} {last}", words):
        return f"{first} {last}"
    alone = (each for each in (last, first) if len(each) >= SHORTEST and each in capital)
    return next(alone, "")


def _inside_sentences(text: str) -> Iterator[str]:
    """Words that begin with a capital letter though no sentence begins with them."""
    for each in re.finditer(r"\b[A-Z][\w'’-]*", text):
        if not _BEGINS.search(text, max(0, each.start() - 5), each.start()):
            yield re.sub(r"['’]s$", "", each[0])


def _stands_in(name: str, words: str) -> bool:
    return f" {_words(name)} " in f" {words} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
