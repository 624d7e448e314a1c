"""Following a search: what is new, once, and only what may be seen when the mail goes out."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.follow_search import ChangeRhythm, FollowSearch, ForgetSearch
from km_pages.models import Job, JobState, OutgoingMail, SavedSearch
from km_pages.outlets.due import note_due
from km_pages.outlets.following import look_again, next_time, stop_path
from km_pages.search import EngineUnavailable, get_engine
from km_pages.tasks.send_mail import send_mail
from km_pages.work import run_due_jobs
from tests.factories import KnowledgeAssetPageFactory, TeamFactory, UserFactory
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def person() -> Any:
    return UserFactory()


@pytest.fixture
def team(person: Any) -> Any:
    made = TeamFactory(members=[person])
    settle()
    return made


def follow(person: Any, **given: Any) -> SavedSearch:
    given = {"name": "Rotas", "query": "rota", "rhythm": "daily", **given}
    return FollowSearch(person=person, **given).execute()


def make_due(search: SavedSearch) -> None:
    past = timezone.now() - dt.timedelta(minutes=1)
    SavedSearch.objects.filter(pk=search.pk).update(next_at=past)


def work() -> None:
    """What the worker does in a minute and after."""
    settle()
    note_due()
    run_due_jobs()


def test_new_matches_are_mailed_once_and_known_ones_never(person: Any, team: Any) -> None:
    KnowledgeAssetPageFactory(team=team, title="Rota for nights")
    settle()
    search = follow(person)
    make_due(search)
    work()
    assert mail.outbox == []
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    KnowledgeAssetPageFactory(team=team, title="Giraffes")
    make_due(search)
    work()
    assert len(mail.outbox) == 1
    sent = mail.outbox[0]
    assert sent.to == [person.email]
    assert sent.subject == "One new match for your search: Rotas"
    assert "Rota for days" in sent.body
    assert "Rota for nights" not in sent.body
    assert "Giraffes" not in sent.body
    make_due(search)
    work()
    assert len(mail.outbox) == 1
    assert not OutgoingMail.objects.exists()


def test_it_is_not_looked_before_it_is_time(person: Any, team: Any) -> None:
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    work()
    assert mail.outbox == []
    assert look_again(search.pk) == 0


def test_of_many_pages_at_once_one_mail_is_made(person: Any, team: Any) -> None:
    search = follow(person)
    for number in range(25):
        KnowledgeAssetPageFactory(team=team, title=f"Rota {number}")
    make_due(search)
    work()
    assert len(mail.outbox) == 1
    assert mail.outbox[0].subject.startswith("25 new matches")
    assert "And 5 more." in mail.outbox[0].body


@pytest.mark.parametrize("how", ["removed", "named", "unpublished", "deleted", "closed"])
def test_what_may_no_longer_be_seen_when_the_mail_goes_out_is_not_in_it(
    person: Any, team: Any, how: str
) -> None:
    search = follow(person)
    item = KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    settle()
    assert look_again(search.pk) == 1
    assert OutgoingMail.objects.get().body == "", "the outbox must not hold titles either"
    if how == "removed":
        team.members_group.user_set.remove(person)
    elif how == "named":
        item.visibility = "named"
        item.save()
    elif how == "unpublished":
        item.unpublish()
    elif how == "deleted":
        item.delete()
    else:
        person.is_active = False
        person.save()
    run_due_jobs()
    assert mail.outbox == []
    assert not OutgoingMail.objects.exists()


def test_a_page_that_becomes_visible_is_news(person: Any) -> None:
    other = TeamFactory()
    KnowledgeAssetPageFactory(team=other, title="Rota for days")
    settle()
    search = follow(person)
    other.members_group.user_set.add(person)
    make_due(search)
    work()
    assert len(mail.outbox) == 1


class Killed(BaseException):
    """As a worker that is killed: nothing in the code may catch it."""


def killed(*_args: Any, **_kwargs: Any) -> None:
    raise Killed


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(
    "place",
    [
        "km_pages.outlets.following.matches",
        "km_pages.notifications.send_as_seen_then",
        "km_pages.notifications._queue",
        "km_pages.outlets.following.visible_to",
        "km_pages.work._end",
    ],
)
def test_killed_anywhere_each_mail_goes_out_once(
    person: Any, team: Any, place: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.KM_JOB_LEASE_SECONDS = 30
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    settle()
    note_due()
    with monkeypatch.context() as patch:
        patch.setattr(place, killed)
        with pytest.raises(Killed):
            run_due_jobs()
    Job.objects.filter(state=JobState.RUNNING).update(
        lease_until=timezone.now() - dt.timedelta(minutes=1)
    )
    Job.objects.exclude(state=JobState.DONE).update(
        state=JobState.WAITING, next_try_at=timezone.now()
    )
    note_due()
    run_due_jobs()
    run_due_jobs()
    assert len(mail.outbox) == 1
    assert not OutgoingMail.objects.exists()


def test_a_mail_that_is_sent_twice_has_the_same_message_id(
    person: Any, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    settle()
    look_again(search.pk)
    key = str(OutgoingMail.objects.get().pk)
    with monkeypatch.context() as patch:
        patch.setattr(OutgoingMail, "delete", killed)
        with pytest.raises(Killed):
            send_mail(key)
    send_mail(key)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_while_the_search_is_away_nothing_is_lost(
    person: Any, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    settle()
    make_due(search)
    note_due()

    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise EngineUnavailable("no folder")

    with monkeypatch.context() as patch:
        patch.setattr(type(get_engine()), "search", gone)
        run_due_jobs()
    assert mail.outbox == []
    Job.objects.filter(kind="follow").update(next_try_at=timezone.now())
    run_due_jobs()
    assert len(mail.outbox) == 1


def test_what_was_given_up_today_is_not_asked_for_every_minute(person: Any, team: Any) -> None:
    search = follow(person)
    make_due(search)
    Job.objects.create(
        kind="follow", target=str(search.pk), state=JobState.DEAD, finished_at=timezone.now()
    )
    note_due()
    assert not Job.objects.open().filter(kind="follow").exists()
    Job.objects.filter(kind="follow").update(finished_at=timezone.now() - dt.timedelta(days=2))
    note_due()
    assert Job.objects.open().filter(kind="follow").count() == 1


def test_links_in_a_mail_lead_to_where_people_come_from(
    person: Any, team: Any, settings: Any
) -> None:
    """Wagtail's record of the one site says "localhost" until somebody changes it."""
    settings.WAGTAILADMIN_BASE_URL = "https://knowledge.example/"
    site = Site.objects.get(is_default_site=True)
    site.hostname, site.port = "localhost", 80
    site.save()
    search = follow(person)
    page = KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    work()
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert f"https://knowledge.example{page.get_url()}" in links
    assert {each.split("/")[2] for each in links} == {"knowledge.example"}


