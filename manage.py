#!/usr/bin/env python
"""Django's command line for the site; the project's package stands in ``site/``."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Put ``site/`` on the path and hand over to Django."""
    sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "km_site.settings.dev")
    from django.core.management import execute_from_command_line  # needs the path set above

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
