"""A whole handover, everybody in a browser of their own; Express; no script; axe on every page."""

from __future__ import annotations

import datetime
import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import pytest
from django.urls import reverse
from django.utils import timezone
from reportlab.pdfgen.canvas import Canvas

from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_pages.rebuilding import rebuild
from km_toolkit.actions.ask_team import InviteToAsk, OpenQuestions
from km_toolkit.actions.start_handover import Confirm, StartHandover
from km_toolkit.models import Handover, HandoverState
from tests.browser.conftest import work_off
from tests.browser.looking import Looking
from tests.browser.visitors import TONE, Visitor, Windows, write_file
from tests.factories import ActivityPageFactory, OutputTypeFactory, tree_root
from tests.toolkit.handovers import Cast, cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

PHONE = 390
LINK = re.compile(r"https?://\S+")


@pytest.fixture
def ward(transactional_db: None) -> Cast:
    tree_root()
    made = cast(confirmed=False)
    Handover.objects.all().delete()
    OutgoingMail.objects.all().delete()
    ActivityPageFactory(title="Contact list")
    for slug in ("contacts", "calendar", "work-in-hand", "how-to"):
        OutputTypeFactory(slug=slug)
    rebuild()
    return made


def path(name: str, *args: Any) -> str:
    return reverse(f"km_toolkit:{name}", args=args)


def pdf(words: str) -> bytes:
    page = io.BytesIO()
    canvas = Canvas(page)
    canvas.drawString(72, 720, words)
    canvas.save()
    return page.getvalue()


def word_file(words: str) -> bytes:
    page, document = io.BytesIO(), docx.Document()
    document.add_paragraph(words)
    document.save(page)
    return page.getvalue()


@dataclass
class Team:
    """Everybody of a handover with a window and a pair of eyes."""

    window: Windows
    people: dict[str, Visitor] = field(default_factory=dict)
    eyes: dict[str, Looking] = field(default_factory=dict)

    def comes(self, name: str, *, width: int = 1280) -> Visitor:
        visitor = self.window(name, width=width)
        visitor.context.add_init_script(TONE)
        visitor.come_in()
        self.people[name], self.eyes[name] = visitor, Looking(visitor)
        return visitor

    def look(self, name: str, what: str) -> None:
        self.eyes[name].look(what)
        width = PHONE if self.people[name] in self.phones else 1280
        self.people[name].page.set_viewport_size({"width": width, "height": 900})

    @property
    def phones(self) -> list[Visitor]:
        return [self.people[name] for name in ("leaver", "member") if name in self.people]

    @property
    def wrong(self) -> list[str]:
        return [each for one in self.eyes.values() for each in one.wrong]


def only_link_to(address: str, view: str) -> str:
    """The one link of the newest mail to ``address``; it leads to the page ``view``."""
    mail = OutgoingMail.objects.filter(to=address).latest("pk")
    [link] = LINK.findall(mail.body)
    assert view in link, mail.body
    return "/" + link.split("/", 3)[3]


def test_a_whole_handover_from_start_to_accepted(
    ward: Cast, window: Windows, tmp_path: Path
) -> None:
    team = Team(window)
    leaver = team.comes("leaver", width=PHONE)
    member = team.comes("member", width=PHONE)
    manager, helper, successor = (team.comes(name) for name in ("manager", "helper", "successor"))

    handover = start(team, leaver, member)
    name_areas(team, leaver, handover)
    ask(team, leaver, member, handover)
    agree(team, leaver, manager, handover)
    interview(team, leaver, helper, handover)
    capture(team, leaver, handover, tmp_path)
    found_by(member)
    accept(team, leaver, successor, handover)

    handover.refresh_from_db()
    assert handover.state == HandoverState.ACCEPTED
    for name in ("handover", "history", "pack", "facts"):
        manager.open(path(name, handover.pk))
        team.look("manager", name)
    manager.open(path("board") + "?state=accepted")
    team.look("manager", "board")
    member.open(path("post", handover.post_id))
    team.look("member", "handbook")
    leaver.open(path("afterwards", handover.pk))
    leaver.page.get_by_label("Show me how often").check()
    leaver.press("Save")
    leaver.follow("How often your notes were opened")
    team.look("leaver", "thanks")
    assert team.wrong == []


