"""One page of every kind that the public sees, with nothing but a title, or with far too much."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page

from km_pages.models import TechniqueIndexPage
from tests.factories import (
    ActivityPageFactory,
    KnowledgeAssetPageFactory,
    PhaseFactory,
    StandardPageFactory,
    TeamFactory,
    TeamSpacePageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    home_page,
)

# No browser breaks it by itself, and it is wider than a phone.
ONE_WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2
LONG_TITLE = (
    f"{ONE_WORD} and what the night staff of three wards should know about it " + "more " * 17
)
LONG_TEXT = f"{ONE_WORD}. " + "Somebody wrote a great deal here and did not stop. " * 60


def empty_pages(reader: Any) -> list[Page]:
    """Pages that have a title and nothing else; ``reader`` may see all of them."""
    space = TeamSpacePageFactory(team=TeamFactory(members=[reader]))
    return [
        home_page(),
        StandardPageFactory(title="Text"),
        TechniquePageFactory(title="Bare technique", strapline=""),
        TechniqueIndexPage.objects.get(),
        ActivityPageFactory(title="Bare activity"),
        Page.objects.get(slug="toolkit").specific,
        KnowledgeAssetPageFactory(parent=space, title="Bare item", summary=""),
        space,
        space.get_parent().specific,
    ]


def long_pages(reader: Any) -> list[Page]:
    """Pages with a title of 255 letters, one word of it wider than a phone, and long texts."""
    title = LONG_TITLE[:255]
    space = TeamSpacePageFactory(
        team=TeamFactory(members=[reader], name=title[:120]), introduction=LONG_TEXT
    )
    phase = PhaseFactory(slug="long", name=ONE_WORD[:80], colour="teal")
    technique = TechniquePageFactory(
        title=title,
        slug="long",
        strapline=LONG_TEXT[:160],
        purpose=LONG_TEXT,
        contact=LONG_TEXT[:255],
        invitation_text=LONG_TEXT,
        primary_phase=phase,
        phases=[phase],
    )
    step = {"title": title[:100], "minutes": 20, "who": "", "instruction": LONG_TEXT, "prompt": ""}
    TechniqueFormatFactory(technique=technique, label=title[:120], steps=[("step", step)])
    item = KnowledgeAssetPageFactory(
        parent=space, title=title, slug="long", summary=LONG_TEXT[:400], came_from=technique
    )
    return [
        StandardPageFactory(title=title, slug="long", introduction=LONG_TEXT),
        technique,
        TechniqueIndexPage.objects.get(),
        ActivityPageFactory(title=title, slug="long"),
        item,
        space,
    ]
