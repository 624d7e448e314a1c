"""Words in every corner of documents, slides and sheets: notes, headers, boxes, comments."""

from __future__ import annotations

from tests.files.building import (
    KIND,
    LINKS,
    WORD,
    docx,
    docx_part,
    odf,
    paragraph,
    pptx,
    relations,
    shape,
    xlsx,
    zipped,
)
from tests.files.reading import read, texts


def test_a_word_document_is_read_in_every_corner() -> None:
    box = (
        "<w:p><w:r><w:t>Before the box</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>"
        f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent></mc:Choice><mc:Fallback>"
        f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t> and after</w:t></w:r></w:p>"
    )
    changed = (
        "<w:p><w:del><w:r><w:delText>Deleted</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>Inserted</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>Moved away</w:t></w:r>"
        "</w:moveFrom><w:r><w:instrText>PAGEREF x</w:instrText></w:r></w:p>"
    )
    joined = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t>"
        "<w:br/><w:t>three</w:t></w:r><w:r><w:t>fo</w:t></w:r><w:r><w:t>ur</w:t></w:r></w:p>"
    )
    content = docx(
        box + changed + joined,
        parts={
            "word/header1.xml": docx_part("hdr", paragraph("In the header")),
            "word/header2.xml": docx_part("hdr", paragraph("In the header")),
            "word/footer1.xml": docx_part("ftr", paragraph("7")),
            "word/footnotes.xml": docx_part(
                "footnotes", f"<w:footnote>{paragraph('In a note')}</w:footnote>"
            ),
            "word/comments.xml": docx_part(
                "comments", f"<w:comment>{paragraph('In a comment')}</w:comment>"
            ),
            "word/charts/chart1.xml": '<c:chart xmlns:c="c" xmlns:a="a"><a:p><a:r>'
            "<a:t>Chart title</a:t></a:r></a:p></c:chart>",
            "docProps/core.xml": "<p xmlns:dc='d'><dc:title>Handover</dc:title><dc:creator>Ada"
            "</dc:creator><created>2024-05-06T07:08:09Z</created><language>en-GB</language></p>",
        },
        a="header:header1.xml",
        b="header:header2.xml",
        c="footer:footer1.xml",
        d="footnotes:footnotes.xml",
        e="comments:comments.xml",
        f="chart:charts/chart1.xml",
        g="header:../../../etc/passwd",
    )
    assert texts(content, "docx") == {
        "text": "Before the box and after\nIn the box\n\nInserted\none two\nthreefour",
        "headers and footers": "In the header",
        "footnotes": "In a note",
        "comments": "In a comment",
        "charts and diagrams": "Chart title",
    }
    result = read(content, "docx")
    assert (result.title, result.author, result.language) == ("Handover", "Ada", "en-GB")
    assert str(result.created) == "2024-05-06"


def test_the_strict_kind_of_word_document_under_another_name_is_read_too() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = f"<w:document {WORD}><w:body>{paragraph('strict words')}</w:body></w:document>"
    content = docx(
        parts={
            "_rels/.rels": relations(main="officeDocument:/word/document2.xml").replace(
                KIND, "http://purl.oclc.org/ooxml/officeDocument/relationships/"
            ),
            "word/document2.xml": body.replace(WORD.split('"')[1], strict),
        }
    )
    assert texts(content, "docx") == {"text": "strict words"}


def test_lists_are_counted_as_word_counts_them() -> None:
    levels = (
        '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>'
        '</w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1.%2)"/>'
        '</w:lvl><w:lvl w:ilvl="2"><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%3"/></w:lvl>'
    )
    numbering = docx_part(
        "numbering",
        f'<w:abstractNum w:abstractNumId="9">{levels}</w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="9"/></w:num>',
    )
    styles = docx_part(
        "styles",
        '<w:style w:styleId="MyList"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr>'
        "</w:style>",
    )

    def item(text: str, level: int) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>'
        return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    styled = '<w:p><w:pPr><w:pStyle w:val="MyList"/></w:pPr><w:r><w:t>e</w:t></w:r></w:p>'
    body = item("a", 0) + item("b", 1) + item("c", 1) + item("d", 2) + styled + item("f", 1)
    content = docx(
        body,
        parts={"word/numbering.xml": numbering, "word/styles.xml": styles},
        a="numbering:numbering.xml",
        b="styles:styles.xml",
    )
    assert texts(content, "docx")["text"] == "3. a\n3.i) b\n3.ii) c\nA d\n4. e\n4.i) f"


def test_pages_are_where_word_last_ended_them() -> None:
    turn = "<w:p><w:r><w:lastRenderedPageBreak/><w:t>page {}</w:t></w:r></w:p>"
    body = paragraph("page one") + turn.format("two") + turn.format("three")
    with_count = {"docProps/app.xml": "<Properties><Pages>3</Pages></Properties>"}
    assert texts(docx(body, parts=with_count), "docx") == {
        "page 1": "page one",
        "page 2": "page two",
        "page 3": "page three",
    }
    assert texts(docx(body), "docx") == {"text": "page one\npage two\npage three"}


