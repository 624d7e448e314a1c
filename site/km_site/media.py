"""Images that editors have put on pages, for sites without a web server in front that gives them.

What stands in MEDIA_ROOT is public. Documents of Wagtail's stand there too, but have readers of
their own, so they are given out by Wagtail's view alone. Files of the repository are elsewhere.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

PUBLIC = ("images", "original_images", "avatar_images")
DAY = 24 * 60 * 60


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """The image ``path``; 404 for everything in MEDIA_ROOT that is no image of a page."""
    parts = path.split("/")
    # A way up would lead out of the folder that was looked at.
    if parts[0] not in PUBLIC or not {"", ".", ".."}.isdisjoint(parts) or "\x00" in path:
        raise Http404
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Cache-Control"] = f"public, max-age={DAY}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
