"""Factories of everything the tests need; pages come with the tree above them."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory
from wagtail.models import Collection, Locale, Page, Site

from km_pages.models import (
    Attachment,
    FilePassage,
    Goal,
    HomePage,
    KnowledgeAssetPage,
    LearningPhase,
    OutputType,
    Post,
    RepositoryPage,
    ScanState,
    StandardPage,
    StoredFile,
    Team,
    TeamSectionPage,
    TeamSpacePage,
    TechniqueFormat,
    TechniqueIndexPage,
    TechniquePage,
    TextState,
    Topic,
)
from km_toolkit.models import ActivityPage, ToolkitPage

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory):
    """A person with an account; the password is ``PASSWORD``."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    first_name = factory.Faker("first_name", locale="en_GB")
    last_name = factory.Faker("last_name", locale="en_GB")
    username = factory.Sequence(lambda n: f"person{n}@example.org")
    email = factory.SelfAttribute("username")

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **_kwargs: Any) -> None:
        """Set the password."""
        self.set_password(extracted or PASSWORD)
        if create:
            self.save()


class _Named(DjangoModelFactory):
    class Meta:
        abstract = True
        django_get_or_create = ("slug",)


class PhaseFactory(_Named):
    """A learning phase."""

    class Meta:
        model = LearningPhase

    slug = factory.Sequence(lambda n: f"phase-{n}")
    name = factory.LazyAttribute(lambda each: each.slug.replace("-", " ").capitalize())


class GoalFactory(_Named):
    """A goal."""

    class Meta:
        model = Goal

    slug = factory.Sequence(lambda n: f"goal-{n}")
    name = factory.LazyAttribute(lambda each: each.slug.replace("-", " ").capitalize())


class TopicFactory(_Named):
    """A topic."""

    class Meta:
        model = Topic

    slug = factory.Sequence(lambda n: f"topic-{n}")
    name = factory.LazyAttribute(lambda each: each.slug.replace("-", " ").capitalize())


class OutputTypeFactory(_Named):
    """A type of knowledge."""

    class Meta:
        model = OutputType

    slug = factory.Sequence(lambda n: f"type-{n}")
    name = factory.LazyAttribute(lambda each: each.slug.replace("-", " ").capitalize())


class TeamFactory(DjangoModelFactory):
    """A team; ``members`` and ``stewards`` may be given as lists of users."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")
    slug = factory.Sequence(lambda n: f"team-{n}")

    @factory.post_generation
    def members(self: Any, create: bool, extracted: Any, **_kwargs: Any) -> None:
        """Put people into the members' group."""
        self.members_group.user_set.add(*(extracted or []))

    @factory.post_generation
    def stewards(self: Any, create: bool, extracted: Any, **_kwargs: Any) -> None:
        """Put people into the stewards' group."""
        self.stewards_group.user_set.add(*(extracted or []))


class PostFactory(DjangoModelFactory):
    """A post in a team."""

    class Meta:
        model = Post

    title = factory.Sequence(lambda n: f"Post {n}")
    team = factory.SubFactory(TeamFactory)


def tree_root() -> Page:
    """The root of the page tree, with what Wagtail's migrations make beside it.

    A test with a live server empties the database when it ends, the migrations' rows included.
    """
    Locale.objects.get_or_create(language_code="en-gb")
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    found = Page.get_first_root_node()
    return found or Page.add_root(instance=Page(title="Root", slug="root"))


def home_page() -> HomePage:
    """The home page of the default site, made if there is none."""
    found = HomePage.objects.first()
    if found:
        return found
    root = tree_root()
    root.get_children().delete()
    root = Page.objects.get(pk=root.pk)
    home = root.add_child(instance=HomePage(title="Home", slug="home"))
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "root_page": home, "site_name": "Knowledge"},
    )
    return home


class PageFactory(DjangoModelFactory):
    """Base of the page factories: ``parent`` is where the page goes."""

    class Meta:
        abstract = True

    title = factory.Sequence(lambda n: f"Page {n}")

    @classmethod
    def default_parent(cls) -> Page:
        """Where the page goes when nothing is said."""
        return home_page()

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        parent = kwargs.pop("parent", None) or cls.default_parent()
        many = {
            name: kwargs.pop(name)
            for name in ("phases", "goals", "topics", "shared_with", "named_people", "tags")
            if name in kwargs
        }
        page = model_class(*args, **kwargs)
        # Another page may have changed the numbers that treebeard keeps on the parent.
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        for name, values in many.items():
            if name == "tags":
                page.tags.set(values)
            else:
                setattr(page, name, values)
        if many:
            page.save()
        return page


