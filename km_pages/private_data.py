"""Warn before sharing where a text looks as if it held data about patients or private persons."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from km_pages.files.patient_data import find_warnings
from km_pages.models import FilePassage, StoredFile

MOST_WARNINGS = 10


def warnings_of(typed: str, files: Iterable[StoredFile]) -> list[str]:
    """Where something was found, masked, in words: in what was typed and in files already read."""
    found = [_("In what you typed: %s") % each.masked for each in find_warnings(typed)]
    passages = FilePassage.objects.filter(stored_file__in=list(files)).select_related("stored_file")
    for passage in passages:
        found += [
            _("In %(file)s, %(place)s: %(what)s")
            % {"file": passage.stored_file.name, "place": passage.label, "what": each.masked}
            for each in find_warnings(passage.text)
        ]
        if len(found) > MOST_WARNINGS:
            break
    return list(dict.fromkeys(found))[:MOST_WARNINGS]
