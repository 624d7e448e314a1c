"""The lists, pages of text and techniques that ship as data files in ``content/``."""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path
from typing import Any

from wagtail.models import Site

from km_pages.models import (
    Framework,
    FrameworkEntry,
    Goal,
    HomePage,
    LearningPhase,
    OutputType,
    RelatedTechnique,
    SiteSettings,
    StandardPage,
    Synonym,
    TechniqueFormat,
    TechniqueIndexPage,
    TechniquePage,
    Topic,
)
from km_pages.setup.plan import SetupStep, read_data, read_folder
from km_pages.setup.structure import named, publish_below

FOLDER = Path(__file__).resolve().parent.parent / "content"
LISTS = {
    "phases": LearningPhase,
    "goals": Goal,
    "output_types": OutputType,
    "topics": Topic,
    "frameworks": Framework,
}
TECHNIQUE_TEXTS = (
    "strapline",
    "purpose",
    "knowledge_type",
    "cadence",
    "preparation",
    "preparation_time",
    "opening_words",
    "closing_words",
    "invitation_text",
    "who_sees_output",
    "escalation",
    "video_url",
    "elearning_url",
    "source_credit",
    "licence",
    "contact",
)


def content_steps() -> list[SetupStep]:
    """The steps of this module, one for each entry, page and technique."""
    steps = []
    lists = read_data(FOLDER / "lists.yaml")
    synonyms = lists.pop("synonyms")
    for name, rows in lists.items():
        for number, row in enumerate(rows):
            steps.append(
                SetupStep(
                    key=f"{name}:{row['slug']}",
                    description=f"{name.replace('_', ' ')}: {row['name']}",
                    run=partial(make_entry, name, {"sort_order": number, **row}),
                    order=30,
                    content=True,
                )
            )
    steps.append(
        SetupStep(
            key="synonyms",
            description="other words for the search",
            run=partial(make_synonyms, synonyms),
            order=31,
            content=True,
        )
    )
    steps += _steps("page", FOLDER / "pages", make_standard_page, 40)
    steps.append(
        SetupStep(
            key="footer",
            description="Links in the footer to the pages of text",
            run=make_footer,
            order=45,
            content=True,
        )
    )
    steps += _steps("technique", FOLDER / "techniques", make_technique, 50)
    steps += _steps("technique-links", FOLDER / "techniques", link_technique, 51)
    return steps


def _steps(kind: str, folder: Path, run: Any, order: int) -> list[SetupStep]:
    return [
        SetupStep(
            key=f"{kind}:{row['slug']}",
            description=f"{kind.replace('-', ' ')}: {row['title']}",
            run=partial(run, row),
            order=order,
            content=True,
        )
        for row in read_folder(folder)
    ]


def make_entry(name: str, row: dict[str, Any]) -> None:
    """One entry of a list, unless there is one of that slug."""
    model = LISTS[name]
    known = {field.name for field in model._meta.concrete_fields}
    values = {key: value for key, value in row.items() if key in known and value is not None}
    model._default_manager.get_or_create(slug=values.pop("slug"), defaults=values)


def make_synonyms(rows: list[dict[str, Any]]) -> None:
    """Other words for the search, each unless there is one for the same two."""
    for row in rows:
        both_ways = not row.get("one_way", False)
        Synonym.objects.get_or_create(
            words=row["words"], also=row["also"], defaults={"both_ways": both_ways}
        )


def lines(values: list[Any] | None) -> list[tuple[str, str]]:
    """A list of texts as the value of a StreamField of lines."""
    return [("line", str(value)) for value in values or []]


def blocks(kind: str, rows: list[dict[str, Any]] | None) -> list[tuple[str, dict[str, Any]]]:
    """A list of mappings as the value of a StreamField with one kind of block."""
    return [
        (kind, {key: "" if value is None else value for key, value in row.items()})
        for row in rows or []
    ]


