"""Which changes in the database make kept lists of guides stale: receivers that note them.

A list of guides shows pages that everybody may find, their parts such as formats and steps, and the
words they are ordered by. Knowledge items and team spaces, which are written all day, are not among
them. Nothing is noted for view restrictions: they stand in the question that a list is kept by.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from modelcluster.fields import ParentalKey
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.models import Page, Site
from wagtail.signals import post_page_move

from km_pages.models import Framework, Goal, GuideChange, LearningPhase
from km_pages.visibility import item_models, organisation_models


def connect() -> None:
    """Connect all receivers. Called once, when all apps are loaded."""
    guides = _guides()
    parts = {each for guide in guides for each in get_all_child_relations(guide)}
    receivers: dict[Any, Any] = dict.fromkeys((LearningPhase, Goal, Framework, Site), changed)
    receivers |= dict.fromkeys(guides, page_changed)
    receivers |= {each.related_model: part_changed for each in parts}
    for model, receiver in receivers.items():
        for signal in (post_save, post_delete):
            signal.connect(receiver, sender=model, dispatch_uid=f"km_pages.guide.{model._meta}")
    for field in {each for guide in guides for each in get_all_child_m2m_relations(guide)}:
        through = field.remote_field.through
        m2m_changed.connect(
            choice_changed, sender=through, dispatch_uid=f"km_pages.guide.{through._meta}"
        )
    post_page_move.connect(changed, dispatch_uid="km_pages.guide.moved")


def _guides() -> list[type[Model]]:
    others = (*item_models(), *organisation_models())
    pages = [each for each in apps.get_models() if issubclass(each, Page)]
    return [each for each in pages if not issubclass(each, others)]


def changed(**_kwargs: Any) -> None:
    """Note that something changed which lists of guides show."""
    GuideChange.note()


def page_changed(instance: Page, **_kwargs: Any) -> None:
    """Note that one guide changed. Where it stands is told by :func:`changed`."""
    GuideChange.note(instance.pk)


def part_changed(instance: Model, **_kwargs: Any) -> None:
    """Note that a part of one guide changed, such as a format or a step."""
    keys = [each for each in instance._meta.concrete_fields if isinstance(each, ParentalKey)]
    GuideChange.note(getattr(instance, keys[0].attname) if len(keys) == 1 else None)


def choice_changed(instance: Any, **_kwargs: Any) -> None:
    """Note what one guide is chosen by; or, from the side of a phase or goal, that of many."""
    GuideChange.note(instance.pk if isinstance(instance, Page) else None)
