"""Many files in one go, in a real browser: progress, cancel, try again, go on, refuse one only."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image

from km_pages.models import KnowledgeAssetPage, StoredFile
from tests.browser.conftest import Worker
from tests.browser.looking import Looking
from tests.browser.visitors import Windows, write_file
from tests.files.building import pdf, written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration", "worker"),
]

LARGE = b"Ring the laboratory before the van leaves.\n" * 250_000
PROGRAM = b"MZ\x90\0" + b"\0" * 500
DROP = """([names]) => {
  const carried = new DataTransfer();
  names.forEach((name) => carried.items.add(new File(["Ring the porter."], name)));
  const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
  document.querySelector(".km-drop").dispatchEvent(event);
}"""


def photograph() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "PNG")
    return out.getvalue()


def test_files_are_dropped_cancelled_tried_again_and_go_on_where_they_broke_off(
    window: Windows, worker: Worker, tmp_path: Path
) -> None:
    leaver = window("joyce.abara")
    leaver.sign_in("/add/")
    page, looking = leaver.page, Looking(leaver)
    row = page.locator(".km-file")

    # Two never arrive until we let them: one is cancelled, by keyboard, and one breaks off.
    page.locator("#id_files").wait_for()
    page.locator(".km-no-script").first.wait_for(state="detached")
    held: list[Any] = []
    page.route("**/add/upload/", lambda route: held.append(route))
    page.evaluate(DROP, [["cancelled.txt", "broken.txt"]])
    page.get_by_role("button", name="Cancel cancelled.txt").wait_for()
    looking.look("while files are on their way")
    page.get_by_role("button", name="Cancel cancelled.txt").focus()
    page.keyboard.press("Enter")
    row.filter(has_text="cancelled.txt").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "id_files"
    page.wait_for_function("document.querySelectorAll('.km-file').length === 1")
    held[-1].abort()
    again = page.get_by_role("button", name="Try again broken.txt")
    again.wait_for()
    looking.look("when the line broke")
    page.unroute("**/add/upload/")
    again.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove broken.txt").wait_for()

    # A large one goes in parts; the second part breaks off, and is asked for again.
    parts: list[str] = []

    def breaking(route: Any) -> None:
        parts.append(route.request.url)
        if len(parts) == 3:
            route.abort()
        else:
            route.continue_()

    page.route("**/add/upload/parts/**", breaking)
    given = [
        write_file(tmp_path, "large.txt", LARGE),
        write_file(tmp_path, "plan.pdf", pdf(written("The bay with the quillwort label"))),
        write_file(tmp_path, "board.png", photograph()),
        write_file(tmp_path, "program.pdf", PROGRAM),
    ]
    page.locator("#id_files").set_input_files([str(each) for each in given])
    for name in ("large.txt", "plan.pdf", "board.png"):
        page.get_by_role("button", name=f"Remove {name}").wait_for()
    bad = page.locator(".km-file--bad")
    bad.wait_for()
    assert bad.count() == 1
    assert "program.pdf" in bad.inner_text()
    # It would be refused again.
    assert bad.get_by_role("button", name="Try again").count() == 0
    offsets = [each.partition("offset=")[2] for each in parts]
    assert offsets.count("0") == 1, parts
    looking.look("when one was refused and the others have come")
    page.get_by_role("button", name="Remove program.pdf").click()
    assert StoredFile.objects.filter(name="large.txt").get().sha256 == (
        hashlib.sha256(LARGE).hexdigest()
    )

    page.get_by_label("What is it called?").fill("Where the keys are")
    worker.wait()
    leaver.press("Share with my team")
    page.get_by_role("heading", name="Shared. Thank you").wait_for()
    item = KnowledgeAssetPage.objects.get(title="Where the keys are")
    names = {each.stored_file.name for each in item.attachments.all()}
    assert names == {"broken.txt", "large.txt", "plan.pdf", "board.png"}
    looking.open(item.url, name="the item")
    for name in ("plan.pdf", "board.png"):
        file = StoredFile.objects.get(name=name)
        looking.open(reverse("km_pages:file_page", args=[file.uuid]), name=f"the page of {name}")
    # The browser notes the two requests that were broken off here.
    assert [each for each in looking.wrong if "net::ERR_FAILED" not in each] == []
