"""Files that hang on a PDF are found by their words, within the limits of the PDF itself."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from django.urls import reverse
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from km_pages.files.extract.inside import MAX_ATTACHED, MAX_DEPTH
from tests.files.building import docx, paragraph, pdf, written
from tests.files.reading import read
from tests.files.test_whole_path import settle, share
from tests.pages.adding import client_of, make_world
from tests.pages.indexing import found_by


def carrying(files: Mapping[str, bytes], *, base: bytes | None = None) -> bytes:
    """A PDF to which ``files`` are attached."""
    writer = PdfWriter(clone_from=io.BytesIO(base or pdf(written("The cover"), b"")))
    for name, content in files.items():
        writer.add_attachment(name, content)
    return saved(writer)


def saved(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_what_hangs_on_a_pdf_is_read_behind_its_last_page() -> None:
    found = read(
        carrying(
            {
                "rota.docx": docx(paragraph("The night rota")),
                "more.PDF": pdf(written("Inner one"), written("Inner two")),
                "plan.bin": b"\0\1\2",
            }
        ),
        "pdf",
    )
    # The second page has no words of its own: its number stays free for what is read off it.
    assert [(each.number, each.label) for each in found.passages] == [
        (1, "page 1"),
        (3, "more.PDF, page 1"),
        (4, "more.PDF, page 2"),
        (5, "rota.docx, text"),
        (6, "attached files"),
    ]
    words = {each.label: each.text for each in found.passages}
    assert words["rota.docx, text"] == "The night rota"
    assert words["attached files"] == "more.PDF\nplan.bin\nrota.docx"
    assert (found.pages, found.pages_without_text, found.truncated) == (2, (2,), False)


def test_a_scan_without_words_is_known_by_what_hangs_on_it() -> None:
    assert read(pdf(b""), "pdf").reason_code == "empty"
    found = read(carrying({"notes.txt": b"Ring the porter"}, base=pdf(b"")), "pdf")
    assert "Ring the porter" in found.text
    assert found.pages_without_text == (1,)
    # A name alone is no text.
    assert read(carrying({"x.bin": b"Ring"}, base=pdf(b"")), "pdf").state == "unreadable"


def test_a_paper_clip_on_a_page_is_read_too() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(carrying({"notes.txt": b"Clipped words"})))
    lists = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[index]
    clip = DictionaryObject(
        {NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/FS"): lists[1]}
    )
    del writer.root_object["/Names"]
    writer.pages[0][NameObject("/Annots")] = ArrayObject([clip])
    assert "Clipped words" in read(saved(writer), "pdf").text


def test_a_list_of_attached_files_may_have_branches_and_even_go_round_in_a_circle() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(carrying({"notes.txt": b"On a branch"})))
    tree = writer.root_object["/Names"]["/EmbeddedFiles"]  # type: ignore[index]
    leaf = writer._add_object(DictionaryObject({NameObject("/Names"): tree["/Names"]}))
    middle = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject([leaf])}))
    del tree["/Names"]
    tree[NameObject("/Kids")] = ArrayObject([middle, middle, tree.indirect_reference])
    found = read(saved(writer), "pdf")
    assert [each.label for each in found.passages].count("notes.txt, text") == 1


def test_files_in_files_end_somewhere() -> None:
    nested = pdf(written("Innermost"))
    for _level in range(MAX_DEPTH + 2):
        nested = carrying({"inner.pdf": nested})
    found = read(nested, "pdf")
    assert found.truncated
    assert "Innermost" not in found.text
    assert found.text.count("The cover") == MAX_DEPTH + 1


def test_more_files_than_anybody_attaches_are_read_in_part() -> None:
    many = {f"{number:03}.txt": b"word %d." % number for number in range(MAX_ATTACHED + 5)}
    found = read(carrying(many), "pdf")
    assert found.truncated
    assert "word 49." in found.text
    assert "word 50." not in found.text


def test_a_pdf_that_hangs_on_itself_by_a_broken_name_keeps_its_own_words() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(carrying({"a.pdf": b"no pdf", "b.docx": b"PK"})))
    lists = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[index]
    lists += [TextStringObject("c.txt"), NameObject("/Nothing")]
    assert "The cover" in read(saved(writer), "pdf").text


def test_so_much_hung_on_a_page_that_it_does_not_fit_keeps_the_page() -> None:
    found = read(carrying({"big.txt": b"word " * 40_000}), "pdf", text_bytes=50_000)
    assert found.passages[0].text == "The cover"
    assert found.truncated
    assert len(found.text.encode()) <= 60_000


def test_an_e_mail_in_an_e_mail_in_a_pdf_is_read() -> None:
    inner = b"Subject: Keys\n\nUnder the blue pot"
    outer = (
        b'Subject: Outer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
        b'--b\nContent-Type: application/octet-stream; name="keys.eml"\n'
        b"Content-Disposition: attachment\n\n" + inner + b"\n--b--\n"
    )
    found = read(carrying({"post.eml": outer}), "pdf")
    assert "Under the blue pot" in found.text


@pytest.mark.django_db
def test_a_hit_in_a_file_that_hangs_on_a_pdf_opens_its_words() -> None:
    world = make_world()
    bundle = carrying({"rota.docx": docx(paragraph("Quillwort rota"))})
    stored = share(world, "bundle.pdf", bundle)
    settle()
    hit = found_by(world.member, "quillwort").hits[0]
    assert (hit.file_name, hit.file_label) == ("bundle.pdf", "rota.docx, text")
    address = reverse("km_pages:file_page", args=[stored.uuid])
    page = client_of(world.member).get(address, {"at": hit.file_label}).content.decode()
    assert "Quillwort rota" in page
    assert "#page=1" in page