# Stopping


def test_the_link_in_a_mail_stops_it_without_signing_in_and_get_only_shows(
    person: Any, team: Any
) -> None:
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    work()
    sent = mail.outbox[0]
    header = sent.extra_headers["List-Unsubscribe"]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.sub(r"^https?://[^/]+", "", header.strip("<>"))
    assert address in sent.body
    stranger = Client(enforce_csrf_checks=True)
    shown = stranger.get(address)
    assert shown.status_code == 200
    assert "Rotas" not in shown.content.decode(), "the link tells nothing about the search"
    search.refresh_from_db()
    assert search.rhythm == "daily"
    done = stranger.post(address, {"List-Unsubscribe": "One-Click"})
    assert "These mails are stopped" in done.content.decode()
    search.refresh_from_db()
    assert (search.rhythm, search.next_at) == ("never", None)
    assert stranger.post(address).status_code == 200


def test_a_mail_that_waits_is_not_sent_after_stopping(person: Any, team: Any) -> None:
    search = follow(person)
    KnowledgeAssetPageFactory(team=team, title="Rota for days")
    make_due(search)
    settle()
    look_again(search.pk)
    Client().post(stop_path(search))
    run_due_jobs()
    assert mail.outbox == []


def test_a_forged_link_stops_nothing_and_tells_nothing(person: Any, team: Any) -> None:
    search = follow(person)
    forged = reverse("km_pages:stop_following", args=[f"{search.key}:forged"])
    answer, real = Client().post(forged), Client().post(stop_path(search))
    search.refresh_from_db()
    assert answer.status_code == real.status_code == 200
    texts = [each.content.decode().partition("<main")[2] for each in (answer, real)]
    assert texts[0].partition("</main>")[0] == texts[1].partition("</main>")[0]
    other = follow(UserFactory())
    Client().post(reverse("km_pages:stop_following", args=[f"{other.key}:forged"]))
    other.refresh_from_db()
    assert other.rhythm == "daily"


