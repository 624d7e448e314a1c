"""System checks of the site around: whether it has taken in all that our pages lean on.

A site that left something out would answer with an error page later, or show another site's page
at an address of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.template import TemplateDoesNotExist
from django.template.base import Template
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from km_pages.conf import conf

APPS = (
    "wagtail_modeladmin",
    "wagtail.contrib.table_block",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "django.contrib.sitemaps",
)
SHELL = "km_pages.context_processors.shell"
BLOCKS = ("title", "head", "extra_css", "content", "extra_js")
HINT = "docs/how-to/install.md shows the lines."
# Who signs in and out, and our own addresses that lead somewhere without an argument.
SIGNING = ("login", "logout")
OURS = (
    "search suggest technique_cards finder add add_lesson add_each upload approvals my_page "
    "technique_feed open_item_feed sitemap robots theme"
).split()


def check_apps(**_kwargs: Any) -> list[CheckMessage]:
    """Whether the apps are installed whose models, tags and templates ours use."""
    return [
        Error(f"{name} is not in INSTALLED_APPS.", hint=HINT, id="km_pages.E160")
        for name in APPS
        if not apps.is_installed(name)
    ]


def check_shell(**_kwargs: Any) -> list[CheckMessage]:
    """Whether the context processor and the base template are there, with the blocks we fill."""
    found: list[CheckMessage] = []
    processors = [
        each
        for engine in settings.TEMPLATES
        for each in (engine.get("OPTIONS") or {}).get("context_processors", [])
    ]
    if SHELL not in processors:
        words = f"{SHELL} is not among the context processors: pages would have no colours."
        found.append(Warning(words, hint=HINT, id="km_pages.W161"))
    name = conf().base_template
    try:
        missing = [each for each in BLOCKS if each not in set(_blocks(name))]
    except TemplateDoesNotExist:
        words = f"KM_BASE_TEMPLATE names {name!r}, and there is no such template."
        return [*found, Error(words, id="km_pages.E162")]
    if missing:
        words = f"The base template {name!r} lacks the blocks {', '.join(missing)}."
        hint = "What stands in them on our pages is not shown."
        found.append(Warning(words, hint=hint, id="km_pages.W163"))
    return found


def _blocks(name: str) -> Iterator[str]:
    """The names of the blocks of a template and of those that it extends.

    All that are asked for where they cannot be known: another template language, a parent that is
    only known when a page is made. Raises ``TemplateDoesNotExist``.
    """
    template = getattr(get_template(name), "template", None)
    if not isinstance(template, Template):
        yield from BLOCKS
        return
    for block in template.nodelist.get_nodes_by_type(BlockNode):
        yield block.name  # type: ignore[attr-defined]
    for extends in template.nodelist.get_nodes_by_type(ExtendsNode):
        parent = extends.parent_name.var  # type: ignore[attr-defined]
        yield from _blocks(parent) if isinstance(parent, str) else BLOCKS


def check_addresses(**_kwargs: Any) -> list[CheckMessage]:
    """Whether our addresses are included, and answered by us; whether one can sign in and out."""
    try:
        places = {name: reverse(f"km_pages:{name}") for name in OURS}
    except NoReverseMatch:
        return [Error("km_pages.urls is not among the addresses.", hint=HINT, id="km_pages.E164")]
    found: list[CheckMessage] = [
        Error(f"There is no address named {name!r}.", hint=HINT, id="km_pages.E165")
        for name in SIGNING
        if not _known(name)
    ]
    for name, place in places.items():
        answered_by = _answered_by(place)
        if answered_by != f"km_pages:{name}":
            words = f"{place} is answered by {answered_by!r}, not by km_pages:{name}."
            hint = "Include km_pages.urls before it, or take the other one out."
            found.append(Warning(words, hint=hint, id="km_pages.W166"))
    return found


def _known(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def _answered_by(place: str) -> str:
    try:
        return resolve(place).view_name
    except Resolver404:
        return ""


CHECKS = (check_apps, check_shell, check_addresses)
