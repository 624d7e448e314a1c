"""Signals that km_pages sends; receivers announce or enqueue, and do no work of their own."""

from django.dispatch import Signal

file_stored = Signal()
"""A file was uploaded. Arguments: ``stored_file``."""

file_read = Signal()
"""The text of a file was read, or could not be. Arguments: ``stored_file``."""

item_shared = Signal()
"""A knowledge item was published to its readers. Arguments: ``page``, ``by``."""

membership_changed = Signal()
"""Somebody joined or left a team. Arguments: ``team``, ``user``, ``by``."""
