"""Pictures, documents and rich text in Wagtail's admin: refused in words, and no fault of ours."""

from __future__ import annotations

import json
import struct
import time
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.test.utils.form_data import nested_form_data, streamfield

from tests.factories import StandardPageFactory, UserFactory, tree_root
from tests.files.building import docx, pdf, png, written

pytestmark = pytest.mark.django_db

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
GIF = (
    b"GIF89a" + struct.pack("<2H", 60_000, 60_000) + b"\x80\0\0" + b"\0" * 6
    + b"," + struct.pack("<4H", 0, 0, 60_000, 60_000) + b"\0\x02\x02D\x01\0;"
)  # fmt: skip
PICTURES = [
    ("wall.png", png(60_000, 60_000), "too many pixels"),
    # Between our limit and that of the library, which would draw it: half a gigabyte.
    ("wall.png", png(15_000, 11_000), "too many pixels"),
    ("wall.gif", GIF, "too many pixels"),
    ("wall.png", png(100, 100)[:60], "corrupted"),
    ("wall.png", png(100, 100)[:30], "corrupted"),
    ("wall.png", b"<html><script>alert(1)</script>", "corrupted"),
    ("wall.svg", SVG, "Not a supported image format"),
    ("wall.png", SVG, "does not match"),
]


@pytest.fixture
def editor() -> Client:
    tree_root()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.mark.parametrize("route", ["images:add", "images:add_multiple", "images_chooser:create"])
@pytest.mark.parametrize(("name", "content", "said"), PICTURES, ids=range(len(PICTURES)))
def test_a_picture_that_would_hurt_is_refused_in_words(
    editor: Client, route: str, name: str, content: bytes, said: str
) -> None:
    """Cases 8, 10 and 11."""
    start = "image-chooser-upload-" if "chooser" in route else ""
    field = "files[]" if "multiple" in route else f"{start}file"
    given = {f"{start}title": "Wall", field: SimpleUploadedFile(name, content)}
    started = time.process_time()
    answer = editor.post(reverse(f"wagtail{route}"), given)
    assert time.process_time() - started < 1, "it was drawn"
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not get_image_model().objects.exists()


def test_an_honest_picture_is_taken(editor: Client) -> None:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "white").save(drawn, "PNG")
    given = {"title": "Wall", "file": SimpleUploadedFile("wall.png", drawn.getvalue())}
    assert editor.post(reverse("wagtailimages:add"), given).status_code == 302
    picture = get_image_model().objects.get()
    assert (picture.width, picture.height) == (40, 30)
    # Changing its title asks for no file again.
    address = reverse("wagtailimages:edit", args=[picture.pk])
    assert editor.post(address, {"title": "Whiteboard"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.pdf", b"MZ\x90\0" + b"\0" * 200, "it is a program"),
        ("plan.pdf", b"<html><script>x</script>" + pdf(written("x")), "two kinds of file"),
        ("plan.txt", b"<html><script>alert(1)</script>", "something else"),
        ("plan.docx", docx(parts={"word/vbaProject.bin": b"x"}), "macros"),
        ("plan.svg", SVG, "not allowed"),
    ],
)
def test_a_document_that_is_not_what_it_says_is_refused(
    editor: Client, name: str, content: bytes, said: str
) -> None:
    """Cases 10 and 11."""
    given = {"title": "Plan", "file": SimpleUploadedFile(name, content)}
    answer = editor.post(reverse("wagtaildocs:add"), given)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not get_document_model().objects.exists()


def test_an_honest_document_is_taken_and_runs_nothing(editor: Client) -> None:
    """Case 10."""
    given = {"title": "Plan", "file": SimpleUploadedFile("plan.pdf", pdf(written("Plan")))}
    assert editor.post(reverse("wagtaildocs:add"), given).status_code == 302
    document = get_document_model().objects.get()
    answer = Client().get(document.url)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    address = reverse("wagtaildocs:edit", args=[document.pk])
    assert editor.post(address, {"title": "Plan B"}).status_code == 302


def block(**changes: Any) -> dict[str, Any]:
    whole = {"key": "a", "text": "x", "type": "unstyled", "depth": 0}
    return {**whole, "inlineStyleRanges": [], "entityRanges": [], **changes}


def text_of(*blocks: dict[str, Any]) -> str:
    return json.dumps({"entityMap": {}, "blocks": blocks})


@pytest.mark.parametrize(
    "sent",
    [
        "<div>" * 300_000,
        '{"entityMap": {}, "blocks": ' + "[" * 200_000 + "]" * 200_000 + "}",
        text_of(*(block(type="unordered-list-item", depth=depth) for depth in range(5000))),
        text_of(block(entityRanges=[{"offset": 0, "length": 1, "key": 7}])),
        text_of(block(text="x" * 2_000_000)),
        "1",
        "{",
    ],
    ids=["divs", "deep", "lists", "no entity", "long", "number", "broken"],
)
def test_a_text_that_no_editor_sends_is_a_bad_request(editor: Client, sent: str) -> None:
    """Case 9."""
    assert saved_as(editor, sent) == 400


def test_ten_megabytes_of_text_are_too_much_at_once(editor: Client) -> None:
    """Case 9."""
    assert saved_as(editor, text_of(block(text="x" * 10_000_000))) == 413


def test_an_honest_text_is_saved(editor: Client) -> None:
    assert saved_as(editor, text_of(block(text="Ring the lab."))) == 302


def saved_as(editor: Client, sent: str) -> int:
    """The status of saving a page with this text in it."""
    page = StandardPageFactory()
    none = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    given = {"title": "Rota", "slug": page.slug, "introduction": "For all.", "comments": none}
    given["body"] = streamfield([("text", sent)])
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return editor.post(address, nested_form_data(given)).status_code
