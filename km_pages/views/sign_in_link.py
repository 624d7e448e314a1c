"""Sign in by a link in a mail. GET shows and only POST acts: mail scanners open links first."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from km_pages.actions.errors import Conflict
from km_pages.actions.sign_in_link import (
    AskSignInLink,
    UseSignInLink,
    find_link,
    links_are_offered,
)
from km_pages.forms.sign_in import SignInLinkForm
from km_pages.middleware import KEEP

READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
BACKEND = "django.contrib.auth.backends.ModelBackend"


def _offered() -> None:
    if not links_are_offered():
        raise Http404


def _local(request: HttpRequest, path: str) -> str:
    """``path`` if it is an address of this site that one can go back to, else nothing."""
    own = path.startswith("/") and url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return path if own else ""


@never_cache
@READ_OR_SEND
def ask_sign_in_link(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address."""
    _offered()
    form = SignInLinkForm(request.POST or None)
    next_path = _local(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        AskSignInLink(
            email=form.cleaned_data["email"],
            asked_from=request.META.get("REMOTE_ADDR", ""),
            next_path=next_path,
        ).execute()
        return render(request, "km_pages/sign_in/sent.html", form.cleaned_data)
    return render(request, "km_pages/sign_in/ask.html", {"form": form, "next": next_path})


@never_cache
@READ_OR_SEND
def use_sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show whom the link signs in; by POST, sign them in."""
    _offered()
    link = find_link(secret)
    if link is None:
        return _gone(request)
    if request.method != "POST":
        return render(request, "km_pages/sign_in/use.html", {"email": link.email})
    try:
        user, next_path = UseSignInLink(secret=secret).execute()
    except Conflict:
        return _gone(request)
    login(request, user, backend=BACKEND)
    # Until the browser is closed or nothing happens for a while, as on any shared computer.
    request.session[KEEP] = False
    request.session.set_expiry(0)
    return redirect(_local(request, next_path) or "/")


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "km_pages/sign_in/gone.html", status=404)
