"""The main job from end to end, in a real browser, on the demonstration site.

An editor publishes a technique; what a leaver gives is found by the team by a word inside a file;
nobody else finds, counts, opens or downloads it. The worker's part is done by its own functions.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from km_pages.actions.store_file import StoreFile
from km_pages.models import Attachment, KnowledgeAssetPage, RepositoryPage, StoredFile, Team
from km_pages.visibility import Visibility
from tests.browser.conftest import Worker
from tests.browser.visitors import Seen, Visitor, Windows, write_file
from tests.factories import KnowledgeAssetPageFactory, TeamSectionPageFactory
from tests.files.building import docx, paragraph, pdf, written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration", "worker"),
]

TITLE = "Where the spare keys are"
PLAN = pdf(written("What hangs where"), written("The key with the quillwort label opens bay C"))
LETTER = docx(paragraph("Ring the porter, and say bladderwrack."))
NOTHING = Seen([], 0, {})


def give_files(giver: Visitor, files: list[Path], worker: Worker, *, script: bool) -> None:
    """Choose ``files`` in the form, and have them arrive and be read."""
    giver.page.locator("#id_files").set_input_files([str(each) for each in files])
    if not script:
        giver.press("Upload these files")
    for each in files:
        row = giver.page.locator(".km-file", has_text=each.name)
        row.get_by_role("button", name="Remove").wait_for()
    worker.wait()


def add_files(leaver: Visitor, files: list[Path], worker: Worker, *, script: bool) -> None:
    """From My page through the form, as somebody does it who has never seen it."""
    leaver.follow("My page")
    leaver.follow("Add to the repository")
    give_files(leaver, files, worker, script=script)
    leaver.page.get_by_label("What is it called?").fill(TITLE)
    leaver.page.get_by_label("What does it say, and for whom?").fill("For whoever has nights.")
    leaver.press("Share with my team")
    leaver.page.get_by_role("heading", name="Shared. Thank you").wait_for()


def refused(visitor: Visitor, *paths: str) -> None:
    """None of ``paths`` says that there is anything."""
    for path in paths:
        answer = visitor.ask(path)
        if visitor.name:
            assert answer.status == 404, path
        else:
            assert answer.status == 302, path
            assert answer.headers["location"].startswith("/account/sign-in/"), path


def addresses(file: StoredFile) -> list[str]:
    """Every address that gives something of ``file``."""
    return [
        reverse("km_pages:file", args=[file.uuid, file.name]),
        reverse("km_pages:file_page", args=[file.uuid]),
        reverse("km_pages:file_shown", args=[file.uuid, file.name]),
        reverse("km_pages:file_thumbnail", args=[file.uuid]),
    ]


def everything(visitor: Visitor) -> dict[str, int]:
    """The counts of every facet over all that somebody may see."""
    return visitor.search("ward clinic key repository").counts


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_a_leaver_adds_is_found_by_a_word_inside_by_the_team_and_by_nobody_else(
    window: Windows, worker: Worker, tmp_path: Path, script: bool
) -> None:
    mei, priya = window("mei.ashworth", script=script), window("priya.nandra", script=script)
    stranger, steward = window(script=script), window("grace.tillotson", script=script)
    mei.sign_in()
    priya.come_in()
    outside = (priya, stranger)
    before = [everything(each) for each in outside]

    leaver = window("joyce.abara", script=script)
    leaver.sign_in()
    plan = write_file(tmp_path, "key plan.pdf", PLAN)
    letter = write_file(tmp_path, "porter.docx", LETTER)
    add_files(leaver, [plan, letter], worker, script=script)
    worker.wait()

    sam = window("sam.whitlock", script=script)
    sam.sign_in()
    sam.page.get_by_label("Search techniques, people's know-how and files").fill("quillwort")
    sam.page.keyboard.press("Enter")
    result = sam.page.locator(".km-result").first
    assert result.locator(".km-result__title").inner_text() == TITLE
    assert result.locator("mark").all_inner_texts() == ["quillwort"]
    assert "in key plan.pdf, page 2" in result.inner_text()
    assert sam.search("bladderwrack").titles == [TITLE]
    sam.follow(TITLE)
    with sam.page.expect_download() as waiting:
        sam.follow("Download key plan.pdf")
    assert waiting.value.suggested_filename == "key plan.pdf"
    assert Path(waiting.value.path()).read_bytes() == PLAN
    check_headers(sam)

    item = KnowledgeAssetPage.objects.get(title=TITLE)
    file = StoredFile.objects.get(name="key plan.pdf")
    for visitor, counted in zip(outside, before, strict=True):
        assert visitor.search("quillwort") == NOTHING
        assert everything(visitor) == counted
        refused(visitor, item.url, *addresses(file))

    # Mei sees it, until the steward takes her out of the team: her window is still open.
    assert mei.search("quillwort").titles == [TITLE]
    steward.sign_in("/teams/ward-7/people/")
    row = steward.page.locator(".km-person", has_text="Mei Ashworth")
    row.locator("summary").click()
    row.get_by_role("button", name="Remove from the team").click()
    steward.page.get_by_text("Mei Ashworth is no longer in").wait_for()
    assert mei.search("quillwort") == NOTHING
    refused(mei, item.url, *addresses(file))
    for visitor in (mei, priya, stranger, steward, leaver, sam):
        assert visitor.errors == []


def check_headers(visitor: Visitor) -> None:
    """What a file is given out with: kept by no cache, run by no browser, under its own name."""
    file = StoredFile.objects.get(name="key plan.pdf")
    headers = visitor.ask(addresses(file)[0]).headers
    assert headers["content-disposition"].startswith('attachment; filename="key plan.pdf"')
    assert headers["content-type"] == "application/pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_somebody_else_knows_waits_for_them_and_what_goes_beyond_the_team_for_a_steward(
    window: Windows, worker: Worker, tmp_path: Path, script: bool
) -> None:
    mei = window("mei.ashworth", script=script)
    mei.sign_in("/add/")
    plan = write_file(tmp_path, "key plan.pdf", PLAN)
    give_files(mei, [plan], worker, script=script)
    mei.page.get_by_label("What is it called?").fill(TITLE)
    mei.page.get_by_label("Whose knowledge is it?").select_option(label="Joyce Abara")
    mei.page.get_by_label("Everyone in the organisation").check()
    # Without script the button says what it does for most people, and after that what it did.
    mei.press("Send to Joyce Abara" if script else "Share with my team")
    mei.page.get_by_role("heading", name="Sent to Joyce Abara").wait_for()
    worker.wait()
    assert written_to(TITLE) == ["joyce.abara@example.org"]

    sam, priya = window("sam.whitlock"), window("priya.nandra")
    for each in (sam, priya):
        each.come_in()
        assert each.search("quillwort") == NOTHING

    joyce = window("joyce.abara", script=script)
    joyce.sign_in("/my-page/")
    joyce.follow(TITLE)
    assert "Everyone in the organisation" in joyce.text()
    joyce.press("Agree to share it")
    joyce.page.get_by_text("Approved. Thank you.").wait_for()
    worker.wait()
    assert sam.search("quillwort") == priya.search("quillwort") == NOTHING

    assert "grace.tillotson@example.org" in written_to(TITLE)
    grace = window("grace.tillotson", script=script)
    grace.sign_in("/approvals/")
    grace.follow(TITLE)
    grace.press("Approve and share")
    grace.page.get_by_text("Approved. Thank you.").wait_for()
    worker.wait()
    for each in (sam, priya):
        assert each.search("quillwort").titles == [TITLE]
    stranger = window()
    assert stranger.search("quillwort") == NOTHING
    for visitor in (mei, sam, priya, joyce, grace):
        assert visitor.errors == []


def written_to(title: str) -> list[str]:
    """Who got mails about ``title``, in the order of the mails."""
    about = [each for each in mail.outbox if title in f"{each.subject} {each.body}"]
    return [address for each in about for address in each.to]


def test_the_shared_documents_go_the_same_way(
    window: Windows, worker: Worker, shared_folder: Path
) -> None:
    joyce = window("joyce.abara")
    joyce.sign_in()
    files = [shared_folder / "files" / name for name in ("sample_contract.pdf", "word_sample.docx")]
    add_files(joyce, files, worker, script=True)
    worker.wait()
    sam, priya, stranger = window("sam.whitlock"), window("priya.nandra"), window()
    sam.come_in()
    priya.come_in()
    for words, place in (
        ('"IN WITNESS WHEREOF"', "in sample_contract.pdf, page 10"),
        ('"cute duckling"', "in word_sample.docx, page 1"),
    ):
        assert sam.search(words).titles == [TITLE]
        result = sam.page.locator(".km-result").first
        assert place in result.inner_text()
        assert result.locator("mark").count() > 0
        assert priya.search(words) == stranger.search(words) == NOTHING
    item = KnowledgeAssetPage.objects.get(title=TITLE)
    for name in ("sample_contract.pdf", "word_sample.docx"):
        file = StoredFile.objects.get(name=name)
        given = sam.ask(addresses(file)[0])
        assert given.body() == (shared_folder / "files" / name).read_bytes()
        refused(priya, item.url, *addresses(file))
        refused(stranger, item.url, *addresses(file))


# Who finds which of four items of Ward 7 that all have the word inside their PDF.
SEES = {
    "sam.whitlock": {"team", "organisation", "open"},
    "grace.tillotson": {"team", "organisation", "open"},
    "rosa.quintrell": {"named", "organisation", "open"},
    "priya.nandra": {"organisation", "open"},
    "mei.ashworth": {"organisation", "open"},
    "": {"open"},
}


def test_for_every_audience_the_same_people_find_count_open_and_download_wherever_it_stands(
    window: Windows, worker: Worker
) -> None:
    items = {kind: item_with_file(kind) for kind in Visibility.values}
    ward = Team.objects.get(slug="ward-7")
    ward.members_group.user_set.remove(get_user_model().objects.get(username=MEI))
    worker.wait()
    people = [window(name) for name in SEES]
    for each in people:
        if each.name:
            each.come_in()
    check(people, items, SEES)

    # A restriction on an ancestor, though many pages above: only the steward satisfies it.
    restriction = PageViewRestriction.objects.create(
        page=RepositoryPage.objects.get(), restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(ward.stewards_group)
    only_steward = {
        name: seen if name.startswith("grace") else set() for name, seen in SEES.items()
    }
    check(people, items, only_steward)
    restriction.delete()
    check(people, items, SEES)

    # Moved to a place where they may not go.
    closed = TeamSectionPageFactory(parent=ward.space, title="Behind a door")
    door = PageViewRestriction.objects.create(
        page=closed, restriction_type=PageViewRestriction.GROUPS
    )
    door.groups.add(ward.stewards_group)
    for item, _file in items.values():
        item.move(Page.objects.get(pk=closed.pk), pos="last-child")
    moved = {kind: (KnowledgeAssetPage.objects.get(pk=i.pk), f) for kind, (i, f) in items.items()}
    # Before the index knows of it nobody may find more than after it.
    for each in people:
        allowed = {moved[kind][0].title for kind in only_steward[each.name]}
        assert set(each.search("quillwort").titles) <= allowed
    worker.wait()
    check(people, moved, only_steward)


MEI = "mei.ashworth@example.org"
Items = dict[str, tuple[KnowledgeAssetPage, StoredFile]]


def item_with_file(kind: str) -> tuple[KnowledgeAssetPage, StoredFile]:
    """A published item of Ward 7 for the audience ``kind``, with the PDF, which is not read yet."""
    users = get_user_model().objects
    owner = users.get(username="joyce.abara@example.org")
    content = pdf(written(f"For {kind}"), written("The quillwort hangs here"))
    file = StoreFile(uploader=owner, name=f"{kind}.pdf", stream=ContentFile(content)).execute()
    item = KnowledgeAssetPageFactory(
        team=Team.objects.get(slug="ward-7"),
        title=f"Keys for {kind}",
        visibility=kind,
        owner=owner,
        holder=owner,
        named_people=[users.get(username="rosa.quintrell@example.org")],
    )
    item.attachments = [Attachment(stored_file=file)]
    item.save_revision(user=owner).publish()
    return item, file


def check(people: list[Visitor], items: Items, sees: dict[str, set[str]]) -> None:
    """Everybody finds, counts, opens and downloads what ``sees`` says and nothing else."""
    for each in people:
        allowed = sees[each.name]
        found = each.search("quillwort")
        assert set(found.titles) == {items[kind][0].title for kind in allowed}, each.name
        assert found.total == len(allowed), each.name
        assert found.counts.get("Ward 7", found.total) == len(allowed), each.name
        for kind, (item, file) in items.items():
            if kind not in allowed:
                refused(each, item.url, addresses(file)[0])
                continue
            assert each.ask(item.url).status == 200, (each.name, kind)
            download = each.ask(addresses(file)[0])
            assert download.status == 200, (each.name, kind)
            assert download.headers["cache-control"] == "private, no-store"
