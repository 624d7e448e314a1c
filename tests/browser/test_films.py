"""Films in a browser: one of another site plays once it is asked for, one's own has captions."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from django.urls import reverse
from pypdf import PdfReader

from km_pages.models import KnowledgeAssetPage, StoredFile
from km_pages.visibility import Visibility
from tests.browser.conftest import work_off
from tests.browser.looking import Looking
from tests.browser.visitors import Windows, write_file
from tests.factories import KnowledgeAssetPageFactory, tree_root
from tests.pages.adding import make_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

PLAYER = "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"
ADDRESS = "https://youtu.be/aqz-KE-bpKQ"
FILM = {
    "title": "Changing the filter",
    "address": ADDRESS,
    "minutes": 3,
    "transcript": "First, switch the pump off at the wall.",
    "words_address": "",
}
FILMED = """async () => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const draw = setInterval(() => pen.fillRect(Math.random() * 90, 9, 9, 9), 50);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  await new Promise((done) => setTimeout(done, 1500));
  recorder.stop();
  await over;
  clearInterval(draw);
  const reader = new FileReader();
  const read = new Promise((done) => { reader.onload = done; });
  reader.readAsDataURL(new Blob(parts));
  await read;
  return reader.result.split(",")[1];
}"""
CAPTIONS = (
    "WEBVTT\n\n00:00.000 --> 00:30.000\nGood morning, this is the early shift.\n\n"
    "12:30.000 --> 12:34.000\nThe quillwort key hangs behind the door.\n"
)


@pytest.fixture(autouse=True)
def empty_tree(transactional_db: None) -> None:
    tree_root()


def test_a_film_of_another_site_is_fetched_once_it_is_asked_for(window: Windows) -> None:
    item = KnowledgeAssetPageFactory(visibility=Visibility.OPEN, body=[("video", FILM)])
    reader = window()
    page, looking = reader.page, Looking(reader)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    reader.context.route(
        f"{PLAYER}*", lambda route: route.fulfill(content_type="text/html", body="<p>The film</p>")
    )
    looking.open(item.url, name="with a film")
    play = page.get_by_role("button", name="Play it here Changing the filter")
    play.wait_for()
    assert [each for each in asked if not each.startswith((reader.base, "data:"))] == []
    play.focus()
    page.keyboard.press("Enter")
    page.frame_locator("iframe").get_by_text("The film").wait_for()
    assert [each for each in asked if not each.startswith((reader.base, "data:"))] == [PLAYER]
    assert page.evaluate("document.activeElement.title") == "Changing the filter"
    looking.elsewhere.clear()
    looking.look("while the film plays")
    assert looking.wrong == []
    # A frame of any other host is refused by the browser.
    refused = page.evaluate(
        """() => new Promise((done) => {
        document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
        const frame = document.createElement("iframe");
        frame.src = "https://evil.example/";
        document.body.append(frame);
        })"""
    )
    assert refused == "https://evil.example"


def test_on_paper_and_without_script_the_film_is_a_link(window: Windows) -> None:
    item = KnowledgeAssetPageFactory(visibility=Visibility.OPEN, body=[("video", FILM)])
    plain = window(script=False)
    plain.open(item.url)
    assert not plain.page.get_by_role("button", name="Play it here").is_visible()
    link = plain.page.get_by_role("link", name="Watch it on youtu.be")
    assert link.get_attribute("href") == ADDRESS
    paper = window()
    paper.open(item.url)
    printed = PdfReader(io.BytesIO(paper.page.pdf(format="A4")))
    text = " ".join(" ".join(each.extract_text() for each in printed.pages).split())
    assert ADDRESS in text
    assert "Play it here" not in text
    assert "switch the pump off at the wall" in text


def test_a_recording_is_uploaded_with_its_captions_shown_with_them_and_found_by_them(
    window: Windows, tmp_path: Path
) -> None:
    world = make_world()
    author = window("ann")
    author.come_in()
    page = author.page
    author.open("/add/")
    filmed = base64.b64decode(page.evaluate(FILMED))
    given = [
        write_file(tmp_path, "round.webm", filmed),
        write_file(tmp_path, "round.vtt", CAPTIONS.encode()),
    ]
    page.locator(".km-no-script").first.wait_for(state="detached")
    page.locator("#id_files").set_input_files([str(each) for each in given])
    for name in ("round.webm", "round.vtt"):
        page.get_by_role("button", name=f"Remove {name}").wait_for()
    page.get_by_label("What is it called?").fill("Our morning round")
    work_off()
    author.press("Share with my team")
    page.get_by_role("heading", name="Shared. Thank you").wait_for()
    work_off()
    assert KnowledgeAssetPage.objects.get(live=True).title == "Our morning round"

    member = window("mina")
    member.come_in()
    looking = Looking(member)
    assert member.search("quillwort").titles == ["Our morning round"]
    text = member.text()
    assert "12:30" in text, text
    film = StoredFile.objects.get(name="round.webm")
    looking.open(reverse("km_pages:file_page", args=[film.uuid]), name="the recording")
    showing = member.page.evaluate(
        """async () => {
        const film = document.querySelector("video");
        const track = film.textTracks[0];
        film.muted = true;
        await film.play();
        while (!track.activeCues?.length) await new Promise((done) => setTimeout(done, 50));
        return [track.mode, track.activeCues[0].text];
        }"""
    )
    assert showing == ["showing", "Good morning, this is the early shift."]
    assert "Good morning, this is the early shift." in member.text()
    assert looking.wrong == []
    assert world.team
