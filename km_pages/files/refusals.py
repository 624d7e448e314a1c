"""What a person reads when a file is not added: what happened, what was kept, what to do."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class RefusedFile(Exception):
    """A file that is not added. ``code`` is for programs, ``message`` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_WHY: dict[str, Any] = {
    "empty": gettext_lazy("it is empty (0 bytes)"),
    "too_large": gettext_lazy("it is larger than %(limit)s, the most for one file"),
    "kind": gettext_lazy("files that end in “%(ending)s” cannot be kept here"),
    "no_ending": gettext_lazy("its name has no ending, such as .pdf or .docx"),
    "program": gettext_lazy("it is a program, or can start one, and programs can harm computers"),
    "macros": gettext_lazy(
        "it holds macros: small programs inside a document, which can harm computers"
    ),
    "scripted_picture": gettext_lazy("SVG pictures can hold programs, which can harm computers"),
    "archive": gettext_lazy("it is a packed folder, and nobody could search what is inside"),
    "mismatch": gettext_lazy(
        "its name ends in “%(ending)s” (%(label)s), but what is inside is something else"
    ),
    "two_in_one": gettext_lazy("it is two kinds of file in one, a trick that can harm computers"),
    "damaged": gettext_lazy("it is damaged or only a part of the file"),
    "bomb": gettext_lazy("it would unpack to far more than a real document ever does"),
    "too_many_parts": gettext_lazy("it is made of far more parts than a real document ever is"),
    "too_many_pixels": gettext_lazy(
        "it is %(width)s by %(height)s pixels, and no screen or printer needs that many"
    ),
}

_WHAT_TO_DO: dict[str, Any] = {
    "empty": gettext_lazy("Open the file, see that your work is in it, save it and add it again."),
    "too_large": gettext_lazy(
        "Save a smaller copy (of a film: with a lower quality) or split it, and add the parts."
    ),
    "kind": gettext_lazy("Save a copy as PDF and add that."),
    "no_ending": gettext_lazy("Give the file its ending back and add it again."),
    "program": gettext_lazy("Add a document that says what it does and where to get it."),
    "macros": gettext_lazy(
        "Save a copy of a kind without macros, such as .docx, .xlsx or .pptx, and add that."
    ),
    "scripted_picture": gettext_lazy("Save the picture as PNG or PDF and add that."),
    "archive": gettext_lazy("Take the files out of it and add them one by one."),
    "mismatch": gettext_lazy("Open it in the program it was made with, save it and add it again."),
    "two_in_one": gettext_lazy("Open it, save a fresh copy or print it to PDF, and add that."),
    "damaged": gettext_lazy("If it opens on your computer, save a fresh copy and add that."),
    "bomb": gettext_lazy("If it opens on your computer, save a copy as PDF and add that."),
    "too_many_parts": gettext_lazy(
        "If it opens on your computer, save a copy as PDF and add that."
    ),
    "too_many_pixels": gettext_lazy("Save a smaller copy of the picture and add that."),
}

REFUSAL_CODES = frozenset(_WHY)
"""Every ``code`` that a :class:`RefusedFile` can carry."""


def refused(code: str, **values: Any) -> RefusedFile:
    """The refusal for ``code``, in words; ``values`` fill the figures in them."""
    return RefusedFile(
        code,
        _("This file was not added, because %(why)s. Everything else you gave is kept. %(do)s")
        % {"why": _WHY[code] % values, "do": _WHAT_TO_DO[code]},
    )
