"""Working through a module: what is kept, what counts, and that nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.actions.answer_check import AnswerCheck
from km_toolkit.actions.keep_reflection import DropOtherTexts, KeepReflection, digest
from km_toolkit.actions.see_section import SeeSection
from km_toolkit.models import ModuleProgress
from km_toolkit.modules import going_on, sections_of, still_missing
from km_toolkit.signals import module_completed
from tests.factories import UserFactory
from tests.toolkit.learning import CHECK, SECTIONS, keys, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What listeners were told of completions."""
    heard: list[dict[str, Any]] = []

    def listen(**given: Any) -> None:
        heard.append(given)

    module_completed.connect(listen, weak=False)
    yield heard
    module_completed.disconnect(listen)


def see_all(user: Any, page: Any) -> None:
    for key in keys(page):
        SeeSection(user=user, page=page, key=key).execute()


def answers(page: Any) -> list[str]:
    return [each.key for each in sections_of(page)[2].answers]


@pytest.mark.parametrize(
    ("rule", "done_when"), [("seen", "seen"), ("tried", "tried"), ("right", "right")]
)
def test_a_module_counts_by_its_own_rule_and_once(
    rule: str, done_when: str, told: list[dict[str, Any]]
) -> None:
    user, page = UserFactory(), make_module(completion=rule, minutes=7)
    right, wrong = answers(page)
    steps = {
        "seen": lambda: see_all(user, page),
        "tried": lambda: AnswerCheck(
            user=user, page=page, key=keys(page)[2], chosen=[wrong]
        ).execute(),
        "right": lambda: AnswerCheck(
            user=user, page=page, key=keys(page)[2], chosen=[right]
        ).execute(),
    }
    for name, step in steps.items():
        step()
        if name == done_when:
            break
        assert told == []
    for step in steps.values():
        step()
    assert [each["key"] for each in told] == [f"module:{page.pk}:{user.pk}"]
    assert (told[0]["user"], told[0]["page"], told[0]["minutes"]) == (user, page, 7)
    row = ModuleProgress.objects.get()
    assert (row.completed_on, row.minutes) == (told[0]["completed_on"], 7)


def test_a_listener_that_fails_takes_the_completion_back() -> None:
    user, page = UserFactory(), make_module(completion="seen")

    def fail(**_given: Any) -> None:
        raise RuntimeError("no room")

    module_completed.connect(fail, weak=False)
    try:
        with pytest.raises(RuntimeError):
            see_all(user, page)
    finally:
        module_completed.disconnect(fail)
    row = ModuleProgress.objects.get()
    assert row.completed_on is None
    assert len(still_missing(page, row)) == 1


def test_what_was_right_once_stays_so_and_the_same_answer_twice_is_one_try() -> None:
    user, page = UserFactory(), make_module(completion="right")
    key, (right, wrong) = keys(page)[2], answers(page)
    for chosen in (right, right, wrong):
        AnswerCheck(user=user, page=page, key=key, chosen=[chosen]).execute()
    kept = ModuleProgress.objects.get().answers[key]
    assert kept == {"chosen": [wrong], "right": False, "ever_right": True, "tries": 2}


def test_an_answer_must_be_one_of_those_given() -> None:
    user, page = UserFactory(), make_module()
    key, both = keys(page)[2], answers(page)
    for chosen in ([], ["nothing"], both):
        with pytest.raises(Conflict):
            AnswerCheck(user=user, page=page, key=key, chosen=chosen).execute()
    several = make_module(title="More", sections=[("check", {**CHECK, "several": True})])
    chosen = [each.key for each in sections_of(several)[0].answers]
    AnswerCheck(user=user, page=several, key=keys(several)[0], chosen=chosen).execute()
    assert not ModuleProgress.objects.get(page=several).answers[keys(several)[0]]["right"]


def test_it_goes_on_where_it_stopped_after_an_editor_has_moved_sections() -> None:
    user, page = UserFactory(), make_module()
    first, second, third = keys(page)
    SeeSection(user=user, page=page, key=first, then=second).execute()
    raw = list(page.sections.raw_data)
    page.sections = [raw[2], raw[0], raw[1]]
    page.save()
    page.refresh_from_db()
    assert keys(page) == [third, first, second]
    assert going_on(sections_of(page), ModuleProgress.objects.get()) == 3


def write(user: Any, page: Any, text: str, version: int = 0, was: str = "") -> dict[str, Any]:
    key = keys(page)[1]
    done = KeepReflection(
        user=user, page=page, key=key, text=text, version=version, was=was
    ).execute()
    kept: dict[str, Any] = done.reflections[key]
    return kept


def test_of_two_devices_the_newest_counts_and_the_other_text_is_kept() -> None:
    user, page = UserFactory(), make_module()
    assert write(user, page, "On the ward computer")["version"] == 1
    phone = write(user, page, "On my telephone", version=0)
    assert (phone["text"], phone["version"]) == ("On my telephone", 2)
    assert [each["text"] for each in phone["others"]] == ["On the ward computer"]
    # The computer goes on with what it had: both are still there.
    back = write(user, page, "On the ward computer, and more", version=1)
    assert back["text"] == "On the ward computer, and more"
    assert [each["text"] for each in back["others"]] == ["On my telephone"]
    DropOtherTexts(user=user, page=page, key=keys(page)[1]).execute()
    assert ModuleProgress.objects.get().reflections[keys(page)[1]]["others"] == []


def test_a_device_that_sends_what_it_was_given_changes_nothing() -> None:
    user, page = UserFactory(), make_module()
    write(user, page, "First\nline")
    write(user, page, "Second", version=1)
    kept = write(user, page, "First\r\nline ", version=1, was=digest("First\nline"))
    assert (kept["text"], kept["version"], kept["others"]) == ("Second", 2, [])


def test_the_same_text_sent_twice_is_kept_once() -> None:
    user, page = UserFactory(), make_module()
    for _again in range(3):
        kept = write(user, page, "Once")
    assert (kept["version"], kept["others"]) == (1, [])
    assert ModuleProgress.objects.count() == 1


def test_a_text_that_is_too_long_is_refused_in_words() -> None:
    with pytest.raises(Conflict, match="longer"):
        write(UserFactory(), make_module(), "x" * 20_001)
    assert not ModuleProgress.objects.exists()


def test_strangers_keep_nothing() -> None:
    with pytest.raises(NotAllowed):
        SeeSection(user=AnonymousUser(), page=make_module(), key="x").execute()


def test_deleting_a_module_leaves_what_was_written_in_it() -> None:
    user, page = UserFactory(), make_module(title="Short lived")
    write(user, page, "Keep me")
    page.delete()
    row = ModuleProgress.objects.get()
    assert (row.page, row.title) == (None, "Short lived")
    assert [each["text"] for each in row.reflections.values()] == ["Keep me"]
    assert [each["prompt"] for each in row.reflections.values()] == [SECTIONS[1][1]["prompt"]]
