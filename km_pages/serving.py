"""The answer to a request for a page: the rule of :mod:`km_pages.visibility`, asked once.

Anonymous readers of what they may not see are sent to sign in, whether it exists or not.
Signed-in readers get the same "not found" as for an address that does not exist. A page behind a
shared password that is otherwise theirs to see is left to Wagtail, which asks for the password.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.views import serve

from km_pages.page_use import note_use
from km_pages.routing import know_root, stands_without_aliases
from km_pages.visibility import Reader, may_see, reader_for, visible_to

# Set on an answer that says nothing about whether there is something at the address.
REFUSED = "_km_refused"


def serve_page(request: HttpRequest, path: str) -> HttpResponse:
    """Serve the page at ``path`` as Wagtail does, with the site's root read at less cost."""
    if site := Site.find_for_request(request):
        know_root(site, is_shown=not path.strip("/"))
    answer: HttpResponse = serve(request, path)
    return answer


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back here, never kept by a cache."""
    response = redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    response.headers["Cache-Control"] = "private, no-store"
    setattr(response, REFUSED, True)
    return response


def was_refused(response: HttpResponse) -> bool:
    """Whether ``response`` asks to sign in where there may be something private, or nothing."""
    return getattr(response, REFUSED, False)


def refuse(request: HttpRequest) -> HttpResponse:
    """The one answer for what is private and for what does not exist.

    Returns a redirect to the sign-in page for anonymous readers; raises ``Http404`` for others.
    """
    if request.user.is_authenticated:
        raise Http404
    return ask_to_sign_in(request)


def guard_page(
    page: Page, request: HttpRequest, _args: Any, kwargs: dict[str, Any]
) -> HttpResponse | None:
    """Decide whether ``page`` is served: ``None`` lets it through. A ``before_serve_page`` hook."""
    if kwargs.get("km_sign_in"):
        return ask_to_sign_in(request)
    reader = reader_for(request)
    if may_see(page, reader):
        note_use(page, request)
        if stands_without_aliases(page, request):
            # Wagtail asks next for the same restrictions, on pages that are no aliases: they have
            # just been read, and this reader satisfies all on the way here.
            page.get_view_restrictions = tuple
        return None
    return None if _only_a_password_missing(page, reader) else refuse(request)


def _only_a_password_missing(page: Page, reader: Reader) -> bool:
    """Whether the shared passwords on the way are all that keeps ``reader`` from ``page``."""
    on_the_way = [pk for pk, path in reader.refused if page.path.startswith(path)]
    if not on_the_way:
        return False
    passwords = PageViewRestriction.objects.filter(
        page_id__in=on_the_way, restriction_type=PageViewRestriction.PASSWORD
    ).values_list("pk", "page_id")
    if {page_id for _pk, page_id in passwords} != set(on_the_way):
        return False
    with_passwords = Reader(reader.user, reader.passed_restrictions | {pk for pk, _p in passwords})
    same_page = type(page)._default_manager.filter(pk=page.pk)
    return visible_to(same_page, with_passwords).exists()
