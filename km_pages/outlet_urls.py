"""Addresses of the outlets of the search; a part of :mod:`km_pages.urls`."""

from django.urls import path

from km_pages.feeds import CollectionFeed, SearchFeed, TeamFeed
from km_pages.views import following, learning, who_knows

outlet_patterns = [
    path("search/opened/", learning.opened, name="search_opened"),
    path("search/missing/", learning.missing, name="search_missing"),
    path("search/description.xml", learning.description, name="search_description"),
    path("following/add/", following.follow, name="follow"),
    path("following/<km_key:pk>/", following.change, name="change_following"),
    path("following/<km_key:pk>/remove/", following.forget, name="remove_following"),
    path("following/stop/<str:token>/", following.stop, name="stop_following"),
    path("who-knows/mine/", who_knows.my_offer, name="my_offer"),
    path("who-knows/mine/take-back/", who_knows.take_back, name="take_back_offer"),
    path("feeds/search.atom", SearchFeed.as_view(), name="search_feed"),
    path("feeds/collections/<km_key:pk>.atom", CollectionFeed.as_view(), name="collection_feed"),
    path("feeds/teams/<slug:slug>.atom", TeamFeed.as_view(), name="team_feed"),
]