# On the pages


def test_a_search_is_followed_from_its_page_and_managed_on_my_page(
    person: Any, client: Client
) -> None:
    KnowledgeAssetPageFactory(visibility="open", title="Rota for days")
    settle()
    stranger = client.get(reverse("km_pages:search"), {"q": "rota"}).content.decode()
    address = reverse("km_pages:follow") + "?q=rota"
    assert address in stranger
    assert client.get(address).status_code == 302
    client.force_login(person)
    form = client.get(address).content.decode()
    assert 'value="rota"' in form
    wrong = client.post(address, {"name": "Rotas", "rhythm": "hourly"})
    assert 'value="Rotas"' in wrong.content.decode()
    done = client.post(address, {"name": "Rotas", "rhythm": "weekly"}, follow=True)
    assert "You follow “Rotas” now." in done.content.decode()
    search = SavedSearch.objects.get()
    changed = reverse("km_pages:change_following", args=[search.pk])
    client.post(changed, {"rhythm": "daily"})
    search.refresh_from_db()
    assert search.rhythm == "daily"
    other = Client()
    other.force_login(UserFactory())
    assert other.post(changed, {"rhythm": "never"}).status_code == 404
    remove = reverse("km_pages:remove_following", args=[search.pk])
    assert other.post(remove).status_code == 404
    client.post(remove)
    assert not SavedSearch.objects.exists()


def test_actions_refuse_empty_ones_too_many_and_those_of_others(
    person: Any, team: Any, settings: Any
) -> None:
    settings.KM_SAVED_SEARCHES_LIMIT = 1
    with pytest.raises(Conflict):
        follow(person, query=" ", filters={"kind": []})
    search = follow(person)
    assert follow(person, name="Again").pk == search.pk, "the same search is kept once"
    with pytest.raises(Conflict):
        follow(person, query="other")
    for action in (ForgetSearch, ChangeRhythm):
        given = {"search": search, "by": UserFactory()}
        given |= {"rhythm": "never"} if action is ChangeRhythm else {}
        with pytest.raises(NotAllowed):
            action(**given).execute()


def test_the_next_time_is_in_the_morning_and_weekly_on_monday() -> None:
    sunday = timezone.make_aware(dt.datetime(2026, 3, 8, 23, 30))
    monday = timezone.make_aware(dt.datetime(2026, 3, 9, 9, 0))
    for rhythm, now, expected in (
        ("daily", sunday, dt.datetime(2026, 3, 9, 6)),
        ("weekly", sunday, dt.datetime(2026, 3, 9, 6)),
        ("weekly", monday, dt.datetime(2026, 3, 16, 6)),
    ):
        assert next_time(rhythm, now) == timezone.make_aware(expected)
    assert next_time("never", monday) is None


def test_twenty_searches_cost_my_page_as_much_as_one(
    person: Any, team: Any, client: Client
) -> None:
    follow(person)
    client.force_login(person)
    address = reverse("km_pages:my_page")
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(19):
        follow(person, query=f"rota {number}")
    with CaptureQueriesContext(connection) as twenty:
        client.get(address)
    assert len(twenty) == len(one)