def step_blocks(rows: list[dict[str, Any]] | None) -> list[tuple[str, dict[str, Any]]]:
    """Steps of a data file as the value of a StreamField of steps."""
    keys = ("title", "minutes", "who", "instruction", "prompt")
    return blocks("step", [{key: row.get(key) for key in keys} for row in rows or []])


def source_blocks(rows: list[dict[str, Any]] | None) -> list[tuple[str, dict[str, Any]]]:
    """Sources of a data file; dates become text."""
    keys = ("title", "publisher", "url", "note", "date")
    return blocks("source", [{key: _text(row.get(key)) for key in keys} for row in rows or []])


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def make_technique(row: dict[str, Any]) -> None:
    """One technique with its formats, below the list of techniques."""
    parent = TechniqueIndexPage.objects.first()
    if parent is None or TechniquePage.objects.filter(slug=row["slug"]).exists():
        return
    page = TechniquePage(
        title=row["title"],
        slug=row["slug"],
        primary_phase=named(LearningPhase, row.get("primary_phase")),
        last_reviewed=row.get("last_reviewed"),
        for_leaving=bool(row.get("for_leaving")),
        also_known_as=lines(row.get("also_known_as")),
        when_to_use=lines(row.get("when_to_use")),
        materials=lines(row.get("materials")),
        key_questions=lines(row.get("key_questions")),
        tips=lines(row.get("tips")),
        pitfalls=lines(row.get("pitfalls")),
        roles=blocks("role", row.get("roles")),
        outputs=blocks("output", row.get("outputs")),
        variations=blocks("variation", row.get("variations")),
        examples=blocks("example", row.get("examples")),
        sources=source_blocks(row.get("sources")),
        search_description=_text(row.get("strapline")),
        **{key: _text(row.get(key)) for key in TECHNIQUE_TEXTS},
    )
    page.formats = [make_format(each, n) for n, each in enumerate(row.get("formats") or [])]
    parent = TechniqueIndexPage.objects.get(pk=parent.pk)
    parent.add_child(instance=page)
    page.phases = list(LearningPhase.objects.filter(slug__in=row.get("phases") or []))
    page.goals = list(Goal.objects.filter(slug__in=row.get("goals") or []))
    page.framework_entries = framework_entries(row["slug"])
    page.save_revision().publish()


def make_format(row: dict[str, Any], number: int) -> TechniqueFormat:
    """One format of a data file."""
    minutes, people = row.get("minutes") or {}, row.get("people") or {}
    return TechniqueFormat(
        sort_order=number,
        kind=row["kind"],
        label=_text(row.get("label")),
        setting=row.get("setting") or TechniqueFormat.Setting.IN_PERSON,
        ongoing=bool(row.get("ongoing")),
        minutes_min=minutes.get("min"),
        minutes_max=minutes.get("max"),
        best_minutes_min=minutes.get("best_min"),
        best_minutes_max=minutes.get("best_max"),
        minutes_note=_text(row.get("minutes_note")),
        people_min=people.get("min"),
        people_max=people.get("max"),
        best_people_min=people.get("best_min"),
        best_people_max=people.get("best_max"),
        steps=step_blocks(row.get("steps")),
    )


def framework_entries(slug: str) -> list[FrameworkEntry]:
    """The places of one technique in the frameworks of ``lists.yaml`` that exist here."""
    found = []
    for framework in read_data(FOLDER / "lists.yaml").get("frameworks", []):
        kept = Framework.objects.filter(slug=framework["slug"]).first()
        for entry in framework.get("entries", []) if kept else []:
            if entry["technique"] == slug:
                found.append(
                    FrameworkEntry(
                        framework=kept,
                        position=entry.get("position") or 0,
                        included=_yes_no(entry.get("included")),
                    )
                )
    return found


def _yes_no(value: Any) -> str:
    # YAML 1.1 reads a bare yes or no as a truth value.
    words = {True: "yes", False: "no", None: "unclear"}
    return words.get(value, value) if not isinstance(value, str) else value


