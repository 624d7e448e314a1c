"""Words in every corner of a document: notes, headers, boxes, comments, forms, attachments."""

from __future__ import annotations

import base64
import io

import pytest
from pypdf import PdfWriter

from km_pages.files.extract import READERS
from km_pages.files.formats import FORMATS
from tests.files.building import (
    KIND,
    LINKS,
    WORD,
    compound,
    docx,
    docx_part,
    odf,
    paragraph,
    pdf,
    pptx,
    relations,
    shape,
    written,
    xlsx,
    zipped,
)
from tests.files.reading import read


def texts(data: bytes, extension: str) -> dict[str, str]:
    result = read(data, extension)
    assert result.state == "read", result.reason_code
    return {each.label: each.text for each in result.passages}


def test_every_format_with_text_has_a_reader_and_no_other() -> None:
    assert {each for each, found in FORMATS.items() if found.text} == {*READERS}


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


def test_rich_text_is_read_in_every_corner() -> None:
    content = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}"
        rb"{\info{\title Handover}{\author Ada}{\creatim\yr2024\mo5\dy6}}"
        rb"{\header In the header\par}{\*\generator X}{\pict 0a0b0c}"
        rb"Caf\'e9 \u8364? \u55357?\u56832? {\f1 \'cf\'f0\'e8\'e2\'e5\'f2} a\{b\}\~c\line next"
        rb"{\footnote In a note}\par{\*\annotation In a comment}"
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt Linked}}\par"
        rb"{\shp{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt In the box\par}}}"
        rb"\trowd\pard\intbl one\par more\cell two\cell\row \bin3 }}} after}"
    )
    assert texts(content, "rtf") == {
        "text": "Café € 😀 Привет a{b} c\nnext\nLinked\nIn the box\none more | two\nafter",
        "headers and footers": "In the header",
        "footnotes": "In a note",
        "comments": "In a comment",
    }
    result = read(content, "rtf")
    assert (result.title, result.author, str(result.created)) == ("Handover", "Ada", "2024-05-06")


@pytest.mark.parametrize(
    "data",
    [
        "naïve “café” €".encode(),
        b"\xef\xbb\xbf" + "naïve “café” €".encode(),
        "naïve “café” €".encode("cp1252"),
        "\ufeffnaïve “café” €".encode("utf-16"),
        "naïve “café” €".encode("utf-16-le"),
        "naïve “café” €".encode("utf-16-be"),
        "naïve “café” €\u200b\u202e\u00ad".encode(),
        "naïve\u00a0“café”\r\n\r\n".encode() + " €".encode(),
    ],
)
def test_plain_text_is_read_whatever_its_encoding(data: bytes) -> None:
    assert " ".join(read(data, "txt").text.split()) == "naïve “café” €"