def start(team: Team, leaver: Visitor, member: Visitor) -> Handover:
    """Three answers; until the leaver says so, the team gets nothing and finds nothing."""
    leaver.open(path("handovers"))
    team.look("leaver", "empty list")
    leaver.follow("Start a handover")
    team.look("leaver", "start")
    last_day = timezone.localdate() + datetime.timedelta(weeks=6)
    leaver.page.get_by_label("When is the last day").fill(last_day.isoformat())
    leaver.page.get_by_label("Who is the line manager?").select_option(label="Manager Test")
    leaver.press("Start")
    leaver.page.get_by_text("Your team does not know yet").wait_for()
    handover = Handover.objects.get()
    team.look("leaver", "task list of a draft")
    assert member.open(path("ask", handover.pk)) == 404
    assert not OutgoingMail.objects.filter(to=member.address).exists()
    leaver.follow("Let the team know")
    team.look("leaver", "confirm")
    leaver.press("Yes, let them know")
    leaver.page.get_by_text("Your team can be asked now").wait_for()
    return handover


def name_areas(team: Team, leaver: Visitor, handover: Handover) -> None:
    leaver.open(path("areas", handover.pk))
    for title in ("Night calls", "Ordering"):
        leaver.page.get_by_label("What it is about").fill(title)
        leaver.press("Add this area")
        leaver.page.get_by_role("link", name=title).wait_for()
    team.look("leaver", "areas")
    leaver.follow("Night calls")
    team.look("leaver", "an area")
    leaver.open(path("areas", handover.pk))
    leaver.press("Share the list with my line manager")
    leaver.page.get_by_text("Your line manager can see the list now").wait_for()


def ask(team: Team, leaver: Visitor, member: Visitor, handover: Handover) -> None:
    """The team is asked by mail; a question without a name comes out with the others."""
    leaver.open(path("questions", handover.pk))
    leaver.press("Ask the team")
    leaver.page.get_by_text("Your team is asked now").wait_for()
    member.open(only_link_to(member.address, "/ask/"))
    team.look("member", "question page")
    member.page.get_by_label("What would you like to know?").fill("Who keeps the spare key?")
    member.page.get_by_label("Without my name").check()
    member.press("Ask")
    member.page.get_by_text("Your question is shown later").wait_for()
    assert "Who keeps the spare key?" not in member.text()
    leaver.open(path("questions", handover.pk))
    leaver.press("Close the questions")
    leaver.page.get_by_text("Who keeps the spare key?").first.wait_for()
    team.look("leaver", "questions")
    leaver.page.get_by_role("link", name="Answer, or put it to an area").click()
    leaver.page.get_by_label("Your answer").fill("The porter.")
    team.look("leaver", "one question")
    leaver.press("Answer now")
    leaver.page.get_by_text("Answered.").wait_for()


def agree(team: Team, leaver: Visitor, manager: Visitor, handover: Handover) -> None:
    """Priorities and plan; the manager needs one screen for each, from the mail."""
    leaver.open(path("priorities", handover.pk))
    team.look("leaver", "priorities")
    for group in leaver.page.get_by_role("group", name="Priority").all():
        group.get_by_label("High").check()
    leaver.press("Ask my line manager to agree")
    leaver.page.get_by_text("Your line manager is asked to agree").wait_for()
    manager.open(only_link_to(manager.address, "/priorities/"))
    team.look("manager", "priorities of the manager")
    manager.press("Agree these priorities")
    manager.page.get_by_text("Agreed. Thank you.").wait_for()

    for area in handover.areas.all():
        leaver.open(path("add_action", handover.pk) + f"?area={area.pk}")
        leaver.page.get_by_label("Which activity of the toolbox?").select_option(
            label="Contact list"
        )
        leaver.press("Save")
        leaver.page.get_by_text("In the plan.").wait_for()
    team.look("leaver", "plan")
    leaver.press("Ask my line manager to agree")
    leaver.page.get_by_text("Your line manager is asked to agree").wait_for()
    manager.open(only_link_to(manager.address, "/plan/"))
    manager.page.get_by_label("How many hours").fill("2")
    manager.press("Agree this plan")
    manager.page.get_by_text("Agreed. Thank you.").wait_for()


