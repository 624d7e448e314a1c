"""What editors get wrong in the admin: said at the field, nothing typed is lost, no error page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, Site
from wagtail_factories import ImageFactory

from km_pages.models import (
    Framework,
    FrameworkEntry,
    LearningPhase,
    SiteSettings,
    StandardPage,
    TechniqueIndexPage,
    TechniquePage,
)
from km_pages.setup.structure import grant, grant_vocabulary
from tests.factories import (
    GoalFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PhaseFactory,
    StandardPageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    UserFactory,
    home_page,
)
from tests.pages.adding import client_of
from tests.pages.admin import edit_url, form_of, let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

STEP = "formats-0-steps-0-value"


@pytest.fixture
def editor(db: Any) -> Any:
    """Somebody who edits every page, keeps the lists and the organisation's look."""
    group = Group.objects.create(name="Editors of everything")
    let_edit(group, home_page(), rights=("add_page", "change_page", "publish_page"))
    grant_vocabulary(group)
    grant(group, "km_pages", ["change_sitesettings"])
    user = UserFactory()
    user.groups.add(group)
    return user


@pytest.fixture
def client(editor: Any) -> Client:
    return client_of(editor)


@pytest.fixture
def technique(db: Any) -> TechniquePage:
    page = TechniquePageFactory(title="Fishbowl")
    TechniqueFormatFactory(technique=page)
    page.save_revision()
    return page


def send(client: Client, page: Page, **typed: Any) -> tuple[Any, str]:
    """The answer to "Publish" with ``typed`` in the form, and its text."""
    form = form_of(client, edit_url(page))
    for name, value in {"action-publish": "1", **typed}.items():
        form[name.replace("__", "-")] = value
    response = client.post(edit_url(page), form)
    return response, response.content.decode()


def one_step(**typed: str) -> dict[str, str]:
    """The first format's steps with one, as a browser sends it."""
    head = {
        "formats-0-steps-count": "1",
        "formats-0-steps-0-deleted": "",
        "formats-0-steps-0-order": "0",
        "formats-0-steps-0-type": "step",
        "formats-0-steps-0-id": "",
    }
    step = {"title": "Ask", "minutes": "5", "who": "", "instruction": "Go round.", "prompt": ""}
    return head | {f"{STEP}-{name}": value for name, value in {**step, **typed}.items()}


@pytest.mark.parametrize("minutes", ["", "five", "-5", "99999999999999999999", "4.5"])
def test_minutes_of_a_step_that_are_no_number_are_said_at_the_step(
    client: Client, technique: TechniquePage, minutes: str
) -> None:
    words = "Ask everybody what they would do again"
    response, html = send(client, technique, **one_step(minutes=minutes, instruction=words))
    assert response.status_code == 200
    assert words in html
    errors = response.context["form"].formsets["formats"].forms[0].errors
    (problem,) = errors.as_data()["steps"]
    assert list(problem.block_errors[0].block_errors) == ["minutes"]


def test_a_step_that_takes_longer_than_its_format_is_kept_and_said(
    client: Client, technique: TechniquePage
) -> None:
    response, _html = send(client, technique, **one_step(minutes="500"))
    assert response.status_code == 302
    shown = client.get(response.url).content.decode()
    assert "the steps take 500 minutes, but the format takes 20 to 45" in shown


def test_ranges_that_run_backwards_are_said_at_the_field(
    client: Client, technique: TechniquePage
) -> None:
    response, html = send(
        client, technique, **{"formats-0-minutes_min": "60", "formats-0-minutes_max": "10"}
    )
    assert response.status_code == 200
    assert "The fewest minutes are more than the most." in html
    assert 'value="60"' in html


@pytest.mark.parametrize("name", ["phases", "goals"])
def test_several_of_a_list_are_ticked_so_that_no_slip_takes_the_others_away(
    client: Client, technique: TechniquePage, name: str
) -> None:
    """In a box to be held with a key, a click without the key chooses one and drops the rest."""
    made = PhaseFactory() if name == "phases" else GoalFactory()
    html = client.get(edit_url(technique)).content.decode()
    boxes = re.findall(rf'<input type="checkbox" name="{name}" value="(\d+)"', html)
    assert boxes == [str(made.pk)]
    assert f'<select name="{name}"' not in html


