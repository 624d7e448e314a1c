"""Which changes in the database concern the index: receivers that note them in the outbox.

Pages are noted when they are saved, not when Wagtail announces that they were published: saving
runs in one transaction with the note, the announcement comes after its commit, and a kill between
the two would lose it. A move saves the page as well, once its tree path has been changed.

Nothing is noted for memberships and view restrictions: they touch no document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.db.models.signals import ModelSignal, post_delete, post_save, pre_delete, pre_save
from taggit.models import Tag
from wagtail.models import Page, Site

from km_pages.dependants import pages_naming
from km_pages.models import Attachment, StoredFile, Team, TeamSpacePage
from km_pages.models.vocabulary import NamedEntry
from km_pages.outbox import enqueue, enqueue_many
from km_pages.projection import indexed_models
from km_pages.signals import file_read
from km_pages.visibility import tokens_of

# What Wagtail writes while a draft is edited: nothing that readers see.
DRAFT_FIELDS = frozenset(
    {
        "draft_title",
        "expire_at",
        "go_live_at",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_id",
        "latest_revision_created_at",
        "locked",
        "locked_at",
        "locked_by",
    }
)
NAMES = ("name", "slug", "colour")
NAMES_OF_PEOPLE = ("first_name", "last_name", "username")
FIELDS_THAT_NAME_PEOPLE = ("holder",)
FIELDS_THAT_ADMIT_PEOPLE = ("holder", "named_people", "owner")


def connect() -> None:
    """Connect all receivers. Called once, when all apps are loaded."""
    for model in {Page, *indexed_models()}:
        _on(pre_save, page_before_save, model)
        _on(post_save, page_saved, model)
    _on(post_delete, page_deleted, Page)
    for signal in (post_save, post_delete):
        _on(signal, attachment_changed, Attachment)
        _on(signal, site_changed, Site)
    _on(pre_save, site_before_save, Site)
    _on(post_save, file_changed, StoredFile)
    file_read.connect(file_changed, dispatch_uid="km_pages.index.file_read")
    for model in (*_subclasses(NamedEntry), Tag, Team, get_user_model()):
        _on(pre_save, entry_before_save, model)
        _on(post_save, entry_saved, model)
        _on(pre_delete, entry_before_delete, model)


def _on(signal: ModelSignal, receiver: Any, sender: type[Model]) -> None:
    uid = f"km_pages.index.{receiver.__name__}.{sender._meta.label}"
    signal.connect(receiver, sender=sender, dispatch_uid=uid)


def _subclasses(base: type[Model]) -> list[type[Model]]:
    found = [each for child in base.__subclasses__() for each in (child, *_subclasses(child))]
    return [each for each in found if not each._meta.abstract]


@dataclass(frozen=True)
class Change:
    """How a page that is being saved differs from what stands in the database."""

    moved: bool = False
    renamed: bool = False
    narrows: bool = False


def page_before_save(
    sender: type[Page], instance: Page, update_fields: Any = None, raw: bool = False, **_kwargs: Any
) -> None:
    """Compare the page with the database before that is overwritten."""
    instance._km_change = None  # type: ignore[attr-defined]
    if raw or (update_fields is not None and set(update_fields) <= DRAFT_FIELDS):
        return
    old = None if instance._state.adding else sender._base_manager.filter(pk=instance.pk).first()
    change = _change(old, instance) if old else Change()
    instance._km_change = change  # type: ignore[attr-defined]


def _change(old: Page, new: Page) -> Change:
    # An address ends in the page's own slug: what stands before that is the parent's.
    above = [each.url_path.rstrip("/").rpartition("/")[0] for each in (old, new)]
    moved = above[0] != above[1] or getattr(old, "team_id", 0) != getattr(new, "team_id", 0)
    lost = not set(tokens_of(old)) <= set(tokens_of(new))
    renamed = old.url_path != new.url_path or old.slug != new.slug
    return Change(moved=moved, renamed=renamed, narrows=moved or lost)


def page_saved(sender: type[Page], instance: Page, raw: bool = False, **_kwargs: Any) -> None:
    """Note a page that was made, published, unpublished, moved or given another address."""
    change = Change() if raw else getattr(instance, "_km_change", None)
    if change is not None:
        enqueue(
            instance.pk,
            path=instance.path,
            subtree=change.moved or change.renamed,
            narrows=change.narrows,
        )


def page_deleted(sender: type[Page], instance: Page, **_kwargs: Any) -> None:
    """Note a page that is gone; each page below it is announced on its own."""
    enqueue(instance.pk, path=instance.path, narrows=True)


def attachment_changed(
    sender: type[Attachment], instance: Attachment, signal: Any, **_kwargs: Any
) -> None:
    """Note the page to which a file was added or from which it was taken."""
    enqueue(instance.page_id, narrows=signal is post_delete)


def file_changed(sender: Any, **kwargs: Any) -> None:
    """Note the pages of a file that was read, checked or refused."""
    stored = kwargs.get("stored_file") or kwargs["instance"]
    if kwargs.get("created"):
        return
    pages = Attachment.objects.filter(stored_file=stored).values_list("page_id", flat=True)
    enqueue_many(set(pages), narrows=not stored.is_servable)


def site_before_save(sender: type[Site], instance: Site, **_kwargs: Any) -> None:
    """Note all pages that the site had before."""
    old = sender._base_manager.filter(pk=instance.pk).first()
    if old is not None and old.root_page_id != instance.root_page_id:
        site_changed(sender, old)


def site_changed(sender: type[Site], instance: Site, **_kwargs: Any) -> None:
    """Note all pages of a site that was made, changed or deleted: their addresses hang on it."""
    root = Page.objects.filter(pk=instance.root_page_id).first()
    if root is not None:
        enqueue(root.pk, path=root.path, subtree=True)


def entry_before_save(
    sender: type[Model], instance: Any, update_fields: Any = None, raw: bool = False, **_kw: Any
) -> None:
    """Look whether something that pages name gets another name."""
    instance._km_renamed = False
    names = _names_of(sender)
    if raw or instance._state.adding or (update_fields and not set(update_fields) & set(names)):
        return
    old = sender._base_manager.filter(pk=instance.pk).values_list(*names).first()
    instance._km_renamed = old is not None and old != tuple(getattr(instance, n) for n in names)


def _names_of(model: type[Model]) -> list[str]:
    names = NAMES_OF_PEOPLE if model is get_user_model() else NAMES
    present = {field.name for field in model._meta.concrete_fields}
    return [name for name in names if name in present]


def entry_saved(sender: type[Model], instance: Any, **_kwargs: Any) -> None:
    """Note the pages that name what was renamed."""
    if not getattr(instance, "_km_renamed", False):
        return
    people = sender is get_user_model()
    enqueue_many(pages_naming(instance, fields=FIELDS_THAT_NAME_PEOPLE if people else None))
    if sender is Team:
        for space in TeamSpacePage.objects.filter(team=instance):
            enqueue(space.pk, path=space.path, subtree=True)


def entry_before_delete(sender: type[Model], instance: Any, **_kwargs: Any) -> None:
    """Note the pages that name what is being deleted, while they still do."""
    fields = FIELDS_THAT_ADMIT_PEOPLE if sender is get_user_model() else None
    enqueue_many(pages_naming(instance, fields=fields))
