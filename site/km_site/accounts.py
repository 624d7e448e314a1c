"""Signing in and out: Django's own views with our words, and "keep me signed in" off by default."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from km_pages.actions.sign_in_link import links_are_offered
from km_pages.conf import conf
from km_pages.notifications import send_sealed
from km_pages.theme import organisation_of

DAY = 24 * 60 * 60


class SignInForm(AuthenticationForm):
    """E-mail address and password; one message for every reason of failure."""

    keep = forms.BooleanField(label=_("Keep me signed in on this device"), required=False)

    error_messages = {
        "invalid_login": _(
            "We could not sign you in. Check the e-mail address and the password, "
            "or ask for a new password."
        ),
        "inactive": _(
            "We could not sign you in. Check the e-mail address and the password, "
            "or ask for a new password."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget.attrs.update(autocomplete="username", inputmode="email")

    def clean_username(self) -> str:
        """Account names are e-mail addresses in small letters."""
        return self.cleaned_data["username"].strip().lower()


class SignInView(views.LoginView):
    """The sign-in page; ``next`` only ever leads to an address of this site."""

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so where the admin sent somebody here who is signed in and may not use it.

        Sent back as others are, they would go round in a circle until the browser gives up.
        """
        user = request.user
        admin = self.get_redirect_url().startswith(reverse("wagtailadmin_home"))
        if admin and user.is_authenticated and not user.has_perm("wagtailadmin.access_admin"):
            answer = render(request, "account/no_admin.html", status=403)
            add_never_cache_headers(answer)
            return answer
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``link_url``, where people may sign in by mail."""
        link_url = reverse("km_pages:sign_in_link") if links_are_offered() else ""
        return super().get_context_data(link_url=link_url, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in for this browser session, or for longer where that was ticked."""
        response = super().form_valid(form)
        keep = form.cleaned_data["keep"]
        self.request.session["km_keep"] = keep
        self.request.session.set_expiry(conf().keep_signed_in_days * DAY if keep else 0)
        return response


class SignOutView(views.LogoutView):
    """Sign out by POST; the session and everything in it is gone."""

    template_name = "account/signed_out.html"
    next_page = None


class ResetForm(PasswordResetForm):
    """Asks for an address; the mail is sent by the worker, and again while the server is away."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Write the mail down, readable with our key only, instead of sending it at once."""
        subject = " ".join(render_to_string(subject_template_name, context).split())
        body = render_to_string(email_template_name, context)
        send_sealed(to_email, subject=subject, body=body)


class ResetView(views.PasswordResetView):
    """Ask for a new password; the answer is the same whether there is such an account or not."""

    template_name = "account/password_reset_form.html"
    form_class = ResetForm
    email_template_name = "account/password_reset_email.txt"
    subject_template_name = "account/password_reset_subject.txt"

    def form_valid(self, form: Any) -> HttpResponse:
        """Have the mail name the organisation, where Django would name the host."""
        name = organisation_of(self.request).organisation_name
        self.extra_email_context = {"site_name": name}
        return super().form_valid(form)


class ResetConfirmView(views.PasswordResetConfirmView):
    """Choose a new password."""

    template_name = "account/password_reset_confirm.html"


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What is shown after too many failed sign-ins: the same for every name."""
    minutes = conf().sign_in_wait_minutes
    response = render(request, "account/locked.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response