def test_the_same_technique_related_twice_is_refused_and_kept(
    client: Client, technique: TechniquePage
) -> None:
    other = TechniquePageFactory(title="Peer assist")
    rows = {"related_links-TOTAL_FORMS": "2"}
    for number, relation in enumerate(("follows", "combines")):
        row = f"related_links-{number}"
        rows |= {f"{row}-other": str(other.pk), f"{row}-relation": relation}
        rows |= {f"{row}-ORDER": str(number + 1), f"{row}-id": "", f"{row}-DELETE": ""}
    response, html = send(client, technique, title="Fishbowl with guests", **rows)
    assert response.status_code == 200
    assert "Fishbowl with guests" in html
    assert "You have chosen this technique in a row above." in html


def test_the_same_framework_twice_is_refused_and_kept(
    client: Client, technique: TechniquePage
) -> None:
    framework = Framework.objects.create(name="A set", slug="a-set")
    rows = {"framework_entries-TOTAL_FORMS": "2"}
    for number in range(2):
        row = f"framework_entries-{number}"
        rows |= {f"{row}-framework": str(framework.pk), f"{row}-position": "1"}
        rows |= {f"{row}-included": "yes", f"{row}-id": "", f"{row}-DELETE": ""}
        rows |= {f"{row}-ORDER": str(number + 1)}
    response, html = send(client, technique, title="Fishbowl with guests", **rows)
    assert response.status_code == 200
    assert "Fishbowl with guests" in html
    assert "You have chosen this framework in a row above." in html


