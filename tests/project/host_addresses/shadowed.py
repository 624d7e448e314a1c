"""A search of the site's own stands before ours, and nobody can sign out."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("search/", lambda _request: HttpResponse(), name="their_search"),
    path("", include("km_pages.urls")),
    path("in/", lambda _request: HttpResponse(), name="login"),
]
