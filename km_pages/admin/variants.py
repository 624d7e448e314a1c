"""The button "Copy as a variant" of techniques."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail.admin.auth import require_admin_access
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from km_pages.actions.copy_as_variant import LONGEST_TITLE, CopyAsVariant
from km_pages.actions.errors import ActionError
from km_pages.models import TechniquePage


def variant_button(
    page: Page, user: Any, view_name: str = "", next_url: str | None = None
) -> Iterator[Button]:
    """Wagtail's hooks for the buttons of a page, in its header and in lists."""
    if (
        issubclass(page.specific_class or Page, TechniquePage)
        and page.permissions_for_user(user).can_copy()
    ):
        yield Button(
            _("Copy as a variant"),
            reverse("km_copy_as_variant", args=[page.pk]),
            icon_name="copy",
            priority=31,
        )


def copy_as_variant(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the name of the variant, then open it in the editor."""
    technique = get_object_or_404(TechniquePage, pk=pk)
    if not CopyAsVariant.allowed(technique, request.user):
        messages.error(request, _("You cannot add a technique here."))
        return redirect("wagtailadmin_home")
    title = request.POST.get("title", _("%(title)s, our way") % {"title": technique.title})
    problem = ""
    if request.method == "POST":
        try:
            page = CopyAsVariant(technique=technique, by=request.user, title=title).execute()
        except ActionError as refusal:
            problem = str(refusal)
        else:
            messages.success(
                request, _("This is your variant, as a draft. Change what you do differently.")
            )
            return redirect("wagtailadmin_pages:edit", page.pk)
    context = {"page": technique, "title": title, "problem": problem, "longest": LONGEST_TITLE}
    return render(request, "km_pages/admin/copy_as_variant.html", context)


def variant_urls() -> list[Any]:
    """The address, for Wagtail's ``register_admin_urls``."""
    view = require_admin_access(copy_as_variant)
    return [path("copy-as-variant/<int:pk>/", view, name="km_copy_as_variant")]
