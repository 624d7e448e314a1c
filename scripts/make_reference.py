"""Write the pages of docs/reference that speak of the code from it, so that they cannot rot.

``python scripts/make_reference.py`` writes them; ``--check`` fails where they differ. A test runs it.
"""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "site")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "km_site.settings.test")

import django  # noqa: E402

django.setup()

from km_pages.conf import PagesConf  # noqa: E402
from km_pages.finder.rule import Answer, Wish, answer  # noqa: E402
from km_pages.setup.finder import shipped_candidates  # noqa: E402
from km_toolkit.actions.every import all_actions  # noqa: E402
from km_toolkit.models import HandoverState  # noqa: E402
from km_toolkit.parts import Part  # noqa: E402

SETTINGS_HEAD = """# Settings

All settings of the plugin begin with `KM_`. Nothing but `km_pages/conf.py` reads them, and the system
checks name a wrong one. This page is written by `scripts/make_reference.py`.

| setting | default | meaning |
| --- | --- | --- |
"""

EXTENDING_HEAD = """# Extending

There are four kinds of extension points, and no others: abstract mixins, hooks, back-end classes chosen
by a setting, and signals. This page is written by `scripts/make_reference.py` from the code.

"""

MIXINS = {
    "km_pages.models.KnowledgeItemMixin": "Makes a page type of yours a knowledge item: visibility, "
    "holder, home team by place. The rule of who may see what covers it from then on.",
    "km_pages.models.Checked": "Who keeps a page right, and when it was checked last.",
    "km_pages.models.Credited": "Sources, credit and licence of a text.",
}
BACKENDS = {
    "KM_SEARCH_ENGINE": "A class derived from `km_pages.search.Engine`, made with the index folder.",
    "KM_ORGANISATION_MEMBER": "A function (user) -> bool: who belongs to the organisation.",
    "KM_BASE_TEMPLATE": "The template that every page extends.",
    'STORAGES["knowledge"]': "The private storage of uploaded files; any Django storage.",
}


FINDER_HEAD = """# Finder: twelve typical requests

What the finder answers over the techniques that ship. This page is written by
`scripts/make_reference.py`, and a test fails where the code would answer otherwise. How it is scored
stands in [why the finder answers as it does](../why/finder.md).

| what somebody asks | what fits, best first | not this |
| --- | --- | --- |
"""
REQUESTS = {
    "30 minutes, 6 people, just finished, in person": Wish(30, 6, "after", "in_person"),
    "20 minutes, 5 people, about to start": Wish(20, 5, "before"),
    "45 minutes, 6 people, about to start": Wish(45, 6, "before"),
    "60 minutes, 8 people, just finished, online": Wish(60, 8, "after", "online"),
    "Half a day, 10 people, just finished": Wish(240, 10, "after"),
    "60 minutes, 2 people, losing someone": Wish(60, 2, "leaving"),
    "45 minutes, 12 people, losing someone": Wish(45, 12, "leaving"),
    "40 minutes, 6 people, in the middle": Wish(40, 6, "during"),
    "90 minutes, 20 people, in the middle": Wish(90, 20, "during"),
    "60 minutes, 6 people, in the middle, online": Wish(60, 6, "during", "online"),
    "20 people, in the middle, some of them online, connect people": Wish(
        people=20, moment="during", setting="hybrid", goal="connect-people"
    ),
    "5 minutes, 4 people, just finished": Wish(5, 4, "after"),
}


def finder_page() -> str:
    """Twelve requests and what the rule answers over the shipped techniques."""
    candidates = shipped_candidates()
    rows = []
    for words, wish in REQUESTS.items():
        found = answer(wish, candidates)
        wrong = "<br>".join(
            f"{each.candidate.title}: {each.wrong.situation} Use instead: "
            f"{each.instead.title if each.instead else each.wrong.instead_text}"
            for each in found.not_this
        )
        rows.append(f"| {words} | {_offers(found)} | {wrong or '–'} |\n")
    return FINDER_HEAD + "".join(rows)


