"""``km_prepare``: bring the data folder up to date before a demonstration starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from km_pages.conf import conf


class Command(BaseCommand):
    """Migrate, collect static files, set up, add the demonstration: in one process, for speed."""

    help = "Migrates, collects static files, runs km_setup, and km_demo where KM_DEMO is true."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is missing; run again, it takes a few seconds."""
        Path(settings.KM_VAR).mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("km_setup", stdout=self.stdout)
        if conf().demo:
            call_command("km_demo", stdout=self.stdout)
