"""Addresses of signing in and out and of new passwords."""

from django.contrib.auth import views
from django.urls import path

from km_site.accounts import ResetConfirmView, ResetView, SignInView, SignOutView

urlpatterns = [
    path("sign-in/", SignInView.as_view(), name="login"),
    path("sign-out/", SignOutView.as_view(), name="logout"),
    path("password/", ResetView.as_view(), name="password_reset"),
    path(
        "password/sent/",
        views.PasswordResetDoneView.as_view(template_name="account/password_reset_done.html"),
        name="password_reset_done",
    ),
    path("password/<uidb64>/<token>/", ResetConfirmView.as_view(), name="password_reset_confirm"),
    path(
        "password/changed/",
        views.PasswordResetCompleteView.as_view(
            template_name="account/password_reset_complete.html"
        ),
        name="password_reset_complete",
    ),
]
