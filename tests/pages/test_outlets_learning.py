"""Learning from use: counts without people, keys that are destroyed, gaps that are told once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.conf import conf
from km_pages.models import (
    ClickedRank,
    GapReport,
    Job,
    SearchedBy,
    SearchedDay,
    SearchedMonth,
    SearchEvent,
    SearchGap,
    SearchKey,
    SiteSettings,
)
from km_pages.outlets.counting import digest_of, normalised
from km_pages.outlets.due import note_due
from km_pages.outlets.search_log import (
    click_token,
    count_events,
    prune,
    record_click,
    record_search,
)
from km_pages.outlets.search_report import months_back, searched_since
from km_pages.work import run_due_jobs
from tests.factories import KnowledgeAssetPageFactory, TeamFactory, UserFactory, home_page
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

SEARCH = "/search/"
THIS_MONTH = timezone.localdate().replace(day=1)
LAST_MONTH = (THIS_MONTH - dt.timedelta(days=1)).replace(day=1)


def everything_kept() -> str:
    """Every cell of every table of the log, to look for what must not be in it."""
    models = (SearchEvent, SearchedMonth, SearchedDay, SearchedBy, ClickedRank, SearchGap)
    return repr([list(each.objects.values_list()) for each in (*models, GapReport)])


def test_a_search_is_counted_by_day_and_query_and_by_nobody(client: Client) -> None:
    KnowledgeAssetPageFactory(visibility="open", title="Rota for nights")
    settle()
    people = [UserFactory(username=f"zebedee{number}") for number in range(3)]
    for person in people:
        client.force_login(person)
        client.get(SEARCH, {"q": "  ROTA "})
        client.get(SEARCH, {"q": "rota"})
    client.get(SEARCH, {"q": "giraffe"})
    assert count_events() == 7
    row = SearchedDay.objects.get(searched__query="rota")
    assert (row.searches, row.empty, row.hits, row.searched.people) == (6, 0, 1, 3)
    assert SearchedDay.objects.get(searched__query="giraffe").empty == 1
    assert not SearchEvent.objects.exists()
    kept = everything_kept()
    assert "zebedee" not in kept
    assert not any(f"user:{person.pk}" in kept for person in people)


def test_narrowing_reading_on_and_looking_ahead_are_no_new_searches(client: Client) -> None:
    settle()
    for query in ("q=rota&kind=page", "q=rota&page=2", "q=rota&sort=newest", "q=rota&all=1", "q="):
        client.get(f"{SEARCH}?{query}")
    client.get(f"{SEARCH}?q=rota", headers={"sec-purpose": "prefetch"})
    client.head(f"{SEARCH}?q=rota")
    assert not SearchEvent.objects.exists()
    client.get(f"{SEARCH}?q=rota")
    assert SearchEvent.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    ["", "   ", "word " * 30, "x" * 300, "ask jo.smith@example.org", "NHS number 943 476 5919"],
)
def test_pasted_texts_and_private_details_are_not_kept(query: str) -> None:
    assert normalised(query) == ""
    record_search("user:1", query=query, hits=0)
    assert not SearchEvent.objects.exists()


def test_two_queries_of_one_person_cannot_be_joined_nor_two_months() -> None:
    day = timezone.localdate()
    assert digest_of("user:1", "rota", day) == digest_of("user:1", "rota", day)
    assert digest_of("user:1", "rota", day) != digest_of("user:1", "leave", day)
    before = digest_of("user:1", "rota", LAST_MONTH)
    assert before != digest_of("user:1", "rota", day)


def test_the_key_of_a_month_is_destroyed_when_the_next_begins_even_without_a_worker() -> None:
    digest_of("user:1", "rota", LAST_MONTH)
    old = bytes(SearchKey.objects.get().key)
    digest_of("user:1", "rota", THIS_MONTH)
    assert [each.month for each in SearchKey.objects.all()] == [THIS_MONTH]
    assert bytes(SearchKey.objects.get().key) != old


def test_pruning_forgets_keys_digests_and_old_counts_and_keeps_the_numbers(settings: Any) -> None:
    settings.KM_SEARCH_LOG_DAYS = 100
    old = timezone.localdate() - dt.timedelta(days=150)
    for day in (old, LAST_MONTH, timezone.localdate()):
        for person in range(3):
            SearchEvent.objects.create(day=day, query="rota", digest=f"{day}{person}", hits=1)
    SearchKey.objects.create(month=LAST_MONTH, key=b"x" * 32)
    gap = SearchGap.objects.create(query="rota")
    GapReport.objects.create(gap=gap, day=LAST_MONTH, digest="x")
    count_events()
    prune()
    assert not SearchKey.objects.filter(month=LAST_MONTH).exists()
    assert not GapReport.objects.exists()
    assert {each.searched.month for each in SearchedBy.objects.all()} == {THIS_MONTH}
    assert {each.month: each.people for each in SearchedMonth.objects.all()} == {
        LAST_MONTH: 3,
        THIS_MONTH: 3,
    }
    assert prune() == 0


def test_a_late_search_of_a_past_month_takes_nobody_away_from_its_count() -> None:
    for person in range(3):
        SearchEvent.objects.create(day=LAST_MONTH, query="rota", digest=str(person), hits=1)
    count_events()
    prune()
    SearchEvent.objects.create(day=LAST_MONTH, query="rota", digest="9", hits=1)
    count_events()
    assert SearchedMonth.objects.get().people == 3
    assert SearchedDay.objects.get().searches == 4


def test_a_query_counts_only_in_months_with_enough_people(settings: Any) -> None:
    for day, people in ((LAST_MONTH, 3), (timezone.localdate(), 2)):
        for person in range(people):
            SearchEvent.objects.create(day=day, query="rota", digest=f"{day}{person}", hits=0)
    count_events()
    rows = list(searched_since(months_back(2)))
    assert [(row["query"], row["searches"], row["people"]) for row in rows] == [("rota", 3, 3)]
    assert list(searched_since(months_back(1))) == []
    settings.KM_SEARCH_LOG_PEOPLE = 2
    assert searched_since(months_back(2))[0]["searches"] == 5


def test_counting_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    record_search("user:1", query="rota", hits=1)

    def fail(*_args: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr("km_pages.outlets.search_log._count_people", fail)
        with pytest.raises(DatabaseError):
            count_events()
    assert not SearchedDay.objects.exists()
    assert count_events() == 1
    assert count_events() == 0
    assert SearchedDay.objects.get().searches == 1


def test_a_log_that_cannot_be_written_stops_no_search(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError("read only")

    monkeypatch.setattr(SearchEvent, "save", fail)
    assert client.get(SEARCH, {"q": "rota"}).status_code == 200


# Clicks


def test_clicks_are_counted_by_place_and_the_mean_is_told(client: Client) -> None:
    for person in range(3):
        record_search(f"user:{person}", query="rota", hits=9)
    token, url = click_token("Rota"), reverse("km_pages:search_opened")
    for rank in (1, 1, 4):
        assert client.post(url, {"token": token, "rank": rank}).status_code == 204
    count_events()
    assert set(ClickedRank.objects.values_list("rank", "clicks")) == {(1, 2), (4, 1)}
    row = searched_since(months_back(1))[0]
    assert (row["clicks"], row["place"]) == (3, 2.0)


@pytest.mark.parametrize(
    ("token", "rank"),
    [("forged", "1"), ("", "1"), ("real", "0"), ("real", "-1"), ("real", "9999"), ("real", "x")],
)
def test_nonsense_is_answered_alike_and_counts_nothing(token: str, rank: str) -> None:
    given = click_token("rota") if token == "real" else token
    answer = Client(enforce_csrf_checks=True).post(
        reverse("km_pages:search_opened"), {"token": given, "rank": rank}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert not SearchEvent.objects.exists()


def test_a_token_of_yesterday_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    token = click_token("rota")
    monkeypatch.setattr("km_pages.outlets.search_log.CLICK_SECONDS", -1)
    record_click(token, 1)
    assert not SearchEvent.objects.exists()


# Gaps

MISSING = "/search/missing/"


def tell(client: Client, query: str) -> str:
    return client.post(MISSING, {"q": query}, follow=True).content.decode()


def test_a_gap_is_told_once_a_day_by_each_reader(client: Client) -> None:
    settle()
    assert "Thank you. The knowledge team has your words" in tell(client, "Label  printer")
    assert "You told us this today" in tell(client, "label printer")
    client.force_login(UserFactory())
    assert "Thank you. The" in tell(client, "label printer")
    gap = SearchGap.objects.get()
    assert (gap.query, gap.times, gap.state) == ("label printer", 2, "open")
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    GapReport.objects.update(day=yesterday)
    tell(client, "label printer")
    gap.refresh_from_db()
    assert gap.times == 3


def test_only_a_post_tells_and_private_details_are_refused(client: Client) -> None:
    settle()
    assert client.get(MISSING).status_code == 405
    assert Client(enforce_csrf_checks=True).post(MISSING, {"q": "rota"}).status_code == 403
    assert "We did not keep this" in tell(client, "NHS number 943 476 5919")
    assert not SearchGap.objects.exists()


def test_one_person_tells_only_so_much_in_a_day(client: Client, settings: Any) -> None:
    settings.KM_GAP_REPORTS_LIMIT = 2
    settle()
    for number in range(3):
        text = tell(client, f"thing {number}")
    assert "That is a lot for one day" in text
    assert SearchGap.objects.count() == 2
    assert conf().gap_reports_limit == 2


def test_the_knowledge_team_gets_one_mail_a_day_whatever_is_told() -> None:
    home = home_page()
    SiteSettings.objects.create(
        site=home.get_site(), contact_email="team@example.org", contact_name="Team"
    )
    for number in range(40):
        SearchGap.objects.create(query=f"thing {number}")
    for _minute in range(3):
        note_due()
        run_due_jobs()
    SearchGap.objects.create(query="one more thing")
    note_due()
    run_due_jobs()
    assert [each.to for each in mail.outbox] == [["team@example.org"]]
    assert "40 things that people looked for are missing" in mail.outbox[0].subject
    assert "And 10 more." in mail.outbox[0].body
    Job.objects.filter(kind="tell_gaps").delete()
    note_due()
    run_due_jobs()
    assert "one more thing" in mail.outbox[1].body


def test_an_answered_gap_leads_to_its_page_those_who_may_see_it(client: Client) -> None:
    member = UserFactory()
    page = KnowledgeAssetPageFactory(team=TeamFactory(members=[member]), title="Printer help")
    SearchGap.objects.create(query="qwertyish", state="answered", answered_with=page)
    settle()
    assert "Printer help" not in client.get(SEARCH, {"q": "qwertyish"}).content.decode()
    client.force_login(member)
    assert "Printer help" in client.get(SEARCH, {"q": "qwertyish"}).content.decode()


def test_nothing_found_says_what_was_tried_whom_to_ask_and_how_to_tell(client: Client) -> None:
    reader, steward = UserFactory(), UserFactory(first_name="Grace", last_name="Steward")
    TeamFactory(name="Ward 7", members=[reader], stewards=[steward])
    settle()
    client.force_login(reader)
    text = client.get(SEARCH, {"q": "giraffe", "kind": "technique"}).content.decode()
    for words in (
        "What we tried",
        "only where all of this fits",
        "the stewards of Ward 7: Grace Steward",
        "Tell the knowledge team that this is missing",
        "Follow this search",
    ):
        assert words in text
    client.logout()
    assert "Grace Steward" not in client.get(SEARCH, {"q": "giraffe"}).content.decode()
