"""What km_toolkit adds to ``km_setup``: the toolkit, its six steps and its activities."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group

from km_pages.models import HomePage, OutputType, TechniquePage
from km_pages.setup.content import blocks, lines, source_blocks, step_blocks
from km_pages.setup.plan import SetupStep, read_data, read_folder
from km_pages.setup.structure import (
    EDITORS,
    MANAGERS,
    grant,
    grant_pages,
    named,
    publish_below,
)
from km_toolkit.models import (
    ActivityPage,
    LearningScheme,
    SchemePart,
    ToolkitPage,
    ToolkitStep,
)

FOLDER = Path(__file__).resolve().parent.parent / "content"
ACTIVITY_TEXTS = (
    "strapline",
    "purpose",
    "gives",
    "knowledge_type",
    "who_takes_part",
    "effort_label",
    "consent_wording",
    "who_checks",
    "source_credit",
    "licence",
)


def toolkit_steps() -> list[SetupStep]:
    """The steps of this module: the page, each activity, and the six steps at last."""
    make = SetupStep(
        key="tree:toolkit", description="Toolkit", run=make_toolkit, order=12, content=False
    )
    rights = SetupStep(
        key="groups:toolkit", description="Rights on the toolkit", run=grant_toolkit, order=22
    )
    activities = [
        SetupStep(
            key=f"activity:{row['slug']}",
            description=f"activity: {row['title']}",
            run=partial(make_activity, row),
            order=60,
            content=True,
        )
        for row in read_folder(FOLDER / "activities")
    ]
    fill = SetupStep(
        key="toolkit:steps",
        description="The six steps",
        run=fill_toolkit,
        order=61,
        content=True,
    )
    workbook = SetupStep(
        key="toolkit:workbook",
        description="Pages of the workbook for the six steps",
        run=add_workbook,
        order=63,
        content=True,
    )
    see = SetupStep(
        key="groups:handovers",
        description="Knowledge managers look after every handover",
        run=grant_handovers,
        order=23,
    )
    schemes = SetupStep(
        key="learning:schemes",
        description="Standards that learning records can name",
        run=make_schemes,
        order=62,
        content=True,
    )
    keep = SetupStep(
        key="groups:schemes",
        description="Knowledge editors keep the schemes of standards",
        run=grant_schemes,
        order=24,
    )
    return [make, rights, see, keep, *activities, fill, schemes, workbook]


def make_schemes() -> None:
    """The schemes of standards, each unless there is one of that name."""
    for number, row in enumerate(read_data(FOLDER / "schemes.yaml")["schemes"]):
        given = {"summary": row["summary"], "source": row.get("source") or "", "sort_order": number}
        scheme, made = LearningScheme.objects.get_or_create(name=row["name"], defaults=given)
        if made:
            SchemePart.objects.bulk_create(
                SchemePart(scheme=scheme, sort_order=place, **part)
                for place, part in enumerate(row["parts"])
            )


def grant_schemes() -> None:
    """Let knowledge editors keep the schemes of standards."""
    group = Group.objects.filter(name=EDITORS).first()
    if group is not None:
        names = [f"{verb}_learningscheme" for verb in ("add", "change", "delete")]
        grant(group, "km_toolkit", names)


def make_toolkit() -> None:
    """The toolkit page, still without its steps."""
    home = HomePage.objects.first()
    if home is not None and not ToolkitPage.objects.exists():
        title = read_data(FOLDER / "toolkit.yaml")["title"]
        publish_below(home, ToolkitPage(title=title, slug="toolkit"))


def grant_toolkit() -> None:
    """Let knowledge editors keep the toolkit and its activities."""
    group = Group.objects.filter(name=EDITORS).first()
    if group is not None:
        for page in ToolkitPage.objects.all():
            grant_pages(group, page)


def grant_handovers() -> None:
    """Let knowledge managers see and look after every handover."""
    group = Group.objects.filter(name=MANAGERS).first()
    if group is not None:
        grant(group, "km_toolkit", ["manage_handovers"])


def make_activity(row: dict[str, Any]) -> None:
    """One activity below the toolkit, unless there is one of that slug."""
    toolkit = ToolkitPage.objects.first()
    if toolkit is None or ActivityPage.objects.filter(slug=row["slug"]).exists():
        return
    weeks, minutes = row.get("weeks_before") or {}, row.get("minutes") or {}
    quick = row.get("quick_version") or {}
    page = ActivityPage(
        title=row["title"],
        slug=row["slug"],
        weeks_earliest=weeks.get("earliest"),
        weeks_latest=weeks.get("latest"),
        together=row.get("together") or ActivityPage.Together.EITHER,
        minutes_min=minutes.get("min"),
        minutes_max=minutes.get("max"),
        quick_minutes=quick.get("minutes") or 15,
        quick_steps=step_blocks(quick.get("steps")),
        steps=step_blocks(row.get("steps")),
        questions=lines(row.get("questions")),
        what_not_to_record=lines(row.get("what_not_to_record")),
        samples=samples(row),
        fill_in=blocks("field", [_field(each) for each in row.get("fill_in") or []]),
        sources=source_blocks(row.get("sources")),
        output_type=named(OutputType, row.get("output_type")),
        last_reviewed=row.get("last_reviewed"),
        search_description=row.get("strapline") or "",
        **{key: row.get(key) or "" for key in ACTIVITY_TEXTS},
    )
    ToolkitPage.objects.get(pk=toolkit.pk).add_child(instance=page)
    page.techniques = list(TechniquePage.objects.filter(slug__in=row.get("techniques") or []))
    page.save_revision().publish()


def _field(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row["label"],
        "hint": row.get("hint") or "",
        "kind": row["kind"],
        "columns": row.get("columns") or [],
    }


def samples(row: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """The good and the poor sample of a data file as blocks."""
    found = []
    for quality in ("good", "poor"):
        sample = row.get(f"{quality}_sample")
        if sample:
            found.append(("sample", {"quality": quality, **sample}))
    return found


def fill_toolkit() -> None:
    """Introduction, ways to use it and the six steps, unless an editor has begun them."""
    toolkit = ToolkitPage.objects.first()
    if toolkit is None or toolkit.steps.exists():
        return
    data = read_data(FOLDER / "toolkit.yaml")
    toolkit.introduction = toolkit.introduction or data["introduction"]
    toolkit.ways_to_use = [("way", way) for way in data.get("ways_to_use") or []]
    toolkit.source_credit = toolkit.source_credit or data.get("source_credit") or ""
    activities = {page.slug: page for page in ActivityPage.objects.all()}
    toolkit.steps = [_step(row, number, activities) for number, row in enumerate(data["steps"])]
    toolkit.save_revision().publish()


def _step(row: dict[str, Any], number: int, activities: dict[str, ActivityPage]) -> ToolkitStep:
    return ToolkitStep(
        sort_order=number,
        title=row["title"],
        strapline=row.get("strapline") or "",
        lead=row.get("lead") or "",
        with_whom=row.get("with_whom") or "",
        what_each_does=blocks("person", row.get("what_each_does")),
        record=row.get("record") or "",
        optional_note=row.get("optional_note") or "",
        minutes=row.get("minutes"),
        activities=[
            ("activity", activities[slug])
            for slug in row.get("activities") or []
            if slug in activities
        ],
        fill_in=blocks("field", [_field(each) for each in row.get("fill_in") or []]),
    )


def add_workbook() -> None:
    """The workbook's pages for a toolkit from before there were any; nothing else is touched.

    What is published gets them, and so does a draft that an editor has begun.
    """
    toolkit = ToolkitPage.objects.first()
    if toolkit is None or any(step.fill_in for step in toolkit.steps.all()):
        return
    newest = toolkit.get_latest_revision_as_object()
    rows = read_data(FOLDER / "toolkit.yaml")["steps"]
    if toolkit.has_unpublished_changes:
        if _add_pages(toolkit, rows):
            toolkit.save()
        if _add_pages(newest, rows):
            newest.save_revision()
    elif _add_pages(newest, rows):
        newest.save_revision().publish()


def _add_pages(toolkit: ToolkitPage, rows: list[dict[str, Any]]) -> bool:
    """Give each step that has none its page of the workbook. Returns whether any got one.

    A step is known by its title; one that was renamed, by its place, where none was taken away.
    """
    steps = list(toolkit.steps.all())
    by_title = {row["title"]: row for row in rows}
    in_order = rows if len(rows) == len(steps) else [{}] * len(steps)
    changed = False
    for step, row in zip(steps, in_order, strict=True):
        fields = (by_title.get(step.title) or row).get("fill_in")
        if fields and not step.fill_in:
            step.fill_in = blocks("field", [_field(each) for each in fields])
            changed = True
    if changed:
        toolkit.steps = steps
    return changed
