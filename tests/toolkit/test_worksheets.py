"""Pages to fill in: on screen, as Word files, on to the repository; and the workbook."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from docx import Document

from km_pages.models import KnowledgeAssetPage
from km_toolkit.models import ActivityPage, ToolkitStep
from km_toolkit.worksheets import MOST_ROWS
from tests.factories import (
    ActivityPageFactory,
    OutputTypeFactory,
    TeamFactory,
    TeamSpacePageFactory,
    ToolkitPageFactory,
    UserFactory,
    tree_root,
)

pytestmark = pytest.mark.django_db

FIELDS = [
    ("field", {"label": "Post", "hint": "Ward clerk", "kind": "line", "columns": []}),
    ("field", {"label": "In your words", "hint": "", "kind": "text", "columns": []}),
    ("field", {"label": "People", "hint": "", "kind": "table", "columns": ["Name", "What for"]}),
]
TYPED = {
    "f0": "Ward clerk, Ward 7",
    "f1": "Ask <b>early</b> & often\x08\n\nThen wait.",
    "f2-rows": "5",
    "f2-0-0": "Bed desk",
    "f2-0-1": "Beds that stick",
    "f2-4-0": "Porters",
}
URL = "/toolkit/key-contacts/"


@pytest.fixture
def activity() -> ActivityPage:
    return ActivityPageFactory(
        title="Key contacts",
        slug="key-contacts",
        fill_in=FIELDS,
        what_not_to_record=[("line", "Private numbers")],
        consent_wording="May we pass on your number?",
        output_type=OutputTypeFactory(slug="contacts"),
    )


def words(content: bytes) -> str:
    """All text of a Word file, tables included."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def test_the_page_leads_to_the_form_and_to_a_word_file_with_the_same_content(
    client: Client, activity: ActivityPage
) -> None:
    page = client.get(URL).content.decode()
    assert f'href="{URL}fill-in/"' in page
    assert f'href="{URL}fill-in/word/"' in page
    shown = client.get(f"{URL}fill-in/").content.decode()
    answer = client.get(f"{URL}fill-in/word/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="key-contacts.docx"'
    for text in ("Post", "Ward clerk", "In your words", "What for", "Private numbers"):
        assert text in shown
        assert text in words(answer.content)
    assert "May we pass on your number?" in words(answer.content)


def test_what_was_typed_is_in_the_word_file_and_stored_nowhere(
    client: Client, activity: ActivityPage
) -> None:
    answer = client.post(f"{URL}fill-in/", {**TYPED, "do": "docx"})
    assert answer.status_code == 200
    text = words(answer.content)
    for typed in ("Ward clerk, Ward 7", "Ask <b>early</b> & often", "Bed desk", "Porters"):
        assert typed in text
    assert "private" in answer.headers["Cache-Control"]
    assert not KnowledgeAssetPage.objects.exists()


def test_more_rows_keep_what_was_typed_and_have_an_end(
    client: Client, activity: ActivityPage
) -> None:
    answer = client.post(f"{URL}fill-in/", {**TYPED, "do": "more-f2"})
    text = answer.content.decode()
    assert 'name="f2-7-0"' in text
    assert 'name="f2-8-0"' not in text
    assert "Porters</textarea>" in text
    assert "Ask &lt;b&gt;early&lt;/b&gt; &amp; often" in text
    for rows in ("9999999", "-4", "x", "999"):
        answer = client.post(f"{URL}fill-in/", {"f2-rows": rows, "do": "more-f2"})
        assert answer.status_code == 200
        assert answer.content.decode().count('id="f2-') - 1 <= MOST_ROWS * 2


def test_it_goes_on_to_the_repository_as_a_draft_that_says_where_it_came_from(
    client: Client, activity: ActivityPage
) -> None:
    person = UserFactory()
    team = TeamFactory(members=[person])
    TeamSpacePageFactory(team=team)
    client.force_login(person)
    answer = client.post(f"{URL}fill-in/", {**TYPED, "do": "keep"})
    text = answer.content.decode()
    assert "Bed desk" in text
    assert "Private numbers" in text
    form = answer.context
    sent = {
        "from": activity.pk, "title": activity.title, "notes": form["text"],
        "visibility": "team", "output_type": activity.output_type_id, "key": form["key"],
    }  # fmt: skip
    shown = client.post(f"/add/?from={activity.pk}", {**sent, "do": "upload"})
    assert shown.status_code == 200
    assert "Name: Bed desk; What for: Beds that stick" in shown.content.decode()
    client.post("/add/", {**sent, "team": team.slug, "do": "save"})
    item = KnowledgeAssetPage.objects.get()
    assert item.came_from_id == activity.pk
    assert not item.live


def test_strangers_are_offered_no_repository_and_nothing_typed_is_said(
    client: Client, activity: ActivityPage
) -> None:
    assert 'value="keep"' not in client.get(f"{URL}fill-in/").content.decode()
    # Whoever was signed out in between gets the fields back, not a page without them.
    answer = client.post(f"{URL}fill-in/", {**TYPED, "do": "keep"})
    assert "Ward clerk, Ward 7" in answer.content.decode()
    client.force_login(UserFactory())
    empty = client.post(f"{URL}fill-in/", {"do": "keep"}).content.decode()
    assert "nothing to put into the repository yet" in empty


def test_a_page_without_fields_and_a_hidden_activity_have_no_form(client: Client) -> None:
    ActivityPageFactory(title="Bare", slug="bare")
    ActivityPageFactory(title="Draft", slug="draft", fill_in=FIELDS, live=False)
    assert client.get("/toolkit/bare/fill-in/").status_code == 404
    assert client.get("/toolkit/draft/fill-in/").status_code != 200
    assert client.get("/toolkit/draft/fill-in/word/").status_code != 200
    assert "fill-in/" not in client.get("/toolkit/bare/").content.decode()


def test_the_workbook_has_a_part_for_each_step_on_screen_and_as_a_word_file(
    client: Client,
) -> None:
    toolkit = ToolkitPageFactory(introduction="Begin early.")
    assert client.get("/toolkit/workbook/").status_code == 404
    for number in range(2):
        toolkit.steps.add(
            ToolkitStep(
                title=f"Step called {number}", lead="You", fill_in=FIELDS, sort_order=number
            )
        )
    toolkit.save()
    page, file = client.get("/toolkit/workbook/"), client.get("/toolkit/workbook/word/")
    for text in ("Step called 0", "Step called 1", "In your words", "What for"):
        assert text in page.content.decode()
        assert text in words(file.content)


def test_the_shipped_pages_to_fill_in_can_all_be_downloaded(made: Any, client: Client) -> None:
    for page in ActivityPage.objects.live():
        answer = client.get(f"{page.url}fill-in/word/")
        text = words(answer.content)
        for block in page.fill_in:
            assert block.value["label"] in text, page.slug
    assert "What I know that others will need" in words(
        client.get("/toolkit/workbook/word/").content
    )


@pytest.fixture
def made() -> None:
    tree_root()
    call_command("km_setup", stdout=io.StringIO())
