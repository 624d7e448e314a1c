"""``python -m benchmarks --size N``: measure the site and its search, and print tables."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile


def main() -> None:
    """Measure in a folder that is removed afterwards; ``var/`` is never touched."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000, help="how many items (1,000,000 works)")
    parts = ("site", "engine", "files", "handovers", "load")
    parser.add_argument("--only", choices=parts, help="one part")
    parser.add_argument(
        "--throw-away-database",
        action="store_true",
        help="fill the database that DATABASE_URL names, and leave it so",
    )
    options = parser.parse_args()
    if options.size < 1:
        parser.error("--size must be at least 1")
    # A name is looked up once when numbers are hashed: two runs are the same work.
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="km-bench-") as folder:
        os.environ.update(KM_VAR=folder, DJANGO_SETTINGS_MODULE="benchmarks.settings")
        if not options.throw_away_database:
            os.environ.pop("DATABASE_URL", None)
        run(options.size, only=options.only)


def run(size: int, *, only: str | None) -> None:
    """Measure all parts, or ``only`` one."""
    import django

    django.setup()
    # Models can be imported only after Django has been set up.
    from benchmarks import engine_alone, files, filling, handovers, load, site, uploads

    print(
        f"Python {platform.python_version()}, Django {django.__version__}, {os.cpu_count()} CPUs. "
        "Times are CPU milliseconds of this process where nothing else is said; compare them "
        "within one run only."
    )
    if only in (None, "engine"):
        engine_alone.measure(size)
    if only in (None, "site"):
        site.measure(size)
    if only == "files":
        filling.make_world()
    if only in (None, "files"):
        files.measure()
        uploads.measure()
    if only == "load":
        load.measure(size)
    if only == "handovers":
        handovers.measure()
    elif only is None:
        # In a process of its own: it fills a database of its own.
        subprocess.run([sys.executable, "-m", "benchmarks", "--only", "handovers"], check=True)


if __name__ == "__main__":
    main()