def picture(image: Any, **typed: str) -> dict[str, str]:
    """The body of a page with one picture, as a browser sends it."""
    head = {"body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "image"}
    row = {"image": str(image.pk), "alt_text": "", **typed}
    return {**head, "body-0-id": ""} | {f"body-0-value-{name}": row[name] for name in row}


def test_a_picture_without_words_is_refused_at_its_field(client: Client) -> None:
    page, image = StandardPageFactory(), ImageFactory()
    response, html = send(client, page, introduction="Why we ask", **picture(image))
    assert response.status_code == 200
    assert "Why we ask" in html
    (problem,) = response.context["form"].errors.as_data()["body"]
    assert list(problem.block_errors[0].block_errors) == ["alt_text"]
    assert "alt text" in html
    for said in ({"alt_text": "A full ward board"}, {"decorative": "on"}):
        assert send(client, page, **picture(image, **said))[0].status_code == 302


def test_colours_that_cannot_be_read_are_refused_at_their_field(client: Client) -> None:
    site = Site.objects.get(is_default_site=True)
    SiteSettings.for_site(site)
    url = reverse("wagtailsettings:edit", args=["km_pages", "sitesettings", site.pk])
    shown = client.get(url).content.decode()
    names = re.findall(r'name="([a-z_]+)"[^>]*value="([^"]*)"', shown)
    form = {name: value for name, value in names if name != "csrfmiddlewaretoken"}
    form |= {"footer_links-count": "0", "welcome_text": "", "contact_text": ""}
    form |= {"brand_colour": "#eeeeee", "brand_text_colour": "#ffffff", "strapline": "We ask"}
    response = client.post(url, form)
    html = response.content.decode()
    assert response.status_code == 200
    assert "too alike to read: 1.2 to 1" in html
    assert 'value="We ask"' in html
    assert client.post(url, form | {"brand_colour": "reddish"}).status_code == 200
    assert SiteSettings.for_site(site).brand_colour == "#12405a"
    assert client.post(url, form | {"brand_colour": "#552255"}).status_code == 302


@pytest.mark.parametrize("place", ["main phase", "phases", "draft"])
def test_a_phase_in_use_is_not_deleted_and_the_pages_that_use_it_are_named(
    client: Client, technique: TechniquePage, place: str
) -> None:
    phase = PhaseFactory(name="Learn after")
    changed = technique.get_latest_revision_as_object()
    if place == "main phase":
        changed.primary_phase = phase
    else:
        changed.phases = [phase]
    revision = changed.save_revision()
    if place != "draft":
        revision.publish()
    url = reverse("phases:delete", args=[phase.pk])
    for response in (client.get(url), client.post(url)):
        html = response.content.decode()
        assert response.status_code == 200
        assert f'href="{edit_url(technique)}">Fishbowl' in html
        assert "Take it off these pages first" in html
    assert LearningPhase.objects.filter(pk=phase.pk).exists()


def test_a_phase_that_no_page_uses_is_deleted(client: Client) -> None:
    phase = PhaseFactory(name="Learn after")
    url = reverse("phases:delete", args=[phase.pk])
    assert "Are you sure" in client.get(url).content.decode()
    client.post(url)
    assert not LearningPhase.objects.exists()


def test_pages_that_an_editor_may_not_see_are_counted_and_not_named(client: Client) -> None:
    kind = OutputTypeFactory(name="Map")
    KnowledgeAssetPageFactory(title="Quillfeather", output_type=kind)
    html = client.get(reverse("knowledge-types:delete", args=[kind.pk])).content.decode()
    assert "Quillfeather" not in html
    assert "There is 1 page besides" in html


def test_a_version_that_names_a_deleted_phase_and_framework_opens_and_is_published(
    client: Client, technique: TechniquePage
) -> None:
    phase, framework = PhaseFactory(), Framework.objects.create(name="A set", slug="a-set")
    changed = technique.get_latest_revision_as_object()
    changed.primary_phase = phase
    changed.framework_entries = [FrameworkEntry(framework=framework)]
    changed.save_revision()
    LearningPhase.objects.all().delete()
    Framework.objects.all().delete()
    response, _html = send(client, technique, purpose="To hear the quiet ones")
    assert response.status_code == 302
    technique.refresh_from_db()
    assert technique.primary_phase is None
    assert technique.purpose == "To hear the quiet ones"


def test_two_phases_with_one_short_name_are_refused_at_the_field(client: Client) -> None:
    PhaseFactory(slug="after", name="Learn after")
    form = {"name": "Afterwards", "slug": "after", "colour": "blue", "sort_order": "1"}
    form |= {"strapline": "", "introduction": "When it is over", "elearning_url": ""}
    response = client.post(reverse("phases:add"), form)
    html = response.content.decode()
    assert response.status_code == 200
    assert "already exists" in html
    assert "When it is over" in html
    assert LearningPhase.objects.count() == 1


def test_two_techniques_with_one_short_name_are_refused_at_the_field(
    client: Client, technique: TechniquePage
) -> None:
    TechniquePageFactory(title="Peer assist", slug="peer-assist")
    response, html = send(client, technique, title="Fishbowl with guests", slug="peer-assist")
    assert response.status_code == 200
    assert "slug" in response.context["form"].errors
    assert "Fishbowl with guests" in html


def test_a_page_is_not_moved_to_where_it_cannot_be(
    client: Client, technique: TechniquePage
) -> None:
    elsewhere = StandardPageFactory(title="About")
    url = reverse("wagtailadmin_pages:move_confirm", args=[technique.pk, elsewhere.pk])
    response = client.post(url, follow=True)
    assert response.status_code in (200, 403)
    technique.refresh_from_db()
    assert technique.get_parent().specific_class is TechniqueIndexPage


def test_a_page_that_was_moved_while_it_was_edited_is_saved_where_it_is_now(
    client: Client,
) -> None:
    page = StandardPageFactory(title="About us", slug="about-us")
    new_place = StandardPageFactory(title="More", slug="more")
    old_address = page.url
    form = form_of(client, edit_url(page))
    Page.objects.get(pk=page.pk).move(Page.objects.get(pk=new_place.pk), pos="last-child")
    form.update({"action-publish": "1", "introduction": "Typed meanwhile"})
    assert client.post(edit_url(page), form).status_code == 302
    moved = StandardPage.objects.get(pk=page.pk)
    assert moved.introduction == "Typed meanwhile"
    assert moved.url.endswith("/more/about-us/")
    assert Client().get(old_address).status_code == 301, "old links lead to the new place"
    assert Client().get(moved.url).status_code == 200


def test_a_page_that_was_deleted_while_it_was_edited_says_so(client: Client) -> None:
    page = StandardPageFactory(title="About us")
    form = form_of(client, edit_url(page))
    Page.objects.get(pk=page.pk).delete()
    form["action-publish"] = "1"
    assert client.post(edit_url(page), form).status_code == 404
