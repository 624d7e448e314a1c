"""From a page to its document: everything that a reader sees, and nothing else."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail import hooks
from wagtail.models import Page, Site

from km_pages.models import Attachment, ScanState, TextState
from km_pages.projection import DOCUMENT_HOOK, indexed_ids, indexed_models, project
from km_pages.visibility import Visibility, tokens_of
from tests.factories import (
    ActivityPageFactory,
    AttachmentFactory,
    GoalFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PhaseFactory,
    StandardPageFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    ToolkitPageFactory,
    TopicFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db


def document(page: Any) -> Any:
    """The document of ``page``, which must have one."""
    (found,) = project([page.pk])
    assert found.error is None
    assert found.document is not None
    return found.document


def test_a_technique_is_found_by_everything_that_stands_on_its_page() -> None:
    page = TechniquePageFactory(
        title="After action review",
        strapline="Learn in twenty minutes",
        purpose="Purposeful words",
        also_known_as=[("line", "Hot debrief")],
        when_to_use=[("line", "Straight after a shift")],
        roles=[("role", {"role": "Facilitator", "what_they_do": "Keeps time", "required": True})],
        contact="The quality team",
    )
    TechniqueFormatFactory(
        technique=page,
        label="Short form",
        steps=[
            (
                "step",
                {"title": "Expected", "minutes": 5, "who": "", "instruction": "Ask", "prompt": ""},
            )
        ],
    )
    made = document(page)
    assert (made.kind, made.title, made.also) == (
        "technique",
        "After action review",
        ("Hot debrief",),
    )
    assert made.summary == "Learn in twenty minutes"
    for words in (
        "Purposeful words",
        "Straight after a shift",
        "Keeps time",
        "Expected",
        "quality",
    ):
        assert words in made.body
    assert "Learn in twenty" not in made.body, "the summary would count twice"


def test_fields_that_were_left_empty_add_no_word() -> None:
    page = TechniquePageFactory(
        outputs=[("output", {"name": "A list", "form": None, "who_sees": None})]
    )
    assert "None" not in document(page).body


def test_a_technique_says_its_phase_goal_minutes_and_people() -> None:
    before, after = PhaseFactory(slug="before"), PhaseFactory(slug="after", name="After it")
    page = TechniquePageFactory(
        primary_phase=after, phases=[before, after], goals=[GoalFactory(slug="share-learning")]
    )
    TechniqueFormatFactory(technique=page)
    TechniqueFormatFactory(technique=page, minutes_min=60, minutes_max=90, people_max=None)
    made = document(page)
    assert made.facets["phase"] == ("after", "before")
    assert made.facets["goal"] == ("share-learning",)
    assert made.labels["phase"] == "After it"
    assert made.labels["minutes"] == "20-90"
    assert made.labels["people"] == "4-"


def test_a_knowledge_item_says_its_team_type_topics_tags_and_whose_it_is() -> None:
    team = TeamFactory(name="Ward 7", slug="ward-7")
    holder = UserFactory(first_name="Ana", last_name="Reyes")
    page = KnowledgeAssetPageFactory(
        team=team,
        holder=holder,
        summary="What to order",
        output_type=OutputTypeFactory(slug="how-to", name="How to"),
        topics=[TopicFactory(slug="stock")],
        tags=["pumps", "audit"],
        captured_on=datetime.date(2026, 3, 2),
        last_reviewed=datetime.date(2026, 4, 1),
        review_due=datetime.date(2000, 1, 1),
        body=[
            ("text", "<p>Ring the <b>bell</b> twice</p>"),
            (
                "contacts",
                {"entries": [{"name": "Sam", "what_for": "Keys", "email": "sam@example.org"}]},
            ),
            ("table", {"data": [["Day", "Who"], ["Monday", "Ines"]]}),
        ],
    )
    made = document(page)
    assert made.facets == {
        "kind": ("knowledge",),
        "team": ("ward-7",),
        "type": ("how-to",),
        "topic": ("stock",),
        "tag": ("audit", "pumps"),
        "year": ("2026",),
        "review": ("due",),
    }
    assert made.also == ("audit", "pumps")
    assert (made.date, made.verified) == (page.captured_on, page.last_reviewed)
    assert made.labels["holder"] == "Ana Reyes"
    assert made.labels["team"] == made.labels["teams"] == "Ward 7"
    assert made.labels["visibility"] == "team"
    for words in ("Ring the bell twice", "sam@example.org", "Ines"):
        assert words in made.body.replace("  ", " ")
    assert "<" not in made.body


def test_an_activity_of_the_toolkit_is_found_without_km_pages_knowing_its_type() -> None:
    page = ActivityPageFactory(strapline="Draw the map", gives="A map", minutes_min=15)
    made = document(page)
    assert (made.kind, made.summary, made.labels["minutes"]) == ("activity", "Draw the map", "15-")
    assert "A map" in made.body


def test_the_steps_of_the_toolkit_are_text_of_its_page() -> None:
    page = ToolkitPageFactory()
    page.steps.create(title="Agree what matters", record="A signed list")
    page.save()
    assert "A signed list" in document(page).body


def test_text_of_a_file_stands_page_by_page_in_the_document_of_its_item() -> None:
    page = KnowledgeAssetPageFactory()
    stored = StoredFileFactory(name="contract.pdf", passages=["First page", "Second page"])
    AttachmentFactory(page=page, stored_file=stored, title="The signed one")
    AttachmentFactory(page=page, stored_file=stored)
    made = document(page)
    (file,) = made.files
    assert (file.file_id, file.name) == (str(stored.uuid), "contract.pdf")
    assert [(each.label, each.text) for each in file.passages] == [
        ("page 1", "First page"),
        ("page 2", "Second page"),
    ]
    assert made.facets["filetype"] == ("pdf",)


@pytest.mark.parametrize("state", [ScanState.PENDING, ScanState.INFECTED, ScanState.ERROR])
def test_a_file_that_may_not_be_given_out_leaves_no_trace(state: str) -> None:
    page = KnowledgeAssetPageFactory()
    stored = StoredFileFactory(name="secret.pdf", scan_state=state, passages=["Hidden words"])
    AttachmentFactory(page=page, stored_file=stored, title="Hidden title")
    made = document(page)
    assert made.files == ()
    assert "filetype" not in made.facets
    assert "Hidden" not in made.body


def test_a_file_without_readable_text_is_still_found_by_its_name() -> None:
    """Case 2: protected by a password."""
    page = KnowledgeAssetPageFactory()
    stored = StoredFileFactory(
        name="locked.pdf", text_state=TextState.UNREADABLE, passages=["Half read"]
    )
    AttachmentFactory(page=page, stored_file=stored)
    (file,) = document(page).files
    assert (file.name, file.passages) == ("locked.pdf", ())


@pytest.mark.parametrize("visibility", Visibility.values)
def test_a_document_carries_the_tokens_that_the_rule_gives(visibility: str) -> None:
    home, other = TeamFactory(), TeamFactory(name="Outpatients")
    page = KnowledgeAssetPageFactory(
        team=home,
        visibility=visibility,
        shared_with=[other],
        named_people=[UserFactory()],
        owner=UserFactory(),
        holder=UserFactory(),
    )
    elsewhere = KnowledgeAssetPageFactory(
        team=TeamFactory(), visibility="named", named_people=[UserFactory()]
    )
    both = {each.page_id: each.document for each in project([page.pk, elsewhere.pk])}
    for one in (page, elsewhere):
        fresh = type(one).objects.get(pk=one.pk)
        made = both[one.pk]
        assert made is not None
        assert made.tokens == tokens_of(fresh)
    assert set(both[page.pk].tokens).isdisjoint(both[elsewhere.pk].tokens) or visibility == "open"


def test_a_document_names_all_pages_above_it_and_itself() -> None:
    section = TeamSectionPageFactory(parent=TeamSpacePageFactory())
    page = KnowledgeAssetPageFactory(parent=section)
    above = Page.objects.get(pk=page.pk).get_ancestors(inclusive=True)
    made = document(page)
    assert made.ancestors == tuple(above.order_by("path").values_list("pk", flat=True))
    assert made.site_root == Site.objects.get().root_page_id
    assert made.url == Page.objects.get(pk=page.pk).get_url()
    assert made.locale == "en-gb"


def test_drafts_aliases_and_pages_of_no_site_have_no_document() -> None:
    draft = StandardPageFactory(live=False)
    alias = StandardPageFactory().create_alias(update_slug="alias")
    stray = Page.get_first_root_node().add_child(
        instance=type(StandardPageFactory.build())(title="Stray", slug="stray")
    )
    pages = [draft, alias, stray]
    assert [each.document for each in project([page.pk for page in pages])] == [None] * 3
    assert not {draft.pk, alias.pk} & set(indexed_ids())


def test_ids_that_are_no_page_have_no_document() -> None:
    assert [each.document for each in project([999_999])] == [None]


def test_a_hook_may_change_any_document() -> None:
    page = StandardPageFactory(title="Plain")

    def louder(made: Any, page: Any) -> Any:
        return replace(made, title=page.title.upper())

    with hooks.register_temporarily(DOCUMENT_HOOK, louder):
        assert document(page).title == "PLAIN"


def test_a_page_type_may_say_itself_what_its_readers_see(monkeypatch: pytest.MonkeyPatch) -> None:
    page = StandardPageFactory(introduction="Shown")
    monkeypatch.setattr(type(page), "km_index_text", lambda _self: "Its own words", raising=False)
    assert document(page).body == "Its own words"


def test_one_page_that_cannot_be_read_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = StandardPageFactory(title="Bad"), StandardPageFactory(title="Good")

    def text(self: Any) -> str:
        if self.title == "Bad":
            raise ValueError("no text")
        return "fine"

    monkeypatch.setattr(type(bad), "km_index_text", text, raising=False)
    found = {each.page_id: each for each in project([bad.pk, good.pk])}
    assert found[good.pk].document.body == "fine"
    assert found[bad.pk].document is None
    assert "no text" in str(found[bad.pk].error)


def test_every_page_type_of_both_apps_can_be_found() -> None:
    kinds = {model.__name__: model.km_kind for model in indexed_models()}
    assert kinds == {
        "HomePage": "page",
        "StandardPage": "page",
        "TechniqueIndexPage": "page",
        "TechniquePage": "technique",
        "RepositoryPage": "page",
        "TeamSpacePage": "team",
        "TeamSectionPage": "team",
        "KnowledgeAssetPage": "knowledge",
        "CollectionPage": "page",
        "ToolkitPage": "toolkit",
        "ActivityPage": "activity",
        "LearningIndexPage": "page",
        "LearningModulePage": "module",
    }


def test_reading_twenty_items_takes_as_many_queries_as_reading_one(
    django_assert_num_queries: Any,
) -> None:
    team, other = TeamFactory(), TeamFactory()
    pages = [
        KnowledgeAssetPageFactory(
            team=team,
            shared_with=[other],
            topics=[TopicFactory()],
            tags=["one"],
            named_people=[UserFactory()],
        )
        for _number in range(20)
    ]
    list(project([pages[0].pk]))
    with CaptureQueriesContext(connection) as one:
        list(project([pages[0].pk]))
    with django_assert_num_queries(len(one)):
        list(project([page.pk for page in pages]))


def test_the_same_page_gives_the_same_fingerprint_again() -> None:
    page = KnowledgeAssetPageFactory(tags=["b", "a"], topics=[TopicFactory(), TopicFactory()])
    AttachmentFactory(page=page, stored_file=StoredFileFactory(passages=["Text"]))
    first = document(page).fingerprint()
    assert document(page).fingerprint() == first
    Attachment.objects.all().delete()
    assert document(page).fingerprint() != first


def test_the_home_page_is_found_too() -> None:
    assert document(home_page()).kind == "page"