class StandardPageFactory(PageFactory):
    """A page of text."""

    class Meta:
        model = StandardPage


class TechniqueIndexPageFactory(PageFactory):
    """The list of techniques."""

    class Meta:
        model = TechniqueIndexPage

    title = "Techniques"
    slug = "techniques"


class TechniquePageFactory(PageFactory):
    """A technique below the list of techniques, with no format."""

    class Meta:
        model = TechniquePage

    title = factory.Sequence(lambda n: f"Technique {n}")
    strapline = "Learn from what has just happened"

    @classmethod
    def default_parent(cls) -> Page:
        """The list of techniques."""
        return TechniqueIndexPage.objects.first() or TechniqueIndexPageFactory()


class TechniqueFormatFactory(DjangoModelFactory):
    """One format of a technique: 20 to 45 minutes, 4 to 8 people."""

    class Meta:
        model = TechniqueFormat

    technique = factory.SubFactory(TechniquePageFactory)
    kind = TechniqueFormat.Kind.SHORT
    minutes_min = 20
    minutes_max = 45
    people_min = 4
    people_max = 8


class RepositoryPageFactory(PageFactory):
    """The repository."""

    class Meta:
        model = RepositoryPage

    title = "Repository"
    slug = "repository"


class TeamSpacePageFactory(PageFactory):
    """The space of a team in the repository."""

    class Meta:
        model = TeamSpacePage

    team = factory.SubFactory(TeamFactory)
    title = factory.LazyAttribute(lambda each: each.team.name)

    @classmethod
    def default_parent(cls) -> Page:
        """The repository."""
        return RepositoryPage.objects.first() or RepositoryPageFactory()


class TeamSectionPageFactory(PageFactory):
    """A section of a team's space; give ``parent``."""

    class Meta:
        model = TeamSectionPage


class KnowledgeAssetPageFactory(PageFactory):
    """A published knowledge item in a team's space; ``team`` names the team."""

    class Meta:
        model = KnowledgeAssetPage

    title = factory.Sequence(lambda n: f"Item {n}")
    summary = "What to know about it."
    captured_on = datetime.date(2026, 3, 2)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        team = kwargs.pop("team", None)
        if team is not None:
            space = TeamSpacePage.objects.filter(team=team).first()
            kwargs["parent"] = space or TeamSpacePageFactory(team=team)
        return super()._create(model_class, *args, **kwargs)

    @classmethod
    def default_parent(cls) -> Page:
        """The first team space, made if there is none."""
        return TeamSpacePage.objects.first() or TeamSpacePageFactory()


class StoredFileFactory(DjangoModelFactory):
    """A file that was checked and read; ``content`` are its bytes, ``passages`` its texts."""

    class Meta:
        model = StoredFile
        exclude = ("content",)
        skip_postgeneration_save = True

    content = b"%PDF-1.4 a small file"
    name = factory.Sequence(lambda n: f"notes-{n}.pdf")
    extension = "pdf"
    mime = "application/pdf"
    size = factory.LazyAttribute(lambda each: len(each.content))
    sha256 = factory.LazyAttribute(lambda each: hashlib.sha256(each.content).hexdigest())
    blob = factory.LazyAttribute(lambda each: ContentFile(each.content, name=each.name))
    uploader = factory.SubFactory(UserFactory)
    scan_state = ScanState.UNSCANNED
    text_state = TextState.READ

    @factory.post_generation
    def passages(self: Any, create: bool, extracted: Any, **_kwargs: Any) -> None:
        """Store the text of each page."""
        for number, text in enumerate(extracted or [], start=1):
            FilePassage.objects.create(
                stored_file=self, number=number, label=f"page {number}", text=text
            )


class AttachmentFactory(DjangoModelFactory):
    """A file on a knowledge item."""

    class Meta:
        model = Attachment

    page = factory.SubFactory(KnowledgeAssetPageFactory)
    stored_file = factory.SubFactory(StoredFileFactory)


class ToolkitPageFactory(PageFactory):
    """The toolkit."""

    class Meta:
        model = ToolkitPage

    title = "Toolkit"
    slug = "toolkit"


class ActivityPageFactory(PageFactory):
    """An activity of the toolkit."""

    class Meta:
        model = ActivityPage

    title = factory.Sequence(lambda n: f"Activity {n}")

    @classmethod
    def default_parent(cls) -> Page:
        """The toolkit."""
        return ToolkitPage.objects.first() or ToolkitPageFactory()
