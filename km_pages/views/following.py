"""Follow a search, change that, and stop its mails by a link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from km_pages.actions.errors import ActionError
from km_pages.actions.follow_search import ChangeRhythm, FollowSearch, ForgetSearch, StopMails
from km_pages.forms.following import FollowForm, RhythmForm
from km_pages.forms.search import SearchParams
from km_pages.models import SavedSearch
from km_pages.outlets.following import search_of

LONGEST_NAME = 120


@login_required
def follow(request: HttpRequest) -> HttpResponse:
    """Follow the search in the address: asked by GET, done by POST."""
    params = SearchParams.read(request.GET)
    if not params.asks:
        messages.info(request, _("Search for something first; then you can follow it."))
        return redirect("km_pages:search")
    suggested = {"name": (params.q or _("My search"))[:LONGEST_NAME]}
    form = FollowForm(request.POST or None, initial=suggested)
    if request.method == "POST" and form.is_valid():
        action = FollowSearch(
            person=request.user,
            query=params.q,
            filters=params.filters,
            **form.cleaned_data,
        )
        try:
            saved = action.execute()
        except ActionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("You follow “%(name)s” now.") % {"name": saved.name})
            return redirect(f"{reverse('km_pages:my_page')}#following")
    back = f"{reverse('km_pages:search')}{params.query_string}"
    context = {"form": form, "params": params, "back": back, "has_email": bool(request.user.email)}
    return render(request, "km_pages/following/follow.html", context)


def _mine(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(SavedSearch, pk=pk, person=request.user)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Let mails come more or less often."""
    search, form = _mine(request, pk), RhythmForm(request.POST)
    if form.is_valid():
        rhythm = form.cleaned_data["rhythm"]
        ChangeRhythm(search=search, by=request.user, rhythm=rhythm).execute()
        messages.success(request, _("Changed: %(name)s.") % {"name": search.name})
    else:
        messages.warning(request, _("Choose how often you want to hear from us."))
    return redirect(f"{reverse('km_pages:my_page')}#following")


@login_required
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a search no longer."""
    search = _mine(request, pk)
    ForgetSearch(search=search, by=request.user).execute()
    messages.success(request, _("You no longer follow “%(name)s”.") % {"name": search.name})
    return redirect(f"{reverse('km_pages:my_page')}#following")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails of one search, for whoever has the link from one of them.

    GET only shows, because mail scanners open links. POST acts, also without a cookie: mail
    programs send it (RFC 8058), and the link itself is the permission. Answers the same whether
    the search is still there or not.
    """
    search = search_of(token)
    done = request.method == "POST"
    if done and search is not None:
        StopMails(search=search).execute()
    response = render(request, "km_pages/following/stop.html", {"done": done})
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
