"""What programs store in another way than a person sees it: numbers, lists, rows, hidden words."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from email.message import EmailMessage

import pytest
from reportlab.pdfgen.canvas import Canvas

from km_pages.files.extract.number_format import shown
from tests.files.building import (
    docx,
    docx_part,
    odf,
    paragraph,
    pdf,
    pptx,
    shape,
    written,
    xlsx,
    zipped,
)
from tests.files.reading import read


def only_text(data: bytes, extension: str) -> str:
    result = read(data, extension)
    assert result.state == "read", result.reason_code
    return result.text


@pytest.mark.parametrize(
    ("value", "code", "seen"),
    [
        (1234.5, '"£"#,##0.00', "£1,234.50"),
        (1234567.5, "[$£-809]#,##0.00", "£1,234,567.50"),
        (-5.5, '_-"£"* #,##0.00_-;-"£"* #,##0.00_-;_-"£"* "-"??_-;_-@_-', "-£5.50"),
        (-1234.5, "#,##0.00;[Red](#,##0.00)", "(1,234.50)"),
        (42, "00000", "00042"),
        (7700900123, "00000 000000", "07700 900123"),
        (9434765919, "000 000 0000", "943 476 5919"),
        (12, '0" km"', "12 km"),
        (12, 'General" km"', "12 km"),
        (0.256, "0%", "26%"),
        (0.256, "0.0%", "25.6%"),
        (2, "0.##", "2"),
        (1234567, '0.0,," M"', "1.2 M"),
        (1.5e20, "0.00E+00", "1.50E+20"),
        (0.3, "General", "0.3"),
        (45356, "dd/mm/yyyy", "05/03/2024"),
        (45356, "[$-809]d mmmm yyyy;@", "5 March 2024"),
        (45356, "ddd d mmm yy", "Tue 5 Mar 24"),
        (45356.604166667, "dd/mm/yyyy hh:mm", "05/03/2024 14:30"),
        (0.604166667, "h:mm AM/PM", "2:30 PM"),
        (1.5, "[h]:mm", "36:00"),
        # What makes no sense, or is not followed: the plain number.
        (45, "[<50]0;0", "45"),
        (1e300, "0.00", "1E+300"),
        (float("nan"), "0.00", "nan"),
        (0.5, "# ?/?", "0.5"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(value: float, code: str, seen: str) -> None:
    assert shown(value, code, first_day=datetime(1899, 12, 30)) == seen


def test_what_is_printed_above_and_below_a_sheet_is_read() -> None:
    sheet = xlsx("<row><c><v>5</v></c></row>")
    paper = (
        "</sheetData><headerFooter><oddHeader>&amp;C&amp;&quot;Arial,Bold&quot;&amp;12Ward rota"
        "</oddHeader><oddFooter>&amp;P</oddFooter></headerFooter></worksheet>"
    )
    parts = _parts(sheet)
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace("</sheetData></worksheet>", paper)
    assert only_text(zipped(parts), "xlsx") == "5\n\nWard rota"


def _parts(package: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_a_workbook_with_very_many_sums_is_read_to_its_end_in_time() -> None:
    """Case 7: the last ones are read as plain numbers, and none is lost."""
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="4"/></cellXfs>'
    cells = "".join(f'<row><c s="1"><v>{number}.5</v></c></row>' for number in range(200_010))
    result = read(xlsx(cells, styles=styles), "xlsx")
    assert (result.state, result.truncated) == ("read", False)
    assert "\n199,999.50\n200000.5\n" in result.text


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "Name;Wert;Satz\nMeier;1,5;2,5\nLang, Eva;7,5;1,25\n",
            "Meier | 1,5 | 2,5\nLang, Eva | 7,5",
        ),
        ("sep=;\nA;B\n1,0;2,0\n", "A | B\n1,0 | 2,0"),
        ("who|when\na, b|c, d, e\nf|g\n", "a, b | c, d, e\nf | g"),
        ("one\ntwo\n", "one\ntwo"),
    ],
)
def test_a_table_is_cut_where_its_rows_come_out_even(table: str, rows: str) -> None:
    assert rows in only_text(table.encode(), "csv")


def test_a_markdown_file_says_its_title_at_its_head_or_in_its_first_heading() -> None:
    head = b"---\ntitle: 'The van'\nauthor: Ada\nlang: cy\ndate: 2024-03-05\n---\n# Other\n"
    result = read(head, "md")
    assert (result.title, result.author, result.language) == ("The van", "Ada", "cy")
    assert str(result.created) == "2024-03-05"
    assert read(b"Before\n\n# The red book #\n", "md").title == "The red book"


def test_the_points_of_a_web_page_are_counted_and_what_is_hidden_is_not_read() -> None:
    page = (
        b"<ol start=3><li>three<li>four<ol type=a><li>sub</ol><li value=9>nine</ol>"
        b"<ul><li>point</ul><p style='color:red; display: none'>unseen</p><p>end</p>"
    )
    assert only_text(page, "html") == "3. three\n4. four\na. sub\n9. nine\n• point\nend"


def test_words_that_word_hides_are_not_read_and_its_marks_are() -> None:
    def run(properties: str, text: str) -> str:
        return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"

    hidden = run("<w:vanish/>", "hidden ") + run('<w:vanish w:val="0"/>', "shown ") + run("", "too")
    tick = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:t> done</w:t></w:r>'
    # The mark of a paragraph may be hidden without hiding its words.
    mark = "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>" + run("", "all seen")
    body = "".join(f"<w:p>{each}</w:p>" for each in (hidden, tick, mark))
    assert only_text(docx(body), "docx") == "shown too\n✓ done\nall seen"


def test_the_language_of_a_document_is_that_of_its_styles() -> None:
    language = '<w:docDefaults><w:rPr><w:lang w:val="cy-GB"/></w:rPr></w:docDefaults>'
    word = docx(
        paragraph("bore da"),
        parts={"word/styles.xml": docx_part("styles", language)},
        s="styles:styles.xml",
    )
    assert read(word, "docx").language == "cy-GB"
    slide = shape("bore da").replace("<a:r>", '<a:r><a:rPr lang="cy-GB"/>')
    assert read(pptx(slide), "pptx").language == "cy-GB"
    assert read(rb"{\rtf1\ansi\deflang1106 bore da}", "rtf").language == "cy-GB"
    default = (
        '<style:default-style><style:text-properties fo:language="cy" fo:country="GB" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"/>'
        "</style:default-style>"
    )
    assert read(odf("text", "<text:p>x</text:p>", styles=default), "odt").language == "cy-GB"


def test_points_of_an_opendocument_text_are_counted_as_it_shows_them() -> None:
    def point(words: str, inside: str = "") -> str:
        return f"<text:list-item><text:p>{words}</text:p>{inside}</text:list-item>"

    styles = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" '
        'style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" '
        'style:num-format="a" style:num-suffix=")" text:display-levels="2"/></text:list-style>'
    )
    inner = f"<text:list>{point('below')}{point('beneath')}</text:list>"
    body = (
        f'<text:list text:style-name="L1">{point("one")}{point("two", inner)}{point("three")}'
        f'</text:list><text:p>between</text:p><text:list text:style-name="L1" '
        f'text:continue-numbering="true">{point("four")}</text:list>'
        f'<text:list text:style-name="L1">{point("anew")}</text:list>'
        f"<text:list>{point('bullet')}</text:list>"
    )
    assert only_text(odf("text", body, styles=styles), "odt").splitlines() == [
        "1. one", "2. two", "2.a) below", "2.b) beneath", "3. three", "between", "4. four",
        "1. anew", "• bullet",
    ]  # fmt: skip


def test_who_wrote_a_comment_in_opendocument_and_when_is_no_part_of_the_text() -> None:
    dated = (
        '<text:p>seen<office:annotation xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:creator>Ada</dc:creator><dc:date>2024-03-05T10:00:00</dc:date>"
        "<text:p>look again</text:p></office:annotation> words</text:p>"
    )
    assert only_text(odf("text", dated), "odt") == "seen words\n\nlook again"


def test_slides_of_opendocument_bring_their_charts_and_not_the_places_to_click() -> None:
    place = (
        '<office:master-styles><style:master-page><draw:frame presentation:class="title">'
        "<draw:text-box><text:p>Click to edit</text:p></draw:text-box></draw:frame><draw:frame>"
        "<draw:text-box><text:p>Trust of the north</text:p></draw:text-box></draw:frame>"
        "</style:master-page></office:master-styles>"
    )
    chart = (
        '<office:document-content xmlns:office="urn:o" xmlns:chart="urn:c" xmlns:text="urn:t">'
        "<chart:title><text:p>Falls by ward</text:p></chart:title></office:document-content>"
    )
    slides = odf(
        "presentation",
        '<presentation:footer-decl presentation:name="f">Draft 3</presentation:footer-decl>'
        '<draw:page><text:p>First</text:p><draw:frame><draw:object xlink:href="./Object 1" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"/></draw:frame></draw:page>'
        "<draw:page><text:p>Second</text:p></draw:page>",
        styles=place,
        **{"Object 1/content.xml": chart},
    )
    assert {each.label: each.text for each in read(slides, "odp").passages} == {
        "slide 1": "First\n\nFalls by ward",
        "slide 2": "Second",
        "headers and footers": "Trust of the north\n\nDraft 3",
    }


def test_struck_out_and_hidden_words_of_rich_text_are_not_read() -> None:
    content = rb"{\rtf1\ansi kept {\deleted gone }{\v hidden }\v off \v0 on {\v x\plain seen}}"
    assert only_text(content, "rtf") == "kept on seen"


def test_the_cells_of_a_row_of_a_pdf_stand_in_one_line() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for down, cells in enumerate([("Name", "Dose"), ("Ann Lee", "5 mg")]):
        for across, words in enumerate(cells):
            # As reportlab's own tables do: a line that ends after each cell.
            text = canvas.beginText(60 + 200 * across, 700 - 20 * down)
            text.textLine(words)
            canvas.drawText(text)
    canvas.save()
    assert only_text(out.getvalue(), "pdf") == "Name Dose\nAnn Lee 5 mg"


@pytest.mark.parametrize("moment", ["D:20240305101500Z'", "D:20240305101500+01'00'", "20240305"])
def test_a_date_that_is_written_oddly_costs_a_pdf_neither_title_nor_author(moment: str) -> None:
    """LibreOffice writes the first where the clock is that of London in winter."""
    info = f"/Info<</Title(The van)/Author(Ada)/CreationDate({moment})>>".encode()
    result = read(pdf(written("words")).replace(b"/Root 1 0 R", b"/Root 1 0 R" + info), "pdf")
    assert (result.title, result.author) == ("The van", "Ada")
    assert str(result.created) == "2024-03-05"


def test_a_pdf_that_describes_itself_only_in_xml_has_its_title() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-'
        b'syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/'
        b'xap/1.0/"><r:Description xmp:CreateDate="2024-03-05T10:00:00Z"><dc:title><r:Alt><r:li>'
        b"The van</r:li></r:Alt></dc:title></r:Description></r:RDF></x:xmpmeta>"
    )
    stream = b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (
        len(packet),
        packet,
    )
    document = (
        pdf(written("words")).replace(b"/Type/Catalog", b"/Type/Catalog/Metadata 99 0 R")
        + b"\n99 0 obj\n"
        + stream
        + b"\nendobj\n"
    )
    # The table at the end does not fit any more: pypdf looks for the objects itself.
    result = read(document.replace(b"startxref\n", b"startxref\n9"), "pdf")
    assert (result.title, str(result.created)) == ("The van", "2024-03-05")


def test_letters_that_a_scanner_laid_over_its_picture_are_marked_as_read_off() -> None:
    picture = b"/XObject<</P<</Type/XObject/Subtype/Image>>>>"
    unseen = b"/P Do BT 3 Tr /F1 12 Tf 50 700 Td (SUNivors) Tj ET"
    seen = b"/P Do " + written("typed")
    result = read(pdf(unseen, seen, unseen + b" 0 Tr " + seen, resources=picture), "pdf")
    assert [each.label for each in result.passages] == ["page 1, scanned", "page 2", "page 3"]
    assert result.pages_recognised == (1,)


def test_a_message_that_hangs_on_an_e_mail_is_called_by_its_subject() -> None:
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Keys of the van", "ada@example.org"
    inner.set_content("They hang in the hall.")
    outer = EmailMessage()
    outer["Subject"], outer["From"] = "Fwd", "ben@example.org"
    outer.set_content("See below")
    outer.add_attachment(inner)
    text = only_text(outer.as_bytes(), "eml")
    assert "Attachments: Keys of the van.eml" in text
    assert "They hang in the hall." in text
