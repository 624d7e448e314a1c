"""Registers what km_toolkit adds to Wagtail and to km_pages."""

from wagtail import hooks
from wagtail_modeladmin.options import modeladmin_register

from km_pages.actions.pass_on import SUCCESSOR_HOOK
from km_pages.file_access import FILE_ACCESS_HOOK
from km_pages.listings.finder import FINDER_HOOK
from km_pages.listings.techniques import LEARN_HOOK
from km_pages.navigation import MY_PAGE_HOOK, NAVIGATION_HOOK, WAYS_HOOK
from km_pages.setup.demo_removal import DEMO_REMOVE_HOOK
from km_pages.setup.plan import DEMO_HOOK, SETUP_HOOK
from km_pages.work import HOURLY_HOOK, TASKS_HOOK
from km_toolkit.admin import ActivityListing
from km_toolkit.admin.handovers import HandoverRegisters
from km_toolkit.admin.schemes import SchemeViewSet
from km_toolkit.coming_after import successor_of
from km_toolkit.file_access import may_open
from km_toolkit.finder import activity_source
from km_toolkit.log_actions import register_ours
from km_toolkit.menu import learn_links
from km_toolkit.mine import handovers_on_my_page
from km_toolkit.navigation import toolkit_entries
from km_toolkit.record_counts import count_quarters
from km_toolkit.record_papers import forget_old_papers, paper_tasks
from km_toolkit.record_ways import record_on_my_page, record_ways
from km_toolkit.reminding import daily_tasks, run_once_a_day
from km_toolkit.setup import toolkit_steps
from km_toolkit.setup.demo import demo_steps, remove_demo
from km_toolkit.setup.demo_learning import demo_learning_steps
from km_toolkit.setup.learning import learning_steps

hooks.register(SETUP_HOOK, toolkit_steps)
hooks.register(NAVIGATION_HOOK, toolkit_entries)
hooks.register(WAYS_HOOK, record_ways)
hooks.register(MY_PAGE_HOOK, handovers_on_my_page)
hooks.register(MY_PAGE_HOOK, record_on_my_page)
hooks.register("register_admin_viewset", ActivityListing)
hooks.register("register_admin_viewset", SchemeViewSet)
hooks.register("register_log_actions", register_ours)
hooks.register(FILE_ACCESS_HOOK, may_open)
hooks.register(FINDER_HOOK, activity_source)
hooks.register(LEARN_HOOK, learn_links)
hooks.register(SETUP_HOOK, learning_steps)
hooks.register(HOURLY_HOOK, run_once_a_day)
hooks.register(HOURLY_HOOK, forget_old_papers)
hooks.register(HOURLY_HOOK, count_quarters)
hooks.register(TASKS_HOOK, daily_tasks)
hooks.register(TASKS_HOOK, paper_tasks)
modeladmin_register(HandoverRegisters)
hooks.register(SUCCESSOR_HOOK, successor_of)
hooks.register(DEMO_HOOK, demo_steps)
hooks.register(DEMO_HOOK, demo_learning_steps)
hooks.register(DEMO_REMOVE_HOOK, remove_demo)
