"""Films on other sites: allowed hosts only, with their words, and nothing fetched unasked."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as site_settings
from django.test import Client
from wagtail.blocks import StructBlockValidationError

from km_pages.blocks.video import VideoBlock
from km_pages.checks import check_settings
from km_pages.links.videos import player_of
from km_pages.projection import project
from km_pages.visibility import Visibility
from tests.factories import KnowledgeAssetPageFactory, StandardPageFactory

WALL = "https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=10"
GIVEN = {
    "title": "Changing the filter",
    "address": WALL,
    "minutes": 3,
    "transcript": "First, switch the pump off at the wall: quokka.",
    "words_address": "",
}


def cleaned(**changes: Any) -> Any:
    block = VideoBlock()
    return block.clean(block.to_python({**GIVEN, **changes}))


def refused(**changes: Any) -> dict[str, str]:
    with pytest.raises(StructBlockValidationError) as caught:
        cleaned(**changes)
    return {name: str(error) for name, error in caught.value.block_errors.items()}


@pytest.mark.parametrize(
    ("address", "player"),
    [
        (WALL, "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"),
        ("https://youtu.be/aqz-KE-bpKQ", "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"),
        (
            "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?autoplay=1",
            "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
        ),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        (
            "https://vimeo.com/76979871/8272103f6e",
            "https://player.vimeo.com/video/76979871?h=8272103f6e&dnt=1",
        ),
        (
            "https://player.vimeo.com/video/76979871?h=8272103f6e",
            "https://player.vimeo.com/video/76979871?h=8272103f6e&dnt=1",
        ),
        ("https://films.example.org/embed/7", "https://films.example.org/embed/7"),
        ("https://films.example.org:8443/embed/7", ""),
        ("https://films.example.org.evil.example/embed/7", ""),
        ("https://films.example.org@evil.example/embed/7", ""),
        ("https://evil.example/?films.example.org", ""),
        ("http://films.example.org/embed/7", ""),
        ("javascript:alert(1)//films.example.org", ""),
        ("https://[films.example.org/embed", ""),
        ("https://www.youtube.com/watch?v=%22%3E%3Cscript", ""),
        ("https://youtu.be/", ""),
        ("", ""),
    ],
)
def test_the_player_of_an_address(settings: Any, address: str, player: str) -> None:
    settings.KM_VIDEO_HOSTS = (*site_settings.KM_VIDEO_HOSTS, "films.example.org")
    assert player_of(address) == player


def test_a_film_of_another_host_is_refused_with_the_hosts_there_are(settings: Any) -> None:
    """Case 31: what may be framed is named by the site, not by whoever writes."""
    said = refused(address="https://evil.example/embed/1")["address"]
    assert "www.youtube-nocookie.com, player.vimeo.com" in said
    assert "address" in refused(address="http://169.254.169.254/latest/")
    settings.KM_VIDEO_HOSTS = ()
    assert "turned off" in refused()["address"]


def test_a_film_needs_its_words() -> None:
    assert "not everybody can hear it" in refused(transcript=" ")["transcript"]
    assert cleaned(transcript="", words_address="https://example.org/words.vtt")
    assert "https://" in refused(words_address="ftp://example.org/words")["words_address"]


@pytest.mark.django_db
def test_nothing_is_fetched_before_a_click_and_all_is_there_without_script() -> None:
    item = KnowledgeAssetPageFactory(visibility=Visibility.OPEN, body=[("video", GIVEN)])
    page = StandardPageFactory(body=[("video", GIVEN)])
    for each in (item, page):
        answer = Client().get(each.url)
        soup = BeautifulSoup(answer.content, "html.parser")
        assert not soup.find_all(["iframe", "embed", "object", "video"])
        fetched = [tag.get("src") or "" for tag in soup.find_all(src=True)]
        fetched += [tag["href"] for tag in soup.find_all("link", href=True, rel="stylesheet")]
        assert not [one for one in fetched if "//" in one]
        assert soup.find("a", href=WALL)
        stage = soup.find(attrs={"data-km-video": True})
        assert stage["data-km-video"].startswith("https://www.youtube-nocookie.com/embed/")
        assert stage.find("button").has_attr("hidden")
        assert "nothing is fetched from www.youtube-nocookie.com" in stage.get_text()
        assert "switch the pump off" in soup.get_text()
        policy = answer.headers["Content-Security-Policy"]
        (frames,) = [one for one in policy.split(";") if one.split()[0] == "frame-src"]
        assert frames.split()[1:] == [
            "'self'", "https://www.youtube-nocookie.com", "https://player.vimeo.com",
        ]  # fmt: skip


@pytest.mark.django_db
def test_a_film_whose_host_is_no_longer_allowed_is_a_link(settings: Any) -> None:
    settings.KM_VIDEO_HOSTS = ("films.example.org",)
    text = VideoBlock().render(VideoBlock().to_python(GIVEN))
    assert "data-km-video" not in text
    assert "<button" not in text
    assert "Watch it on www.youtube.com" in text


@pytest.mark.django_db
def test_a_film_is_found_by_what_is_said_in_it() -> None:
    item = KnowledgeAssetPageFactory(body=[("video", GIVEN)])
    assert "quokka" in str(list(project([item.pk])))


@pytest.mark.parametrize(
    "wrong",
    ["player.vimeo.com", ("https://player.vimeo.com",), ("*.example.org",), ("a b.org",), (1,),
     ("player.vimeo.com; script-src *",), ("Player.Vimeo.com",)],
)  # fmt: skip
def test_hosts_that_are_no_hosts_are_named_before_the_start(settings: Any, wrong: Any) -> None:
    settings.KM_VIDEO_HOSTS = wrong
    assert [each.id for each in check_settings()] == ["km_pages.E115"]
