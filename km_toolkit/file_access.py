"""Files of a handover before they are shared: for those who may read what they belong to."""

from __future__ import annotations

from typing import Any

from km_pages.visibility import Reader
from km_toolkit.models import ElsewhereCompletion, Handover
from km_toolkit.parts import INSIDE, Part, may_read_areas, parts_of

THE_TWO = frozenset({Part.LEAVER, Part.HELPER})


def may_open(stored: Any, reader: Reader) -> bool:
    """Whether a handover lets ``reader`` have ``stored``, a file that is checked.

    A file of an output is for whoever reads the outputs; a recording for the two who talk.
    """
    if reader.user_id is None:
        return False
    # What shows that somebody completed something elsewhere is theirs alone.
    if ElsewhereCompletion.objects.filter(proof_file=stored, user=reader.user_id).exists():
        return True
    handovers = Handover.objects.seen_by(reader.user)
    for handover in handovers.filter(outputs__files=stored).distinct():
        parts = parts_of(handover, reader.user)
        if parts & INSIDE and may_read_areas(handover, parts):
            return True
    recorded = handovers.filter(interviews__recording=stored).distinct()
    return any(parts_of(each, reader.user) & THE_TWO for each in recorded)
