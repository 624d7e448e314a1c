"""How well the search ranks a collection of documents whose right answers are known."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from km_pages.conf import conf
from km_pages.search import EngineUnavailable
from km_pages.search.evaluation import CollectionError, evaluate, read_collection


class Command(BaseCommand):
    """``manage.py km_evaluate``."""

    help = (
        "Measure the search on a folder with docs.jsonl, queries.jsonl and qrels.tsv, in an index "
        "of its own, and print one line of JSON."
    )
    # Neither the database nor the settings of the site are needed.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and another file of queries."""
        parser.add_argument("folder", type=Path, help="Folder of the collection.")
        parser.add_argument("--queries", type=Path, help="File of queries instead of the folder's.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Index, ask, measure; the index is removed again."""
        try:
            collection = read_collection(options["folder"], options["queries"])
            with tempfile.TemporaryDirectory(prefix="km-evaluate-") as folder:
                engine = import_string(conf().search_engine)(Path(folder))
                self.stdout.write(evaluate(collection, engine).as_line())
        except CollectionError as fault:
            raise CommandError(str(fault)) from fault
        except EngineUnavailable as fault:
            raise CommandError(f"The collection cannot be indexed: {fault}") from fault
