"""Signals that km_toolkit sends."""

from django.dispatch import Signal

handover_changed = Signal()
"""Something was done in a handover. Arguments: ``handover``, ``action`` (its name), ``by``."""
