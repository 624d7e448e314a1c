"""The learning record: what its owner writes is never lost, never doubled, and theirs alone."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given as for_all
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry

from km_pages.actions.errors import ActionError
from km_pages.models import StoredFile
from km_pages.models.attaching import files_seen_by, files_to_attach
from km_pages.sweep import sweep
from km_toolkit.actions.record_learning import BringBackEntry, CorrectEntry, WithdrawEntry
from km_toolkit.models import (
    Handover,
    LearningDraft,
    LearningEntry,
    LearningScheme,
    LearningTarget,
)
from km_toolkit.record_totals import Counted, gap_of, sum_of, time_in_words, totals_of
from km_toolkit.setup import make_schemes
from km_toolkit.signals import module_completed
from tests.factories import (
    ActivityPageFactory,
    PostFactory,
    TeamFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.toolkit.recording import SECRET, entry_of, learned, posted, scheme

database = [pytest.mark.django_db, pytest.mark.postgres_too]
ADD, KEEP = "/learning/record/add/", "/learning/record/draft/"


@pytest.fixture
def me() -> Any:
    return UserFactory(first_name="Mara", last_name="Quill")


@pytest.fixture
def client(me: Any) -> Client:
    made = Client()
    made.force_login(me)
    return made


def url(name: str, *args: Any) -> str:
    return reverse(f"km_record:{name}", args=args)


def mine(me: Any) -> Any:
    return LearningEntry.objects.of(me)


class TestWriting:
    """Adding, correcting, taking out."""

    pytestmark = database

    def test_the_same_form_sent_twice_makes_one_entry(self, me: Any, client: Client) -> None:
        form = posted()
        first, second = client.post(ADD, form), client.post(ADD, form)
        assert first.url == second.url
        entry = mine(me).get()
        assert (entry.minutes, entry.participatory_minutes) == (45, 30)
        assert entry.reflection == SECRET

    def test_two_devices_lose_nothing_and_double_nothing(self, me: Any, client: Client) -> None:
        phone = posted(what="Fishbowl", window=str(uuid.uuid4()))
        kept = client.post(KEEP, phone).json()
        desk = {**phone, "window": str(uuid.uuid4()), "seen": kept["seen"]}
        # The desk goes on with the draft; the phone, which does not know, types as well.
        client.post(KEEP, {**desk, "aim": "from the desk"})
        answer = client.post(KEEP, {**phone, "aim": "from the phone", "seen": kept["seen"]}).json()
        assert answer["key"] != kept["key"]
        assert "other" in answer
        aims = {draft.content["aim"][0] for draft in LearningDraft.objects.filter(owner=me)}
        assert aims == {"from the desk", "from the phone"}
        # Both send: two different entries, and no draft is left.
        client.post(ADD, {**desk, "aim": "from the desk"})
        client.post(ADD, {**phone, "aim": "from the phone", "key": answer["key"]})
        assert {each.aim for each in mine(me)} == aims
        assert not LearningDraft.objects.exists()

    def test_a_late_save_of_a_form_that_was_sent_makes_no_draft(
        self, me: Any, client: Client
    ) -> None:
        form = posted()
        client.post(ADD, form)
        assert client.post(KEEP, {**form, "what": "After act"}).json() == {"sent": True}
        assert not LearningDraft.objects.exists()
        # What is said to its reader is left for the page.
        assert "Only you can see it." in client.get(url("record")).content.decode()
        # Another device that still has it open and typed on is kept.
        other = {**form, "window": str(uuid.uuid4()), "aim": "more"}
        answer = client.post(ADD, other)
        assert answer.status_code == 200
        assert LearningDraft.objects.get().content["aim"] == ["more"]
        assert mine(me).count() == 1

    def test_a_closed_tab_is_gone_on_with(self, client: Client) -> None:
        form = posted(minutes="", aim="half a sent")
        kept = client.post(KEEP, form).json()
        assert (
            "After action review of the winter rota" in client.get(url("record")).content.decode()
        )
        page = client.get(f"{ADD}?draft={kept['key']}").content.decode()
        assert "half a sent" in page
        assert "Please look at this again" not in page

    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, client: Client) -> None:
        wrong = client.post(ADD, posted(participatory_minutes="46"))
        assert wrong.status_code == 422
        assert "more than the whole time" in wrong.content.decode()
        assert LearningDraft.objects.get().content["reflection"] == [SECRET]
        alone = client.post(ADD, posted(activity="read"))
        assert "not time with other people" in alone.content.decode()
        assert not LearningEntry.objects.exists()

    def test_a_signed_out_save_says_so_and_stores_nothing(self) -> None:
        assert Client().post(KEEP, posted()).status_code == 401
        assert not LearningDraft.objects.exists()

    def test_a_correction_supersedes_and_the_old_one_stays(self, me: Any, client: Client) -> None:
        old = entry_of(me)
        new = CorrectEntry(owner=me, entry=old, learned=learned(minutes=50)).execute()
        old.refresh_from_db()
        assert (old.minutes, old.is_newest) == (45, False)
        assert list(mine(me).current()) == [new]
        page = client.get(url("entry", new.key)).content.decode()
        assert "What it said before" in page
        assert SECRET in page
        assert url("entry", new.key) in client.get(url("entry", old.key)).content.decode()
        with pytest.raises(ActionError):
            CorrectEntry(owner=me, entry=old, learned=learned(minutes=51)).execute()

    def test_nothing_changed_is_no_correction(self, me: Any) -> None:
        old = entry_of(me)
        assert CorrectEntry(owner=me, entry=old, learned=learned()).execute() == old

    def test_an_entry_is_taken_out_and_brought_back(self, me: Any, client: Client) -> None:
        entry = entry_of(me)
        client.post(url("withdraw", entry.key), {"do": "out"})
        assert not mine(me).current().exists()
        assert entry.what in client.get(url("taken_out")).content.decode()
        client.post(url("withdraw", entry.key), {"do": "back"})
        assert mine(me).current().exists()

    def test_one_completion_makes_one_entry_even_after_a_correction(self, me: Any) -> None:
        first = entry_of(me, origin="module", origin_key="module:7")
        assert entry_of(me, origin="module", origin_key="module:7") == first
        CorrectEntry(owner=me, entry=first, learned=learned(minutes=35)).execute()
        entry_of(me, origin="module", origin_key="module:7", minutes=99)
        assert [each.minutes for each in mine(me).current()] == [35]
        other = UserFactory()
        assert entry_of(other, origin="module", origin_key="module:7").owner == other

    def test_a_technique_fills_the_form_in(self, me: Any, client: Client) -> None:
        page = TechniquePageFactory(title="Fishbowl")
        form = client.get(f"{ADD}?page={page.pk}&as=facilitated").content.decode()
        assert "Fishbowl" in form
        client.post(ADD, posted(page=page.pk, activity="facilitated", what="Fishbowl"))
        assert mine(me).get().page_id == page.pk

    def test_the_database_refuses_what_cannot_be(self, me: Any) -> None:
        entry = entry_of(me)
        for wrong in (
            {"minutes": 0, "participatory_minutes": 0},
            {"participatory_minutes": 46},
            {"activity": "read"},
            {"what": ""},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                LearningEntry.objects.filter(pk=entry.pk).update(**wrong)


class TestPrivacy:
    """Nobody else, whatever they may do, and nowhere."""

    pytestmark = database

    def others(self, me: Any) -> list[Any]:
        team = TeamFactory(members=[me])
        steward, superuser = UserFactory(), UserFactory(is_superuser=True, is_staff=True)
        team.stewards_group.user_set.add(steward)
        return [UserFactory(), steward, superuser]

    def test_anybody_else_gets_the_answer_for_what_does_not_exist(
        self, me: Any, client: Client
    ) -> None:
        proof = SimpleUploadedFile("proof.txt", b"attended on 4 March")
        client.post(ADD, posted(files=proof))
        kept = client.post(KEEP, posted()).json()
        entry, stored = mine(me).get(), StoredFile.objects.get()
        file = reverse("km_pages:file", args=[stored.uuid, stored.name])
        assert client.get(file).status_code == 200
        nothing = uuid.uuid4()
        for each in self.others(me):
            other = Client()
            other.force_login(each)
            for name in ("entry", "correct", "withdraw"):
                there = other.get(url(name, entry.key))
                absent = other.get(url(name, nothing))
                assert there.status_code == absent.status_code == 404
            assert other.post(url("withdraw", entry.key)).status_code == 404
            assert other.get(f"{ADD}?draft={kept['key']}").status_code == 404
            assert other.post(ADD, posted(corrects=str(entry.key))).status_code == 404
            other.post(url("forget_draft", kept["key"]))
            # A draft of the same key is made for them as any new one.
            other.post(KEEP, posted(key=kept["key"], seen="1", what="Made up"))
            for way in ("file", "file_shown"):
                address = reverse(f"km_pages:{way}", args=[stored.uuid, stored.name])
                assert other.get(address).status_code == 404
            assert other.get(reverse("km_pages:file_page", args=[stored.uuid])).status_code == 404
            page = other.get(url("record")).content.decode()
            assert entry.what not in page
            assert stored not in files_seen_by(each)
            assert stored not in files_to_attach(each)
        stranger = Client()
        for address in (url("entry", entry.key), url("entry", nothing), file, url("record")):
            assert "/account/sign-in/" in stranger.get(address).headers["Location"]
        draft = LearningDraft.objects.get(key=kept["key"])
        assert draft.owner == me
        assert draft.content["reflection"] == [SECRET]

    def test_with_an_account_goes_its_whole_record(self, me: Any, client: Client) -> None:
        client.post(ADD, posted(files=SimpleUploadedFile("proof.txt", b"attended")))
        entry = mine(me).get()
        files = tuple(entry.evidence.values_list("stored_file", flat=True))
        CorrectEntry(owner=me, entry=entry, learned=learned(minutes=50, files=files)).execute()
        client.post(KEEP, posted(kept=str(files[0])))
        me.delete()
        assert not LearningEntry.objects.exists()
        assert not LearningDraft.objects.exists()
        assert StoredFile.objects.unused().exists()

    def test_another_persons_key_is_taken_for_any_new_one(self, me: Any) -> None:
        entry, thief = entry_of(me), UserFactory()
        other = Client()
        other.force_login(thief)
        assert other.post(ADD, posted(key=str(entry.key))).status_code == 302
        theirs = mine(thief).get()
        assert theirs.key != entry.key
        other.post(ADD, posted(key=str(entry.key), corrects=str(theirs.key), minutes="50"))
        assert mine(thief).current().get().minutes == 50
        assert mine(me).get().minutes == 45

    def test_nobody_puts_another_persons_file_into_their_record(
        self, me: Any, client: Client
    ) -> None:
        client.post(ADD, posted(files=SimpleUploadedFile("proof.txt", b"attended")))
        stored, thief = StoredFile.objects.get(), UserFactory()
        other = Client()
        other.force_login(thief)
        other.post(ADD, posted(kept=str(stored.pk)))
        assert not mine(thief).get().evidence.exists()

    def test_the_log_says_that_and_never_what(self, me: Any, client: Client) -> None:
        client.post(ADD, posted(files=SimpleUploadedFile("proof-of-lanterns.txt", b"attended")))
        entry = mine(me).get()
        CorrectEntry(owner=me, entry=entry, learned=learned(minutes=50)).execute()
        newest = mine(me).current().get()
        WithdrawEntry(owner=me, entry=newest).execute()
        BringBackEntry(owner=me, entry=newest).execute()
        logged = list(ModelLogEntry.objects.all())
        written = json.dumps([[each.label, each.data] for each in logged])
        actions = {each.action for each in logged}
        assert {"km_toolkit.add_learning", "km_toolkit.correct_learning"} <= actions
        assert {"km_toolkit.withdraw_learning", "km_toolkit.bring_back_learning"} <= actions
        for word in ("lanterns", "winter", "proof"):
            assert word not in written

    def test_the_same_file_shared_and_private_are_two(self, me: Any, client: Client) -> None:
        proof = {"file": SimpleUploadedFile("proof.txt", b"attended")}
        client.post(reverse("km_pages:upload"), proof)
        client.post(ADD, posted(files=SimpleUploadedFile("proof.txt", b"attended")))
        assert sorted(StoredFile.objects.values_list("private", flat=True)) == [False, True]

    def test_evidence_is_never_swept_away(self, me: Any, client: Client) -> None:
        client.post(ADD, posted(files=SimpleUploadedFile("proof.txt", b"attended")))
        long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        StoredFile.objects.update(created_at=long_ago, unused_since=long_ago)
        sweep()
        assert StoredFile.objects.exists()

    def test_a_colleagues_name_and_a_patients_number_are_warned_of_and_never_refused(
        self, me: Any, client: Client
    ) -> None:
        colleague = UserFactory(first_name="Oswin", last_name="Tarrow")
        TeamFactory(members=[me, colleague])
        form = posted(reflection="Oswin  Tarrow was right. NHS no 943 476 5919.")
        warned = client.post(ADD, form)
        assert warned.status_code == 422
        assert not mine(me).exists()
        page = warned.content.decode()
        assert "Oswin Tarrow" in page
        assert "476" not in page.split('id="signs"')[1].split("</div>")[0]
        client.post(ADD, {**form, "looked": warned.context["signs"].digest})
        assert mine(me).exists()

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("It went well because of Tarrow.", "Tarrow"),
            ("I sat with Oswin's list.", "Oswin"),
            ("Oswin is a name, and a sentence begins with it.", ""),
            ("The tarrow on the barrow.", ""),
            ("Mrs Dunn was moved to the side room.", "Mrs Dunn"),
            ("Sister Okafor asked first.", "Sister Okafor"),
            ("I wrote down 943 476 5919 on my hand.", "NHS number"),
            ("I wrote down 943 476 5918 on my hand.", ""),
            ("We met on ward 7 in the West Wing.", ""),
        ],
    )
    def test_part_of_a_name_and_a_bare_number_are_signs_in_a_record(
        self, me: Any, client: Client, typed: str, found: str
    ) -> None:
        TeamFactory(members=[me, UserFactory(first_name="Oswin", last_name="Tarrow")])
        answer = client.post(ADD, posted(practice_change=typed))
        assert (answer.status_code == 422) == bool(found)
        if found:
            assert any(found in each for each in answer.context["signs"].found)
            # While it is typed the same is said, and it is kept all the same.
            kept = client.post(reverse("km_record:keep_draft"), posted(practice_change=typed))
            assert any(found in each for each in kept.json()["look"])
            assert me.km_learning_drafts.exists()

    def test_the_name_of_an_evidence_file_and_another_standard_are_looked_at(
        self, me: Any, client: Client
    ) -> None:
        sent = {
            **posted(),
            "files": SimpleUploadedFile("Mrs Dunn thanks.txt", b"Thank you."),
            "do": "save",
        }
        assert "Mrs Dunn" in client.post(ADD, sent).content.decode().split('id="signs"')[1]
        answer = client.post(ADD, posted(reference="As Dr Patel said"))
        assert any("Dr Patel" in each for each in answer.context["signs"].found)
        assert not mine(me).exists()


minutes = st.integers(1, 2000)
rows_of_a_record = st.lists(
    st.builds(
        lambda day, whole, part, schemes: Counted(day, whole, whole * part // 100, schemes),
        st.dates(datetime.date(2019, 1, 1), datetime.date(2026, 12, 31)),
        minutes,
        st.integers(0, 100),
        st.frozensets(st.integers(1, 4)),
    ),
    max_size=40,
)


class TestTotals:
    """Sums, whatever was recorded."""

    @for_all(rows_of_a_record)
    def test_years_add_up_to_the_whole_and_no_scheme_exceeds_it(self, rows: list[Counted]) -> None:
        totals = totals_of(rows)
        for name in ("entries", "minutes", "participatory"):
            whole = getattr(totals.everything, name)
            assert sum(getattr(each, name) for each in totals.years.values()) == whole
            assert all(getattr(each, name) <= whole for each in totals.schemes.values())
        assert totals.everything.participatory <= totals.everything.minutes
        assert totals_of(rows[::-1]) == totals

    @for_all(rows_of_a_record, minutes, st.integers(0, 100), st.none() | st.integers(1, 4))
    def test_a_gap_and_what_is_done_reach_the_target(
        self, rows: list[Counted], wanted: int, part: int, named: int | None
    ) -> None:
        target = LearningTarget(
            starts=datetime.date(2022, 1, 1),
            ends=datetime.date(2024, 12, 31),
            minutes=wanted,
            participatory_minutes=wanted * part // 100,
            scheme_id=named,
        )
        gap = gap_of(target, rows)
        inside = [each for each in rows if 2022 <= each.date.year <= 2024]
        if named:
            inside = [each for each in inside if named in each.schemes]
        assert gap.done == sum_of(inside)
        assert gap.left == max(wanted - gap.done.minutes, 0)
        assert gap.reached == (
            gap.done.minutes >= wanted and gap.done.participatory >= target.participatory_minutes
        )
        assert 0 <= gap.part <= 100

    def test_time_is_said_as_people_say_it(self) -> None:
        said = [time_in_words(each) for each in (0, 1, 60, 61, 125)]
        assert said[:3] == ["0 minutes", "1 minute", "1 hour"]
        assert said[3:] == ["1 hour 1 minute", "2 hours 5 minutes"]


class TestPages:
    """The list and what stands on it."""

    pytestmark = database

    def test_the_record_asks_as_often_for_one_entry_as_for_twenty(
        self, me: Any, client: Client, django_assert_num_queries: Any
    ) -> None:
        nmc = scheme("NMC", "Practise effectively", "Preserve safety")
        parts = frozenset(part.pk for part in nmc.parts.all())
        LearningTarget.objects.create(
            owner=me, starts="2026-01-01", ends="2026-12-31", minutes=600, scheme=nmc
        )
        entry_of(me, parts=parts)
        client.get(url("record"))
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(url("record"))
        for number in range(19):
            entry_of(me, parts=parts, what=f"Entry {number}")
        with django_assert_num_queries(len(few)):
            page = client.get(url("record"))
        assert "20 entries: 15 hours, of these 10 hours with other people." in page.content.decode()

    def test_an_entry_without_a_reflection_asks_for_one(self, me: Any, client: Client) -> None:
        said, silent = entry_of(me), entry_of(me, what="Seven minutes", reflection="")
        seen = client.get(url("record")).content.decode()
        assert seen.count("Say what you take from it") == 1
        assert f'href="{url("correct", silent.key)}"' in seen
        assert url("correct", said.key) not in seen

    def test_an_empty_record_says_how_to_begin(self, client: Client) -> None:
        assert "Write the first entry" in client.get(url("record")).content.decode()

    def test_targets_are_set_and_removed_by_their_owner_alone(
        self, me: Any, client: Client
    ) -> None:
        given = {"starts": "2026-01-01", "ends": "2028-12-31", "hours": "35"}
        client.post(url("targets"), {**given, "participatory_hours": "20"})
        target = LearningTarget.objects.get()
        assert (target.minutes, target.participatory_minutes) == (2100, 1200)
        other = Client()
        other.force_login(UserFactory())
        other.post(url("targets"), {"remove": target.pk})
        assert LearningTarget.objects.exists()
        client.post(url("targets"), {"remove": target.pk})
        assert not LearningTarget.objects.exists()


class TestStandards:
    """The schemes that editors keep."""

    pytestmark = database

    def test_the_schemes_are_data_and_an_editor_changes_their_parts(self) -> None:
        make_schemes()
        make_schemes()
        assert LearningScheme.objects.count() == 3
        nurses = LearningScheme.objects.get(name__startswith="NMC")
        editor = Client()
        editor.force_login(UserFactory(is_superuser=True, is_staff=True))
        page = editor.get(reverse("learning_schemes:edit", args=[nurses.pk])).content.decode()
        assert "Preserve safety" in page

    def test_a_scheme_no_longer_offered_stays_where_it_was_named(
        self, me: Any, client: Client
    ) -> None:
        old = scheme("Old code", "Part one")
        entry = entry_of(me, parts=frozenset([old.parts.get().pk]))
        LearningScheme.objects.update(offered=False)
        assert "Part one" not in client.get(ADD).content.decode()
        assert "Part one" in client.get(url("correct", entry.key)).content.decode()
        # Renamed or deleted by an editor: what was recorded says what it said.
        old.parts.all().delete()
        assert "Old code: Part one" in client.get(url("entry", entry.key)).content.decode()

    def test_no_register_of_the_admin_shows_what_was_recorded(self, me: Any) -> None:
        TechniquePageFactory()
        entry_of(me, what="Quizzical otters")
        boss = Client()
        boss.force_login(UserFactory(is_superuser=True, is_staff=True))
        for name in ("wagtailadmin_reports:site_history", "learning_schemes:index"):
            page = boss.get(reverse(name)).content.decode()
            assert "otters" not in page
            assert SECRET not in page


class TestWaysIn:
    """Completed modules, techniques, one's own page, and a last day that comes near."""

    pytestmark = database

    def complete(self, me: Any, **given: Any) -> None:
        values = {"page": None, "title": "Fishbowl in ten minutes", "minutes": 10}
        values |= {"completed_on": datetime.date(2026, 5, 1), "key": "module:1:1"}
        module_completed.send(sender=None, user=me, **{**values, **given})

    def test_completing_twice_makes_one_entry_whatever_the_module_says(self, me: Any) -> None:
        self.complete(me)
        self.complete(me, title="Called otherwise now")
        entry = mine(me).get()
        assert (entry.what, entry.minutes) == ("Fishbowl in ten minutes", 10)
        assert (entry.activity, entry.origin) == ("module", "module")
        self.complete(me, key="elsewhere:4", minutes=None, title="x" * 300)
        assert mine(me).filter(minutes=1).exists()

    def test_a_technique_and_an_activity_lead_into_the_record_of_who_is_signed_in(
        self, client: Client
    ) -> None:
        for page in (TechniquePageFactory(title="Fishbowl"), ActivityPageFactory(title="Top ten")):
            seen = client.get(page.url).content.decode()
            assert f"{ADD}?page={page.pk}&amp;as=facilitated" in seen
            assert f"{ADD}?page" not in Client().get(page.url).content.decode()
            assert page.title in client.get(f"{ADD}?page={page.pk}&as=read").content.decode()

    @pytest.mark.parametrize(("days", "offered"), [(15, False), (14, True), (0, True), (-1, False)])
    def test_the_record_is_offered_in_the_last_two_weeks(
        self, me: Any, client: Client, *, days: int, offered: bool
    ) -> None:
        post = PostFactory(holder=me, line_manager=UserFactory())
        day = timezone.localdate() + datetime.timedelta(days=days)
        made = Handover.objects.create(
            post=post,
            leaver=me,
            leaver_name="Mara",
            line_manager=post.line_manager,
            last_day=day,
            state="open",
            confirmed_at=timezone.now(),
        )
        handover = reverse("km_toolkit:handover", args=[made.pk])
        for address in (reverse("km_pages:my_page"), handover):
            seen = client.get(address).content.decode()
            assert ("Take your learning record with you" in seen) is offered
        manager = Client()
        manager.force_login(post.line_manager)
        seen = manager.get(handover).content.decode()
        assert "Take your learning record" not in seen
