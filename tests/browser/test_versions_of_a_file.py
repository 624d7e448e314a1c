"""A newer version of a file and the older one back, with the keyboard, with and without script."""

from __future__ import annotations

from pathlib import Path

import pytest

from km_pages.models import KnowledgeAssetPage
from tests.browser.looking import Looking
from tests.browser.visitors import Visitor, Windows, write_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration", "worker"),
]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    # However busy the machine is: the form waits until the worker has read the file.
    for view in ("add", "file_versions"):
        monkeypatch.setattr(f"km_pages.views.{view}.WAIT_SECONDS", 30)


def share(visitor: Visitor, file: Path, *, script: bool) -> KnowledgeAssetPage:
    """An item with one file, shared with the team by the form."""
    page = visitor.page
    visitor.open("/add/")
    page.get_by_label("What is it called?").fill("The night rota")
    page.locator("#id_files").set_input_files(str(file))
    if script:
        page.get_by_role("button", name=f"Remove {file.name}").wait_for()
    visitor.press("Share with my team")
    page.get_by_text("can be found from now on").wait_for()
    return KnowledgeAssetPage.objects.get(title="The night rota")


def choose(visitor: Visitor, file: Path, *, note: str) -> None:
    """Put ``file`` in the place of the one that is there."""
    page = visitor.page
    page.get_by_label("The newer version").set_input_files(str(file))
    page.get_by_label("What is new in it?").fill(note)
    page.get_by_role("button", name="Put it in its place").focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_newer_version_is_put_in_place_and_the_one_before_brought_back(
    window: Windows, tmp_path: Path, script: bool
) -> None:
    joyce = window("joyce.abara", script=script)
    joyce.come_in()
    item = share(
        joyce, write_file(tmp_path, "rota.txt", b"Ring the laboratory at nine."), script=script
    )
    page, looking = joyce.page, Looking(joyce)
    joyce.open(item.url)
    page.locator(".km-files").get_by_role("link").first.click()
    joyce.follow("Put a newer version in its place")
    page.get_by_text("None yet.").wait_for()
    choose(joyce, write_file(tmp_path, "rota.exe", b"MZ" * 200), note="The porter has moved.")
    page.locator(".nhsuk-error-summary").wait_for()
    assert page.get_by_label("What is new in it?").input_value() == "The porter has moved."
    if script:
        looking.look("a version that was refused")
    newer = write_file(tmp_path, "rota of May.txt", b"Ring the porter at nine.")
    choose(joyce, newer, note="The porter has moved.")
    back = page.get_by_role("button", name="Bring this one back")
    back.wait_for()
    page.locator(".km-file", has_text="The porter has moved.").first.wait_for()
    if script:
        looking.look("versions of a file")
    back.focus()
    page.keyboard.press("Enter")
    page.locator(".km-file", has_text="rota.txt").get_by_text("Put in its place").wait_for()
    if script:
        looking.look("the version before is back")
    assert looking.wrong == []
    latest = KnowledgeAssetPage.objects.get(pk=item.pk)
    assert [each.stored_file.name for each in latest.attachments.all()] == ["rota.txt"]