def test_a_table_in_a_table_keeps_its_words_apart() -> None:
    def cell(content: str) -> str:
        return f"<w:tc>{content}</w:tc>"

    inner = f"<w:tbl><w:tr>{cell(paragraph('a'))}{cell(paragraph('b'))}</w:tr></w:tbl>"
    row = f"<w:tr>{cell(paragraph('x') + paragraph('y'))}{cell(inner)}{cell('<w:p/>')}</w:tr>"
    assert texts(docx(f"<w:tbl>{row}</w:tbl>"), "docx") == {"text": "x y | a | b"}


def test_slides_are_read_with_their_notes_and_without_their_numbers() -> None:
    number = (
        '<p:sp><p:txBody><a:p><a:fld type="slidenum"><a:t>17</a:t></a:fld></a:p></p:txBody></p:sp>'
    )
    table = (
        "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>left</a:t></a:r></a:p></a:txBody></a:tc>"
        "<a:tc><a:txBody><a:p><a:r><a:t>right</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>"
    )
    content = pptx(
        shape("Slide title", kind="title") + table + number,
        notes=shape("Say this aloud") + shape("4", kind="sldNum"),
    )
    result = read(content, "pptx")
    assert [(each.number, each.label) for each in result.passages] == [(1, "slide 1")]
    assert result.text == "Slide title\n\nleft | right\n\nNotes: Say this aloud"
    assert result.pages == 1


def test_cells_are_read_as_they_are_shown() -> None:
    shared = (
        "<si><t>shared</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>x</t></rPh></si>"
    )
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy&quot;m&quot;"/>'
        '<numFmt numFmtId="165" formatCode="[Red]0.00"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="9"/><xf numFmtId="165"/>'
        '<xf numFmtId="20"/><xf numFmtId="22"/></cellXfs>'
    )
    row = (
        '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>99</v></c>'
        '<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>formula</v></c></row>'
        '<row><c s="0"><v>0.30000000000000004</v></c><c s="1"><v>45352</v></c>'
        '<c s="2"><v>45352</v></c><c s="3"><v>0.15</v></c><c s="4"><v>45352</v></c>'
        '<c s="5"><v>0.5</v></c><c s="6"><v>45352.75</v></c><c s="1"><v>99999999999</v></c></row>'
    )
    assert texts(xlsx(row, shared=shared, styles=styles), "xlsx")["sheet Budget"] == (
        "shared | rich text |  | TRUE | #N/A | formula\n"
        "0.3 | 01/03/2024 | 01/03/2024m | 15% | 45352.00 | 12:00 | 01/03/2024 18:00 | 99999999999"
    ).replace("|  |", "| |")


def test_an_opendocument_text_is_read_in_every_corner() -> None:
    body = (
        "<text:tracked-changes><text:p>Deleted</text:p></text:tracked-changes>"
        "<text:h>Heading</text:h><text:p>one<text:s/>two<text:tab/>three<text:line-break/>four"
        "<text:note><text:note-body><text:p>In a note</text:p></text:note-body></text:note> end"
        "<office:annotation><text:p>In a comment</text:p></office:annotation></text:p>"
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<text:p><draw:text-box><text:p>In the box</text:p></draw:text-box>around</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
    )
    styles = (
        "<office:master-styles><style:header><text:p>In the header</text:p></style:header>"
        "</office:master-styles>"
    )
    assert texts(odf("text", body, styles=styles), "odt") == {
        "text": "Heading\none two three\nfour end\n• item\naround\nIn the box\n\na | b",
        "footnotes": "In a note",
        "comments": "In a comment",
        "headers and footers": "In the header",
    }


def test_opendocument_sheets_and_slides_are_read_one_by_one() -> None:
    def sheet(name: str, words: str) -> str:
        cell = f"<table:table-cell><text:p>{words}</text:p></table:table-cell>"
        row = f"<table:table-row>{cell}{cell}</table:table-row>"
        return f'<table:table table:name="{name}">{row}</table:table>'

    sheets = odf("spreadsheet", sheet("One", "1") + sheet("Two", "2"))
    assert texts(sheets, "ods") == {"sheet One": "1 | 1", "sheet Two": "2 | 2"}
    slides = odf(
        "presentation",
        "<draw:page><text:p>First</text:p><presentation:notes><text:p>Say this</text:p>"
        "</presentation:notes></draw:page><draw:page><text:p>Second</text:p></draw:page>",
    )
    assert texts(slides, "odp") == {"slide 1": "First\n\nNotes: Say this", "slide 2": "Second"}


def test_links_that_lead_out_of_a_package_lead_nowhere() -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="a" Type="{KIND}header" TargetMode="External" Target="file:///etc/passwd"/>'
        f'<Relationship Id="b" Type="{KIND}header" Target="http://169.254.169.254/"/>'
        "</Relationships>"
    )
    content = docx(paragraph("words"), parts={"word/_rels/document.xml.rels": rels})
    assert texts(content, "docx") == {"text": "words"}


def test_a_workbook_without_its_optional_parts_is_read() -> None:
    content = zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook {LINKS}><sheets><sheet name="S" r:id="x"/></sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": relations(x="worksheet:worksheets/s.xml"),
            "xl/worksheets/s.xml": "<worksheet><row><c><v>5</v></c></row></worksheet>",
        }
    )
    assert texts(content, "xlsx") == {"sheet S": "5"}
