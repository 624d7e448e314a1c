"""Which pages name something that editors keep elsewhere: a topic, a phase, a team, a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

from km_pages.projection import indexed_models


def pages_naming(entry: Model, *, fields: Iterable[str] | None = None) -> set[int]:
    """Ids of the pages that can be found and point to ``entry``, by any field of their own.

    ``fields`` limits that to fields of these names. One query for each field of each page type.
    """
    wanted = None if fields is None else set(fields)
    found: set[int] = set()
    for model in indexed_models():
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete and field.related_model is type(entry)):
                continue
            if wanted is None or field.name in wanted:
                rows = model._base_manager.filter(**{field.name: entry})
                found.update(rows.values_list("pk", flat=True))
    return found


def drafts_naming(entry: Model) -> set[int]:
    """Ids of the pages that can be found and whose newest version, not published, names ``entry``.

    One query for each page type that has a field for it.
    """
    found: set[int] = set()
    for model in indexed_models():
        fields = [
            field.name
            for field in model._meta.get_fields()
            if field.is_relation and field.concrete and field.related_model is type(entry)
        ]
        drafts = model._base_manager.filter(has_unpublished_changes=True) if fields else []
        for page in drafts and drafts.select_related("latest_revision"):
            content = page.latest_revision.content if page.latest_revision else {}
            if any(entry.pk in _keys(content.get(name)) for name in fields):
                found.add(page.pk)
    return found


def _keys(value: object) -> list[object]:
    """The keys that a version keeps of one field: of one record, or of several."""
    return value if isinstance(value, list) else [value]
