"""Real PDF, DOCX and text files for the demonstration, made from the texts of its data files."""

from __future__ import annotations

import io

from docx import Document
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer


def make_file(name: str, title: str, pages: list[str]) -> bytes:
    """The bytes of a file called ``name``; its ending decides the format: pdf, docx or text.

    ``pages`` are plain texts, one for each page; a blank line begins a new paragraph.
    """
    ending = name.rsplit(".", 1)[-1].lower()
    makers = {"pdf": make_pdf, "docx": make_docx}
    return makers.get(ending, make_text)(title, pages)


def paragraphs(text: str) -> list[str]:
    """``text`` cut at blank lines."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def make_pdf(title: str, pages: list[str]) -> bytes:
    """An A4 document with a heading and one sheet for each of ``pages``."""
    styles = getSampleStyleSheet()
    story = [Paragraph(title, styles["Title"])]
    for number, page in enumerate(pages):
        if number:
            story.append(PageBreak())
        for part in paragraphs(page):
            story += [Paragraph(part.replace("\n", "<br/>"), styles["BodyText"]), Spacer(1, 8)]
    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=A4, title=title, author="Demonstration").build(story)
    return target.getvalue()


def make_docx(title: str, pages: list[str]) -> bytes:
    """A Word document with a heading and a page break between ``pages``."""
    document = Document()
    document.core_properties.title = title
    document.add_heading(title, level=1)
    for number, page in enumerate(pages):
        if number:
            document.add_page_break()
        for part in paragraphs(page):
            document.add_paragraph(part)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def make_text(title: str, pages: list[str]) -> bytes:
    """A plain text in UTF-8."""
    return "\n\n".join([title, *pages]).encode()
