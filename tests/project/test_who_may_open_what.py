"""Every address × every role × every item: what is opened, and what is named in a list.

One world serves all roles of a test, because making it takes seconds. A public route without an
entry in ``ROUTES`` fails; so does an answer that names an item which the reader may not see (cases
23 and 24).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.models import Page

from km_pages.actions.open_team import OpenTeam
from km_pages.actions.share_item import ask_holder
from km_pages.drain import drain
from km_pages.models import HolderApproval, Invitation, KnowledgeAssetPage, TechniquePage
from km_pages.setup.structure import EDITORS, MANAGERS
from km_pages.visibility import Visibility
from km_toolkit.models import Handover, RecordPaper
from km_toolkit.record_papers import make_paper
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    PostFactory,
    StoredFileFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.toolkit.learning import make_module
from tests.toolkit.recording import entry_of

pytestmark = pytest.mark.django_db

SIGN_IN, GONE, OPEN, NO = "sign in", "not found", "opens", "refused"

SEEN = {
    "anonymous": {"open"},
    "outsider": {"open", "organisation"},
    "member": {"open", "organisation", "team"},
    "steward": {"open", "organisation", "team"},
    "other": {"open", "organisation"},
    "other steward": {"open", "organisation"},
    "removed": {"open", "organisation"},
    "named": {"open", "organisation", "named"},
    "holder": {"open", "organisation", "team", "named"},
    "owner": {"open", "organisation", "team", "named", "draft"},
    "editor": {"open", "organisation"},
    "manager": {"open", "organisation", "team"},
    "superuser": {"open", "organisation", "team", "named", "draft"},
}
# Whose drafts a role may find in lists, besides the above.
DRAFTS = {"steward": {"draft"}, "holder": {"draft"}}
ROLES = list(SEEN)
SIGNED_IN = [role for role in ROLES if role != "anonymous"]


BODY = [
    ("contacts", {"entries": [{"name": "Desk", "what_for": "Beds"}]}),
    ("dates", {"entries": [{"what": "Stock", "when_text": "in May", "month": "5"}]}),
]


def only(*roles: str) -> dict[str, str]:
    """An address that opens for ``roles``; anonymous sign in, the rest find nothing."""
    table = dict.fromkeys(ROLES, GONE) | dict.fromkeys(roles, OPEN)
    return table | {"anonymous": SIGN_IN}


ANYBODY = dict.fromkeys(ROLES, OPEN)
PEOPLE = dict.fromkeys(SIGNED_IN, OPEN) | {"anonymous": SIGN_IN}
KEEPERS = only("steward", "manager", "superuser")

# Route name -> (arguments by name of the world, what each role gets by GET). ``None``: POST only.
ROUTES: dict[str, tuple[dict[str, str], dict[str, str] | None]] = {
    "health": ({}, ANYBODY),
    "media": ({"path": "documents/private.pdf"}, dict.fromkeys(ROLES, GONE)),
    "login": ({}, ANYBODY),
    "logout": ({}, None),
    "password_reset": ({}, ANYBODY),
    "password_reset_done": ({}, ANYBODY),
    "password_reset_confirm": ({"uidb64": "x", "token": "y"}, ANYBODY),
    "password_reset_complete": ({}, ANYBODY),
    "km_pages:search": ({}, ANYBODY),
    "km_pages:suggest": ({}, ANYBODY),
    "km_pages:finder": ({}, ANYBODY),
    "km_pages:technique_cards": ({}, ANYBODY),
    "km_pages:search_opened": ({}, None),
    "km_pages:search_missing": ({}, None),
    "km_pages:search_description": ({}, ANYBODY),
    "km_pages:search_feed": ({}, dict.fromkeys(ROLES, GONE)),
    "km_pages:collection_feed": ({"pk": "draft"}, dict.fromkeys(ROLES, GONE)),
    "km_pages:team_feed": ({"slug": "team"}, ANYBODY),
    "km_pages:follow": ({}, PEOPLE),
    "km_pages:change_following": ({"pk": "draft"}, None),
    "km_pages:remove_following": ({"pk": "draft"}, None),
    "km_pages:stop_following": ({"token": "no-such-token"}, ANYBODY),
    "km_pages:my_offer": ({}, PEOPLE),
    "km_pages:take_back_offer": ({}, None),
    # Sends on to one's own page where nothing was kept.
    "km_pages:typed": ({}, PEOPLE),
    "km_pages:theme": ({}, ANYBODY),
    "km_pages:sign_in_link": ({}, dict.fromkeys(ROLES, GONE)),
    "km_pages:use_sign_in_link": ({"secret": "secret"}, dict.fromkeys(ROLES, GONE)),
    "km_pages:sitemap": ({}, ANYBODY),
    "km_pages:sitemap_part": ({"section": "pages"}, ANYBODY),
    "km_pages:robots": ({}, ANYBODY),
    "km_pages:technique_feed": ({}, ANYBODY),
    "km_pages:open_item_feed": ({}, ANYBODY),
    "km_pages:add": ({}, PEOPLE),
    "km_pages:add_lesson": ({}, PEOPLE),
    "km_pages:add_each": ({}, PEOPLE),
    "km_pages:upload": ({}, None),
    "km_pages:begin_parts": ({}, None),
    "km_pages:part": ({"key": "upload"}, dict.fromkeys(ROLES, GONE) | {"anonymous": "401"}),
    "km_pages:edit_draft": ({"pk": "draft"}, only("owner", "holder")),
    "km_pages:sent": ({"pk": "draft"}, only("owner", "holder")),
    "km_pages:take_back": ({"pk": "draft"}, None),
    "km_pages:delete_draft": ({"pk": "draft"}, only("owner")),
    "km_pages:still_right": ({"pk": "team"}, None),
    "km_pages:item_contacts": (
        {"pk": "team"},
        only("member", "steward", "holder", "owner", "manager", "superuser"),
    ),
    "km_pages:item_dates": (
        {"pk": "team"},
        only("member", "steward", "holder", "owner", "manager", "superuser"),
    ),
    "km_pages:file_versions": ({"pk": "team", "uuid": "file"}, only("owner", "holder")),
    "km_pages:approvals": ({}, PEOPLE),
    "km_pages:holder_approval": ({"pk": "approval"}, only("holder")),
    "km_pages:moderation": (
        {"pk": "moderation"},
        only("steward", "editor", "manager", "superuser"),
    ),
    "km_pages:my_page": ({}, PEOPLE),
    "km_pages:file": (
        {"uuid": "file", "name": "name"},
        only("owner", "holder", "member", "steward", "manager", "superuser"),
    ),
    "km_pages:file_page": (
        {"uuid": "file"},
        only("owner", "holder", "member", "steward", "manager", "superuser"),
    ),
    "km_pages:delete_file": ({"uuid": "file"}, None),
    "km_pages:file_shown": (
        {"uuid": "file", "name": "name"},
        only("owner", "holder", "member", "steward", "manager", "superuser"),
    ),
    "km_pages:file_thumbnail": (
        {"uuid": "file"},
        only("owner", "holder", "member", "steward", "manager", "superuser"),
    ),
    "km_pages:team_people": ({"slug": "team"}, KEEPERS | {"anonymous": SIGN_IN}),
    "km_pages:change_role": ({"slug": "team", "pk": "person"}, None),
    "km_pages:withdraw_invitation": ({"slug": "team", "pk": "invitation"}, None),
    "km_pages:invitation": ({"secret": "secret"}, dict.fromkeys(ROLES, GONE)),
}
# A handover whose leaver is the owner, line manager the holder, successor the person named.
INSIDE = only("owner", "holder", "named", "manager", "superuser")
DIRECTING = only("owner", "holder", "manager", "superuser")
AREA = {"pk": "handover", "area_pk": "area"}
OUTPUT = {"pk": "handover", "output_pk": "output"}
HANDOVERS: dict[str, tuple[dict[str, str], dict[str, str] | None]] = {
    "handovers": ({}, PEOPLE),
    "start_handover": ({}, PEOPLE),
    "mails": ({}, PEOPLE),
    "board": ({}, PEOPLE),
    **dict.fromkeys(
        ("post", "post_differences"),
        ({"pk": "post"}, only("owner", "holder", "member", "steward", "manager", "superuser")),
    ),
    **dict.fromkeys(
        ("dates", "pack", "pack_pdf", "pack_archive", "handover_workbook"),
        ({"pk": "handover"}, INSIDE),
    ),
    "poster": ({"pk": "handover"}, DIRECTING),
    "thanks": ({"pk": "handover"}, only("owner")),
    "calendar": ({"secret": "secret"}, dict.fromkeys(ROLES, GONE)),
    "ask_by_link": ({"secret": "secret"}, dict.fromkeys(ROLES, GONE)),
    "letter": ({"token": "no-such-token"}, ANYBODY),
    "ask": (
        {"pk": "handover"},
        only("owner", "holder", "named", "member", "steward", "manager", "superuser"),
    ),
    **dict.fromkeys(
        ("handover", "areas", "questions", "priorities", "plan", "help", "capture", "accept"),
        ({"pk": "handover"}, INSIDE),
    ),
    **dict.fromkeys(
        ("facts", "withdraw", "history", "ask_deputy"), ({"pk": "handover"}, DIRECTING)
    ),
    **dict.fromkeys(
        ("confirm", "express_or_full", "afterwards", "express"),
        ({"pk": "handover"}, only("owner")),
    ),
    "skip": ({"pk": "handover", "step": "2"}, only("owner", "holder")),
    "add_action": ({"pk": "handover"}, only("owner", "holder")),
    "action": ({"pk": "handover", "action_pk": "action"}, only("owner", "holder")),
    "area": (AREA, only("owner")),
    "told": (AREA, only("owner")),
    "question": ({"pk": "handover", "key": "question"}, only("owner")),
    "interview": ({"pk": "handover", "interview_pk": "interview"}, only("owner")),
    "new_output": ({"pk": "handover", "kind": "contacts"}, only("owner")),
    "output": (OUTPUT, only("owner")),
    "share_output": (OUTPUT, only("owner")),
    "share_areas": ({"pk": "handover"}, None),
    "say_back": (AREA, None),
    **dict.fromkeys(
        ("close_questions", "invite_to_ask", "answer_help", "offer_help", "start_interview", "gap"),
        ({"pk": "handover"}, None),
    ),
    "remove_output": (OUTPUT, None),
    "settle_gap": ({"pk": "handover", "gap_pk": "gap"}, None),
}
ROUTES |= {f"km_toolkit:{name}": entry for name, entry in HANDOVERS.items()}
# A learning record is its owner's alone, whatever rights others have.
MINE = ({"key": "learning"}, only("owner"))
RECORD: dict[str, tuple[dict[str, str], dict[str, str] | None]] = {
    **dict.fromkeys(("record", "add", "draft_token", "taken_out", "targets"), ({}, PEOPLE)),
    **dict.fromkeys(("entry", "correct", "withdraw"), MINE),
    **dict.fromkeys(("to_print", "as_pdf", "as_csv", "everything", "counts"), ({}, PEOPLE)),
    **dict.fromkeys(("paper", "paper_file"), ({"key": "paper"}, only("owner"))),
    "make_again": ({"key": "paper"}, None),
    "keep_draft": ({}, None),
    "forget_draft": ({"key": "learning"}, None),
}
ROUTES |= {f"km_record:{name}": entry for name, entry in RECORD.items()}
# A published module without a film.
LEARNING: dict[str, tuple[dict[str, str], dict[str, str] | None]] = {
    "menu_pdf": ({}, ANYBODY),
    "elsewhere": ({}, PEOPLE),
    "take_back_elsewhere": ({"pk": "module"}, None),
    "section": ({"pk": "module", "number": "1"}, ANYBODY),
    "end": ({"pk": "module"}, ANYBODY),
    "film": ({"pk": "module", "number": "1"}, dict.fromkeys(ROLES, GONE)),
    "captions": ({"pk": "module", "number": "1"}, dict.fromkeys(ROLES, GONE)),
}
ROUTES |= {f"km_learning:{name}": entry for name, entry in LEARNING.items()}
# Wagtail's own, each with tests of its own in Wagtail; what they list is walked below.
WAGTAILS = ("admin/", "documents/", "django-admin/")
WAGTAIL_NAMES = {
    "wagtail_serve",
    "wagtailcore_authenticate_with_password",
    "wagtailcore_login",
    "sitemap",
}


@pytest.fixture
def world() -> dict[str, Any]:
    """A team with one item of each kind, and somebody in every role."""
    call_command("km_setup", "--without-content", stdout=io.StringIO())
    people = {role: UserFactory() for role in SIGNED_IN}
    people["superuser"].is_superuser = people["superuser"].is_staff = True
    people["superuser"].save()
    team, other = OpenTeam(name="Ward 7").execute(), OpenTeam(name="Outpatients").execute()
    team.members_group.user_set.add(
        *(people[role] for role in ("member", "owner", "holder", "removed"))
    )
    team.members_group.user_set.remove(people["removed"])
    team.stewards_group.user_set.add(people["steward"])
    other.members_group.user_set.add(people["other"])
    other.stewards_group.user_set.add(people["other steward"])
    people["editor"].groups.add(Group.objects.get(name=EDITORS))
    people["manager"].groups.add(Group.objects.get(name=MANAGERS))
    technique = TechniquePageFactory(title="Fishbowl")
    made: dict[str, Any] = {"people": people, "team_object": team, "technique": technique}
    common = {"team": team, "owner": people["owner"], "holder": people["holder"]}
    for kind in Visibility.values:
        item = KnowledgeAssetPageFactory(
            title=title(kind),
            visibility=kind,
            named_people=[people["named"]],
            came_from=technique,
            tags=[f"tag{kind}"],
            body=BODY,
            **common,
        )
        file = StoredFileFactory(
            name=f"{title(kind)}.pdf",
            uploader=people["owner"],
            passages=[f"word{kind} zebra"],
            thumbnail=ContentFile(b"\xff\xd8\xff", name="small"),
        )
        AttachmentFactory(page=item, stored_file=file)
        item.save_revision().publish()
        made[kind] = item
        made[f"file {kind}"] = file
    draft = KnowledgeAssetPageFactory(title=title("draft"), live=False, **common)
    draft.save_revision()
    wide = KnowledgeAssetPageFactory(
        title="Waiting", live=False, visibility=Visibility.OPEN, **common
    )
    wide.save_revision()
    wide.get_workflow().start(wide, people["owner"])
    ask_holder(KnowledgeAssetPage.objects.get(pk=draft.pk), people["owner"])
    invitation = Invitation.objects.create(
        team=team, email="new@example.org", digest="0" * 64, expires_at="2099-01-01T00:00Z"
    )
    made |= {
        "draft": draft,
        "wide": wide,
        "approval": HolderApproval.objects.get(page=draft),
        "moderation": wide.current_workflow_task_state,
        "invitation": invitation,
        "person": people["member"],
        "module": make_module(),
    }
    made |= handover(team, people)
    paper = RecordPaper.objects.create(owner=people["owner"], kind="pdf", state="waiting")
    make_paper(str(paper.pk))
    made["paper"] = SimpleNamespace(pk=paper.key)
    made["learning"] = SimpleNamespace(pk=entry_of(people["owner"]).key)
    drain()
    return made


def handover(team: Any, people: dict[str, Any]) -> dict[str, Any]:
    """A handover with one record of each kind; its texts name nothing that lists may name."""
    post = PostFactory(team=team, holder=people["owner"], line_manager=people["holder"])
    made = Handover.objects.create(
        post=post,
        leaver=people["owner"],
        leaver_name="Leaver",
        line_manager=people["holder"],
        successor=people["named"],
        last_day="2099-01-01",
        state="open",
        confirmed_at=timezone.now(),
        areas_shared_at=timezone.now(),
        questions_opened_at=timezone.now(),
        thank_you=True,
    )
    area = made.areas.create(title="Area")
    return {
        "handover": made,
        "post": post,
        "area": area,
        "question": made.requests.create(text="Question", named=True, released=True),
        "action": made.actions.create(area=area, title="Do", recipient="Us", due="2099-01-01"),
        "interview": made.interviews.create(),
        "output": made.outputs.create(title="Output"),
        "gap": made.gaps.create(text="Gap"),
    }


def title(kind: str) -> str:
    """A title that no other text on any page contains."""
    return f"Quillfeather{kind}"


def client_of(world: dict[str, Any], role: str) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(world["people"][role])
    return client


def arguments(world: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    special = {
        "uuid": world["file team"].uuid,
        "name": world["file team"].name,
        "slug": world["team_object"].slug,
        "secret": "no-such-secret",
        "key": "6f2a0f5e-0000-4000-8000-000000000000",
    }
    return {key: _argument(world, special.get(key), value) for key, value in named.items()}


def _argument(world: dict[str, Any], special: Any, value: str) -> Any:
    """What a key of a route is given; ``key`` is that of a record here where one is named."""
    of_record = getattr(world.get(value), "pk", None)
    if isinstance(of_record, UUID):
        return of_record
    return special or of_record or value


def outcome(answer: Any) -> str:
    """What an answer means to the person who asked."""
    if answer.status_code == 302 and "/account/sign-in/" in answer.headers["Location"]:
        return SIGN_IN
    if answer.status_code == 404:
        return GONE
    if answer.status_code in (403, 405):
        return NO
    return OPEN if answer.status_code in (200, 302) else str(answer.status_code)


def routes(patterns: Any = None, *, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, path) of the URLconf but Wagtail's admin and documents."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(each.pattern)
        if path.startswith(WAGTAILS):
            continue
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from routes(each.url_patterns, prefix=path, space=inner)
        elif isinstance(each, URLPattern):
            yield f"{space}{each.name}", path


def test_every_public_route_has_an_entry() -> None:
    found = {name for name, _path in routes()} - WAGTAIL_NAMES
    assert found == set(ROUTES), "add the new route with what each role gets to ROUTES"


def test_each_route_answers_each_role_as_the_table_says(world: dict[str, Any]) -> None:
    for role in ROLES:
        client, wrong = client_of(world, role), []
        for name, (named, table) in ROUTES.items():
            url = reverse(name, kwargs=arguments(world, named))
            answer = client.get(url)
            expected = NO if table is None else table[role]
            got = outcome(answer)
            if table is None and role == "anonymous" and got in (SIGN_IN, "401"):
                continue
            if got != expected:
                wrong.append((name, expected, got))
        assert not wrong, role


def test_each_item_and_its_file_open_for_whom_they_should(world: dict[str, Any]) -> None:
    for role in ROLES:
        client = client_of(world, role)
        hidden = SIGN_IN if role == "anonymous" else GONE
        for kind in Visibility.values:
            expected = OPEN if kind in SEEN[role] else hidden
            file = world[f"file {kind}"]
            assert outcome(client.get(world[kind].url)) == expected, (role, kind)
            url = reverse("km_pages:file", args=[file.uuid, file.name])
            assert outcome(client.get(url)) == expected, (role, f"file of {kind}")
            assert outcome(client.head(url)) == expected
        assert outcome(client.get(world["draft"].url)) == hidden


def outlets(world: dict[str, Any]) -> list[str]:
    """Addresses that list items or speak of them."""
    space = world["team_object"].space
    pages = [page.url for page in Page.objects.filter(depth__gt=1, live=True)]
    searches = [
        reverse("km_pages:search") + query
        for query in (
            "?q=zebra",
            "?q=quillfeather*",
            "?q=",
            "?q=wordteam",
            "?q=wordnamd",
            "?q=Quillfeatherteam",
            "?q=tagteam",
        )
    ]
    mine = [reverse(f"km_pages:{name}") for name in ("my_page", "approvals", "add")]
    mine += [reverse(f"km_pages:{name}") for name in ("technique_feed", "open_item_feed")]
    return [*pages, space.url, TechniquePage.objects.get().url, *searches, *mine, "/no-such/page/"]


def test_no_list_names_what_the_reader_may_not_see(world: dict[str, Any]) -> None:
    for role in ROLES:
        client = client_of(world, role)
        allowed = SEEN[role] | DRAFTS.get(role, set())
        for url in outlets(world):
            text = client.get(url).content.decode()
            named = {kind for kind in [*Visibility.values, "draft"] if title(kind) in text}
            echoed = {kind for kind in named if title(kind) in url or f"q={title(kind)}" in url}
            assert named - echoed <= allowed, (role, url)


def test_counts_and_facets_speak_only_of_what_is_seen(world: dict[str, Any]) -> None:
    for role in ROLES:
        answer = client_of(world, role).get(reverse("km_pages:search") + "?q=zebra")
        found = answer.context["found"] if "found" in (answer.context or {}) else None
        visible = SEEN[role] & set(Visibility.values)
        text = answer.content.decode()
        assert sum(title(kind) in text for kind in Visibility.values) == len(visible)
        if found is not None:
            assert found.total == len(visible)
            assert all(v.count <= len(visible) for facet in found.facets for v in facet.values)


def admin_outlets(world: dict[str, Any]) -> list[str]:
    """Addresses of the admin that list pages or files."""
    space, item = world["team_object"].space.pk, world["team"].pk
    return [
        "/admin/",
        reverse("wagtailadmin_explore", args=[space]),
        reverse("wagtailadmin_pages:search") + "?q=Quillfeather",
        reverse("wagtailadmin_choose_page"),
        reverse("wagtailadmin_choose_page_child", args=[space]),
        reverse("wagtailadmin_choose_page_search") + "?q=Quillfeather",
        "/admin/knowledge-items/",
        "/admin/knowledge-items/?export=csv",
        "/admin/knowledge-files/",
        "/admin/knowledge-files/?export=csv",
        reverse("wagtailadmin_reports:locked_pages"),
        reverse("wagtailadmin_reports:aging_pages"),
        reverse("wagtailadmin_reports:site_history"),
        reverse("wagtailadmin_reports:workflow"),
        f"/admin/api/main/pages/?child_of={space}",
        f"/admin/api/main/pages/{item}/",
    ]


ADMIN_ROLES = ("outsider", "member", "steward", "other steward", "editor", "manager")


def test_no_list_of_the_admin_names_what_the_reader_may_not_see(world: dict[str, Any]) -> None:
    for role in ADMIN_ROLES:
        client = client_of(world, role)
        allowed = SEEN[role] | DRAFTS.get(role, set())
        for url in admin_outlets(world):
            answer = client.get(url)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = body.decode()
            named = {kind for kind in [*Visibility.values, "draft"] if title(kind) in text}
            assert named <= allowed, (role, url)


PAGE_VIEWS = (
    "edit",
    "delete",
    "copy",
    "move",
    "unpublish",
    "history",
    "workflow_history",
    "usage",
    "view_draft",
    "preview_on_edit",
    "set_privacy",
)


def test_no_view_of_the_admin_opens_an_item_that_the_reader_may_not_see(
    world: dict[str, Any],
) -> None:
    for role in ADMIN_ROLES:
        client = client_of(world, role)
        allowed = SEEN[role] | DRAFTS.get(role, set())
        for kind in [*Visibility.values, "draft"]:
            if kind in allowed:
                continue
            for name in PAGE_VIEWS:
                url = reverse(f"wagtailadmin_pages:{name}", args=[world[kind].pk])
                answer = client.get(url)
                assert answer.status_code in (302, 403, 404), (kind, name, answer.status_code)
                assert title(kind) not in answer.content.decode(), (kind, name)


def test_the_register_exports_are_for_those_who_may_enter_the_admin(world: dict[str, Any]) -> None:
    assert not Permission.objects.filter(user=world["people"]["member"]).exists()
    assert client_of(world, "member").get("/admin/knowledge-items/?export=csv").status_code == 302
