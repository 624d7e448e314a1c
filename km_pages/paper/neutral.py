"""Blocks of a knowledge item as neutral parts: headings, paragraphs, lists and tables.

Paper and plain files know these few kinds only, so that a new block needs one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Part = dict[str, Any]


def neutral(body: Iterable[Any]) -> list[Part]:
    """The blocks of a StreamField as dictionaries that JSON can hold.

    ``kind`` is "heading" or "paragraph" (``text``), "list" or "steps" (``entries``), or "table"
    (``header`` and ``rows`` of texts). Blocks of a kind that is not known give their plain text.
    """
    parts: list[Part] = []
    for block in body:
        parts += KINDS.get(block.block_type, _anything)(block.value)
    return parts


def _rich(value: Any) -> list[Part]:
    """Rich text: its paragraphs, headings and lists."""
    parts: list[Part] = []
    soup = BeautifulSoup(str(getattr(value, "source", value)), "html.parser")
    for line in soup.find_all("br"):
        line.replace_with("\n")
    for element in soup.find_all(["p", "h2", "h3", "h4", "ul", "ol"]):
        if element.name in ("ul", "ol"):
            items = [_text(each) for each in element.find_all("li")]
            parts.append({"kind": "steps" if element.name == "ol" else "list", "entries": items})
        elif element.name != "p":
            parts.append({"kind": "heading", "text": _text(element)})
        elif not element.find_parent("li") and _text(element):
            parts.append({"kind": "paragraph", "text": _text(element)})
    return parts


def _text(element: Any) -> str:
    return str(element.get_text()).strip()


def _table(columns: dict[str, Any]) -> Callable[[Any], list[Part]]:
    """A reader of blocks with ``entries``: one row each, empty columns left out."""

    def read(value: Any) -> list[Part]:
        entries = list(value["entries"])
        used = {
            key: word for key, word in columns.items() if any(each.get(key) for each in entries)
        }
        rows = [[str(each.get(key) or "") for key in used] for each in entries]
        return [{"kind": "table", "header": [str(word) for word in used.values()], "rows": rows}]

    return read


def _questions(value: Any) -> list[Part]:
    parts: list[Part] = []
    for each in value["entries"]:
        parts.append({"kind": "heading", "text": str(each["question"])})
        parts.append({"kind": "paragraph", "text": str(each["answer"])})
    return parts


def _how_to(value: Any) -> list[Part]:
    items = []
    for step in value["steps"]:
        words = [str(step.get("title") or ""), str(step.get("text") or "")]
        if step.get("caution"):
            words.append(_("Take care: %(what)s") % {"what": step["caution"]})
        items.append(". ".join(word.rstrip(".") for word in words if word))
    title = str(value.get("title") or "")
    head = [{"kind": "heading", "text": title}] if title else []
    return [*head, {"kind": "steps", "entries": items}]


def _typed_table(value: Any) -> list[Part]:
    rows = [[str(cell or "") for cell in row] for row in value.get("data") or []]
    if not rows:
        return []
    return [{"kind": "table", "header": rows[0], "rows": rows[1:]}]


def _callout(value: Any) -> list[Part]:
    return [
        {"kind": "paragraph", "text": str(part)}
        for part in (value.get("title"), value.get("text"))
        if part
    ]


def _link(value: Any) -> list[Part]:
    words = [str(each) for each in value.values() if isinstance(each, str) and each]
    return [{"kind": "paragraph", "text": " · ".join(words)}]


def _anything(value: Any) -> list[Part]:
    text = BeautifulSoup(str(value), "html.parser").get_text(" ").strip()
    return [{"kind": "paragraph", "text": text}] if text else []


KINDS: dict[str, Callable[[Any], list[Part]]] = {
    "text": _rich,
    "contacts": _table(
        {
            "name": gettext_lazy("Name"),
            "what_for": gettext_lazy("Call them about"),
            "role": gettext_lazy("Role"),
            "organisation": gettext_lazy("Organisation"),
            "phone": gettext_lazy("Phone"),
            "email": gettext_lazy("E-mail"),
        }
    ),
    "dates": _table(
        {
            "what": gettext_lazy("What"),
            "when_text": gettext_lazy("When"),
            "note": gettext_lazy("What to prepare"),
        }
    ),
    "work_in_hand": _table(
        {
            "title": gettext_lazy("Piece of work"),
            "position": gettext_lazy("Where it stands"),
            "next_step": gettext_lazy("Next step"),
            "owner": gettext_lazy("Who takes it on"),
            "due": gettext_lazy("By when"),
            "risk": gettext_lazy("What could go wrong"),
        }
    ),
    "questions": _questions,
    "how_to": _how_to,
    "table": _typed_table,
    "callout": _callout,
    "link": _link,
}