def interview(team: Team, leaver: Visitor, helper: Visitor, handover: Handover) -> None:
    """The helper asks and records, once the leaver agrees; the leaver approves and shares."""
    leaver.open(path("facts", handover.pk))
    leaver.page.get_by_label("who comes next", exact=False).select_option(label="Successor Test")
    leaver.press("Save")
    leaver.page.get_by_text("Changed.").wait_for()
    leaver.open(path("help", handover.pk))
    leaver.page.get_by_label("Who could help?").select_option(label="Helper Test")
    leaver.press("Ask them")
    leaver.page.get_by_text("They have been asked.").wait_for()
    team.look("leaver", "help")

    helper.open(only_link_to(helper.address, "/help/"))
    team.look("helper", "asked to help")
    helper.press("Yes, I can help")
    helper.page.get_by_text("Thank you for helping").wait_for()
    helper.open(path("help", handover.pk))
    helper.press("Begin an interview")
    helper.page.get_by_text("has to agree first").wait_for()
    helper.page.locator("textarea").first.fill("Ring the bell at the gantry twice.")
    helper.press("Save")
    helper.page.get_by_text("Saved.").wait_for()
    its_page = helper.page.url
    team.look("helper", "interview without consent")

    leaver.open(its_page)
    leaver.press("I agree to be recorded")
    leaver.page.get_by_text("Agreed to on").wait_for()
    helper.open(its_page)
    helper.page.get_by_label("Everybody who can be heard agrees").check()
    helper.press("Record now")
    helper.page.locator("[data-time]").filter(has_text=re.compile("0:0[1-9]")).wait_for()
    helper.press(re.compile("Stop"))
    helper.page.locator("audio").wait_for()
    team.look("helper", "interview with a recording")
    helper.press("Send to the holder")
    helper.page.get_by_text("Sent to the holder.").wait_for()

    leaver.open(only_link_to(leaver.address, "/help/"))
    leaver.open(its_page)
    team.look("leaver", "interview to approve")
    leaver.press("Approve")
    leaver.page.get_by_text("Approved. You can share it").wait_for()
    leaver.open(path("capture", handover.pk))
    leaver.page.get_by_role("link", name="Share Questions and answers").click()
    leaver.press("Share it")
    leaver.page.get_by_text("Your team can find it now").wait_for()


ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "contacts": ("Contacts", {"Name": "Ana Reyes", "Call them about": "Quoin pumps"}),
    "calendar": ("The year", {"What happens": "Tourniquet audit", "When": "Every May"}),
    "work-in-hand": ("Open work", {"Piece of work": "The lanyard order", "Next step": "Ring Lou"}),
    "how-to": ("Start the pump", {"Step": "Prime it", "What to do": "Until the bezel clicks"}),
}


def capture(team: Team, leaver: Visitor, handover: Handover, tmp_path: Path) -> None:
    """Four kinds by form and one with files, each shared with the team at once."""
    leaver.open(path("capture", handover.pk))
    team.look("leaver", "ways to capture")
    for kind, (title, row) in ROWS.items():
        leaver.open(path("new_output", handover.pk, kind))
        leaver.page.get_by_label("What is it called?").fill(title)
        for label, words in row.items():
            leaver.page.get_by_label(label, exact=False).and_(
                leaver.page.locator("fieldset input, fieldset textarea")
            ).first.fill(words)
        team.look("leaver", kind)
        leaver.press("Save and share")
        team.look("leaver", "check before sharing")
        leaver.press("Share it")
        leaver.page.get_by_text("Your team can find it now").wait_for()

    leaver.open(path("new_output", handover.pk, "note"))
    leaver.page.get_by_label("What is it called?").fill("Rota")
    files = [
        write_file(tmp_path, "rota.pdf", pdf("cavitation of the pump")),
        write_file(tmp_path, "rules.docx", word_file("the sphagnum rule")),
        *extra_files(),
    ]
    leaver.page.get_by_label("Files and photographs").set_input_files([str(each) for each in files])
    leaver.press("Save and share")
    leaver.page.get_by_role("button", name="Share it").wait_for()
    work_off()
    leaver.page.reload()
    leaver.press("Share it")
    leaver.page.get_by_text("Your team can find it now").wait_for()
    team.look("leaver", "captured")
    assert KnowledgeAssetPage.objects.live().count() == 6


def extra_files() -> list[Path]:
    """Documents of strangers, where the folder with them is beside the project."""
    folder = os.environ.get("KM_SHARED")
    names = ("multi_page.pdf", "docx_tables.docx", "powerpoint_with_image.pptx")
    return [Path(folder, "files", name) for name in names] if folder else []


