"""Look for new matches of one followed search."""

from __future__ import annotations

from km_pages.outlets.following import SearchAwayError, look_again
from km_pages.tasks.errors import NotNow


def follow(target: str) -> None:
    """Have new matches of the saved search whose key is ``target`` mailed, if it is time.

    Running twice mails once. Raises ``NotNow`` while the search cannot answer.
    """
    try:
        look_again(int(target))
    except SearchAwayError as problem:
        raise NotNow(str(problem)) from problem
