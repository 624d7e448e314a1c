"""Settings of a real deployment: everything comes from the environment, nothing has a default
that would be unsafe."""

import os

from django.core.exceptions import ImproperlyConfigured

from km_site.settings.base import *


def required(name: str) -> str:
    """The environment variable ``name``; refuses to start without it."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"Set the environment variable {name}. See docs/how-to/deploy.md."
        )
    return value


SECRET_KEY = required("KM_SECRET_KEY")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("development", "for-tests", "django-insecure")):
    raise ImproperlyConfigured(
        "KM_SECRET_KEY is a development secret or too short: give 50 random characters or more."
    )
ALLOWED_HOSTS = [host.strip() for host in required("KM_ALLOWED_HOSTS").split(",")]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "KM_ALLOWED_HOSTS is '*', so that anybody could have mails point to a site of theirs: "
        "name the hosts of this site."
    )
WAGTAILADMIN_BASE_URL = required("KM_BASE_URL")
CSRF_TRUSTED_ORIGINS = [WAGTAILADMIN_BASE_URL.rstrip("/")]

DEBUG = False
# Whatever watches the processes asks them directly, without encryption.
SECURE_REDIRECT_EXEMPT = [r"^-/health/$"]
SECURE_SSL_REDIRECT = os.environ.get("KM_SSL_REDIRECT", "1") == "1"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("KM_BEHIND_PROXY", "1") == "1" else None
)
SECURE_HSTS_SECONDS = int(os.environ.get("KM_HSTS_SECONDS", "31536000"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

EMAIL_HOST = os.environ.get("KM_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("KM_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("KM_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("KM_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("KM_EMAIL_TLS", "") == "1"
EMAIL_TIMEOUT = 10
KM_DEMO = False
