"""Settings of ``make run``: a demonstration on one's own machine, never for real data."""

import os

from km_site.settings.base import *
from km_site.settings.base import KM_VAR

DEBUG = os.environ.get("KM_DEBUG", "") == "1"
SECRET_KEY = "development-only-this-key-protects-nothing-and-production-refuses-it"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = KM_VAR / "mail"
KM_DEMO = True
KM_SIGN_IN_DOMAINS = ("example.org",)
