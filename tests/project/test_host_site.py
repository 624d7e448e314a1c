"""A new Wagtail project takes the plugin in by the lines of its guide, and everything answers.

The project is made by ``wagtail start`` and knows nothing of ``site/``: no settings, templates or
packages but those that the guide names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import constants
from django.template.loader import render_to_string

from km_pages import host_checks
from km_pages.context_processors import Account

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "install.md"
START = "from wagtail.bin.wagtail import main; main()"
VISIT = """
import json, logging
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from importlib import import_module
from wagtail.models import Page, Site

logging.disable(logging.CRITICAL)
answers, bodies = {}, {}
boss = get_user_model().objects.create_superuser("boss", "boss@example.org", "a long password")
places = [page.url for page in Page.objects.live().filter(depth__gt=1)]
for module in ("km_pages.", "km_toolkit.", "km_toolkit.record_", "km_toolkit.learning_"):
    urls = import_module(f"{module}urls")
    for each in urls.urlpatterns:
        try:
            places.append(reverse(f"{urls.app_name}:{each.name}"))
        except NoReverseMatch:
            continue
places += ["/accounts/login/", "/admin/", "/admin/knowledge-items/", "/admin/techniques/"]
some = {page.content_type_id: page.pk for page in Page.objects.filter(depth__gt=1)}
places += [f"/admin/pages/{pk}/edit/" for pk in some.values()]
for who in ("stranger", "boss"):
    client = Client(raise_request_exception=False)
    if who == "boss":
        client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    for place in places:
        answer = client.get(place)
        answers[f"{who} {place}"] = answer.status_code
        bodies[f"{who} {place}"] = b"" if answer.streaming else answer.content
root = Site.objects.get(is_default_site=True).root_page.specific
print(json.dumps({
    "answers": answers,
    "root": root._meta.label,
    "guides": sum(place.startswith("/knowledge/techniques/") for place in places),
    "guide": bodies["stranger /knowledge/techniques/peer-assist/"].decode(),
    "found": Client().get("/search/?q=peer+assist").content.decode(),
}))
"""


def lines_of_the_guide(var: Path) -> tuple[str, str]:
    """What the guide adds to the settings and to the addresses, with our own data folder."""
    text = GUIDE.read_text(encoding="utf-8").replace("/srv/km", str(var))
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    parts = [textwrap.dedent(each) for each in blocks]
    return (
        "\n".join(each for each in parts if "urlpatterns" not in each),
        "\n".join(each for each in parts if "urlpatterns" in each),
    )


def run(folder: Path, *words: str) -> str:
    """What ``words`` print in the project, which sees our packages and nothing of our site."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("KM_", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def host(tmp_path_factory: Any) -> Path:
    """A new project as ``wagtail start`` makes it, with the lines of the guide."""
    folder: Path = tmp_path_factory.mktemp("host")
    run(folder, "-c", START, "start", "trust", ".")
    settings, addresses = lines_of_the_guide(folder / "km")
    own = folder / "trust"
    with (own / "settings" / "base.py").open("a") as file:
        file.write(settings)
    with (own / "urls.py").open("a") as file:
        file.write(addresses)
    base = own / "templates" / "base.html"
    head = "{% block head %}{% endblock %}\n</head>"
    base.write_text(base.read_text().replace("</head>", head))
    return folder


def test_a_new_wagtail_project_takes_the_plugin_in(host: Path) -> None:
    run(host, "manage.py", "check", "--fail-level", "WARNING")
    run(host, "manage.py", "migrate", "-v0")
    assert "made" in run(host, "manage.py", "km_setup")
    seen = json.loads(run(host, "manage.py", "shell", "-v0", "-c", VISIT).splitlines()[-1])
    # By POST only, turned off, or not without words.
    refused = {place for place, code in seen["answers"].items() if code in (401, 404, 405)}
    assert {place.split()[1] for place in refused} <= {
        "/search/opened/", "/search/missing/", "/who-knows/mine/take-back/", "/add/upload/",
        "/add/upload/parts/", "/learning/record/draft/", "/account/link/", "/feeds/search.atom",
    }  # fmt: skip
    rest = {place: code for place, code in seen["answers"].items() if place not in refused}
    assert {place: code for place, code in rest.items() if code not in (200, 302)} == {}
    assert seen["root"] == "home.HomePage"
    assert seen["guides"] >= 13
    assert "trust.css" in seen["guide"]
    assert "application/ld+json" in seen["guide"]
    assert "Peer assist" in seen["found"]


# What was left out is named before the first reader meets it


def ids(found: list[Any]) -> list[str]:
    return [each.id for each in found]


def test_an_app_that_was_left_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert host_checks.check_apps() == []
    monkeypatch.setattr(
        host_checks.apps, "is_installed", lambda name: name != "django.contrib.sitemaps"
    )
    (message,) = host_checks.check_apps()
    assert message.id == "km_pages.E160"
    assert "django.contrib.sitemaps" in message.msg


def test_a_base_template_without_the_blocks_we_fill_is_named(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "above.html").write_text(
        "{% block title %}{% endblock %}{% if x %}{% block content %}{% endblock %}{% endif %}"
    )
    (tmp_path / "own.html").write_text(
        '{% extends "above.html" %}{% block extra_css %}{% block extra_js %}{% endblock %}'
        "{% endblock %}"
    )
    (tmp_path / "unknown.html").write_text("{% extends whatever %}")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    assert host_checks.check_shell() == []
    settings.KM_BASE_TEMPLATE = "own.html"
    (message,) = host_checks.check_shell()
    assert message.id == "km_pages.W163"
    assert message.msg.endswith("lacks the blocks head.")
    settings.KM_BASE_TEMPLATE = "unknown.html"
    assert host_checks.check_shell() == []
    settings.KM_BASE_TEMPLATE = "no/such.html"
    assert ids(host_checks.check_shell()) == ["km_pages.E162"]
    settings.TEMPLATES = [{**engine, "OPTIONS": {"context_processors": []}}]
    settings.KM_BASE_TEMPLATE = "km_pages/base.html"
    assert ids(host_checks.check_shell()) == ["km_pages.W161"]


def test_addresses_that_are_missing_or_answered_by_another_are_named(settings: Any) -> None:
    assert host_checks.check_addresses() == []
    settings.ROOT_URLCONF = "tests.project.host_addresses.shadowed"
    found = host_checks.check_addresses()
    assert ids(found) == ["km_pages.E165", "km_pages.W166"]
    assert "/search/ is answered by 'their_search'" in found[1].msg
    settings.ROOT_URLCONF = "tests.project.host_addresses.empty"
    assert ids(host_checks.check_addresses()) == ["km_pages.E164"]


def test_the_plain_page_says_whose_account_it_is_and_what_was_done() -> None:
    context = {
        "account": Account("Ines Halloran", is_signed_in=True),
        "messages": [type("Said", (), {"level_tag": "success", "level": constants.SUCCESS})()],
    }
    html = render_to_string("km_pages/base.html", context)
    assert "Ines Halloran" in html
    assert 'action="/account/sign-out/"' in html
    assert "km-banner--good" in html
    assert "km_pages/css/plain.css" in html
