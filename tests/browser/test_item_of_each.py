"""Many files become an item each, at both widths, with the keyboard, and without script."""

from __future__ import annotations

from pathlib import Path

import pytest

from km_pages.models import KnowledgeAssetPage
from tests.browser.conftest import Worker
from tests.browser.looking import Looking
from tests.browser.visitors import Windows, write_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration", "worker"),
]
NAMES = ("rota_for_nights.txt", "keys.txt")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_each_file_gets_its_own_title_and_audience(
    window: Windows, worker: Worker, tmp_path: Path, script: bool
) -> None:
    joyce = window("joyce.abara", script=script)
    joyce.come_in()
    joyce.open("/add/")
    page = joyce.page
    page.get_by_label("What is it called?").fill("Ward clerk")
    files = [str(write_file(tmp_path, each, each.encode())) for each in NAMES]
    page.locator("#id_files").set_input_files(files)
    if script:
        # While one of them is on its way, the form waits.
        for name in NAMES:
            page.get_by_role("button", name=f"Remove {name}").wait_for()
    apart = page.get_by_role("button", name="Make an item of each file instead")
    apart.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="An item of each file").wait_for()
    titles = page.get_by_label("What is it called?")
    assert titles.nth(0).input_value() == "Ward clerk: rota for nights"
    titles.nth(1).fill("")
    worker.wait()
    if script:
        looking = Looking(joyce)
        looking.look("many files")
    joyce.press("Share them")
    page.locator(".nhsuk-error-summary").wait_for()
    if script:
        looking.look("many files, and one without a title")
        assert looking.wrong == []
    page.get_by_label("What is it called?").nth(1).fill("Where the keys hang")
    page.get_by_label("Who should see it?").nth(1).select_option("organisation")
    joyce.press("Share them")
    page.get_by_text("1 item waits for the stewards.").wait_for()
    made = KnowledgeAssetPage.objects.filter(owner=joyce.account)
    assert made.get(title="Ward clerk: rota for nights").live
    assert not made.get(title="Where the keys hang").live
