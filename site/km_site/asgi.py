"""The asgi application of the site."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "km_site.settings.production")
application = get_asgi_application()
