"""Text for HTML that is joined by hand, as lists for which a template takes too long."""

from __future__ import annotations

from html import escape
from typing import Any


def as_text(value: Any) -> str:
    """``value`` as text between tags or in an attribute."""
    return escape(str(value))
