"""Who knows: nobody is listed who did not say so, and only to whom, and until when, they said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from km_pages.actions.errors import Conflict
from km_pages.actions.offer_to_be_asked import OfferToBeAsked, TakeBackOffer
from km_pages.models import Offer
from km_pages.outlets.who_knows import who_knows
from km_pages.visibility import Reader, as_reader
from tests.factories import (
    KnowledgeAssetPageFactory,
    TeamFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
)
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def days(number: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=number)


class Ward:
    """A team with somebody who knows about label printers, and others around it."""

    def __init__(self) -> None:
        self.knower = UserFactory(first_name="Ada", last_name="Quill")
        self.member, self.steward, self.outsider = (UserFactory() for _number in range(3))
        self.manager = UserFactory()
        self.manager.user_permissions.add(Permission.objects.get(codename="see_all_teams"))
        self.team = TeamFactory(members=[self.knower, self.member], stewards=[self.steward])
        self.topic = TopicFactory(slug="printers", name="Printers")
        self.people = {
            "stranger": None,
            "outsider": self.outsider,
            "member": self.member,
            "steward": self.steward,
            "manager": self.manager,
            "self": self.knower,
            "superuser": UserFactory(is_superuser=True),
        }

    def offer(self, **given: Any) -> Offer:
        given = {"reach": "extension 4312", "topics": [self.topic], **given}
        return OfferToBeAsked(person=self.knower, **given).execute()

    def shown_to(self) -> set[str]:
        """The roles that are shown the person, when they search or look at the topic."""
        found = set()
        for role, user in self.people.items():
            reader = as_reader(user)
            by_words = bool(who_knows(reader, words="the label printers"))
            assert by_words == bool(who_knows(as_reader(user), topics=["printers"])), role
            found |= {role} if by_words else set()
        return found


@pytest.fixture
def ward() -> Ward:
    return Ward()


TEAM = {"member", "steward", "manager", "self", "superuser"}
ORGANISATION = TEAM | {"outsider"}


def test_an_offer_to_the_team_is_shown_to_the_team_and_one_to_all_to_all_who_sign_in(
    ward: Ward,
) -> None:
    ward.offer()
    assert ward.shown_to() == TEAM
    ward.offer(visibility="organisation")
    assert ward.shown_to() == ORGANISATION
    TakeBackOffer(person=ward.knower).execute()
    assert ward.shown_to() == set()


def test_who_leaves_the_team_is_shown_to_it_no_more(ward: Ward) -> None:
    ward.offer()
    ward.team.members_group.user_set.remove(ward.knower)
    assert ward.shown_to() == TEAM - {"member", "steward"}


def test_a_member_who_is_removed_is_shown_the_teams_people_no_more(ward: Ward) -> None:
    ward.offer()
    ward.team.members_group.user_set.remove(ward.member)
    assert ward.shown_to() == TEAM - {"member"}


def test_a_closed_account_disappears_at_once_also_after_leaving(ward: Ward) -> None:
    ward.offer(visibility="organisation", leaves_on=days(-5), after_leaving_until=days(30))
    assert ward.shown_to() == ORGANISATION
    ward.knower.is_active = False
    ward.knower.save()
    assert ward.shown_to() == set()
    ward.knower.delete()
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"until": days(0)}, True),
        ({"until": days(-1)}, False),
        ({"leaves_on": days(0)}, True),
        ({"leaves_on": days(-1)}, False),
        ({"leaves_on": days(-1), "after_leaving_until": days(0)}, True),
        ({"leaves_on": days(-9), "after_leaving_until": days(-1)}, False),
        ({"leaves_on": days(-9), "after_leaving_until": days(9), "until": days(-1)}, False),
    ],
)
def test_nobody_is_shown_longer_than_they_said(
    ward: Ward, given: dict[str, Any], shown: bool
) -> None:
    ward.offer(**given)
    assert ward.shown_to() == (TEAM if shown else set())


def test_after_leaving_the_former_team_may_still_ask_though_the_membership_ended(
    ward: Ward,
) -> None:
    ward.offer(leaves_on=days(-1), after_leaving_until=days(30))
    ward.team.members_group.user_set.remove(ward.knower)
    assert ward.shown_to() == TEAM
    ward.offer(leaves_on=days(-1), after_leaving_until=days(31))
    assert ward.shown_to() == TEAM, "changing the offer must not forget the former team"


def test_half_an_offer_is_refused_by_action_and_database(ward: Ward) -> None:
    for given in ({"reach": " "}, {"topics": []}, {"after_leaving_until": days(3)}):
        with pytest.raises(Conflict):
            ward.offer(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(person=ward.knower, reach="x", after_leaving_until=days(3))


def test_a_technique_that_the_reader_may_not_see_is_not_named(ward: Ward) -> None:
    secret = TechniquePageFactory(title="Secret printers", live=True)
    ward.offer(topics=[ward.topic], techniques=[secret])
    secret.unpublish()
    assert [each.subjects for each in who_knows(Reader(ward.member), words="printers")] == [
        ("Printers",)
    ]
    ward.offer(topics=[], words="rota", techniques=[])
    assert who_knows(Reader(ward.member), words="printers") == []


def test_part_of_a_word_is_no_match(ward: Ward) -> None:
    ward.offer(topics=[], words="staff management")
    assert who_knows(Reader(ward.member), words="age") == []
    assert who_knows(Reader(ward.member), words="managing staff")


def test_people_stand_beside_results_items_and_techniques_for_those_who_may_see_them(
    ward: Ward, client: Client
) -> None:
    technique = TechniquePageFactory(title="Fishbowl")
    item = KnowledgeAssetPageFactory(visibility="open", topics=[ward.topic], title="Printers")
    ward.offer(techniques=[technique])
    settle()
    pages = [item.url, technique.url, reverse("km_pages:search") + "?q=printers"]
    pages.append(reverse("km_pages:search") + "?topic=printers")
    for role, user in ward.people.items():
        client.logout()
        if user:
            client.force_login(user)
        for url in pages:
            text = client.get(url).content.decode()
            assert ("extension 4312" in text) == (role in TEAM), (role, url)


def test_a_technique_names_who_can_help_once_whoever_that_is(ward: Ward, client: Client) -> None:
    heading = ">Who can help</h2>"
    technique = TechniquePageFactory(contact="The library, extension 77")
    assert heading not in client.get(TechniquePageFactory(contact="").url).content.decode()
    assert client.get(technique.url).content.decode().count(heading) == 1
    ward.offer(techniques=[technique])
    client.force_login(ward.member)
    text = client.get(technique.url).content.decode()
    assert text.count(heading) == 1
    assert text.index(heading) < text.index("extension 77") < text.index("extension 4312")
    assert "People who know" not in text


def test_my_page_offers_it_and_the_form_keeps_what_was_typed(ward: Ward, client: Client) -> None:
    client.force_login(ward.knower)
    assert "Say what you know" in client.get(reverse("km_pages:my_page")).content.decode()
    url = reverse("km_pages:my_offer")
    refused = client.post(url, {"reach": "extension 99", "visibility": "team"})
    assert "Say at least one thing" in refused.content.decode()
    for given, shown in (("2031-02-03", 1), ("2031-02-31", 0), ("x" * 900, 0)):
        text = client.get(url, {"leaves_on": given}).content.decode()
        assert text.count('value="2031-02-03"') == shown
    assert "extension 99" in refused.content.decode()
    half = {"reach": "x", "words": "rota", "visibility": "team"}
    after = client.post(url, {**half, "after_leaving_until": days(9).isoformat()})
    assert "Give your last day as well" in after.content.decode()
    past = client.post(url, {**half, "until": days(-1).isoformat()})
    assert "This day is over" in past.content.decode()
    unknown = client.post(url, {**half, "topics": ["9" * 30]})
    assert "is not a valid value" in unknown.content.decode()
    assert not Offer.objects.exists()
    done = client.post(url, {**half, "topics": [ward.topic.pk]}, follow=True)
    assert "Printers, rota" in done.content.decode()
    assert "Kept." in done.content.decode()
    gone = client.post(reverse("km_pages:take_back_offer"), follow=True)
    assert "Taken back" in gone.content.decode()
    assert not Offer.objects.exists()


def test_twenty_people_cost_as_many_queries_as_one(ward: Ward) -> None:
    ward.offer()

    def asked() -> int:
        reader = Reader(ward.member)
        with CaptureQueriesContext(connection) as queries:
            assert who_knows(reader, words="printers", limit=50)
        return len(queries)

    asked()
    one = asked()
    for _number in range(19):
        person = UserFactory()
        ward.team.members_group.user_set.add(person)
        OfferToBeAsked(person=person, reach="here", topics=[ward.topic]).execute()
    assert asked() == one
    with CaptureQueriesContext(connection) as strangers:
        assert who_knows(as_reader(None), words="printers") == []
    assert len(strangers) == 0


def test_several_choices_are_drawn_as_boxes_and_one_choice_as_circles(
    ward: Ward, client: Client
) -> None:
    client.force_login(ward.knower)
    text = client.get(reverse("km_pages:my_offer")).content.decode()
    assert 'class="nhsuk-checkboxes__input" type="checkbox" name="topics"' in text
    assert 'class="nhsuk-radios__input" type="radio" name="visibility"' in text
