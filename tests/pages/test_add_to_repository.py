"""The public form: drafts are kept, refusals lose nothing, nothing is added twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from km_pages.models import KnowledgeAssetPage, RevisionFile, StoredFile
from tests.factories import (
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSpacePageFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.pages.adding import World, add, client_of, text_file, the_item, typed

pytestmark = pytest.mark.django_db

ADD = "/add/"


def test_a_draft_is_kept_on_the_server_with_everything_that_was_typed(
    world: World, ann: Client
) -> None:
    lesson = OutputTypeFactory(slug="how-to", name="How-to")
    answer = add(ann, files=[text_file()], output_type=lesson.pk)
    item = the_item()
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("km_pages:edit_draft", args=[item.pk])
    assert not item.live
    assert (item.owner, item.holder, item.home_team) == (world.author, world.author, world.team)
    again = ann.get(answer.headers["Location"]).content.decode()
    for text in (
        "How to restart the label printer",
        "For whoever has the early shift.",
        "Switch it off.\n\nWait, then switch it on.",
        "notes.txt",
        "Your draft is saved",
    ):
        assert text in again
    assert item.output_type == lesson


def test_what_is_typed_never_becomes_markup(world: World, ann: Client) -> None:
    """Case 20."""
    evil = "<script>alert(1)</script> & <b>bold</b>"
    add(ann, title=evil, summary=evil, notes=evil)
    item = the_item()
    page = ann.get(reverse("km_pages:edit_draft", args=[item.pk])).content.decode()
    assert "<script>alert" not in page
    assert str(item.body[0].value.source) == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;</p>"
    )
    # Saved again as it was shown, it is the same text.
    ann.post(
        reverse("km_pages:edit_draft", args=[item.pk]),
        typed(title=evil, notes=page_notes(ann, item)),
    )
    assert the_item().body[0].value.source == item.body[0].value.source


def page_notes(client: Client, item: KnowledgeAssetPage) -> str:
    answer = client.get(reverse("km_pages:edit_draft", args=[item.pk]))
    return str(answer.context["form"].initial["notes"])


def test_a_draft_can_be_changed_and_its_files_put_in_another_order(
    world: World, ann: Client
) -> None:
    add(ann, files=[text_file("one.txt", b"one"), text_file("two.txt", b"two")])
    item = the_item()
    one, two = StoredFile.objects.order_by("pk")
    url = reverse("km_pages:edit_draft", args=[item.pk])
    new = text_file("three.txt", b"three")
    answer = ann.post(url, typed(title="Another title", kept=[two.pk, one.pk], files=[new]))
    assert answer.status_code == 302
    item = the_item().get_latest_revision_as_object()
    assert item.title == "Another title"
    names = [each.stored_file.name for each in item.attachments.order_by("sort_order")]
    assert names == ["two.txt", "one.txt", "three.txt"]
    ann.post(url, typed(kept=[one.pk]))
    assert [each.stored_file for each in the_item().attachments.all()] == [one]
    # Older versions keep theirs.
    assert RevisionFile.objects.filter(page_id=item.pk, stored_file=two).exists()


def test_a_mistake_in_a_field_loses_neither_words_nor_files(ann: Client) -> None:
    answer = add(ann, title="", files=[text_file()], summary="Kept as it is", visibility="named")
    text = answer.content.decode()
    stored = StoredFile.objects.get()
    assert answer.status_code == 422
    assert "Kept as it is" in text
    assert f'name="kept" value="{stored.pk}"' in text
    assert 'href="#id_title"' in text
    assert 'href="#id_people"' in text
    assert "Error:" in text
    assert not KnowledgeAssetPage.objects.exists()


def test_a_refused_file_loses_nothing_else(ann: Client) -> None:
    answer = add(ann, files=[text_file(), text_file("setup.exe", b"MZ")], do="share")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A file was not added" in text
    assert "setup.exe: This file was not added, because it is a program" in text
    assert "How to restart the label printer" in text
    assert f'name="kept" value="{StoredFile.objects.get().pk}"' in text
    assert not KnowledgeAssetPage.objects.exists()


def test_a_file_over_the_limit_is_refused_while_the_rest_of_the_form_arrives(
    ann: Client, settings: Any, tmp_path: Any
) -> None:
    """Case 15."""
    settings.KM_UPLOAD_MAX_BYTES = 100
    # The fields come after the file.
    data = {"files": [text_file("large.txt", b"x" * 500_000)], **typed(do="share")}
    answer = ann.post(ADD, data)
    assert "large.txt: This file was not added" in answer.content.decode()
    assert "How to restart the label printer" in answer.content.decode()
    assert not StoredFile.objects.exists()
    assert list((tmp_path / "incoming").iterdir()) == []


def test_one_item_takes_so_many_files_and_no_more(ann: Client, settings: Any) -> None:
    settings.KM_UPLOAD_MAX_FILES = 2
    files = [text_file(f"{number}.txt", b"words %d" % number) for number in range(4)]
    answer = add(ann, files=files)
    assert answer.status_code == 422
    assert "2 files were not added" in answer.content.decode()
    kept = list(StoredFile.objects.order_by("pk"))
    assert [each.name for each in kept] == ["0.txt", "1.txt"]
    more = add(ann, kept=[each.pk for each in kept], files=[text_file("5.txt", b"5")])
    assert "one item takes at most 2 files" in more.content.decode()


def test_files_can_be_uploaded_and_removed_without_script(ann: Client) -> None:
    uploaded = add(ann, do="upload", title="", files=[text_file(), text_file("b.txt", b"b")])
    text = uploaded.content.decode()
    assert uploaded.status_code == 200
    assert "For whoever has the early shift." in text
    assert "Please look at this again" not in text
    one, two = StoredFile.objects.order_by("pk")
    removed = add(ann, do=f"remove-{one.pk}", kept=[one.pk, two.pk]).content.decode()
    assert f'name="kept" value="{one.pk}"' not in removed
    assert f'name="kept" value="{two.pk}"' in removed
    assert not KnowledgeAssetPage.objects.exists()


def test_nobody_attaches_what_somebody_else_uploaded(world: World, ann: Client) -> None:
    theirs = StoredFileFactory(uploader=world.member)
    add(ann, kept=[theirs.pk, "9" * 400, "-1", "x"])
    assert not the_item().attachments.exists()
    assert theirs.name not in add(ann, title="", kept=[theirs.pk]).content.decode()


def test_one_adds_to_ones_own_teams_only(world: World, ann: Client) -> None:
    answer = add(ann, team="outpatients")
    assert answer.status_code == 422
    assert not KnowledgeAssetPage.objects.exists()
    nobody = client_of(UserFactory())
    assert "You are not in a team yet" in nobody.get(ADD).content.decode()
    add(nobody)
    assert not KnowledgeAssetPage.objects.exists()


def test_somebody_with_several_teams_chooses_one(world: World) -> None:
    second = TeamFactory(name="Theatre", slug="theatre", members=[world.author])
    TeamSpacePageFactory(team=second)
    ann = client_of(world.author)
    assert "Only the team you chose sees this" in ann.get(ADD).content.decode()
    assert 'value="theatre" selected' in ann.get(f"{ADD}?team=theatre").content.decode()
    assert add(ann, team="").status_code == 422
    add(ann, team="theatre")
    assert the_item().home_team == second


def test_who_sees_it_is_said_in_words(ann: Client) -> None:
    text = ann.get(ADD).content.decode()
    assert "Only Ward 7 sees this" in text
    assert "It is on the open web" in text


def test_the_holder_is_a_colleague_or_nobody_here(world: World, ann: Client) -> None:
    page = ann.get(ADD).content.decode()
    assert "Henry Example" in page
    assert "Olga Example" not in page
    assert add(ann, holder=world.stranger.pk).status_code == 422
    add(ann, holder=world.holder.pk)
    assert the_item().holder == world.holder
    again = ann.get(reverse("km_pages:edit_draft", args=[the_item().pk])).content.decode()
    assert "Send to Henry Example" in again


def test_saving_again_does_not_make_somebody_elses_knowledge_ones_own(
    world: World, ann: Client
) -> None:
    add(ann, holder="none")
    url = reverse("km_pages:edit_draft", args=[the_item().pk])
    assert the_item().holder is None
    assert ann.get(url).context["form"]["holder"].value() == "none"
    add(ann, title="Second", holder=world.holder.pk)
    world.holder.is_active = False
    world.holder.save()
    second = KnowledgeAssetPage.objects.get(title="Second")
    shown = ann.get(reverse("km_pages:edit_draft", args=[second.pk])).context["form"]
    assert shown["holder"].value() == str(world.holder.pk)
    assert str(world.holder.pk) in dict(shown.fields["holder"].choices)


def test_named_people_need_an_account_here(world: World, ann: Client) -> None:
    answer = add(ann, visibility="named", people="mina@example.org, nobody@example.org")
    assert answer.status_code == 422
    assert "Nobody here has this address: nobody@example.org" in answer.content.decode()
    add(ann, visibility="named", people="Mina@example.org\n olga@example.org")
    assert set(the_item().named_people.all()) == {world.member, world.stranger}


def test_too_many_named_people_are_refused(ann: Client, settings: Any) -> None:
    settings.KM_NAMED_PEOPLE_LIMIT = 1
    answer = add(ann, visibility="named", people="mina@example.org olga@example.org")
    assert "Name at most 1 people" in answer.content.decode()


def test_a_lesson_takes_three_fields(world: World, ann: Client) -> None:
    answer = ann.post(
        reverse("km_pages:add_lesson"),
        {
            "title": "Ring the lab before you send the van",
            "summary": "The van waited for two hours.",
            "notes": "Ring 2214 first.",
            "team": "ward-7",
            "visibility": "team",
            "do": "share",
        },
    )
    item = the_item()
    assert answer.headers["Location"] == reverse("km_pages:sent", args=[item.pk])
    assert item.live
    assert (item.output_type.slug, item.holder) == ("lesson", world.author)


def test_what_it_came_out_of_is_kept_if_one_may_see_it(ann: Client) -> None:
    technique, secret = TechniquePageFactory(), KnowledgeAssetPageFactory(visibility="named")
    add(ann, **{"from": secret.pk})
    add(ann, **{"from": technique.pk, "title": "Second"})
    first, second = KnowledgeAssetPage.objects.exclude(pk=secret.pk).order_by("pk")
    assert first.came_from is None
    assert second.came_from_id == technique.pk


def test_the_form_adds_no_queries_for_each_file(
    world: World, ann: Client, django_assert_max_num_queries: Any
) -> None:
    add(ann)
    files = [StoredFileFactory(uploader=world.author) for _n in range(20)]
    url = reverse("km_pages:edit_draft", args=[the_item().pk])
    ann.get(url)
    ann.post(url, typed(kept=[files[0].pk]))
    ann.get(url)
    with django_assert_max_num_queries(100) as one:
        ann.get(url)
        # Counted inside: the next request empties the connection's list of queries.
        queries = len(one.captured_queries)
    assert queries
    ann.post(url, typed(kept=[each.pk for each in files]))
    ann.get(url)
    # Reading a revision costs modelcluster two look-ups for each child; ours must add none.
    with django_assert_max_num_queries(queries + 2 * (len(files) - 1)):
        ann.get(url)
