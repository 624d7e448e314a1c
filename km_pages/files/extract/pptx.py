"""PowerPoint slides: the text of each slide in its order, its notes and comments."""

from __future__ import annotations

from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.docx import describe, finish, refuse_locked
from km_pages.files.extract.drawing import DrawingText, drawn_beside
from km_pages.files.extract.package import Package

MAX_SLIDES = 2_000
# What stands on each page of notes besides them.
_NOT_NOTES = frozenset({"sldImg", "dt", "hdr", "ftr", "sldNum"})


def read(source: BinaryIO, answer: Answer) -> None:
    """One passage a slide, with what its speaker was to say."""
    refuse_locked(source)
    package = Package(source)
    main = package.main_part(otherwise="ppt/presentation.xml")
    describe(package, answer)
    order = _Order()
    complete = package.parse(main, order)
    parts = {each.id: each.target for each in package.relations(main) if each.kind == "slide"}
    slides = [parts[each] for each in order.slides if each in parts] or sorted(parts.values())
    answer.pages = len(slides) or None
    for number, part in enumerate(slides[:MAX_SLIDES], 1):
        complete = _read_slide(package, part, number, answer) and complete
    answer.truncated = len(slides) > MAX_SLIDES
    finish(answer, complete=complete)


def _read_slide(package: Package, part: str, number: int, answer: Answer) -> bool:
    shapes = DrawingText()
    complete = package.parse(part, shapes)
    answer.describe(language=shapes.language)
    relations = package.relations(part)
    texts = [shapes.flow.take(), drawn_beside(package, relations)]
    for each in relations:
        if each.kind == "notesSlide":
            notes = _Notes()
            package.parse(each.target, notes)
            text = notes.flow.take().strip()
            texts.append(f"Notes: {text}" if text else "")
        elif each.kind == "comments":
            texts.append(_Comments.read(package, each.target))
    answer.add(f"slide {number}", "\n".join(texts), number=number)
    return complete


class _Order:
    """The slides as they are shown, by the ids of their links."""

    def __init__(self) -> None:
        self.slides: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        # The link's id and the slide's own are both called id; only the link's is no number.
        if tag == "sldId":
            self.slides += [each for each in attributes.values() if not each.isdigit()]

    def end(self, tag: str) -> None:
        return

    def data(self, text: str) -> None:
        return


class _Notes(DrawingText):
    """The notes alone, without the small picture, the date and the number of the slide."""

    def __init__(self) -> None:
        super().__init__()
        self._is_notes = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sp":
            self._is_notes = True
        elif tag == "ph":
            self._is_notes = attributes.get("type") not in _NOT_NOTES
        super().start(tag, attributes)

    def data(self, text: str) -> None:
        if self._is_notes:
            super().data(text)


class _Comments(DrawingText):
    """Comments of both kinds: older ones hold their text in an element of its own."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start("t" if tag == "text" else tag, attributes)

    def end(self, tag: str) -> None:
        super().end("t" if tag == "text" else tag)
        if tag == "text":
            self.flow.end_line()

    @classmethod
    def read(cls, package: Package, part: str) -> str:
        """The comments in ``part``."""
        found = cls()
        package.parse(part, found)
        text = found.flow.take().strip()
        return f"Comments: {text}" if text else ""
