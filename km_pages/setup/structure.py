"""The tree, the groups with their permissions, and the workflow for wider audiences."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from typing import TypeVar

from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from km_pages.models import (
    HomePage,
    RepositoryPage,
    TeamApprovalTask,
    TechniqueIndexPage,
)
from km_pages.setup.plan import SetupStep

EDITORS = "Knowledge editors"
MANAGERS = "Knowledge managers"
PAGE_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
VOCABULARY = ("learningphase", "goal", "topic", "outputtype", "framework")

P = TypeVar("P", bound=Page)


def structure_steps() -> list[SetupStep]:
    """The steps of this module."""
    return [
        SetupStep(key="tree:home", description="Home page", run=make_home, order=10),
        SetupStep(key="tree:techniques", description="Techniques", run=make_index, order=11),
        SetupStep(key="tree:repository", description="Repository", run=make_repository, order=12),
        SetupStep(key="groups", description="Groups and permissions", run=make_groups, order=20),
        SetupStep(
            key="groups:search",
            description="Permissions for the outlets of the search",
            run=grant_search,
            order=22,
        ),
        SetupStep(
            key="groups:synonyms",
            description="Permission to keep other words for the search",
            run=grant_synonyms,
            order=21,
        ),
        SetupStep(key="workflow", description="Approval workflow", run=make_workflow, order=21),
    ]


def publish_below(parent: Page, page: P) -> P:
    """Add ``page`` below ``parent`` and publish it with a first revision."""
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision().publish()
    return page


def make_home() -> HomePage:
    """Our home page: the root of the default site, or below the page that is its root already.

    Wagtail's welcome page makes way for it; what a site has made itself stays where it is.
    """
    found = HomePage.objects.first()
    if found:
        return found
    root = Page.get_first_root_node()
    if root is None:
        root = Page.add_root(instance=Page(title="Root", slug="root"))
    _remove_welcome(root)
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    above = site.root_page if site else root
    home = HomePage(
        title=_("Learn from each other"),
        slug=_free_slug(above, "knowledge" if site else "home"),
        sentence=_("Find it, use it, pass it on."),
    )
    publish_below(above, home)
    if site is None:
        Site.objects.create(
            hostname="localhost", root_page=home, is_default_site=True, site_name="Knowledge"
        )
    return home


def _remove_welcome(root: Page) -> None:
    """Take out the page that Wagtail makes in every new database, unless somebody has used it."""
    welcome = root.get_children().filter(slug="home", depth=2).first()
    untouched = welcome and welcome.specific_class is Page and not welcome.numchild
    if welcome and untouched and not welcome.latest_revision_id:
        Site.objects.filter(root_page=welcome).delete()
        welcome.delete()


def _free_slug(above: Page, wanted: str) -> str:
    """``wanted``, or with the first number under which no page stands below ``above``."""
    taken = set(above.get_children().values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(each for each in chain([wanted], numbered) if each not in taken)


def make_index() -> None:
    """The list of techniques."""
    if not TechniqueIndexPage.objects.exists():
        page = TechniqueIndexPage(
            title=_("Techniques"),
            slug="techniques",
            introduction=_("Ways to learn from each other before, during and after your work."),
        )
        publish_below(make_home(), page)


def make_repository() -> None:
    """The repository."""
    if not RepositoryPage.objects.exists():
        page = RepositoryPage(
            title=_("Repository"),
            slug="repository",
            introduction=_("What teams know, kept where the whole team finds it."),
        )
        publish_below(make_home(), page)


def make_groups() -> None:
    """Knowledge editors and knowledge managers, with what each may do."""
    editors, _made = Group.objects.get_or_create(name=EDITORS)
    managers, _made = Group.objects.get_or_create(name=MANAGERS)
    for group in (editors, managers):
        grant(group, "wagtailadmin", ["access_admin"])
        grant_vocabulary(group)
        grant_collections(group)
    grant(editors, "km_pages", ["approve_any"])
    grant(managers, "km_pages", ["approve_any", "see_all_teams", "manage_people"])
    grant(managers, "km_pages", ["change_sitesettings", "view_job", "change_job"])
    grant(managers, "km_pages", [f"{verb}_{name}" for verb in VERBS for name in ("team", "post")])
    for page in TechniqueIndexPage.objects.all():
        grant_pages(editors, page)
    for home in HomePage.objects.all():
        grant_pages(managers, home)


VERBS = ("add", "change", "delete", "view")


def grant(group: Group, app: str, codenames: Iterable[str]) -> None:
    """Give ``group`` the permissions ``codenames`` of ``app``."""
    group.permissions.add(
        *Permission.objects.filter(content_type__app_label=app, codename__in=list(codenames))
    )


def grant_vocabulary(group: Group) -> None:
    """Let ``group`` keep the lists: phases, goals, topics, types, frameworks."""
    grant(group, "km_pages", [f"{verb}_{name}" for verb in VERBS for name in VOCABULARY])


def grant_synonyms() -> None:
    """Let editors and managers keep the other words for the search."""
    for group in Group.objects.filter(name__in=[EDITORS, MANAGERS]):
        grant(group, "km_pages", [f"{verb}_synonym" for verb in VERBS])


def grant_collections(group: Group) -> None:
    """Let ``group`` add, change and choose the images and documents of public pages."""
    root = Collection.get_first_root_node()
    wanted = Q(content_type__app_label__in=["wagtailimages", "wagtaildocs"]) & Q(
        codename__regex=r"^(add|change|choose)_"
    )
    for permission in Permission.objects.filter(wanted):
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=root, permission=permission
        )


def grant_search() -> None:
    """Let editors and managers keep best bets and gaps, and see what is searched."""
    for group in Group.objects.filter(name__in=[EDITORS, MANAGERS]):
        bets = [f"{verb}_searchpromotion" for verb in ("add", "change", "delete")]
        grant(group, "wagtailsearchpromotions", bets)
        grant(group, "km_pages", ["view_searchgap", "change_searchgap", "view_search_report"])
    for group in Group.objects.filter(name=MANAGERS):
        grant(group, "km_pages", ["delete_searchgap", "view_offer", "delete_offer"])


def grant_pages(group: Group, page: Page, rights: Iterable[str] = PAGE_RIGHTS) -> None:
    """Let ``group`` do ``rights`` on ``page`` and below."""
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=list(rights)
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def make_workflow() -> None:
    """The workflow of the repository: a steward of the item's team, or a knowledge editor."""
    task = TeamApprovalTask.objects.filter(active=True).first()
    if task is None:
        task = TeamApprovalTask.objects.create(name=_("Approval for a wider audience"))
    workflow = Workflow.objects.filter(workflow_tasks__task=task).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=_("Sharing beyond the team"))
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    for page in RepositoryPage.objects.all():
        WorkflowPage.objects.get_or_create(page=page, defaults={"workflow": workflow})


def named(model: type[Model], slug: str | None) -> Model | None:
    """The entry of ``model`` called ``slug``, or nothing: an editor may have removed it."""
    return model._default_manager.filter(slug=slug).first() if slug else None
