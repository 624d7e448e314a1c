"""The field for rich text in the admin: what no editor can have sent is no fault of the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest
from draftjs_exporter.error import ExporterException
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextAreaAdapter
from wagtail.admin.telepath import register

# About 150 printed pages in one field.
MOST_CHARACTERS = 1_000_000


class RichTextArea(DraftailRichTextArea):
    """Wagtail's field. Its script sends a description of the text, never markup."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The text as it is stored. Raises ``BadRequest`` for what the script never sends.

        That is markup, a text beyond all measure, and lists nested without end: the last would
        otherwise exhaust the stack of the interpreter while they are turned into markup.
        """
        if len(data.get(name) or "") > MOST_CHARACTERS:
            raise BadRequest("more text than a field takes")
        try:
            return super().value_from_datadict(data, files, name)
        except (
            ExporterException,
            RecursionError,
            ValueError,
            TypeError,
            AttributeError,
            LookupError,
        ) as problem:
            raise BadRequest("no text that the editor sends") from problem


register(DraftailRichTextAreaAdapter(), RichTextArea)
