"""Make an item of each of many files: say once what holds for all, and change what differs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from km_pages.actions.errors import ActionError
from km_pages.actions.share_item import Outcome, ShareItem
from km_pages.actions.write_draft import AlreadyThere, WriteDraft
from km_pages.forms.add_each import EachForm, FileRow
from km_pages.models import Team
from km_pages.private_data import signs_in
from km_pages.views.add import WAIT_SECONDS, Writing
from km_pages.views.uploads import takes_files

SAID = {
    Outcome.PUBLISHED: ngettext_lazy("%(n)d item is shared.", "%(n)d items are shared.", "n"),
    Outcome.ASKED_HOLDER: ngettext_lazy(
        "%(n)d item waits for its holder to agree.",
        "%(n)d items wait for their holder to agree.",
        "n",
    ),
    Outcome.SUBMITTED: ngettext_lazy(
        "%(n)d item waits for the stewards.", "%(n)d items wait for the stewards.", "n"
    ),
    Outcome.DRAFT: ngettext_lazy(
        "%(n)d draft is saved. It is not shared yet.",
        "%(n)d drafts are saved. They are not shared yet.",
        "n",
    ),
}


@login_required
@takes_files
def add_each(request: HttpRequest) -> HttpResponse:
    """The form for many files, each of which becomes an item of its own."""
    if not Team.objects.with_member(request.user).exists():
        return render(request, "km_pages/add/no_team.html")
    return WritingEach(request, None, EachForm).answer()


class WritingEach(Writing):
    """One request to the form for many files."""

    template = "km_pages/add/each.html"
    form: EachForm
    rows: list[FileRow]

    def answer(self) -> HttpResponse:
        """Show the form, or make the items."""
        self.rows = []
        if self.posted is None:
            return self.show()
        self._take_files()
        # Typed on the page for one item: it begins the title of each.
        before = self.posted.get("title", "").strip()
        self.rows = [FileRow(self.posted, stored=each, before=before) for each in self.files]
        self.form.rows = self.rows
        is_complete = bool(self.rows) and all(row.is_bound for row in self.rows)
        if self.wanted not in ("share", "save") or not is_complete:
            # Files are on their way; what is missing elsewhere is not wrong yet.
            self.form = self.form.as_typed()  # type: ignore[assignment]
            if self.wanted in ("share", "save", "rows") and not self.files:
                self.problems = self.problems or [_("Choose the files first.")]
            return self.show()
        if not self.form.is_valid() or self.problems:
            return self.show()
        if self.wanted == "share" and not self._has_looked():
            return self.show()
        return self._carry_out()

    def _has_looked(self) -> bool:
        looked, data = self.request.POST.get("looked", ""), self.form.cleaned_data
        titles = [row.cleaned_data["title"] for row in self.rows]
        typed = "\n".join([*titles, data["summary"], data.get("notes") or ""])
        self.signs = signs_in(typed, self.files, wait_seconds=0 if looked else WAIT_SECONDS)
        return not self.signs or looked == self.signs.digest

    def _carry_out(self) -> HttpResponse:
        came: Counter[Outcome] = Counter()
        for row in self.rows:
            try:
                came[self._make(row)] += 1
            except AlreadyThere:
                # Sent twice: the first time did it.
                came[Outcome.PUBLISHED] += 1
            except ActionError as problem:
                messages.warning(self.request, f"{row.cleaned_data['title']}: {problem}")
        self._say(came)
        return redirect("km_pages:my_page")

    def _make(self, row: FileRow) -> Outcome:
        """Make the item of ``row``, and share it where that is wanted; a draft stays a draft."""
        draft = self.form.draft_of(row, came_from=self._origin())
        by, team = self.request.user, self.form.cleaned_data["team"]
        with transaction.atomic():
            page = WriteDraft(by=by, team=team, draft=draft).execute()
            if self.wanted != "share":
                return Outcome.DRAFT
            try:
                with transaction.atomic():
                    return ShareItem(page=page, by=by, looked_at=len(self.signs)).execute()
            except ActionError as problem:
                messages.warning(self.request, f"{draft.title}: {problem}")
                return Outcome.DRAFT

    def _say(self, came: Counter[Outcome]) -> None:
        for outcome, words in SAID.items():
            if came[outcome]:
                messages.success(self.request, words % {"n": came[outcome]})

    def wrong(self) -> list[Any]:
        """The form for all, and the rows, in which something is wrong."""
        return super().wrong() + [row for row in self.rows if row.is_bound and row.errors]

    def more(self) -> dict[str, Any]:
        """The rows, and the forms in which something is wrong."""
        return {"rows": self.rows, "wrong": self.wrong()}
