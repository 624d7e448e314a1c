"""``km_setup`` makes a working site once, and leaves alone what editors changed."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from wagtail.models import Page, Site, Workflow

from km_pages.models import (
    Goal,
    HomePage,
    LearningPhase,
    RepositoryPage,
    SetupRecord,
    SiteSettings,
    StandardPage,
    Synonym,
    TechniqueFormat,
    TechniquePage,
)
from km_pages.setup.content import LISTS
from km_pages.setup.structure import EDITORS, MANAGERS
from km_toolkit.models import ActivityPage, LearningModulePage, ToolkitPage
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def setup(*words: str) -> str:
    out = io.StringIO()
    call_command("km_setup", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def made(db: Any) -> None:
    setup()


def test_it_makes_a_site_that_answers(made: None) -> None:
    assert Site.objects.get(is_default_site=True).root_page.specific_class is HomePage
    for path in ("/", "/techniques/", "/toolkit/", "/repository/"):
        assert Client().get(path).status_code == 200, path
    assert Workflow.objects.count() >= 1
    assert {EDITORS, MANAGERS} <= set(Group.objects.values_list("name", flat=True))


def host_page(*, slug: str) -> Page:
    """The root page of a site that was there before, with one page below it."""
    root = Page.get_first_root_node()
    Page.objects.filter(depth=2).delete()
    front = Page.objects.get(pk=root.pk).add_child(instance=Page(title="Our trust", slug=slug))
    front.save_revision().publish()
    front.add_child(instance=Page(title="Canteen", slug="knowledge"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"root_page": front, "hostname": "localhost"}
    )
    return Page.objects.get(pk=front.pk)


@pytest.mark.parametrize("slug", ["home", "front"])
def test_in_a_site_that_has_a_root_page_all_stands_below_it(db: Any, slug: str) -> None:
    front = host_page(slug=slug)
    setup()
    assert Site.objects.get(is_default_site=True).root_page_id == front.pk
    home = HomePage.objects.get()
    assert home.get_parent().pk == front.pk
    assert home.url == "/knowledge-2/"
    for path in ("/", "/knowledge-2/", "/knowledge-2/techniques/", "/knowledge-2/toolkit/"):
        assert Client().get(path).status_code == 200, path
    html = Client().get("/knowledge-2/techniques/").content.decode()
    assert 'href="/knowledge-2/toolkit/"' in html
    assert "/knowledge-2/accessibility/" in html


def test_the_front_door_may_stand_below_pages_of_a_host_and_not_below_ours() -> None:
    parents = HomePage.clean_parent_page_models()
    assert Page in parents
    assert not {HomePage, StandardPage, TechniquePage} & set(parents)


def test_the_shipped_techniques_and_activities_are_published_with_what_they_need(
    made: None,
) -> None:
    assert TechniquePage.objects.live().count() >= 5
    assert ActivityPage.objects.live().count() >= 20
    assert ToolkitPage.objects.get().steps.count() == 6
    modules = LearningModulePage.objects.live().select_related("technique")
    assert {each.technique for each in modules} == set(TechniquePage.objects.all())
    for technique in TechniquePage.objects.all():
        assert technique.formats.exists(), technique
        assert technique.primary_phase, technique
    assert not [each for each in TechniqueFormat.objects.all() if each.steps_outside_minutes]


def test_the_footer_leads_to_the_pages_that_a_site_owes_its_readers(made: None) -> None:
    text = Client().get("/techniques/").content.decode()
    footer = text[text.index("<footer") :]
    for path in ("/accessibility/", "/privacy/", "/about/"):
        assert f'href="{path}"' in footer
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.footer_links = [("link", settings.footer_links[0].value)]
    settings.save()
    SetupRecord.objects.filter(key="footer").delete()
    setup()
    settings.refresh_from_db()
    assert len(settings.footer_links) == 1, "what somebody chose stays"


def test_every_shipped_page_is_served(made: None) -> None:
    for page in Page.objects.live().filter(depth__gt=1).specific():
        assert Client().get(page.url).status_code == 200, page.url


def test_running_it_again_changes_nothing_that_was_edited_or_deleted(made: None) -> None:
    phase = LearningPhase.objects.get(slug="before")
    phase.name = "Beforehand"
    phase.save()
    Goal.objects.get(slug="connect-people").delete()
    activity = ActivityPage.objects.first()
    assert activity is not None
    slug = activity.slug
    activity.delete()
    module = LearningModulePage.objects.get(slug="learn-peer-assist")
    module.minutes, module.sections = 3, list(module.sections.raw_data)[:2]
    module.save_revision().publish()
    assert "0 made" in setup()
    assert LearningPhase.objects.get(slug="before").name == "Beforehand"
    assert not Goal.objects.filter(slug="connect-people").exists()
    assert not ActivityPage.objects.filter(slug=slug).exists()
    module.refresh_from_db()
    assert (module.minutes, len(module.sections)) == (3, 2)


def test_it_adds_what_is_new(made: None) -> None:
    Goal.objects.get(slug="connect-people").delete()
    SetupRecord.objects.get(key="goals:connect-people").delete()
    assert "1 made" in setup()
    assert Goal.objects.filter(slug="connect-people").exists()


def test_a_dry_run_prints_the_plan_and_makes_nothing(db: Any) -> None:
    assert "would make  Home page" in setup("--dry-run")
    assert not HomePage.objects.exists()
    assert not SetupRecord.objects.exists()


def everything() -> dict[str, Any]:
    """All that editors write: every page as it is published and as its draft, and every list."""
    pages = {
        page.pk: (page.path, page.live, page.live_revision_id, page.latest_revision_id, data(page))
        for page in Page.objects.filter(depth__gt=1).specific()
    }
    lists = [list(model.objects.order_by("pk").values()) for model in (*LISTS.values(), Synonym)]
    groups = {
        group.name: sorted(group.permissions.values_list("pk", flat=True))
        for group in Group.objects.all()
    }
    look = list(SiteSettings.objects.values())
    workflows = list(Workflow.objects.values())
    return {"pages": pages, "lists": lists, "groups": groups, "look": look, "flows": workflows}


def data(page: Any) -> str:
    return json.dumps(page.serializable_data(), cls=DjangoJSONEncoder, sort_keys=True)


def edit(page: Any, *, publish: bool = True, **values: Any) -> None:
    """Change ``page`` as an editor does."""
    newest = page.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(newest, name, value)
    revision = newest.save_revision(user=UserFactory())
    if publish:
        revision.publish()


def edited_site() -> None:
    """What editors do in the first year: reword, shorten, take away, move, begin drafts."""
    technique = TechniquePage.objects.get(slug="fishbowl")
    edit(technique, title="Fishbowl, our way", formats=[], when_not_to_use=[], related_links=[])
    edit(TechniquePage.objects.get(slug="peer-assist"), publish=False, purpose="Not sure yet")
    TechniquePage.objects.get(slug="retrospect").unpublish()
    edit(StandardPage.objects.get(slug="privacy"), body=[], title="Privacy here")
    edit(HomePage.objects.get(), sentence="Ours")
    toolkit = ToolkitPage.objects.get()
    toolkit_steps = list(toolkit.steps.all())[:4]
    toolkit_steps[0].title = "Our first step"
    edit(toolkit, introduction="", steps=toolkit_steps)
    edit(ActivityPage.objects.get(slug=ActivityPage.objects.first().slug), questions=[])
    LearningPhase.objects.filter(slug="before").update(name="Beforehand", colour="maroon")
    Synonym.objects.filter(pk=Synonym.objects.first().pk).update(also="changed")
    look = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    look.organisation_name = "Ours"
    look.footer_links = [("link", look.footer_links[0].value)]
    look.save()
    Workflow.objects.update(name="Our approval")


def test_on_a_site_that_was_edited_everywhere_nothing_is_changed(made: None) -> None:
    edited_site()
    before = everything()
    assert "0 to make" in setup("--dry-run")
    setup()
    assert everything() == before
    # As on a site that was restored without them: each step then looks at what is there.
    SetupRecord.objects.exclude(key__startswith="synonyms").delete()
    assert "0 to make" not in setup("--dry-run")
    assert everything() == before
    setup()
    assert everything() == before
    assert "0 to make" in setup("--dry-run")


def test_the_plan_of_the_dry_run_is_what_is_then_made(made: None) -> None:
    keys = ["goals:connect-people", "technique:fishbowl", "technique-links:fishbowl"]
    SetupRecord.objects.filter(key__in=keys).delete()
    TechniquePage.objects.get(slug="fishbowl").delete()
    Goal.objects.get(slug="connect-people").delete()
    planned = [line for line in setup("--dry-run").splitlines() if line.startswith("would make")]
    assert len(planned) == 3
    done = [line for line in setup("--verbosity=2").splitlines() if line.startswith("made")]
    assert [each.split("  ")[1] for each in done] == [each.split("  ")[1] for each in planned]
    fishbowl = TechniquePage.objects.get(slug="fishbowl")
    assert fishbowl.live
    assert fishbowl.formats.exists()
    assert fishbowl.related_links.exists()
    assert fishbowl.when_not_to_use


def without_workbook(*, drafted: bool = False) -> ToolkitPage:
    """The toolkit of a site that was set up before the workbook had pages to fill in."""
    toolkit = ToolkitPage.objects.get().get_latest_revision_as_object()
    old = list(toolkit.steps.all())
    for step in old:
        step.fill_in = []
    old[1].title = "Ask those who stay"
    toolkit.steps = old
    toolkit.save_revision().publish()
    toolkit = ToolkitPage.objects.get()
    if drafted:
        edit(toolkit, publish=False, introduction="Half written")
    SetupRecord.objects.get(key="toolkit:workbook").delete()
    return toolkit


def test_an_older_toolkit_gets_the_pages_of_the_workbook_and_keeps_its_words(made: None) -> None:
    wanted = [len(step.fill_in) for step in ToolkitPage.objects.get().steps.all()]
    for drafted in (False, True):
        without_workbook(drafted=drafted)
        assert "Pages of the workbook" in setup("--dry-run")
        setup()
        has_workbook(wanted, drafted=drafted)


def has_workbook(wanted: list[int], *, drafted: bool) -> None:
    """The toolkit has its pages, and what an editor wrote or began is as it was."""
    toolkit = ToolkitPage.objects.get()
    newest = toolkit.get_latest_revision_as_object()
    for version in (toolkit, newest):
        assert [len(step.fill_in) for step in version.steps.all()] == wanted
        assert version.steps.all()[1].title == "Ask those who stay"
    assert toolkit.has_unpublished_changes is drafted
    assert (newest.introduction == "Half written") is drafted
    assert toolkit.introduction != "Half written"


def test_without_content_only_the_structure_is_made(db: Any) -> None:
    setup("--without-content")
    assert RepositoryPage.objects.exists()
    assert not TechniquePage.objects.exists()
    assert not LearningPhase.objects.exists()
