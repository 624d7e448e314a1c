"""Registers what km_pages adds to Wagtail; the code stands elsewhere."""

from wagtail import hooks
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail_modeladmin.options import modeladmin_register

from km_pages.admin.best_bets import best_bets_urls
from km_pages.admin.bulk import BULK_ACTIONS
from km_pages.admin.dashboard import first_panels, summary
from km_pages.admin.file_chooser import FileChooserViewSet
from km_pages.admin.files import file_work_entry, file_work_urls
from km_pages.admin.links import link_report_entry, link_report_urls
from km_pages.admin.person_chooser import PersonChooserViewSet
from km_pages.admin.policy import VisiblePagePolicy, narrow_pages, narrow_types_report
from km_pages.admin.publishing import (
    after_move,
    after_publish,
    before_approve,
    before_bulk,
    before_copy,
    before_publish,
    publishing_urls,
    tell_oddities,
)
from km_pages.admin.registers import Registers
from km_pages.admin.searching import (
    SEARCH_MENU,
    SearchGroup,
    best_bets_item,
    report_item,
    report_urls,
    without_search_terms,
)
from km_pages.admin.variants import variant_button, variant_urls
from km_pages.admin.viewsets import JobViewSet, ListsGroup, PeopleGroup, TechniqueListing
from km_pages.link_upkeep import keep_links
from km_pages.log_actions import register_ours
from km_pages.navigation import NAVIGATION_HOOK, own_entries
from km_pages.serving import guard_page
from km_pages.setup.content import content_steps
from km_pages.setup.demo import demo_steps
from km_pages.setup.plan import DEMO_HOOK, SETUP_HOOK
from km_pages.setup.structure import structure_steps
from km_pages.work import HOURLY_HOOK

# Before any other code asks for the policy of pages.
register_permission_policy(Page, VisiblePagePolicy(Page))

# Before Wagtail's own check of view restrictions, which would send a signed-in reader without the
# right group to the sign-in page and so tell that the page exists.
hooks.register("before_serve_page", guard_page, order=-10)
hooks.register("construct_explorer_page_queryset", narrow_pages)
hooks.register("construct_page_chooser_queryset", narrow_pages)
for bulk_action in BULK_ACTIONS:
    # After Wagtail's own, whose places they take.
    hooks.register("register_bulk_action", bulk_action, order=10)
narrow_types_report()
hooks.register("register_log_actions", register_ours)
hooks.register("before_publish_page", before_publish)
hooks.register("before_edit_page", before_approve)
hooks.register("after_publish_page", after_publish)
hooks.register("after_create_page", tell_oddities)
hooks.register("after_edit_page", tell_oddities)
hooks.register("before_bulk_action", before_bulk)
hooks.register("before_copy_page", before_copy)
hooks.register("after_move_page", after_move)
hooks.register("construct_homepage_panels", first_panels)
# After the apps that add to the summary.
hooks.register("construct_homepage_summary_items", summary, order=10)
hooks.register("register_admin_urls", publishing_urls)
hooks.register("register_admin_urls", variant_urls)
hooks.register("register_page_header_buttons", variant_button)
hooks.register("register_page_listing_more_buttons", variant_button)
hooks.register("register_admin_urls", file_work_urls)
hooks.register("register_reports_menu_item", file_work_entry)
hooks.register("register_admin_urls", link_report_urls)
hooks.register("register_reports_menu_item", link_report_entry)
hooks.register(HOURLY_HOOK, keep_links)

hooks.register(SETUP_HOOK, structure_steps)
hooks.register(SETUP_HOOK, content_steps)
hooks.register(DEMO_HOOK, demo_steps)
hooks.register(NAVIGATION_HOOK, own_entries)

hooks.register("register_admin_urls", best_bets_urls, order=-10)
hooks.register("register_admin_urls", report_urls)
hooks.register("construct_reports_menu", without_search_terms)
for item in (best_bets_item, report_item):
    hooks.register(SEARCH_MENU, item)

modeladmin_register(Registers)
VIEWSETS = (
    TechniqueListing(),
    PeopleGroup(),
    SearchGroup(),
    ListsGroup(),
    JobViewSet("jobs"),
    FileChooserViewSet("km_files", url_prefix="choose-file"),
    PersonChooserViewSet("km_people", url_prefix="choose-person"),
)
for viewset in VIEWSETS:
    hooks.register("register_admin_viewset", lambda viewset=viewset: viewset)
