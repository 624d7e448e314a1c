"""The production settings, in processes of their own: nothing unsafe starts or is answered."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = "knowledge.example.org"


def environment(folder: Path, **changes: str | None) -> dict[str, str]:
    """What a deployment sets, with ``changes``; ``None`` leaves a variable out."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("KM_") and key not in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")
    }
    given = {
        "DJANGO_SETTINGS_MODULE": "km_site.settings.production",
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), str(ROOT / "site"), os.environ.get("PYTHONPATH", "")]
        ),
        "KM_VAR": str(folder),
        "KM_SECRET_KEY": secrets.token_urlsafe(60),
        "KM_ALLOWED_HOSTS": HOST,
        "KM_BASE_URL": f"https://{HOST}",
        **changes,
    }
    return {**kept, **{key: value for key, value in given.items() if value is not None}}


def run(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], env=env, cwd="/", capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"KM_SECRET_KEY": None}, "KM_SECRET_KEY"),
        ({"KM_SECRET_KEY": ""}, "KM_SECRET_KEY"),
        ({"KM_SECRET_KEY": "short"}, "development secret or too short"),
        (
            {
                "KM_SECRET_KEY": "development-only-this-key-protects-nothing-"
                "and-production-refuses-it"
            },
            "development secret",
        ),
        ({"KM_SECRET_KEY": "django-insecure-" + "x" * 50}, "development secret"),
        ({"KM_ALLOWED_HOSTS": None}, "KM_ALLOWED_HOSTS"),
        ({"KM_ALLOWED_HOSTS": "*"}, "name the hosts"),
        ({"KM_BASE_URL": None}, "KM_BASE_URL"),
    ],
)
def test_it_does_not_start_with_what_is_unsafe_and_says_why(
    tmp_path: Path, changes: dict[str, str | None], named: str
) -> None:
    code = "import km_site.wsgi"
    done = run("-c", code, env=environment(tmp_path, **changes))
    assert done.returncode != 0
    assert named in done.stderr.strip().splitlines()[-1]


def test_the_secret_of_make_run_is_among_those_that_are_refused() -> None:
    text = (ROOT / "site/km_site/settings/dev.py").read_text()
    assert 'SECRET_KEY = "development' in text


def test_the_check_before_a_deployment_finds_nothing(tmp_path: Path) -> None:
    done = run(
        "-m", "django", "check", "--deploy", "--fail-level", "WARNING", env=environment(tmp_path)
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres://user:pass@db.example/km", "django.db.backends.postgresql"),
        ("sqlite:////srv/km/other.sqlite3", "django.db.backends.sqlite3"),
        (None, "django.db.backends.sqlite3"),
    ],
)
def test_one_variable_names_the_database(tmp_path: Path, url: str | None, engine: str) -> None:
    code = (
        "import json; from django.conf import settings;"
        "print(json.dumps(settings.DATABASES['default'], default=str))"
    )
    done = run("-c", code, env=environment(tmp_path, DATABASE_URL=url))
    database = json.loads(done.stdout)
    assert database["ENGINE"] == engine
    if engine.endswith("sqlite3"):
        assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert "WAL" in database["OPTIONS"]["init_command"]
        assert database["NAME"] == ("/srv/km/other.sqlite3" if url else f"{tmp_path}/db.sqlite3")
    else:
        assert (database["HOST"], database["NAME"]) == ("db.example", "km")
        assert database["CONN_HEALTH_CHECKS"] is True


# One process for all answers: setting up a site takes seconds.
VISIT = """
import io, json
import django
django.setup()
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

# As many tables as there are models, without the history of how they came about.
class Without(dict):
    __contains__ = lambda *_: True
    __getitem__ = lambda *_: None

settings.MIGRATION_MODULES = Without()
call_command("migrate", run_syncdb=True, verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tests.factories import StandardPageFactory, UserFactory, home_page

home_page()
StandardPageFactory(title="About", slug="about")
UserFactory(username="ann@example.org", password="demonstration")
UserFactory(username="bob@example.org")
HOST = "knowledge.example.org"
SIGN_IN = "/account/sign-in/"


def visit(path, *, client=None, secure=True, method="get", data=None, host=HOST):
    client = client or Client(enforce_csrf_checks=False)
    answer = getattr(client, method)(path, data or {}, secure=secure, HTTP_HOST=host)
    return {
        "status": answer.status_code,
        "headers": {key.lower(): value for key, value in answer.headers.items()},
        "cookies": {name: dict(morsel) for name, morsel in answer.cookies.items()},
        "text": "" if answer.streaming else answer.content.decode(),
    }


def sign_in(name, password):
    given = {"username": name, "password": password}
    return visit(SIGN_IN, method="post", data=given)


answers = {
    "home": visit("/"),
    "page": visit("/about/"),
    "sign in": visit(SIGN_IN),
    "search": visit("/search/?q=about"),
    "nowhere": visit("/no-such-page/"),
    "plain": visit("/about/", secure=False),
    "health": visit("/-/health/", secure=False),
    "other host": visit("/", host="evil.example"),
    "admin": visit("/admin/"),
    "known password": sign_in("ann@example.org", "demonstration"),
    "signed in": sign_in("bob@example.org", "correct horse battery staple"),
}
try:
    call_command("km_demo", stdout=io.StringIO())
    answers["demo"] = "made"
except CommandError as refusal:
    answers["demo"] = str(refusal)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("production")
    done = run("-c", VISIT, env=environment(folder))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["home", "page", "sign in", "search", "nowhere"])
def test_every_answer_carries_the_headers_that_protect_readers(answers: Any, name: str) -> None:
    headers = answers[name]["headers"]
    assert answers[name]["status"] == (404 if name == "nowhere" else 200)
    assert "max-age=31536000" in headers["strict-transport-security"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    powers = headers["permissions-policy"].split(", ")
    assert {"microphone=(self)", "camera=()", "geolocation=()", "payment=()"} <= set(powers)
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert "<script>" not in answers[name]["text"]
    assert "style=" not in answers[name]["text"]


def test_what_comes_without_encryption_is_sent_to_the_encrypted_site(answers: Any) -> None:
    assert answers["plain"]["status"] == 301
    assert answers["plain"]["headers"]["location"] == f"https://{HOST}/about/"
    assert answers["health"]["status"] == 200


def test_cookies_travel_encrypted_only_and_end_with_the_browser(answers: Any) -> None:
    session = answers["signed in"]["cookies"]["sessionid"]
    assert answers["signed in"]["status"] == 302
    assert session["secure"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert session["max-age"] == ""
    token = answers["sign in"]["cookies"]["csrftoken"]
    assert token["secure"]
    assert token["samesite"] == "Lax"
    assert answers["page"]["cookies"] == {}, "a page that is only read sets no cookie"


def test_another_host_name_is_refused_and_never_repeated(answers: Any) -> None:
    assert answers["other host"]["status"] == 400
    assert "evil" not in answers["other host"]["text"]


def test_the_admin_asks_to_sign_in(answers: Any) -> None:
    assert answers["admin"]["status"] == 302
    assert answers["admin"]["headers"]["location"].startswith("/account/sign-in/")


def test_there_are_no_demonstration_people_and_their_password_opens_nothing(answers: Any) -> None:
    assert "only where KM_DEMO" in answers["demo"]
    assert answers["known password"]["status"] == 200
    assert "could not sign you in" in answers["known password"]["text"]
    assert "sessionid" not in answers["known password"]["cookies"]
