"""Words in every corner of texts, web pages, mails and PDFs: notes, forms, what is attached."""

from __future__ import annotations

import base64
import io

import pytest
from pypdf import PdfWriter

from km_pages.files.extract import READERS
from km_pages.files.formats import FORMATS
from tests.files.building import compound, docx, paragraph, pdf, written
from tests.files.reading import read, texts


def test_every_format_with_text_has_a_reader_and_no_other() -> None:
    assert {each for each, found in FORMATS.items() if found.text} == {*READERS}


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
