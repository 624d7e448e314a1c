"""Files at work: what waits, what went wrong, what to try again, and who fills the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin.auth import require_admin_access
from wagtail.admin.menu import MenuItem

from km_pages.actions.look_again import READ_AGAIN, SCAN_AGAIN, LookAgain
from km_pages.actions.store_file import READ_FILE
from km_pages.conf import conf
from km_pages.models import (
    Job,
    JobState,
    KnowledgeAssetPage,
    ScanState,
    StoredFile,
    TeamSpacePage,
    TextState,
)
from km_pages.models.attaching import files_seen_by
from km_pages.numbers import whole_ones
from km_pages.tasks.read_scans import READ_SCAN
from km_pages.wording import size_in_words

FILE_JOBS = (READ_FILE, READ_SCAN, READ_AGAIN, SCAN_AGAIN)
ON_ONE_PAGE = 50
MOST_TEAMS = 12
TROUBLE = (
    Q(scan_state__in=[ScanState.INFECTED, ScanState.ERROR])
    | Q(text_state=TextState.UNREADABLE)
    | Q(truncated=True)
)
WAITING = (
    Q(scan_state=ScanState.PENDING) | Q(text_state=TextState.WAITING) | Q(ocr_next__isnull=False)
)


@dataclass(frozen=True, slots=True)
class Share:
    """What one team keeps: ``part`` is in hundredths of what the largest keeps."""

    team: str
    files: int
    size: int
    part: int

    @property
    def words(self) -> str:
        """The size in words."""
        return size_in_words(self.size)


def storage_by_team(files: QuerySet[StoredFile]) -> list[Share]:
    """Who keeps how much of ``files``, the largest first; each file counts once for a team.

    Two queries. What no item names stands under a name of its own.
    """
    spaces = dict(TeamSpacePage.objects.values_list("path", "title"))
    sizes: dict[str, dict[int, int]] = defaultdict(dict)
    for pk, size, place in files.order_by().values_list("pk", "size", "attachments__page__path"):
        team = next((spaces[p] for p in _above(place or "") if p in spaces), _("In no item"))
        sizes[team][pk] = size
    totals = {team: sum(each.values()) for team, each in sizes.items()}
    largest = max([*totals.values(), 1])
    ranked = sorted(totals, key=lambda team: (-totals[team], team))[:MOST_TEAMS]
    return [
        Share(team, len(sizes[team]), totals[team], round(100 * totals[team] / largest))
        for team in ranked
    ]


def _above(place: str) -> list[str]:
    step = KnowledgeAssetPage.steplen
    return [place[:end] for end in range(len(place), 0, -step)]


@require_http_methods(["GET", "POST"])
def file_work(request: HttpRequest) -> HttpResponse:
    """The list with its buttons; each button acts on the chosen files that the reader may see."""
    files = files_seen_by(request.user)
    if request.method == "POST":
        _act(request, files)
        return redirect(request.get_full_path())
    show = request.GET.get("show", "trouble")
    kinds = {"trouble": TROUBLE, "waiting": WAITING, "bin": Q(binned_at__isnull=False)}
    chosen = files.filter(kinds[show]) if show in kinds else files
    rows = chosen.select_related("uploader").defer("document_title").order_by("-created_at", "-pk")
    page = Paginator(rows, ON_ONE_PAGE).get_page(request.GET.get("p"))
    context = {
        "show": show,
        "tabs": [
            ("trouble", _("Needs a look")),
            ("waiting", _("Being read")),
            ("bin", _("In the bin")),
            ("all", _("All")),
        ],
        "page": page,
        "rows": [(each, jobs) for each, jobs in _with_jobs(list(page.object_list))],
        "given_up": _given_up(files).count(),
        "shares": storage_by_team(files),
        "has_scanner": bool(conf().clamav),
    }
    return render(request, "km_pages/admin/file_work.html", context)


def _with_jobs(files: list[StoredFile]) -> list[tuple[StoredFile, list[Job]]]:
    """Each file with what is still to be done or was given up. One query."""
    jobs: dict[str, list[Job]] = defaultdict(list)
    targets = [str(each.pk) for each in files]
    unfinished = Job.objects.filter(kind__in=FILE_JOBS, target__in=targets)
    for job in unfinished.exclude(state=JobState.DONE):
        jobs[job.target].append(job)
    return [(each, jobs[str(each.pk)]) for each in files]


def _given_up(files: QuerySet[StoredFile]) -> Any:
    """Jobs on ``files`` that were tried in vain. The targets are few: most jobs end well."""
    dead = Job.objects.filter(kind__in=FILE_JOBS, state=JobState.DEAD)
    targets = whole_ones(dead.values_list("target", flat=True))
    seen = files.filter(pk__in=targets).values_list("pk", flat=True)
    return dead.filter(target__in=[str(pk) for pk in seen])


def _act(request: HttpRequest, files: QuerySet[StoredFile]) -> None:
    wanted = request.POST.get("do")
    if wanted == "again":
        number = _given_up(files).try_again()
    elif wanted in (READ_AGAIN, SCAN_AGAIN):
        keys = whole_ones(request.POST.getlist("file"))
        chosen = files.filter(pk__in=keys[:ON_ONE_PAGE])
        number = LookAgain(files=chosen, kind=wanted, by=request.user).execute()
    else:
        return
    words = ngettext("%(n)d file is on its way.", "%(n)d files are on their way.", number)
    messages.success(request, words % {"n": number})


def file_work_urls() -> list[Any]:
    """The address, for Wagtail's ``register_admin_urls``."""
    return [path("file-work/", require_admin_access(file_work), name="km_file_work")]


def file_work_entry() -> MenuItem:
    """The entry in the menu of reports."""
    return MenuItem(
        _("Files at work"), reverse("km_file_work"), icon_name="doc-full", name="file-work"
    )
