"""Questions whose SQL is made once: the same answers as Django's own, from the same database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import DateTimeField, IntegerField, QuerySet
from django.http import QueryDict
from django.utils.timezone import make_aware
from wagtail.models import Page

from km_pages import prepared
from km_pages.forms.search import SearchParams
from km_pages.models import KnowledgeAssetPage
from km_pages.naming import value_names
from km_pages.prepared import Given, ask, ask_each, fetch, fetch_each, filled, given_keys
from km_pages.projection import FACETS
from tests.factories import (
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    TeamFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.postgres_too
MOMENT = make_aware(dt.datetime(2026, 3, 2, 9))


def _newer(number: int) -> QuerySet[Any, Any]:
    wanted = Page.objects.filter(
        pk__in=given_keys(number),
        first_published_at__gte=Given("moment", DateTimeField()),
    )
    return wanted.order_by("pk").values_list("pk", "live", "first_published_at", "translation_key")


def _nothing() -> QuerySet[Any, Any]:
    return Page.objects.none().values_list("pk")


@pytest.mark.django_db
def test_a_page_that_was_visited_before_has_no_question_made_anew(client: Any) -> None:
    item = KnowledgeAssetPageFactory(
        visibility="open",
        owner=UserFactory(),
        holder=UserFactory(),
        output_type=OutputTypeFactory(),
    )
    for _visit in range(2):
        assert client.get(item.get_url()).status_code == 200
    made = prepared._sql.cache_info().misses
    assert client.get(item.get_url()).status_code == 200
    assert prepared._sql.cache_info().misses == made


@pytest.mark.django_db
def test_values_are_given_when_asked_and_come_back_as_django_gives_them(
    django_assert_num_queries: Any,
) -> None:
    old, new = (
        KnowledgeAssetPageFactory(first_published_at=MOMENT + dt.timedelta(days=day))
        for day in (-1, 1)
    )
    for moment in (MOMENT, MOMENT - dt.timedelta(days=2), MOMENT + dt.timedelta(days=2)):
        rows = Page.objects.filter(pk__in=[old.pk, new.pk], first_published_at__gte=moment)
        plain = rows.order_by("pk").values_list(
            "pk", "live", "first_published_at", "translation_key"
        )
        with django_assert_num_queries(1):
            asked = ask(_newer, 2, key0=old.pk, key1=new.pk, moment=moment)
        assert asked == list(plain)
    assert ask(_nothing) == []


def _with_type() -> QuerySet[Any]:
    wanted = KnowledgeAssetPage.objects.filter(id=Given("pk", IntegerField()))
    return wanted.select_related("output_type").only("title", "output_type__name").order_by()


@pytest.mark.django_db
def test_objects_come_with_what_they_point_at(django_assert_num_queries: Any) -> None:
    typed = KnowledgeAssetPageFactory(output_type=OutputTypeFactory(name="How-to"))
    plain = KnowledgeAssetPageFactory(output_type=None)
    for page, name in ((typed, "How-to"), (plain, None)):
        with django_assert_num_queries(1):
            (found,) = fetch(_with_type, pk=page.pk)
            assert (found.title, getattr(found.output_type, "name", None)) == (page.title, name)
        assert found == page
        assert found.get_deferred_fields() >= {"summary", "body"}


@pytest.mark.django_db
def test_names_of_more_values_than_are_asked_for_at_once() -> None:
    teams = [TeamFactory(name=f"Team number {n}") for n in range(9)]
    topic = TopicFactory()
    names = value_names({"team": [each.slug for each in teams], "topic": [topic.slug, "gone"]})
    assert [names["team", each.slug] for each in teams] == [each.name for each in teams]
    assert names["topic", topic.slug] == topic.name
    assert names["topic", "gone"] == "gone"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=a+b%26c",
        "q=x&team=one&sort=newest&all=1",
        "team=a&team=b&year=2024&more=tag",
        "q=x&exact=1&page=3",
    ],
)
def test_links_that_add_a_value_are_those_of_switching_it(query: str) -> None:
    params = SearchParams.read(QueryDict(query))
    for facet in FACETS:
        adding = params.adding(facet)
        for value in ("new", "größe & more/less"):
            assert adding(value) == params.switched(facet, value).query_string


def _by_key(keys: Any) -> QuerySet[Any, Any]:
    return Page.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "title")


def _whole(keys: Any) -> QuerySet[Page]:
    return Page.objects.filter(pk__in=keys).order_by("pk")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2, 7, 50, 51])
def test_rows_of_any_number_of_keys_are_those_of_these_keys(
    number: int, django_assert_num_queries: Any
) -> None:
    made = [KnowledgeAssetPageFactory(title=f"Item {each}") for each in range(3)]
    wanted = [made[0].pk, made[2].pk, *range(900_000, 900_000 + number)][:number]
    field = Page._meta.pk
    with django_assert_num_queries(2):
        rows, pages = ask_each(_by_key, field, wanted), fetch_each(_whole, field, wanted)
    assert rows == list(_by_key(wanted))
    assert [each.pk for each in pages] == [row[0] for row in rows]


def test_for_no_key_at_all_nothing_is_asked() -> None:
    assert ask_each(_by_key, Page._meta.pk, []) == fetch_each(_whole, Page._meta.pk, []) == []


@pytest.mark.parametrize(
    ("number", "length"), [(1, 1), (2, 6), (6, 6), (10, 12), (50, 50), (51, 100), (230, 250)]
)
def test_lists_of_nearly_the_same_length_are_one_question(number: int, length: int) -> None:
    keys = range(3, 3 + number)
    given = filled(keys)
    assert set(given.values()) == set(keys)
    assert list(given) == [each.name for each in given_keys(length)]
