"""What every response owes to people on shared computers."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from km_pages.conf import conf
from km_pages.typed import TYPED, typed_in, without_a_name

LAST_SEEN = "km_last_seen"
KEEP = "km_keep"
# A session is written at most this often for the sake of the time-out, in seconds.
WRITE_EVERY = 30

Handler = Callable[[HttpRequest], HttpResponse]


def sign_out_when_idle(get_response: Handler) -> Handler:
    """Sign out whoever made no request for ``KM_IDLE_MINUTES``, unless they chose to be kept."""

    def handle(request: HttpRequest) -> HttpResponse:
        # Anonymous readers have no session cookie, and their session is not even opened.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        if not request.user.is_authenticated or request.session.get(KEEP):
            return get_response(request)
        now = time.time()
        last = request.session.get(LAST_SEEN, now)
        minutes = conf().idle_minutes
        if minutes and now - last > minutes * 60:
            typed, unnamed = typed_in(request), without_a_name(request)
            logout(request)
            if typed:
                request.session[TYPED] = typed
            messages.info(
                request,
                _(
                    "You were signed out because nothing happened for %(minutes)d minutes. "
                    "Your saved drafts are still there."
                )
                % {"minutes": minutes},
            )
            if unnamed:
                messages.warning(
                    request,
                    _(
                        "What you wrote without your name was not kept: keeping it would have "
                        "stored who you are. Go back in your browser to copy it."
                    ),
                )
            back = request.get_full_path() if request.method == "GET" else request.path
            back = reverse("km_pages:typed") if typed else back
            return redirect_to_login(back, resolve_url(settings.LOGIN_URL))
        if now - last > WRITE_EVERY or LAST_SEEN not in request.session:
            request.session[LAST_SEEN] = now
        return get_response(request)

    return handle


def keep_private(get_response: Handler) -> Handler:
    """Forbid every cache to keep what a signed-in reader was shown."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            # What is the same for everybody, such as the colours, has said so itself.
            response.headers.setdefault("Cache-Control", "private, no-store")
        else:
            patch_vary_headers(response, ["Cookie"])
        return response

    return handle
