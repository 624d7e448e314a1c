"""What people type is text wherever it comes out: pages, lists, logs, messages, feeds, mails."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry, PageLogEntry

from km_pages.models import OutgoingMail
from km_pages.outbox import drain
from km_pages.work import run_due_jobs
from tests.factories import UserFactory
from tests.pages.adding import add, client_of, make_workflow, make_world, text_file, the_item

pytestmark = pytest.mark.django_db

SCRIPT = "</title></script><script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A1"
TITLE = f"{FORMULA} {SCRIPT}"


def shown(client: Client, address: str) -> str:
    """What stands at ``address``."""
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    if answer.headers["Content-Type"] == "application/json":
        # No browser takes that for a page.
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return escape(answer.content.decode())
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_markup_and_formulas_do_nothing_wherever_they_come_out() -> None:
    """Case 20."""
    world = make_world()
    make_workflow()
    world.author.first_name = SCRIPT[:150]
    world.author.save()
    author = client_of(world.author)
    given = {
        "title": TITLE,
        "summary": SCRIPT,
        "notes": f"{SCRIPT}\n\n{{{{ 7*7 }}}}",
        "tags": SCRIPT,
    }
    given |= {"files": [text_file(f"{SCRIPT[-9:]}.txt", SCRIPT.encode() * 9)], "looked": ""}
    assert add(author, **given).status_code == 302
    run_due_jobs()
    item = the_item()
    given |= {"files": [], "kept": [each.pk for each in item.attachments.all()]}
    given |= {"visibility": "organisation", "do": "share", "key": item.identifier}
    address = reverse("km_pages:edit_draft", args=[item.pk])
    answer = author.post(address, {"team": "ward-7", "holder": "me", **given}, follow=True)
    texts = {"message": answer.content.decode()}
    item.refresh_from_db()
    steward = client_of(world.steward)
    (state,) = [item.current_workflow_task_state]
    approval = reverse("km_pages:moderation", args=[state.pk])
    texts["moderation"] = shown(steward, approval)
    texts["approvals"] = shown(steward, reverse("km_pages:approvals"))
    seen = {"do": "approve", "seen": item.latest_revision_id}
    texts["approved"] = steward.post(approval, seen, follow=True).content.decode()
    drain()
    run_due_jobs()
    item.refresh_from_db()
    assert item.live
    root = client_of(UserFactory(is_superuser=True))
    pk, above = item.pk, item.get_parent().pk
    public = (item.url, item.get_parent().url, "/search/?q=alert", "/my-page/", "/search/?q=cmd")
    public += (reverse("km_pages:suggest") + "?q=alert", reverse("km_pages:open_item_feed"))
    admin = (
        "/admin/",
        f"/admin/pages/{above}/",
        f"/admin/pages/{pk}/edit/",
        "/admin/reports/site-history/",
    )
    admin += (f"/admin/pages/{pk}/history/", "/admin/knowledge-items/", "/admin/knowledge-files/")
    texts |= {each: shown(client_of(world.member), each) for each in public}
    texts |= {each: shown(root, each) for each in admin}
    assert sum("alert(1)" in text for text in texts.values()) > 8, "it came out in few places"
    for where, text in texts.items():
        assert "<script>alert(1)" not in text, where
        assert "<p>49</p>" not in text, where
    assert PageLogEntry.objects.exists()
    assert ModelLogEntry.objects.exists()
    for message in mail.outbox:
        assert not any("\n" in str(value) for value in (message.subject, *message.to))
        assert not getattr(message, "alternatives", [])
    assert mail.outbox or OutgoingMail.objects.exists()
    exported = shown(root, "/admin/knowledge-items/?export=csv")
    cells = [cell for row in csv.reader(io.StringIO(exported)) for cell in row]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    table = root.get("/admin/knowledge-items/?export=xlsx")
    content = b"".join(table.streaming_content) if table.streaming else table.content
    values: list[Any] = [
        cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row
    ]
    assert any("cmd|" in str(cell.value) for cell in values)
    assert not [cell for cell in values if cell.data_type == "f"]
