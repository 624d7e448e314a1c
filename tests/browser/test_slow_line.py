"""Over a slow line a page is filled in before its script has come: nothing is lost by that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from km_toolkit.models import LearningModulePage
from km_toolkit.modules import REFLECTION, sections_of
from tests.browser.visitors import Visitor, Windows, write_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration"),
]


@contextmanager
def before_the_script(visitor: Visitor, path: str, script: str) -> Iterator[None]:
    """Open ``path`` and do what is in the block while ``script`` is still on its way."""
    held: list[Any] = []
    visitor.page.route(f"**/{script}*", lambda route: held.append(route))
    with visitor.page.expect_request(lambda request: script in request.url):
        visitor.page.goto(visitor.base + path, wait_until="commit")
    yield
    for route in held:
        route.continue_()


def choose_a_file(visitor: Visitor, folder: Path) -> Any:
    with before_the_script(visitor, "/add/", "js/upload"):
        file = write_file(folder, "porter.txt", b"Ring the porter.")
        visitor.page.locator("#id_files").set_input_files(str(file))
    return visitor.page.get_by_role("button", name="Remove porter.txt")


def write_an_answer(visitor: Visitor, _folder: Path) -> Any:
    module = LearningModulePage.objects.get(slug="learn-fishbowl")
    number = next(each.number for each in sections_of(module) if each.kind == REFLECTION)
    address = reverse("km_learning:section", args=[module.pk, number])
    with before_the_script(visitor, address, "js/autosave"):
        visitor.page.locator("#id_text").fill("The porters know.")
    return visitor.page.locator("[data-km-said]", has_text="Kept.")


def fill_in_an_entry(visitor: Visitor, _folder: Path) -> Any:
    with before_the_script(visitor, "/learning/record/add/", "js/entry"):
        visitor.page.get_by_label("What was it about?").fill("The winter rota")
    return visitor.page.locator("[data-km-said]", has_text="Kept at")


@pytest.mark.parametrize("fill", [choose_a_file, write_an_answer, fill_in_an_entry])
def test_what_was_filled_in_before_the_script_came_is_kept(
    window: Windows, tmp_path: Path, fill: Callable[[Visitor, Path], Any]
) -> None:
    joyce = window("joyce.abara")
    joyce.come_in()
    fill(joyce, tmp_path).wait_for()
    assert joyce.errors == []
