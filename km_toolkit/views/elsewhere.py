"""Say that something was completed elsewhere, with a day and what shows it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.actions.errors import ActionError
from km_pages.files.formats import accepted_extensions
from km_pages.models import StoredFile
from km_pages.numbers import whole
from km_pages.views.uploads import REFUSED, store_uploads, takes_files
from km_toolkit.actions.complete_elsewhere import CompleteElsewhere, TakeBackElsewhere
from km_toolkit.forms.elsewhere import ElsewhereForm
from km_toolkit.menu import MenuRow, menu_and_besides, settings_for
from km_toolkit.models import ElsewhereCompletion, LearningIndexPage
from km_toolkit.models.learning import about


@login_required
@takes_files
def elsewhere(request: HttpRequest) -> HttpResponse:
    """The form; what it is about may be named by ``?of=``, a row of the reader's own menu."""
    row = _row(request)
    form = ElsewhereForm(request.POST or None, row=row)
    proof = _kept(request)
    if request.method == "POST":
        new, problems = store_uploads(request, "proof", room=1, private=True)
        proof = new[0] if new else proof
        for problem in problems:
            form.add_error("proof_text", problem)
        if form.is_valid() and _done(request, form, row, proof):
            messages.success(request, _("Noted. It is ticked in your menu."))
            return redirect(menu_url(request))
    context = {
        "form": form,
        "row": row,
        "proof": proof,
        "accept": ",".join(accepted_extensions()),
        "menu_url": menu_url(request),
        "learning": settings_for(request),
    }
    status = REFUSED if form.is_bound and form.errors else 200
    return render(request, "km_toolkit/learning/elsewhere.html", context, status=status)


def _row(request: HttpRequest) -> MenuRow | None:
    target = request.POST.get("of") or request.GET.get("of", "")
    if not target:
        return None
    rows = [row for group in menu_and_besides(request)[0] for row in group.rows]
    return next((row for row in rows if row.target == target), None)


def _kept(request: HttpRequest) -> StoredFile | None:
    """The file that came with an earlier try of the same form."""
    key = whole(request.POST.get("kept"))
    return StoredFile.objects.filter(pk=key, uploader=request.user, private=True).first()


def _done(
    request: HttpRequest, form: ElsewhereForm, row: MenuRow | None, proof: StoredFile | None
) -> bool:
    values: dict[str, Any] = {**form.cleaned_data}
    if row is not None:
        values |= {"target": row.target, "page": about(row.target)}
    try:
        CompleteElsewhere(
            user=request.user, proof_file=proof.pk if proof else None, **values
        ).execute()
    except ActionError as problem:
        form.add_error("proof_text", str(problem))
        return False
    return True


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tick off again; 404 for everybody but its owner."""
    row = ElsewhereCompletion.objects.of(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    TakeBackElsewhere(user=request.user, completion=row).execute()
    messages.success(
        request, _("Taken back. If it stands in your record of learning, correct it there.")
    )
    return redirect(menu_url(request))


def menu_url(request: HttpRequest) -> str:
    """Where the menu is; this form where there is none."""
    page = LearningIndexPage.objects.live().order_by("path").first()
    return (page.get_url(request) if page else "") or reverse("km_learning:elsewhere")
