"""Registers what km_pages adds to Wagtail; the code stands elsewhere."""

from wagtail import hooks

from km_pages.log_actions import register_ours
from km_pages.navigation import NAVIGATION_HOOK, own_entries
from km_pages.serving import guard_page
from km_pages.setup.content import content_steps
from km_pages.setup.demo import demo_steps
from km_pages.setup.plan import DEMO_HOOK, SETUP_HOOK
from km_pages.setup.structure import structure_steps

# Before Wagtail's own check of view restrictions, which would send a signed-in reader without the
# right group to the sign-in page and so tell that the page exists.
hooks.register("before_serve_page", guard_page, order=-10)
hooks.register(SETUP_HOOK, structure_steps)
hooks.register(SETUP_HOOK, content_steps)
hooks.register("register_log_actions", register_ours)
hooks.register(DEMO_HOOK, demo_steps)
hooks.register(NAVIGATION_HOOK, own_entries)
