"""Versions of pages that name what was deleted after they were written.

A version is kept as it was typed, so it may name a phase that is no more. Opening it is then no
fault: the page names nothing there, and what only stood for that name is left out.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import model_from_serializable_data


def gone_names(model: type[models.Model], data: dict[str, Any]) -> list[Any]:
    """The protected foreign keys of ``model`` that name in ``data`` what is no more."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.PROTECT
        and data.get(field.name) is not None
        and not field.related_model._base_manager.filter(pk=data[field.name]).exists()
    ]


def names_others(model: type[models.Model]) -> bool:
    """Whether ``model`` names records besides its page and those that :func:`gone_names` looks up.

    Where it does not, nothing is left for modelcluster to look up, once for each child.
    """
    return any(
        isinstance(field, models.ForeignKey)
        and not isinstance(field, ParentalKey)
        and field.remote_field.on_delete is not models.PROTECT
        for field in model._meta.concrete_fields
    )


class OpensOldVersions:
    """For pages: a protected foreign key may be empty in a version that is opened again."""

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> Any:
        """What modelcluster makes of ``data``, without names of what is gone."""
        gone: list[Any] = gone_names(cls, data) if check_fks else []  # type: ignore[arg-type]
        data = {**data, **{field.name: None for field in gone}}
        return super().from_serializable_data(data, check_fks, strict_fks)  # type: ignore[misc]


class LeftOutWhenGone:
    """For what belongs to a page and means nothing without the record it names."""

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> Any:
        """The child that ``data`` describes, or ``None`` where what it names is gone."""
        if check_fks and gone_names(cls, data):  # type: ignore[arg-type]
            return None
        check_fks = check_fks and names_others(cls)  # type: ignore[arg-type]
        return model_from_serializable_data(cls, data, check_fks=check_fks, strict_fks=strict_fks)
