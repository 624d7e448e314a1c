"""A team with people in it, and what they type and upload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Workflow, WorkflowPage, WorkflowTask

from km_pages.models import KnowledgeAssetPage, RepositoryPage, Team, TeamApprovalTask
from tests.factories import OutputTypeFactory, TeamFactory, TeamSpacePageFactory, UserFactory


@dataclass
class World:
    """A team's space with everybody who has a part in sharing."""

    team: Team
    author: Any
    holder: Any
    member: Any
    steward: Any
    stranger: Any


def make_world(name: str = "Ward 7") -> World:
    """Ward 7: an author, a holder, a member, a steward, and a member of another team."""
    author, holder, member, steward, stranger = (
        UserFactory(first_name=first, last_name="Example", username=f"{first.lower()}@example.org")
        for first in ("Ann", "Henry", "Mina", "Stella", "Olga")
    )
    team = TeamFactory(
        name=name, slug="ward-7", members=[author, holder, member], stewards=[steward]
    )
    TeamSpacePageFactory(team=team)
    other = TeamFactory(name="Outpatients", slug="outpatients", members=[stranger])
    TeamSpacePageFactory(team=other)
    OutputTypeFactory(slug="lesson", name="Lesson")
    return World(team, author, holder, member, steward, stranger)


def make_workflow() -> TeamApprovalTask:
    """The workflow for wider audiences, on the repository."""
    task = TeamApprovalTask.objects.create(name="Wider audience")
    workflow = Workflow.objects.create(name="Beyond the team")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(page=RepositoryPage.objects.get(), workflow=workflow)
    return task


def client_of(user: Any, **options: Any) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client(**options)
    client.force_login(user)
    return client


def text_file(name: str = "notes.txt", content: bytes = b"Ring the lab first.") -> Any:
    """A small upload."""
    return SimpleUploadedFile(name, content, content_type="text/plain")


def typed(**changes: Any) -> dict[str, Any]:
    """What somebody typed into the form."""
    return {
        "title": "How to restart the label printer",
        "summary": "For whoever has the early shift.",
        "notes": "Switch it off.\n\nWait, then switch it on.",
        "team": "ward-7",
        "visibility": "team",
        "holder": "me",
        "do": "save",
        **changes,
    }


def add(client: Client, **changes: Any) -> Any:
    """Send the form for something new."""
    return client.post(reverse("km_pages:add"), typed(**changes))


def the_item() -> KnowledgeAssetPage:
    """The only knowledge item there is."""
    return KnowledgeAssetPage.objects.get()