def found_by(member: Visitor) -> None:
    """The team finds all six by the words inside them, also inside the files."""
    work_off()
    found = {
        word: " ".join(member.search(word).titles)
        for word in ("quoin", "tourniquet", "lanyard", "bezel", "cavitation", "sphagnum", "gantry")
    }
    titles = ["Contacts", "The year", "Open work", "Start the pump", "Rota", "Rota", "Questions"]
    assert [
        title for title, seen in zip(titles, found.values(), strict=True) if title not in seen
    ] == []


def accept(team: Team, leaver: Visitor, successor: Visitor, handover: Handover) -> None:
    """Say back, ask what is missing, read the answer, accept."""
    successor.open(path("accept", handover.pk))
    team.look("successor", "accept")
    for area in handover.areas.all():
        section = successor.page.locator("section").filter(has_text=area.title).first
        section.get_by_label("In your own words").fill("I call Ana first.")
        section.get_by_role("button", name="Save").click()
        successor.page.get_by_text("Saved.").wait_for()
    successor.page.get_by_label("What is still missing?").fill("Where is the drawer?")
    successor.press("Ask this")
    successor.page.get_by_text("Asked.").wait_for()
    leaver.open(only_link_to(leaver.address, "/accept/"))
    team.look("leaver", "a gap")
    leaver.page.get_by_label("Your answer").fill("Left of the door.")
    leaver.press("Answer")
    leaver.page.get_by_text("Answered.").wait_for()
    successor.open(path("accept", handover.pk))
    successor.press("Accept the handover")
    successor.page.get_by_text("Accepted. Thank you.").wait_for()


def test_express_without_script_on_a_phone(ward: Cast, window: Windows, tmp_path: Path) -> None:
    leaver = window("leaver", script=False, width=PHONE)
    leaver.come_in()
    leaver.open(path("start_handover"))
    last_day = timezone.localdate() + datetime.timedelta(days=7)
    leaver.page.get_by_label("When is the last day").fill(last_day.isoformat())
    leaver.page.get_by_label("Who is the line manager?").select_option(label="Manager Test")
    leaver.press("Start")
    leaver.follow("Answer five questions")
    leaver.page.get_by_role("textbox", name="What is unfinished?").fill("The rota for May")
    leaver.page.get_by_role("textbox", name="Whom should we call").fill("Ana, for pumps")
    where = leaver.page.locator("main details").nth(2)
    where.locator("summary").click()
    photo = write_file(tmp_path, "shelf.pdf", pdf("top shelf"))
    where.get_by_label("Voice memo").set_input_files(str(photo))
    leaver.press("Save")
    leaver.page.get_by_text("Saved. Look it over").wait_for()
    assert "What is unfinished?" in leaver.text()
    handover = Handover.objects.get()
    assert handover.express
    # What is answered here counts in the six steps.
    assert {each.prompt: each.attached != [] for each in handover.outputs.all()} == {
        "unfinished": False,
        "people": False,
        "places": True,
    }
    leaver.open(path("handover", handover.pk))
    assert "0 of 3 shared" in leaver.text()


def test_a_guest_asks_with_nothing_but_the_link(ward: Cast, window: Windows) -> None:
    handover = StartHandover(
        post=ward.leaver.km_posts_held.get(),
        by=ward.leaver,
        last_day=timezone.localdate() + datetime.timedelta(days=40),
        line_manager=ward.manager,
    ).execute()
    Confirm(handover=handover, by=ward.leaver).execute()
    OpenQuestions(handover=handover, by=ward.leaver).execute()
    _link, secret = InviteToAsk(
        handover=handover, by=ward.leaver, email="bank@example.org"
    ).execute()
    guest = window()
    looking = Looking(guest)
    assert guest.open(path("ask_by_link", secret)) == 200
    assert not handover.requests.exists()
    looking.look("guest's page")
    guest.page.get_by_label("What would you like to know?").fill("Where is the rota?")
    guest.press("Ask")
    assert "Thank you" in guest.text() or "Thank you" in guest.page.content()
    assert handover.requests.get().author is None
    assert guest.open(path("ask_by_link", "wrong" * 8)) == 404
    looking.look("ended link")
    assert looking.wrong == []