def _offers(found: Answer) -> str:
    said = [
        f"{number}. {each.candidate.title} ({'; '.join(each.words)})"
        for number, each in enumerate(found.offers or found.nearest, start=1)
    ]
    nothing = [] if found.offers else ["Nothing fits; the nearest:"]
    return "<br>".join([*nothing, *said])


def settings_page() -> str:
    """The table of all settings, in the order of the dataclass."""
    rows = []
    for each in fields(PagesConf):
        default = each.default
        shown = str(default) if not isinstance(default, str) else f'"{default}"'
        rows.append(f"| `KM_{each.name.upper()}` | `{shown}` | {each.metadata['meaning']} |")
    return SETTINGS_HEAD + "\n".join(rows) + "\n"


def constants(suffix: str) -> dict[str, tuple[str, str]]:
    """Hook names by constant: where each is defined, and the comment that stands above it.

    Raises ``ValueError`` for one without a comment: nobody could write a function for it.
    """
    found = {}
    for folder in ("km_pages", "km_toolkit"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for node in ast.parse(text).body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    name = getattr(node.targets[0], "id", "")
                    if name.endswith(suffix):
                        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                        said = comment_above(text.splitlines(), node.lineno)
                        if not said:
                            raise ValueError(f"{module}.{name} has no comment above it")
                        found[str(node.value.value)] = (f"{module}.{name}", said)
    return found


def comment_above(lines: list[str], number: int) -> str:
    """The lines of comment directly above line ``number``, as one sentence."""
    said: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.startswith("# "):
            break
        said.insert(0, line[2:])
    return " ".join(said)


def signals(app: str) -> list[tuple[str, str]]:
    """The signals of one app, each with the text that stands below it."""
    tree = ast.parse((ROOT / app / "signals.py").read_text(encoding="utf-8")).body
    rows = []
    for node, below in zip(tree, tree[1:], strict=False):
        if isinstance(node, ast.Assign) and isinstance(below, ast.Expr):
            rows.append((node.targets[0].id, " ".join(below.value.value.split())))  # type: ignore[attr-defined]
    return rows


def extending_page() -> str:
    """Mixins, hooks, back ends and signals."""
    parts = [EXTENDING_HEAD, "## Mixins\n"]
    parts += [f"- `{name}`: {text}" for name, text in MIXINS.items()]
    parts.append("\n## Hooks (registered with `wagtail.hooks.register`)\n")
    for name, (where, said) in sorted(constants("_HOOK").items()):
        parts.append(f"- `{name}` (`{where}`): {said}")
    parts.append("\n## Back ends chosen by a setting\n")
    parts += [f"- `{name}`: {text}" for name, text in BACKENDS.items()]
    for app in ("km_pages", "km_toolkit"):
        parts.append(f"\n## Signals (`{app}.signals`)\n")
        parts += [f"- `{name}`: {text}" for name, text in signals(app)]
    return "\n".join(parts).replace("``", "`") + "\n"


HANDOVER_HEAD = """# Handovers: who may do what, and when

Every change of a handover is one class in `km_toolkit/actions/`. This table is written from those
classes by `scripts/make_reference.py`; a test tries every change with every person in every state.
Where the holder cannot take part, the line manager acts in the leaver's place. Whoever stands in for
the line manager becomes one once asked. What else must hold is said by the class itself.

| change | name in the log | who | while the handover is |
| --- | --- | --- | --- |
"""


def handovers_page() -> str:
    """The table of all changes of a handover."""
    rows = []
    for each in all_actions():
        parts = ", ".join(str(part.label) for part in Part if part in each.parts)
        states = ", ".join(str(s.label).lower() for s in HandoverState if s in each.states)
        clock = "; the clock" if each.by_clock else ""
        rows.append(f"| {each.words} | `{each.name}` | {parts}{clock} | {states} |")
    return HANDOVER_HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the pages, or compare them. Returns 1 where one is not what the code says."""
    wrong = []
    pages = (
        ("settings", settings_page()),
        ("finder", finder_page()),
        ("extending", extending_page()),
        ("handovers", handovers_page()),
    )
    for name, text in pages:
        path = ROOT / "docs" / "reference" / f"{name}.md"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                wrong.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if wrong:
        print(f"Out of date: {', '.join(wrong)}. Run python scripts/make_reference.py")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
