"""Registers what km_toolkit adds to Wagtail and to km_pages."""

from wagtail import hooks

from km_pages.setup.plan import SETUP_HOOK
from km_toolkit.setup import toolkit_steps

hooks.register(SETUP_HOOK, toolkit_steps)
