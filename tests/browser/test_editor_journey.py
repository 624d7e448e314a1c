"""A knowledge editor makes a technique: refused, put right, published, varied, scheduled."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Comment, PageLogEntry

from km_pages.models import TechniquePage
from tests.browser.visitors import Visitor, Windows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("demonstration"),
]

STRAPLINE = "Stand together before the shift begins"
PURPOSE = "So that nobody starts without knowing who needs help first."
QUESTION = "Do we say shift or watch?"
STEPS = [
    ("Look at the board", "3", "Read out who is in which bay."),
    ("Ask", "4", "Who needs help?"),
]
# Where a message stands: the name of the field in the same frame of the editor.
ITS_FIELD = """it => it.closest('[data-contentpath], .w-panel__wrapper, .w-field')
    .querySelector('input:not([type=hidden]), textarea').name"""


def tab(nadia: Visitor, name: str) -> None:
    nadia.page.get_by_role("tab", name=name).click()


def press(nadia: Visitor, name: str) -> None:
    """Press a button of the menu beside "Save draft"."""
    nadia.page.locator("footer").get_by_role("button", name="More actions").click()
    nadia.page.locator("footer").get_by_role("button", name=name).click()


def add_format(nadia: Visitor, number: int, **values: str) -> None:
    """One more form of 5 to 10 minutes, with two steps."""
    page = nadia.page
    page.get_by_role("button", name="Add format").click()
    form = f"formats-{number}"
    for name, value in {"minutes_min": "5", "minutes_max": "10", **values}.items():
        field = page.locator(f"[name={form}-{name}]")
        if name in ("kind", "setting"):
            field.select_option(value)
        else:
            field.fill(value)
    for place, words in enumerate(STEPS):
        adders = page.locator(f"#{form}-steps-root").get_by_role("button", name="Insert a block")
        adders.nth(place).click()
        for name, value in zip(("title", "minutes", "instruction"), words, strict=True):
            page.locator(f"[name={form}-steps-{place}-value-{name}]").fill(value)


def typed(nadia: Visitor) -> dict[str, str]:
    """What stands in the fields of the editor that have been filled in."""
    return dict(
        nadia.page.evaluate("""() => [...document.querySelectorAll(
            '#page-edit-form :is(input[type=text], input[type=number], textarea)[name]')]
            .filter(each => each.value && !each.name.match(/^(slug|comment|next|.*-id$)/))
            .map(each => [each.name, each.value])""")
    )


def said_at(nadia: Visitor, words: str) -> str:
    """The name of the field at which ``words`` are shown."""
    said = nadia.page.locator(".w-field__errors, .w-panel").get_by_text(words).first
    said.wait_for()
    return str(said.evaluate(ITS_FIELD))


def make_mistakes_and_put_them_right(nadia: Visitor) -> None:
    """What is wrong is said where it is wrong, and all that was typed is still there."""
    page = nadia.page
    page.locator("[name=formats-0-people_min]").fill("12")
    page.locator("[name=formats-0-people_max]").fill("3")
    page.locator("[name=formats-0-steps-1-value-minutes]").fill("-5")
    before = typed(nadia)
    press(nadia, "Publish")
    page.get_by_text("due to validation errors").wait_for()
    page.get_by_text("Go to the first error").click()
    wrong = {said_at(nadia, "The smallest group is larger than the largest.")}
    wrong.add(said_at(nadia, "greater than or equal to 0"))
    assert wrong == {"formats-0-people_min", "formats-0-steps-1-value-minutes"}
    assert typed(nadia) == before
    page.locator("[name=formats-0-steps-1-value-minutes]").fill("4")
    page.locator("[name=formats-0-people_min]").fill("2")
    page.locator("[name=formats-0-people_max]").fill("12")


def preview(nadia: Visitor, *words: str) -> None:
    nadia.page.get_by_role("button", name="Toggle preview").click()
    shown = nadia.page.locator("iframe[title=Preview]").first.content_frame
    for each in words:
        shown.get_by_role("heading", name=each).wait_for()
    nadia.page.get_by_role("button", name="Toggle preview").click()


def all_can_read(stranger: Visitor) -> None:
    """Somebody without an account finds it by minutes and people, and by its words."""
    stranger.open("/techniques/?minutes=10&people=6")
    stranger.follow("Bay huddle")
    stranger.page.get_by_role("heading", level=1, name="Bay huddle").wait_for()
    text = stranger.text()
    for each in ("5 to 10 minutes", "2 to 12 people", "Look at the board", "Who needs help?"):
        assert each in text
    stranger.page.get_by_role("link", name="Online").first.click()
    stranger.page.get_by_text("2 to 8 people").first.wait_for()


def comment_and_resolve(nadia: Visitor, words: str) -> None:
    """Say something at a field, save, come back, and call it settled."""
    page = nadia.page
    page.get_by_role("button", name="Toggle comments").click()
    page.locator("[data-contentpath=strapline] [data-comment-add]").click()
    page.locator(".comment textarea").fill(words)
    page.locator(".comment").get_by_role("button", name="Comment", exact=True).click()
    # Else the panel would open by itself at some moment after the page.
    page.get_by_role("button", name="Toggle comments").click()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_text("has been updated").or_(page.get_by_text("has been saved")).first.wait_for()
    assert Comment.objects.get(text=words).contentpath == "strapline"
    page.reload()
    page.get_by_role("button", name="Toggle comments").click()
    page.locator(".comment", has_text=words).click()
    resolve = page.get_by_role("menuitem", name="Resolve")
    # The comment is drawn anew when it comes into focus, which shuts a menu that was just opened.
    for _attempt in range(10):
        page.locator(".comment", has_text=words).get_by_label("More actions").click()
        page.wait_for_timeout(1_000)
        if resolve.is_visible():
            break
    resolve.click()


def schedule(nadia: Visitor, when: datetime.datetime) -> None:
    """Let what is in the editor be published at ``when``."""
    page = nadia.page
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="Set schedule").click()
    field = page.locator("[name=go_live_at]")
    field.fill(timezone.localtime(when).strftime("%Y-%m-%d %H:%M"))
    # The calendar opens a moment later, above the button.
    calendar = page.locator(".xdsoft_datetimepicker:visible")
    calendar.first.wait_for()
    page.get_by_role("heading", name="Set publishing schedule").click()
    calendar.first.wait_for(state="hidden")
    page.get_by_role("button", name="Save schedule").click()
    press(nadia, "Schedule to publish")
    page.get_by_text("scheduled for publishing").first.wait_for()


def the_day_comes(page: TechniquePage) -> None:
    """As if the time for which ``page`` was scheduled had come."""
    now, revision = timezone.now(), page.scheduled_revision
    revision.content["go_live_at"] = now.isoformat()
    revision.approved_go_live_at = now
    revision.save()
    call_command("publish_scheduled")


def test_an_editor_writes_publishes_varies_discusses_and_times_a_technique(
    window: Windows,
) -> None:
    nadia, stranger = window("nadia.okonjo"), window()
    nadia.sign_in("/admin/")
    nadia.follow("Techniques")
    nadia.follow("Add technique")
    nadia.page.locator("[name=title]").fill("Bay huddle")
    nadia.page.locator("[name=strapline]").fill(STRAPLINE)
    nadia.page.locator("[name=purpose]").fill(PURPOSE)
    tab(nadia, "Run it")
    add_format(nadia, 0)
    make_mistakes_and_put_them_right(nadia)
    online = {"kind": "online", "setting": "online", "people_min": "2", "people_max": "8"}
    add_format(nadia, 1, **online)
    preview(nadia, "Bay huddle", "Look at the board")
    press(nadia, "Publish")
    nadia.page.get_by_text("published").first.wait_for()
    all_can_read(stranger)

    original = TechniquePage.objects.get(slug="bay-huddle")
    nadia.open(f"/admin/pages/{original.pk}/edit/")
    nadia.page.get_by_role("button", name="Actions").first.click()
    nadia.follow("Copy as a variant")
    nadia.page.locator("[name=title]").fill("Bay huddle at night")
    nadia.page.get_by_role("button", name="Copy").click()
    nadia.page.get_by_text("This is your variant").wait_for()
    comment_and_resolve(nadia, QUESTION)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    schedule(nadia, tomorrow)
    settled = PageLogEntry.objects.get(action="wagtail.comments.resolve")
    assert (settled.user, settled.data["comment"]["text"]) == (nadia.account, QUESTION)
    variant = TechniquePage.objects.get(title="Bay huddle at night")
    assert stranger.open(original.url.replace(original.slug, variant.slug)) == 404
    the_day_comes(variant)
    assert stranger.open(variant.url) == 200
    assert STRAPLINE in stranger.text()
    assert stranger.errors == nadia.errors == []
