"""An editor makes a module: what is refused stands at its field, and the preview shows it whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.models import Document
from wagtail.models import Collection
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from km_toolkit.blocks.learning import CheckSection, VideoSection
from km_toolkit.models import LearningModulePage
from tests.factories import UserFactory
from tests.toolkit.learning import CHECK, SECTIONS, make_index, make_module

pytestmark = pytest.mark.django_db


def answer(text: str, *, right: bool = False) -> dict[str, Any]:
    return {"text": text, "right": right, "feedback": "Because."}


@pytest.mark.parametrize(
    ("several", "answers", "words"),
    [
        (False, [answer("One"), answer("Two")], "at least one answer as right"),
        (False, [answer("One", right=True), answer("Two", right=True)], "Mark one"),
        (True, [answer("One", right=True), answer("one ")], "same words"),
    ],
)
def test_a_check_that_cannot_be_answered_is_refused_at_its_answers(
    several: bool, answers: list[dict[str, Any]], words: str
) -> None:
    block = CheckSection()
    with pytest.raises(StructBlockValidationError) as refused:
        block.clean(block.normalize({**CHECK, "several": several, "answers": answers}))
    assert words in str(refused.value.block_errors["answers"])


def test_several_right_answers_are_fine_where_several_may_be_chosen() -> None:
    block = CheckSection()
    both = [answer("One", right=True), answer("Two", right=True), answer("Three")]
    assert block.clean(block.normalize({**CHECK, "several": True, "answers": both}))


def test_a_new_check_has_room_for_two_answers() -> None:
    answers = CheckSection().get_default()["answers"]
    assert [bool(each["text"] or each["right"]) for each in answers] == [False, False]


def test_a_film_needs_captions_a_kind_that_plays_and_one_place() -> None:
    Collection.objects.first() or Collection.add_root(name="Root")
    made = {
        name: Document.objects.create(title=name, file=ContentFile(b"x", name=name))
        for name in ("f.mp4", "f.vtt", "f.txt")
    }
    block, common = VideoSection(), {"heading": "Watch", "text": "Said", "minutes": 1}

    def refused(**values: Any) -> str:
        given = {"film": None, "captions": None, "address": "", **common, **values}
        try:
            block.clean(block.normalize(given))
        except StructBlockValidationError as problem:
            return next(iter(problem.block_errors))
        return ""

    film, captions, other = made.values()
    address = "https://example.org/film"
    assert refused() == "film"
    assert refused(film=film, captions=captions, address=address) == "film"
    assert refused(film=other, captions=captions) == "film"
    assert refused(film=film) == "captions"
    assert refused(film=film, captions=other) == "captions"
    assert refused(film=film, captions=captions) == ""
    assert refused(address=address) == ""
    for each in made.values():
        each.delete()


def test_a_rule_about_checks_where_there_are_none_is_refused_beside_it() -> None:
    module = LearningModulePage(title="x", sections=SECTIONS[:1], completion="right")
    with pytest.raises(ValidationError) as refused:
        module.clean()
    assert "completion" in refused.value.message_dict
    module.sections = SECTIONS
    module.clean()


def test_a_module_does_not_take_an_address_of_the_menu() -> None:
    module = LearningModulePage(title="Record", slug="record", sections=SECTIONS)
    with pytest.raises(ValidationError) as refused:
        module.clean()
    assert "slug" in refused.value.message_dict


def form(**values: Any) -> dict[str, Any]:
    check = {
        "heading": "What comes first?",
        "question": "Which question?",
        "several": "",
        "answers-count": "2",
        "answers-0-deleted": "",
        "answers-0-order": "0",
        "answers-0-type": "item",
        "answers-0-id": "",
        "answers-0-value-text": "Expectations",
        "answers-0-value-feedback": "Yes.",
        "answers-1-deleted": "",
        "answers-1-order": "1",
        "answers-1-type": "item",
        "answers-1-id": "",
        "answers-1-value-text": "Blame",
        "answers-1-value-feedback": "No.",
        "explanation": "",
    }
    text = {"heading": "Why at all", "text": rich_text("<p>It counts.</p>")}
    data = nested_form_data(
        {
            "title": "Made by an editor",
            "slug": "made-by-an-editor",
            "strapline": "",
            "minutes": "6",
            "completion": "tried",
            "sections": streamfield([("text", text), ("check", check)]),
            "sources": streamfield([]),
            "source_credit": "",
            "licence": "",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
        }
    )
    return {**data, **values, "action-publish": "publish"}


def test_an_editor_publishes_a_module_in_the_admin_once_a_right_answer_is_marked() -> None:
    index = make_index()
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    url = reverse("wagtailadmin_pages:add", args=["km_toolkit", "learningmodulepage", index.pk])
    assert client.get(url).status_code == 200
    refused = client.post(url, form())
    assert refused.status_code == 200
    assert "Mark at least one answer as right." in refused.content.decode()
    assert not LearningModulePage.objects.exists()
    right = {"sections-1-value-answers-0-value-right": "on"}
    assert client.post(url, form(**right)).status_code == 302
    made = LearningModulePage.objects.get()
    assert made.live
    assert [each.block_type for each in made.sections] == ["text", "check"]


def test_the_preview_shows_all_sections_and_marks_what_is_right() -> None:
    module = make_module()
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    module.save_revision()
    shown = client.get(reverse("wagtailadmin_pages:view_draft", args=[module.pk])).content.decode()
    for words in (
        "What is said early counts.",
        "Which event would you take?",
        "expect?</strong> ✓",
    ):
        assert words in shown


def test_the_search_finds_a_module_by_its_text_and_gives_no_answer_away() -> None:
    text = make_module().km_index_text()
    assert "What is said early counts." in text
    assert "Which event would you take?" in text
    assert "Yes. Begin there." not in text