def link_technique(row: dict[str, Any]) -> None:
    """Links from one technique to others, once all of them are there; none where somebody wrote."""
    page = TechniquePage.objects.filter(slug=row["slug"]).first()
    if page is None or _has_its_own(page):
        return
    slugs = {each["technique"] for each in row.get("related") or []}
    slugs |= {each["instead"] for each in row.get("when_not_to_use") or [] if each.get("instead")}
    others = {each.slug: each for each in TechniquePage.objects.filter(slug__in=slugs)}
    page.related_links = [
        RelatedTechnique(other=others[each["technique"]], relation=each["relation"])
        for each in row.get("related") or []
        if each["technique"] in others
    ]
    page.when_not_to_use = [
        (
            "case",
            {
                "situation": each["situation"],
                "instead": others.get(each.get("instead")),
                "instead_text": _text(each.get("instead_text")),
                "moment": _text(each.get("moment")),
                **{name: each.get(name) for name in ("fewer_than", "more_than", "shorter_than")},
            },
        )
        for each in row.get("when_not_to_use") or []
    ]
    page.save_revision().publish()


def _has_its_own(page: TechniquePage) -> bool:
    """Whether ``page`` was saved by somebody, or names others already."""
    by_somebody = page.revisions.filter(user__isnull=False).exists()
    return bool(
        by_somebody
        or page.has_unpublished_changes
        or page.when_not_to_use
        or page.related_links.exists()
    )


def make_standard_page(row: dict[str, Any]) -> None:
    """One page of text below the home page."""
    home = HomePage.objects.first()
    if home is None or StandardPage.objects.filter(slug=row["slug"]).exists():
        return
    page = StandardPage(
        title=row["title"],
        slug=row["slug"],
        introduction=_text(row.get("introduction")),
        body=list(body_blocks(row.get("body") or [])),
        search_description=_text(row.get("introduction"))[:250],
    )
    publish_below(home, page)


def make_footer() -> None:
    """Links to the shipped pages of text, unless somebody has put links into the footer."""
    site = Site.objects.filter(is_default_site=True).first()
    home = HomePage.objects.first()
    if site is None or home is None:
        return
    settings = SiteSettings.for_site(site)
    if settings.footer_links:
        return
    slugs = [row["slug"] for row in read_folder(FOLDER / "pages")]
    pages = StandardPage.objects.child_of(home).filter(slug__in=slugs).order_by("path")
    settings.footer_links = [
        ("link", {"label": page.title[:60], "page": page, "url": ""}) for page in pages
    ]
    settings.save()


def body_blocks(rows: list[dict[str, Any]]) -> Any:
    """Paragraphs, headings, lists, quotes and call-outs of a data file as blocks of a page."""
    run: list[str] = []
    for row in rows:
        kind = row["type"]
        if kind in ("quote", "callout"):
            if run:
                yield ("text", "".join(run))
                run = []
            yield _special(kind, row)
        else:
            run.append(as_html(kind, row))
    if run:
        yield ("text", "".join(run))


def _special(kind: str, row: dict[str, Any]) -> tuple[str, dict[str, str]]:
    if kind == "quote":
        return "quote", {"quote": row["text"], "who": _text(row.get("who"))}
    return "callout", {
        "kind": row.get("kind") or "note",
        "title": _text(row.get("title")),
        "text": row["text"],
    }


def as_html(kind: str, row: dict[str, Any]) -> str:
    """One heading, list or paragraph as HTML of Wagtail's rich text."""
    if kind == "heading":
        return f"<h2>{html.escape(row['text'])}</h2>"
    if kind == "list":
        items = "".join(f"<li>{html.escape(_text(item))}</li>" for item in row["items"])
        return f"<ul>{items}</ul>"
    parts = [part.strip() for part in row["text"].split("\n\n")]
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts if part)
