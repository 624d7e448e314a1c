"""Links are read off what is published, asked in turn, and reported to those who see the page."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from km_pages.link_upkeep import keep_links, read_pages
from km_pages.links.asking import GONE, SILENT, Answer
from km_pages.models import Job, LinkState, LinkUse, OutsideLink
from km_pages.tasks.check_link import check_link, note
from km_pages.visibility import Visibility
from km_pages.work import run_due_jobs
from tests.factories import (
    KnowledgeAssetPageFactory,
    PhaseFactory,
    StandardPageFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.links.server import Site, serving
from tests.pages.adding import client_of, make_world
from tests.pages.admin import let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def technique(url: str, **values: Any) -> Any:
    page = TechniquePageFactory(**values)
    page.sources = [("source", {"title": "A source", "url": url})]
    page.save_revision().publish()
    return page


def found() -> set[str]:
    return set(OutsideLink.objects.filter(uses__isnull=False).values_list("url", flat=True))


def test_links_follow_what_is_published() -> None:
    page = technique("https://one.example/")
    PhaseFactory(elearning_url="https://phase.example/learn")
    draft = TechniquePageFactory(live=False, video_url="https://draft.example/")
    draft.save_revision()
    StandardPageFactory(body=[("text", '<p><a href="https://text.example/">x</a></p>')])
    keep_links()
    assert found() == {
        "https://one.example/",
        "https://phase.example/learn",
        "https://text.example/",
    }
    assert read_pages() == 0
    page.video_url, page.sources = "https://two.example/", []
    page.save_revision().publish()
    keep_links()
    assert "https://two.example/" in found()
    assert not OutsideLink.objects.filter(url="https://one.example/").exists()
    page.unpublish()
    keep_links()
    assert "https://two.example/" not in found()


def test_links_of_items_for_few_people_and_of_our_own_site_are_left_alone() -> None:
    body = [("link", {"title": "x", "url_or_path": "https://secret.example/?key=1", "why": ""})]
    KnowledgeAssetPageFactory(body=body, visibility=Visibility.TEAM)
    StandardPageFactory(body=[("text", '<a href="http://localhost/techniques/">x</a>')])
    keep_links()
    assert found() == set()
    KnowledgeAssetPageFactory(body=body, visibility=Visibility.OPEN)
    keep_links()
    assert found() == {"https://secret.example/?key=1"}


def test_nothing_is_read_or_asked_where_the_setting_is_off(settings: Any) -> None:
    settings.KM_LINK_CHECK = False
    technique("https://one.example/")
    keep_links()
    assert not OutsideLink.objects.exists()
    assert not Job.objects.filter(kind="check_link").exists()


def test_the_worker_asks_in_turn_and_writes_down_what_came_back(site: Site, settings: Any) -> None:
    settings.KM_LINK_CHECK_ALLOWED = (site.host,)
    settings.WAGTAILADMIN_BASE_URL = "https://knowledge.example"
    for path in ("/200", "/404", "/503"):
        technique(site.url(path))
    keep_links()
    jobs = Job.objects.filter(kind="check_link").order_by("next_try_at")
    times = [each.next_try_at for each in jobs]
    assert len(times) == 3
    assert min(b - a for a, b in itertools.pairwise(times)).total_seconds() > 20
    jobs.update(next_try_at=timezone.now())
    run_due_jobs()
    states = {link.url: link.state for link in OutsideLink.objects.all()}
    assert states == {
        site.url("/200"): LinkState.ALIVE,
        site.url("/404"): LinkState.DEAD,
        site.url("/503"): LinkState.SILENT,
    }
    assert site.most_at_once == 1
    assert any("https://knowledge.example" in each for each in site.agents)
    assert not OutsideLink.objects.due().exists()


def test_a_site_that_is_away_is_tried_three_times_before_its_link_is_dead() -> None:
    link = OutsideLink.objects.create(url="https://a.example/", digest="a", host="a.example")
    for state in (LinkState.SILENT, LinkState.SILENT, LinkState.DEAD):
        note(link, Answer(SILENT, reason="timeout"))
        link.refresh_from_db()
        assert link.state == state
    note(link, Answer("alive", 200))
    assert (link.state, link.failures) == (LinkState.ALIVE, 0)
    note(link, Answer(GONE, 404))
    assert link.state == LinkState.DEAD
    assert link.next_check_at > timezone.now() + datetime.timedelta(days=6)


def test_a_private_address_is_not_asked(site: Site) -> None:
    site.asked.clear()
    link = OutsideLink.objects.create(url=site.url("/200"), digest="p", host="127.0.0.1")
    check_link(str(link.pk))
    link.refresh_from_db()
    assert link.state == LinkState.PRIVATE
    assert site.asked == []
    check_link("999999")


def dead(url: str, page: Any) -> OutsideLink:
    digest = OutsideLink.digest_of(url)
    link = OutsideLink.objects.create(url=url, digest=digest, host="x", state=LinkState.DEAD)
    LinkUse.objects.create(link=link, page=page)
    return link


def test_the_report_names_dead_links_with_the_pages_that_the_reader_may_see() -> None:
    world = make_world()
    let_edit(world.team.stewards_group, world.team.space)
    let_edit(world.team.stewards_group, world.team.space.get_parent())
    mine = KnowledgeAssetPageFactory(team=world.team, title="Ours")
    other = KnowledgeAssetPageFactory(
        title="Zebra", parent=world.stranger.groups.first().km_member_team.space
    )
    link = dead("https://gone.example/page", mine)
    LinkUse.objects.create(link=link, page=other)
    secret = dead("https://secret.example/", other)
    client = client_of(world.steward)
    shown = client.get(reverse("km_links")).content.decode()
    assert "https://gone.example/page" in shown
    assert "Ours" in shown
    assert "Zebra" not in shown
    assert "secret.example" not in shown
    table = client.get(reverse("km_links") + "?export=csv")
    text = b"".join(table.streaming_content).decode()
    assert "gone.example" in text
    assert "Zebra" not in text
    client.post(reverse("km_links_again"), {"link": [link.pk, secret.pk, "x"]})
    assert [each.target for each in Job.objects.filter(kind="check_link")] == [str(link.pk)]
    assert client_of(world.member).get(reverse("km_links")).status_code == 302


def test_the_report_makes_as_many_queries_for_many_links_as_for_one() -> None:
    boss = client_of(UserFactory(is_superuser=True))

    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            boss.get(reverse("km_links"))
        return len(made)

    dead("https://one.example/", TechniquePageFactory())
    count()
    one = count()
    for number in range(10):
        dead(f"https://{number}.example/", TechniquePageFactory())
    assert count() == one
