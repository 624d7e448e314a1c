"""``km_setup`` makes a working site once, and leaves alone what editors changed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site, Workflow

from km_pages.models import (
    Goal,
    HomePage,
    LearningPhase,
    RepositoryPage,
    SetupRecord,
    SiteSettings,
    TechniqueFormat,
    TechniquePage,
)
from km_pages.setup.structure import EDITORS, MANAGERS
from km_toolkit.models import ActivityPage, LearningModulePage, ToolkitPage

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


def test_without_content_only_the_structure_is_made(db: Any) -> None:
    setup("--without-content")
    assert RepositoryPage.objects.exists()
    assert not TechniquePage.objects.exists()
    assert not LearningPhase.objects.exists()
