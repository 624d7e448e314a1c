"""Text in DrawingML: the shapes of slides, and boxes, charts and diagrams anywhere in Office."""

from __future__ import annotations

from km_pages.files.extract.flow import Flow
from km_pages.files.extract.package import Package, Relation

TEXT_PARTS = frozenset({"chart", "diagramData", "chartUserShapes"})
# Two versions of one drawing; the second is for older programs.
_SKIPPED = frozenset({"Fallback", "externalData", "numCache", "numLit"})


class DrawingText:
    """Collects the paragraphs, tables and labels of a part. Page numbers are left out."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.language = ""
        self._skipped = 0
        self._writing = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._skipped:
            self._skipped += 1
        elif tag in _SKIPPED or (tag == "fld" and attributes.get("type") == "slidenum"):
            self._skipped = 1
        elif tag in ("t", "v"):
            self._writing = True
        elif tag == "rPr":
            self.language = self.language or attributes.get("lang", "")
        elif tag == "br":
            self.flow.write("\n")
        elif tag == "tab":
            self.flow.write(" ")
        elif tag == "tr":
            self.flow.open_row()
        elif tag == "tc":
            self.flow.open()

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
        elif tag in ("t", "v"):
            self._writing = False
            if tag == "v":
                self.flow.end_line()
        elif tag == "p":
            self.flow.end_line()
        elif tag == "tc":
            self.flow.close_cell()
        elif tag == "tr":
            self.flow.close_row()
        elif tag in ("sp", "graphicFrame"):
            self.flow.write("\n")

    def data(self, text: str) -> None:
        """Text of an element."""
        if self._writing and not self._skipped:
            self.flow.write(text)


def drawing_text(package: Package, part: str) -> str:
    """The text of one part made of shapes."""
    found = DrawingText()
    package.parse(part, found)
    return found.flow.take()


def drawn_beside(package: Package, relations: list[Relation]) -> str:
    """The text of the charts and diagrams that a part links to."""
    parts = [each.target for each in relations if each.kind in TEXT_PARTS]
    return "\n".join(drawing_text(package, part) for part in dict.fromkeys(parts))
