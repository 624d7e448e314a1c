"""Settings of the tests: fast password hashes, mail in memory, folders that vanish."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from km_site.settings.base import *
from km_site.settings.base import STORAGES, database

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
if os.environ.get("KM_VAR"):
    KM_VAR = Path(os.environ["KM_VAR"])
else:
    KM_VAR = Path(tempfile.mkdtemp(prefix="km-test-"))
    # Only by the process that made it: what it starts has a folder of its own.
    atexit.register(shutil.rmtree, KM_VAR, ignore_errors=True)
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
if not os.environ.get("DATABASE_URL"):
    # A file, as on a real site: of a database in memory, all threads of a live server would share
    # one connection, and two requests at once would meet in the middle of a transaction.
    DATABASES["default"] |= {
        "NAME": KM_VAR / "db.sqlite3",
        "TEST": {"NAME": KM_VAR / "test.sqlite3"},
    }
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": KM_VAR / "media", "base_url": "/media/"},
    },
    "knowledge": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": KM_VAR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = KM_VAR / "media"
STATIC_ROOT = KM_VAR / "static"
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
KM_DEMO = True
# Counting writes now and then, and tests count queries.
KM_COUNT_USE = False
