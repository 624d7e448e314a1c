"""The pictures of the documentation: add a row, run ``make screenshots``, embed the picture.

The pictures are taken in this order on one demonstration site, so a row may stand on what the
steps of a row before it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

WIDE, PHONE = 1280, 390
MODULE = "Let many listen to a few who really talk: the fishbowl"
MODULE_SEARCH = "/admin/pages/search/?q=fishbowl"


@dataclass(frozen=True)
class Picture:
    """``docs/images/<name>.png``: what ``person`` sees at ``path``.

    ``person`` is the part of an address of the demonstration before the @, or empty for a stranger.
    ``steps`` are done in the window before the picture is taken. ``whole`` takes the page down to
    its end, ``part`` only what this CSS selector finds, else it is as high as ``height``.
    """

    name: str
    person: str
    path: str
    width: int = WIDE
    height: int = 800
    steps: Callable[[Page], object] | None = None
    whole: bool = False
    part: str = ""


def wait_for(text: str) -> Callable[[Page], object]:
    """A step that waits until ``text`` is shown."""
    return lambda page: page.get_by_text(text).first.wait_for()


def type_hand(page: Page) -> object:
    """Type a beginning, and wait for what is suggested."""
    box = page.locator("main").get_by_role("combobox")
    box.press_sequentially("hand", delay=20)
    return page.get_by_role("option").first.wait_for()


def open_facets(page: Page) -> object:
    """Open the filters, which stand behind one button on a phone."""
    return page.locator(".km-facets > summary").click()


def open_sections(page: Page) -> object:
    """Open a module in the admin, where its sections are put together."""
    page.get_by_role("link", name=MODULE, exact=True).first.click()
    page.get_by_role("tab", name="Sections").click()
    return page.get_by_text("Each is a page of its own").first.wait_for()


def work_through(page: Page) -> object:
    """Go through a module to its end, and come back to the menu."""
    name = "Build on what works: appreciative inquiry"
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("main .km-actions a").click()
    page.locator(".km-lesson__bar").wait_for()
    while not page.url.endswith("/end/"):
        here = page.url
        if (answers := page.locator("#answers input")).count():
            answers.first.check()
            page.locator("main button[value=check]").click()
            page.locator("#feedback").wait_for()
        page.locator("main button[value=next]").click()
        page.wait_for_url(lambda url, here=here: url.partition("#")[0] != here)
    page.get_by_role("link", name="To the module menu").click()
    return page.locator(".km-module--done").first.wait_for()


def answer_check(page: Page) -> object:
    """Open the first check of a module, and answer it rightly."""
    page.get_by_role("link", name="When to hold it").click()
    page.get_by_label("Before Friday").check()
    page.locator("main button[value=check]").click()
    return page.locator("#feedback").wait_for()


def write_an_entry(page: Page) -> object:
    """Write an entry, and go to the record with it."""
    page.get_by_label("What was it about?").fill("After action review of the winter rota")
    page.get_by_label("How many minutes did it take?").fill("45")
    page.get_by_label("How many of these minutes with other people?").fill("30")
    words = "Asking at eight what could go wrong took five minutes and saved an hour."
    page.get_by_label("What do you take from it?").fill(words)
    page.get_by_role("button", name="Keep it in my record").click()
    page.get_by_role("link", name="Correct it").wait_for()
    page.get_by_role("navigation", name="Breadcrumb").get_by_text("My learning record").click()
    return page.get_by_role("heading", name="Time by year").wait_for()


NARROWED = "/search/?q=clinic&team=outpatients-booking"


def name_successor(page: Page) -> object:
    """Name Sam as the person who comes next; leads to the task list."""
    page.get_by_label("Who comes next").select_option(label="Sam Whitlock")
    page.get_by_role("button", name="Save").click()
    return page.get_by_text("Changed.").first.wait_for()


def ask_mei(page: Page) -> object:
    """Ask Mei to help."""
    page.get_by_label("Who could help?").select_option(label="Mei Ashworth")
    page.get_by_role("button", name="Ask them").click()
    return page.get_by_text("They have been asked.").first.wait_for()


def begin_interview(page: Page) -> object:
    """Say yes to helping, and begin an interview about the first area."""
    page.get_by_role("button", name="Yes, I can help").click()
    page.get_by_text("Thank you for helping.").first.wait_for()
    page.goto("/handovers/1/help/")
    page.get_by_label("About which area?").select_option(label="Beds at the weekend")
    page.get_by_role("button", name="Begin an interview").click()
    return page.get_by_text("has to agree first").wait_for()


def agree_to_recording(page: Page) -> object:
    """Agree to be recorded, and look at what records."""
    page.get_by_role("button", name="I agree to be recorded").click()
    page.get_by_text("Agreed to on").wait_for()
    return page.locator(".km-recorder").scroll_into_view_if_needed()


def open_saying(page: Page) -> object:
    """Open the field for a voice memo below the first question."""
    return page.locator("main details > summary").first.click()


def give_thanks(page: Page) -> object:
    """Ask to be told how often notes were opened, and look."""
    page.get_by_label("Show me how often my notes were opened").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="How often your notes were opened").click()
    return page.get_by_role("heading", name="What you leave").wait_for()


def choose_files(page: Page) -> object:
    """Choose three files, one of which is refused."""
    chosen = [
        ("who to ring at night.txt", b"Ring the porter first."),
        ("beds at the weekend.csv", b"day,beds\nSaturday,4\n"),
        ("the old form.docm", b"PK\x03\x04"),
    ]
    page.locator("#id_files").set_input_files(
        [{"name": name, "mimeType": "", "buffer": content} for name, content in chosen]
    )
    page.locator(".km-file--bad").wait_for()
    for name in ("night.txt", "weekend.csv"):
        row = page.locator(".km-file", has_text=name)
        row.get_by_role("button", name="Remove").wait_for()
    return page.locator(".km-drop").scroll_into_view_if_needed()


def write_wrongly(page: Page) -> object:
    """Begin a technique with a group that is larger at its smallest, and try to publish it."""
    page.get_by_role("link", name="Add technique").first.click()
    page.locator("[name=title]").fill("Bay huddle")
    page.get_by_role("tab", name="Run it").click()
    page.get_by_role("button", name="Add format").click()
    for name, value in {
        "minutes_min": 5,
        "minutes_max": 10,
        "people_min": 12,
        "people_max": 3,
    }.items():
        page.locator(f"[name=formats-0-{name}]").fill(str(value))
    page.locator("footer").get_by_role("button", name="More actions").click()
    page.locator("footer").get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Go to the first error").click()
    wrong = page.get_by_text("The smallest group is larger than the largest.")
    wrong.wait_for()
    return wrong.scroll_into_view_if_needed()


def open_fishbowl(page: Page) -> object:
    """Open the editor of a technique that is published."""
    page.get_by_role("link", name="Fishbowl", exact=True).first.click()
    return page.get_by_role("button", name="Toggle preview").wait_for()


def look_at_preview(page: Page) -> object:
    """Show how it will look, beside the steps."""
    open_fishbowl(page)
    page.get_by_role("tab", name="Run it").click()
    page.get_by_role("button", name="Toggle preview").click()
    shown = page.locator("iframe[title=Preview]").first.content_frame
    return shown.get_by_role("heading", name="Fishbowl").first.wait_for()


def begin_comment(page: Page) -> object:
    """Write a comment beside a field."""
    open_fishbowl(page)
    page.get_by_role("button", name="Toggle comments").click()
    page.locator("[data-contentpath=strapline] [data-comment-add]").click()
    box = page.locator(".comment textarea")
    box.fill("Would a new starter know what this means?")
    return box.wait_for()


def begin_schedule(page: Page) -> object:
    """Open the form for the time of publishing."""
    open_fishbowl(page)
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name=re.compile("Set schedule")).click()
    return page.get_by_role("button", name="Save schedule").wait_for()


JOYCE, HELEN = "joyce.abara", "helen.farrow"

PICTURES: tuple[Picture, ...] = (
    # Looking around
    Picture("home", "", "/"),
    Picture("search", "sam.whitlock", "/search/?q=tambour", height=700),
    Picture("search-results", "sam.whitlock", "/search/?q=first+week"),
    Picture("search-mended", "sam.whitlock", "/search/?q=hanodver+folder", height=640),
    Picture("search-suggestions", "sam.whitlock", "/search/", height=560, steps=type_hand),
    Picture(
        "search-narrowed", "sam.whitlock", NARROWED, width=PHONE, height=844, steps=open_facets
    ),
    Picture("search-nothing", "sam.whitlock", "/search/?q=defibrillator", width=PHONE, whole=True),
    Picture("technique-finder", "", "/techniques/?minutes=30&people=6"),
    Picture("technique", "", "/techniques/after-action-review/", height=1100),
    Picture("finder", "", "/finder/?minutes=30&people=6&moment=after", height=1180),
    Picture("finder-leaving", "", "/finder/?moment=leaving&weeks=2&people=6", whole=True),
    Picture("technique-card", "", "/techniques/after-action-review/card/", part=".km-paper"),
    Picture("team-space", "sam.whitlock", "/repository/ward-7/"),
    # The way of an editor; nothing of it is published
    Picture("editor-start", "nadia.okonjo", "/admin/", height=620),
    Picture("editor-mistake", "nadia.okonjo", "/admin/techniques/", steps=write_wrongly),
    Picture("editor-preview", "nadia.okonjo", "/admin/techniques/", steps=look_at_preview),
    Picture("editor-comment", "nadia.okonjo", "/admin/techniques/", steps=begin_comment),
    Picture("editor-schedule", "nadia.okonjo", "/admin/techniques/", steps=begin_schedule),
    Picture("editor-module", "nadia.okonjo", MODULE_SEARCH, steps=open_sections, height=900),
    # A learning record: written by hand here, so that there is something to see
    Picture("record-form", "grace.tillotson", "/learning/record/add/", width=PHONE, height=1200),
    Picture(
        "record",
        "grace.tillotson",
        "/learning/record/add/?as=took_part",
        steps=write_an_entry,
        height=1000,
    ),
    Picture("record-print", "grace.tillotson", "/learning/record/print/", height=900),
    Picture("uploading", JOYCE, "/add/", height=900, steps=choose_files),
    # A handover, from the first page to the last; later rows stand on what earlier ones have done
    Picture("handover-list", JOYCE, "/handovers/", height=600),
    Picture("handover-start", HELEN, "/handovers/start/", width=PHONE, height=844),
    Picture("handover-areas", JOYCE, "/handovers/1/areas/", width=PHONE, height=1100),
    Picture("handover-area", JOYCE, "/handovers/1/areas/1/", width=PHONE, height=844),
    Picture("handover-questions", JOYCE, "/handovers/1/questions/", height=900),
    Picture("handover-ask", "sam.whitlock", "/handovers/1/ask/", width=PHONE, height=1200),
    Picture("handover-priorities", HELEN, "/handovers/1/priorities/", height=1000),
    Picture("handover-plan", JOYCE, "/handovers/1/plan/", height=1000),
    Picture("handover-action", JOYCE, "/handovers/1/plan/add/", width=PHONE, height=844),
    Picture("handover-people", JOYCE, "/handovers/1/people/", width=PHONE, height=844),
    Picture("handover-steps", JOYCE, "/handovers/1/people/", height=1150, steps=name_successor),
    Picture("handover-help", JOYCE, "/handovers/1/help/", height=900, steps=ask_mei),
    Picture("handover-asked", "mei.ashworth", "/handovers/1/help/", width=PHONE, height=700),
    Picture(
        "handover-interview",
        "mei.ashworth",
        "/handovers/1/help/",
        steps=begin_interview,
        height=1000,
    ),
    Picture(
        "handover-recording",
        JOYCE,
        "/handovers/1/interviews/1/",
        width=PHONE,
        height=844,
        steps=agree_to_recording,
    ),
    Picture("handover-capture", JOYCE, "/handovers/1/capture/", height=1150),
    Picture(
        "handover-contacts", JOYCE, "/handovers/1/capture/new/contacts/", width=PHONE, height=844
    ),
    Picture("handover-dates", JOYCE, "/handovers/1/capture/new/calendar/", width=PHONE, height=844),
    Picture(
        "handover-express",
        JOYCE,
        "/handovers/1/capture/express/",
        width=PHONE,
        height=1100,
        steps=open_saying,
    ),
    Picture("handover-share", JOYCE, "/handovers/1/capture/2/share/", height=900),
    Picture("handover-accept", "sam.whitlock", "/handovers/1/accept/", height=900),
    Picture("handover-pack", "sam.whitlock", "/handovers/1/pack/", height=900),
    Picture("handover-handbook", "sam.whitlock", "/handovers/posts/1/", height=700),
    Picture("handover-afterwards", JOYCE, "/handovers/1/afterwards/", width=PHONE, height=844),
    Picture("handover-thanks", JOYCE, "/handovers/1/afterwards/", height=600, steps=give_thanks),
    Picture("handover-history", JOYCE, "/handovers/1/history/", height=700),
    Picture("handover-mails", JOYCE, "/handovers/mails/", width=PHONE, height=700),
    Picture("handover-board", HELEN, "/handovers/board/", height=900),
    # Learning
    Picture("module-menu", "sam.whitlock", "/learning/", height=1000, steps=work_through),
    Picture(
        "module-check",
        "sam.whitlock",
        "/learning/learn-peer-assist/",
        width=PHONE,
        height=844,
        steps=answer_check,
    ),
)
