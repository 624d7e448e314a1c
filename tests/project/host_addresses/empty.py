"""Nothing is included."""

from typing import Any

urlpatterns: list[Any] = []
