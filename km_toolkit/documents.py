"""Pages to fill in as Word files, made from the same content as the page on screen."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from km_pages.wording import minutes_in_words
from km_pages.xml_text import plain
from km_toolkit.worksheets import SheetField, Worksheet

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def activity_document(page: Any, sheet: Worksheet, *, address: str, organisation: str) -> bytes:
    """The page to fill in of one activity, with what was typed; ``address`` leads back to it."""
    document = _new(page.title, organisation)
    if _is_wide(sheet):
        _turn(document)
    document.add_heading(plain(page.title), level=1)
    if page.strapline:
        document.add_paragraph(plain(page.strapline))
    time = minutes_in_words(page.minutes_min, page.minutes_max)
    _facts(document, [(_("Time"), time), (_("Who"), page.who_takes_part)])
    _bullets(document, _("What not to record"), page.what_not_to_record)
    if page.consent_wording:
        document.add_heading(_("Before you record anybody, say"), level=2)
        _paragraphs(document, page.consent_wording)
    document.add_heading(_("Page to fill in"), level=2)
    _fill(document, sheet)
    _facts(document, [(_("Who checks it"), page.who_checks)])
    _foot(document, page.source_credit, address)
    return _bytes(document)


def workbook_document(
    page: Any, steps: Iterable[tuple[Any, Worksheet]], *, address: str, organisation: str
) -> bytes:
    """The six steps, a page each, with room to write."""
    document = _new(page.title, organisation)
    document.add_heading(plain(page.title), level=1)
    _paragraphs(document, page.introduction)
    for number, (step, sheet) in enumerate(steps, start=1):
        document.add_page_break()
        document.add_heading(f"{number}. {plain(step.title)}", level=2)
        if step.strapline:
            document.add_paragraph(plain(step.strapline))
        _facts(document, [(_("Who leads it"), step.lead), (_("With"), step.with_whom)])
        for block in step.what_each_does:
            _labelled(document, block.value.get("who"), block.value.get("what"))
        _facts(document, [(_("What it leaves behind"), step.record)])
        _facts(document, [(_("If it is not possible"), step.optional_note)])
        _fill(document, sheet)
    _foot(document, page.source_credit, address)
    return _bytes(document)


def _new(title: str, organisation: str) -> Any:
    document = Document()
    document.core_properties.title = plain(title)
    document.core_properties.author = plain(organisation)
    document.core_properties.language = "en-GB"
    document.styles["Normal"].font.name = "Arial"
    document.styles["Normal"].font.size = Pt(11)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(16)
    return document


def _turn(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)


def _is_wide(sheet: Worksheet) -> bool:
    return any(each.is_wide for each in sheet.fields)


def _paragraphs(document: Any, text: str) -> None:
    for part in plain(text).replace("\r\n", "\n").split("\n\n"):
        if part.strip():
            document.add_paragraph(part.strip())


def _labelled(document: Any, label: Any, text: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(f"{plain(label)}: ").bold = True
    paragraph.add_run(plain(text))


def _facts(document: Any, rows: Iterable[tuple[Any, Any]]) -> None:
    for label, value in rows:
        if value:
            _labelled(document, label, value)


def _bullets(document: Any, heading: str, lines: Any) -> None:
    if not lines:
        return
    document.add_heading(heading, level=2)
    for line in lines:
        document.add_paragraph(plain(line.value), style="List Bullet")


def _fill(document: Any, sheet: Worksheet) -> None:
    for field in sheet.fields:
        document.add_heading(plain(field.label), level=3)
        if field.hint:
            document.add_paragraph().add_run(plain(field.hint)).italic = True
        if field.columns:
            _table(document, field)
        else:
            _box(document, field)


def _box(document: Any, field: SheetField) -> None:
    table = document.add_table(rows=1, cols=1, style="Table Grid")
    table.cell(0, 0).text = field.value
    if field.kind == "text" and not field.value:
        table.rows[0].height = Mm(35)
    document.add_paragraph()


def _table(document: Any, field: SheetField) -> None:
    table = document.add_table(rows=1, cols=len(field.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells, field.columns, strict=True):
        cell.paragraphs[0].add_run(plain(column)).bold = True
    _repeat_on_each_page(table.rows[0])
    for row in field.filled_rows or field.rows:
        cells = table.add_row().cells
        for cell, given in zip(cells, row, strict=True):
            cell.text = given.value
    document.add_paragraph()


def _repeat_on_each_page(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _foot(document: Any, credit: str, address: str) -> None:
    text = " · ".join(part for part in (plain(credit), address) if part)
    document.sections[0].footer.paragraphs[0].text = text


def _bytes(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
