"""Settings of a benchmark: those of a deployment, with a database and folders of its own."""

import os
from pathlib import Path

from km_site.settings.base import *  # noqa: F403
from km_site.settings.base import STATIC_ROOT, STORAGES, TEMPLATES

SECRET_KEY = "for-benchmarks-only"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "benchmarks.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]
# Digests in the names of static files cost nothing while pages are made; collecting them does.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
KM_DEMO = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
LOGGING = {"version": 1, "disable_existing_loggers": True, "root": {"level": "CRITICAL"}}
WAGTAILADMIN_BASE_URL = os.environ.get("KM_BASE_URL", "http://localhost")
# One person uploads all that the benchmark uploads.
KM_UPLOAD_QUOTA_BYTES = 100 * 1024**3
