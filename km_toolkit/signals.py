"""Signals that km_toolkit sends."""

from django.dispatch import Signal

handover_changed = Signal()
"""Something was done in a handover. Arguments: ``handover``, ``action`` (its name), ``by``."""

module_completed = Signal()
"""A learner has completed something, sent once for each ``key``, in the same transaction.

Arguments: ``user``; ``page`` (the module, or the page that something completed elsewhere is about,
or ``None``); ``title``; ``completed_on`` (a date); ``minutes``; ``key``: "module:<page>:<user>" or
"elsewhere:<number>"; of something completed elsewhere also ``where`` (in words) and ``files`` (the
keys of private files that show it). A listener that fails takes the completion back with it.
"""
