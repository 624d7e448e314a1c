"""The wsgi application of the site."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from km_site.page_board import PageBoard
from km_site.slow_bodies import PAGES, in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "km_site.settings.production")
application = in_time(get_wsgi_application())
PAGES.board = PageBoard(settings.KM_VAR / "pages.board")