def test_a_long_text_is_cut_into_parts_between_words() -> None:
    result = read(" ".join(f"word{n}" for n in range(20_000)).encode(), "txt")
    assert [each.label for each in result.passages][:2] == ["text, part 1", "text, part 2"]
    assert [each.number for each in result.passages] == [*range(1, len(result.passages) + 1)]
    words = " ".join(each.text for each in result.passages).split()
    assert words == [f"word{n}" for n in range(20_000)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_values_is_read_row_by_row(delimiter: str) -> None:
    rows = [["Name", "What"], ['"Smith"', '"two\nlines"'], ["", ""]]
    data = "\n".join(delimiter.join(row) for row in rows).encode()
    assert texts(data, "csv") == {"table": "Name | What\nSmith | two lines"}


def test_captions_are_read_with_the_time_they_are_spoken_at() -> None:
    data = (
        b"WEBVTT\n\nNOTE hidden\n\n1\n00:01.000 --> 00:04.000\n<v Ada>Hello\n\n"
        b"00:30.000 --> 00:35.000\n<b>again</b>\n\n01:02:03.000 --> 01:02:05.000\nmuch later\n"
    )
    assert texts(data, "vtt") == {"0:01": "Hello\nagain", "1:02:03": "much later"}


def test_a_web_page_is_read_as_a_browser_shows_it() -> None:
    data = b"""<!DOCTYPE html><html lang=en-GB><head><title>Ti&amp;tle</title><meta charset=utf-8>
        <meta name=author content=Ada><style>p{}</style></head><body><!-- hidden --><h1>Head</h1>
        <script>var x = "<p>no</p>";</script><p>caf&eacute; <b>bo</b>ld<br>next
        <ul><li>one<li>two</ul><div hidden>no<p>no</p></div><pre>a\n  b</pre>
        <table><tr><td>1<td>2<tr><td>3<table><tr><td>in</table><td>4</table>
        <p>after <noscript>no</noscript><svg><title>no</title></svg><textarea>typed</textarea>
        <input value=filled><p>end"""
    result = read(data, "html")
    assert result.text == (
        "Head\ncafé bold\nnext\n• one\n• two\na\nb\n1 | 2\n3 in | 4\nafter typed filled\nend"
    ) or result.text.replace("\n\n", "\n") == (
        "Head\ncafé bold\nnext\n• one\n• two\na\nb\n1 | 2\n3 in | 4\nafter typed filled\nend"
    )
    assert (result.title, result.author, result.language) == ("Ti&tle", "Ada", "en-GB")


def test_an_e_mail_is_read_with_what_is_attached() -> None:
    def attached(name: str, mime: str, data: bytes) -> str:
        encoded = base64.encodebytes(data).decode()
        return (
            f'--b\nContent-Type: {mime}\nContent-Disposition: attachment; filename="{name}"\n'
            f"Content-Transfer-Encoding: base64\n\n{encoded}\n"
        )

    mail = (
        "From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\nTo: team@example.org\n"
        "Subject: =?utf-8?b?w5xiZXJnYWJl?=\n =?utf-8?q?_plan?=\n"
        "Date: Mon, 6 May 2024 23:30:00 -0500\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n'
        '--b\nContent-Type: multipart/alternative; boundary="c"\n\n'
        "--c\nContent-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: quoted-printable\n\nplain caf=E9\n"
        "--c\nContent-Type: text/html\n\n<p>html version</p>\n--c--\n"
        + attached("plan.pdf", "application/pdf", pdf(written("in the pdf"), written("second")))
        + attached("=?utf-8?q?n=C3=B6tes=2Edocx?=", "application/x", docx(paragraph("in the docx")))
        + attached("broken.docx", "application/x", b"PK nothing")
        + attached("picture.png", "image/png", b"\x89PNG")
        + "--b\nContent-Type: message/rfc822\n\nSubject: Forwarded\n\ninner words\n--b--\n"
    ).encode()
    found = texts(mail, "eml")
    assert found["message"].startswith("Subject: Übergabe plan\nFrom: Zoë <zoe@example.org>\nTo:")
    assert "plain café" in found["message"]
    assert "html version" not in found["message"]
    assert "Attachments: plan.pdf, nötes.docx, broken.docx, picture.png" in found["message"]
    assert found["plan.pdf, page 1"] == "in the pdf"
    assert found["plan.pdf, page 2"] == "second"
    assert found["nötes.docx, text"] == "in the docx"
    assert found["forwarded, message"] == "Subject: Forwarded\n\ninner words"
    result = read(mail, "eml")
    assert (result.title, str(result.created)) == ("Übergabe plan", "2024-05-07")


def test_an_e_mail_of_html_alone_is_read() -> None:
    mail = b"Subject: hi\nContent-Type: text/html\n\n<p>only <b>this</b></p><script>no</script>"
    assert texts(mail, "eml")["message"] == "Subject: hi\n\nonly this"


def test_an_outlook_message_is_read_with_what_is_attached() -> None:
    def wide(text: str) -> bytes:
        return text.ljust(2048).encode("utf-16-le")

    message = compound(
        {
            "__properties_version1.0": b"",
            "__substg1.0_0037001F": wide("Budget"),
            "__substg1.0_1000001F": wide("See the file"),
            "__substg1.0_0C1A001F": wide("Ada"),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("plan.txt"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": b"attached words",
        }
    )
    found = texts(message, "msg")
    assert found["message"] == "Subject: Budget\nFrom: Ada\n\nSee the file\nAttachments: plan.txt"
    assert found["plan.txt, text"] == "attached words"


def test_a_pdf_is_read_page_by_page_with_its_forms_and_notes() -> None:
    result = read(pdf(written("first"), b"", written("third")), "pdf")
    assert [(each.number, each.label) for each in result.passages] == [(1, "page 1"), (3, "page 3")]
    assert (result.pages, result.pages_without_text) == (3, (2,))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_forbids_printing_is_read(algorithm: str) -> None:
    """Such files are encrypted, but open without a password; with one they are protected."""
    for password, state in (("", "read"), ("secret", "unreadable")):
        writer = PdfWriter(clone_from=io.BytesIO(pdf(written("locked words"))))
        writer.encrypt(password, "owner", algorithm=algorithm)
        target = io.BytesIO()
        writer.write(target)
        result = read(target.getvalue(), "pdf")
        assert (result.state, result.text) == (state, "locked words" if not password else "")
        assert result.reason_code == ("protected" if password else "")


def test_a_filled_in_form_is_read() -> None:
    base = pdf(written("Form"))
    field = (
        b"/MediaBox[0 0 600 800]/Annots[<</Subtype/Widget/FT/Tx/TU(Your post)/V(Ward clerk)>>"
        b"<</Subtype/Widget/FT/Btn/V/Yes>><</Subtype/Text/Contents(A sticky note)>>]"
    )
    result = read(base.replace(b"/MediaBox[0 0 600 800]", field), "pdf")
    assert result.text == "Form\nYour post: Ward clerk\nA sticky note"


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
