"""Bring back what the migrations made, after a test that had to commit has emptied the database.

Tests that commit run last, so that this would not matter: but of two processes that run tests, the
one that is ready first takes over what is left to the other, in whatever order.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction


class Database:
    """What is known of the database of this process. ``blocker`` lets code outside tests use it."""

    def __init__(self) -> None:
        self.blocker: Any = None
        self.contents = ""
        self.is_empty = False

    def begin(self, blocker: Any) -> None:
        """Note that the database is there.

        Types come first in what Django restores before a test that commits: some rows ask for
        their type as soon as they are read, and would make a second one.
        """
        self.blocker = blocker
        if contents := getattr(connection, "_test_serialized_contents", ""):
            rows = json.loads(contents)
            rows.sort(key=lambda row: row["model"] != "contenttypes.contenttype")
            self.contents = json.dumps(rows)
            # A browser has an event loop, and so connections, of its own: Django would only restore
            # through the first one, and fill all others in another way.
            type(connections[DEFAULT_DB_ALIAS])._test_serialized_contents = self.contents
            del connections[DEFAULT_DB_ALIAS]._test_serialized_contents

    def before(self, item: pytest.Item) -> None:
        """Fill it again for a test that does not commit, and counts on what is always there."""
        if self.contents and self.is_empty and not commits(item):
            with self.blocker.unblock():
                self._fill()
            self.is_empty = False

    def _fill(self) -> None:
        ContentType.objects.clear_cache()
        with transaction.atomic():
            connection.creation.deserialize_db_from_string(self.contents)
        ContentType.objects.clear_cache()

    def after(self, item: pytest.Item) -> None:
        """Note that a test which commits has ended: everything was taken out."""
        self.is_empty = self.is_empty or commits(item)


def commits(item: pytest.Item) -> bool:
    """Whether the test ``item`` commits what it writes."""
    marker = item.get_closest_marker("django_db")
    asked = {"live_server", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or bool(marker and marker.kwargs.get("transaction"))
