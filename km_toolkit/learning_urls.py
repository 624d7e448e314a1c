"""Addresses of learning besides the pages of modules. The site says where they stand."""

from django.urls import path

from km_toolkit.views import elsewhere, menu, modules

app_name = "km_learning"

urlpatterns = [
    path("menu.pdf", menu.menu_pdf, name="menu_pdf"),
    path("elsewhere/", elsewhere.elsewhere, name="elsewhere"),
    path("elsewhere/<km_key:pk>/take-back/", elsewhere.take_back, name="take_back_elsewhere"),
    path("modules/<km_key:pk>/end/", modules.end, name="end"),
    path("modules/<km_key:pk>/<int:number>/", modules.section, name="section"),
    path("modules/<km_key:pk>/<int:number>/film/", modules.film, name="film"),
    path("modules/<km_key:pk>/<int:number>/captions/", modules.captions, name="captions"),
]
