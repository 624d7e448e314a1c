"""Versions of a file in an item: put a newer one in its place, or bring an older one back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from km_pages.actions.errors import ActionError
from km_pages.actions.replace_file import Replaced, ReplaceFile
from km_pages.actions.share_item import Outcome
from km_pages.conf import conf
from km_pages.files.formats import accepted_extensions
from km_pages.forms.version import VersionForm
from km_pages.models import KnowledgeAssetPage, StoredFile, placings_of, versions_of
from km_pages.numbers import whole
from km_pages.private_data import Signs, signs_in
from km_pages.views.add import WAIT_SECONDS, files_of, own_item
from km_pages.views.uploads import REFUSED, store_uploads, takes_files


@login_required
@takes_files
def versions(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponse:
    """The versions of the file ``uuid`` in one's own item ``pk``; POST puts one in its place."""
    page = own_item(request, pk)
    current = next((each for each in files_of(page) if each.uuid == uuid), None)
    if current is None:
        raise Http404
    return Choosing(request, page, current).answer()


class Choosing:
    """One request: which file is to stand there, and what is to be looked at before."""

    def __init__(self, request: HttpRequest, page: KnowledgeAssetPage, current: StoredFile) -> None:
        self.request, self.page, self.current = request, page, current
        self.family = versions_of(page.pk, current)
        self.problems: list[str] = []
        self.new: StoredFile | None = None
        self.signs = Signs()
        self.form = VersionForm(request.POST if request.method == "POST" else None)

    def answer(self) -> HttpResponse:
        """Show the versions, or put another in place."""
        if self.request.method != "POST":
            return self.show()
        self.new = self._older() or self._uploaded()
        if self.new is None:
            self.problems = self.problems or [_("Choose a file first.")]
        wrong = self.problems or not self.form.is_valid()
        if wrong or self.new is None or not self._has_looked(self.new):
            return self.show()
        try:
            done = ReplaceFile(
                page=self.page,
                old=self.current,
                new=self.new,
                by=self.request.user,
                looked_at=len(self.signs),
                note=self.form.cleaned_data["note"],
            ).execute()
        except ActionError as problem:
            self.problems = [str(problem)]
            return self.show()
        self._say(done)
        return redirect("km_pages:file_versions", pk=self.page.pk, uuid=self.new.uuid)

    def _older(self) -> StoredFile | None:
        key = whole(self.request.POST.get("back"))
        return next((each for each in self.family if each.pk == key), None)

    def _uploaded(self) -> StoredFile | None:
        new, self.problems = store_uploads(self.request, "files", room=1)
        if new or self.problems:
            return new[0] if new else None
        # It came with the try before, and there was something to look at.
        mine = StoredFile.objects.public().filter(uploader=self.request.user)
        return mine.filter(pk=whole(self.request.POST.get("kept"))).first()

    def _has_looked(self, new: StoredFile) -> bool:
        looked = self.request.POST.get("looked", "")
        self.signs = signs_in("", [new], wait_seconds=0 if looked else WAIT_SECONDS)
        return not self.signs or looked == self.signs.digest

    def _say(self, done: Replaced) -> None:
        if done.problem:
            messages.warning(self.request, done.problem)
        words = {
            Outcome.PUBLISHED: _("The file is in its place. People find what it says in a moment."),
            Outcome.ASKED_HOLDER: _("The file is in your draft. Its holder is asked to agree."),
            Outcome.SUBMITTED: _("The file is in your draft. The stewards are asked about it."),
            Outcome.DRAFT: _("The file is in your draft, which is not shared yet."),
        }
        messages.success(self.request, words[done.outcome])

    def show(self) -> HttpResponse:
        """The page, with a file that has come and waits for a look."""
        placings = placings_of(self.page.pk, self.family)
        older = [each for each in self.family if each.pk != self.current.pk and each.blob]
        # What has come is asked for no second time, whatever else is wrong or waits for a look.
        came = self.new if self.signs or self.form.errors else None
        context: dict[str, Any] = {
            "item": self.page,
            "file": self.current,
            "form": self.form,
            "now": {"file": self.current, "placed": placings.get(self.current.pk)},
            "older": [{"file": each, "placed": placings.get(each.pk)} for each in older],
            "problems": self.problems,
            "signs": self.signs,
            "came": came,
            "going_back": came in self.family,
            "max_bytes": conf().upload_max_bytes,
            "accept": ",".join(accepted_extensions(allow_zip=conf().upload_zip)),
        }
        status = REFUSED if self.problems or self.form.errors else 200
        return render(self.request, "km_pages/file_versions.html", context, status=status)
