"""Addresses of what km_pages offers besides pages."""

from django.urls import path

from km_pages.feeds import OpenItemFeed, TechniqueFeed
from km_pages.outlet_urls import outlet_patterns
from km_pages.views import (
    add,
    add_each,
    approvals,
    cards,
    file_page,
    file_versions,
    files,
    finder,
    my_page,
    parts,
    people,
    robots,
    search,
    sign_in_link,
    suggest,
    theme,
    typed,
    uploads,
)

app_name = "km_pages"

urlpatterns = [
    path("search/", search.search, name="search"),
    path("search/suggest/", suggest.suggestions, name="suggest"),
    path("cards/techniques.pdf", cards.technique_cards, name="technique_cards"),
    path("finder/", finder.finder, name="finder"),
    *outlet_patterns,
    path("add/", add.add, name="add"),
    path("add/lesson/", add.add_lesson, name="add_lesson"),
    path("add/each/", add_each.add_each, name="add_each"),
    path("add/upload/", uploads.upload, name="upload"),
    path("add/upload/parts/", parts.begin, name="begin_parts"),
    path("add/upload/parts/<uuid:key>/", parts.part, name="part"),
    path("add/<km_key:pk>/", add.edit_draft, name="edit_draft"),
    path("add/<km_key:pk>/sent/", add.sent, name="sent"),
    path("add/<km_key:pk>/take-back/", add.take_back, name="take_back"),
    path("add/<km_key:pk>/delete/", add.delete_draft, name="delete_draft"),
    path("add/<km_key:pk>/files/<uuid:uuid>/", file_versions.versions, name="file_versions"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/holder/<km_key:pk>/", approvals.holder_approval, name="holder_approval"),
    path("approvals/wider/<km_key:pk>/", approvals.moderation, name="moderation"),
    path("my-page/", my_page.my_page, name="my_page"),
    path("files/<uuid:uuid>/-/", file_page.file_page, name="file_page"),
    path("files/<uuid:uuid>/-/delete/", file_page.delete_file, name="delete_file"),
    path("files/<uuid:uuid>/-/small.jpg", files.thumbnail, name="file_thumbnail"),
    path("files/<uuid:uuid>/-/show/<path:name>", files.show_file, name="file_shown"),
    path("files/<uuid:uuid>/<path:name>", files.serve_file, name="file"),
    path("feeds/techniques.atom", TechniqueFeed.as_view(), name="technique_feed"),
    path("feeds/open.atom", OpenItemFeed.as_view(), name="open_item_feed"),
    path("account/link/", sign_in_link.ask_sign_in_link, name="sign_in_link"),
    path("account/link/<str:secret>/", sign_in_link.use_sign_in_link, name="use_sign_in_link"),
    path("account/typed/", typed.typed, name="typed"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", robots.sitemap_part, name="sitemap_part"),
    path("robots.txt", robots.robots, name="robots"),
    path("km/theme.css", theme.theme, name="theme"),
    path("teams/<slug:slug>/people/", people.team_people, name="team_people"),
    path("teams/<slug:slug>/people/<km_key:pk>/", people.change_role, name="change_role"),
    path(
        "teams/<slug:slug>/invitations/<km_key:pk>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("invitation/<str:secret>/", people.accept_invitation, name="invitation"),
]
