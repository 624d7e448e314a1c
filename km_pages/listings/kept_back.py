"""Files that are kept back, because they are not checked yet or in vain: who is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from km_pages.visibility import Reader, stewarded_by


def told_of(files: Iterable[Any], reader: Reader) -> set[int]:
    """The keys of those of ``files`` that ``reader`` is told of while they are kept back.

    Their uploader, superusers, and the stewards of an item or a draft they belong to, unless that
    is for named people; of a private file its uploader alone. Two queries at most, whatever the
    number. Whether a file of which they are told is also given them says
    :func:`km_pages.file_access.may_open`.
    """
    if reader.user_id is None:
        return set()
    told, others = set(), set()
    for each in files:
        mine = each.uploader_id == reader.user_id
        if mine or (reader.sees_everything and not each.private):
            told.add(each.pk)
        elif not each.private:
            others.add(each.pk)
    if others and reader.steward_team_ids:
        told |= _in_spaces_of(others, reader)
    return told


def _in_spaces_of(files: set[int], reader: Reader) -> set[int]:
    """Those of ``files`` that an item or a draft in a space of the steward ``reader`` names."""
    items = apps.get_model("km_pages", "KnowledgeAssetPage").objects.all()
    mine = stewarded_by(items, reader).values("pk")
    found: set[int] = set()
    for use in ("Attachment", "RevisionFile"):
        rows = apps.get_model("km_pages", use)._default_manager.order_by()
        uses = rows.filter(stored_file__in=files, page_id__in=mine)
        found.update(uses.values_list("stored_file_id", flat=True))
    return found
