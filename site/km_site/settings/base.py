"""Settings that hold everywhere. A deployment is configured by environment variables."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url

ROOT = Path(__file__).resolve().parents[3]
KM_VAR = Path(os.environ.get("KM_VAR") or ROOT / "var").resolve()

SECRET_KEY = ""
DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "km_toolkit",
    "km_pages",
    "wagtailnhsukfrontend",
    "wagtail_modeladmin",
    "wagtail.contrib.table_block",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "km_site.permissions_policy.permissions_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "km_pages.middleware.keep_private",
    "km_pages.middleware.sign_out_when_idle",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "km_pages.old_addresses.lead_on",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "km_site.urls"
WSGI_APPLICATION = "km_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "km_pages.context_processors.shell",
            ],
        },
    },
]

# Without these, 40 of 320 concurrent writes were lost to "database is locked"; with them, none.
SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

# To open SQLite for each request, and to have the last one tidy up, takes half as long as a page.
SECONDS_OPEN = 60


def database(url: str) -> dict[str, Any]:
    """The database that ``url`` names; without one, SQLite in the data folder."""
    if url.startswith("sqlite:"):
        parsed = dj_database_url.parse(url, conn_max_age=SECONDS_OPEN)
        return {**parsed, "OPTIONS": SQLITE_OPTIONS}
    if url:
        return dict(dj_database_url.parse(url, conn_max_age=SECONDS_OPEN, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": KM_VAR / "db.sqlite3",
        "CONN_MAX_AGE": SECONDS_OPEN,
        "OPTIONS": SQLITE_OPTIONS,
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": KM_VAR / "media", "base_url": "/media/"},
    },
    "knowledge": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": KM_VAR / "files",
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if os.environ.get("KM_S3_BUCKET"):
    # Keys that are not given are looked for where Amazon's own programs look.
    STORAGES["knowledge"] = {
        "BACKEND": "km_pages.files.s3.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["KM_S3_BUCKET"],
            "location": os.environ.get("KM_S3_PREFIX", ""),
            "endpoint_url": os.environ.get("KM_S3_ENDPOINT") or None,
            "region_name": os.environ.get("KM_S3_REGION") or None,
            "access_key": os.environ.get("KM_S3_ACCESS_KEY") or None,
            "secret_key": os.environ.get("KM_S3_SECRET_KEY") or None,
        },
    }
MEDIA_ROOT = KM_VAR / "media"
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATIC_ROOT = KM_VAR / "static"
STATICFILES_DIRS = [ROOT / "site" / "static"]
STATICFILES_FINDERS = [
    "km_site.static_finders.CleanedFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "km_site.backends.NoDemonstration",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"

# Too many failed sign-ins make a name wait, whether there is such an account or not.
KM_SIGN_IN_ATTEMPTS = int(os.environ.get("KM_SIGN_IN_ATTEMPTS", "8"))
KM_SIGN_IN_WAIT_MINUTES = int(os.environ.get("KM_SIGN_IN_WAIT_MINUTES", "15"))
AXES_FAILURE_LIMIT = KM_SIGN_IN_ATTEMPTS
AXES_COOLOFF_TIME = timedelta(minutes=KM_SIGN_IN_WAIT_MINUTES)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "km_site.accounts.locked_out"
AXES_VERBOSE = False
AXES_NEVER_LOCKOUT_GET = True

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

WAGTAIL_SITE_NAME = "Knowledge Mobilisation"
WAGTAILADMIN_BASE_URL = os.environ.get("KM_BASE_URL", "http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = "login"
WAGTAIL_FRONTEND_LOGIN_URL = "/account/sign-in/"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# An approver need not have the right to publish; see km_pages/actions/finish_workflow.py.
WAGTAIL_FINISH_WORKFLOW_ACTION = "km_pages.actions.finish_workflow.publish"
# fmt: off
WAGTAILDOCS_EXTENSIONS = [
    "pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "txt", "csv",
    "mp4", "webm", "vtt",
]
# fmt: on
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
# As careful with files and texts of the admin as the public side is with those of an item.
WAGTAILIMAGES_IMAGE_FORM_BASE = "km_pages.forms.media.PictureForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "km_pages.forms.media.DocumentForm"
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {"WIDGET": "km_pages.admin.rich_text.RichTextArea"},
}
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# axes.W006: names are locked, whatever address the attempts come from; a hospital is one address.
# security.W019: the admin shows previews of pages in frames of the same site.
SILENCED_SYSTEM_CHECKS = ["axes.W006", "security.W019"]

# Films of these sites may be shown inside a page once a reader asks for them.
KM_VIDEO_HOSTS = tuple(
    os.environ.get("KM_VIDEO_HOSTS", "www.youtube-nocookie.com player.vimeo.com").lower().split()
)
# The public side runs nothing that is not a file of ours. Wagtail's admin needs inline styles
# and scripts, so it stands outside this policy.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/django-admin/"),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        # A recording is played before it is sent.
        "media-src": ["'self'", "blob:"],
        "frame-src": ["'self'", *(f"https://{host}" for host in KM_VIDEO_HOSTS)],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}
X_FRAME_OPTIONS = "SAMEORIGIN"

DEFAULT_FROM_EMAIL = os.environ.get("KM_FROM_EMAIL", "knowledge@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"km_pages": {"level": "INFO"}, "km_toolkit": {"level": "INFO"}},
}

KM_BASE_TEMPLATE = "base.html"
KM_CLAMAV = os.environ.get("KM_CLAMAV", "")
KM_SIGN_IN_DOMAINS = tuple(os.environ.get("KM_SIGN_IN_DOMAINS", "").split())
KM_OCR_LANGUAGES = os.environ.get("KM_OCR_LANGUAGES", "eng")
KM_SENDFILE = os.environ.get("KM_SENDFILE", "")
KM_SIGNED_SECONDS = int(os.environ.get("KM_SIGNED_SECONDS", "60"))
KM_SENDFILE_URL = os.environ.get("KM_SENDFILE_URL", "/protected/")
