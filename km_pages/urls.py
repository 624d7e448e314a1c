"""Addresses of what km_pages offers besides pages."""

from django.urls import path

from km_pages.views import people, theme

app_name = "km_pages"

urlpatterns = [
    path("km/theme.css", theme.theme, name="theme"),
    path("teams/<slug:slug>/people/", people.team_people, name="team_people"),
    path("teams/<slug:slug>/people/<int:pk>/", people.change_role, name="change_role"),
    path(
        "teams/<slug:slug>/invitations/<int:pk>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("invitation/<str:secret>/", people.accept_invitation, name="invitation"),
]
