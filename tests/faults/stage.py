"""Processes of a site of its own, to be killed or starved.

``Stage`` starts ``python -m <module>``, whose scenes (functions ``scene_*``) each run in a fork of
it, so that Django is loaded once and each scene still begins like a fresh process. The parent of
the forks never opens database or index.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KILLED = -signal.SIGKILL


def die(*_args: Any, **_kwargs: Any) -> Any:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def live_shortly(seconds: str) -> None:
    """End this process at a random moment within ``seconds``; never for "0"."""
    if float(seconds):
        threading.Timer(random.uniform(0.05, float(seconds)), die).start()


def then_die(real: Callable[..., Any]) -> Callable[..., Any]:
    """``real``, and the end."""

    def run(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        die()

    return run


class Stage:
    """A process that runs the scenes of ``module`` in forks of itself, on a site in ``folder``."""

    def __init__(
        self, folder: Path, module: str, *, before: Sequence[str] = (), **environment: str
    ) -> None:
        """``before`` is a command that starts the one after it, such as one that takes a right."""
        self.folder = folder
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "km_site.settings.test",
            "KM_VAR": str(folder),
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(ROOT / "site"), os.environ.get("PYTHONPATH", "")]
            ),
            **environment,
        }
        env.pop("DATABASE_URL", None)
        self.errors = folder / "errors.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", module],
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def play(self, *scenes: list[str]) -> list[int]:
        """The exit codes of ``scenes``, run at the same time; negative for a signal."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(scenes) + "\n")
        self.process.stdin.flush()
        return list(json.loads(self.process.stdout.readline() or "[]"))

    def must(self, *scene: str) -> None:
        """Play one scene that must go well."""
        assert self.play(list(scene)) == [0], self.said()

    def said(self) -> str:
        """The end of what the scenes complained about."""
        return self.errors.read_text()[-1500:]

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def scenes_of(module: dict[str, Any]) -> dict[str, Callable[..., None]]:
    """The scenes of a module, by name, from its ``globals()``."""
    return {
        name.removeprefix("scene_"): function
        for name, function in module.items()
        if name.startswith("scene_")
    }


class _NoHistory(dict[str, None]):
    """Settings for tables as the models are, without the history of how they came about."""

    def __contains__(self, _label: object) -> bool:
        return True

    def __getitem__(self, _label: str) -> None:
        return None


def make_tables() -> None:
    """Make all tables, in a second or two."""
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = _NoHistory()
    call_command("migrate", run_syncdb=True, verbosity=0)


def fork(scene: Callable[..., None], *words: str) -> int:
    """Run ``scene`` in a process of its own; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        scene(*words)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def end_of(child: int) -> int:
    """The exit code of a fork; negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def serve(scenes: dict[str, Callable[..., None]]) -> None:
    """Read scenes as JSON lines, each a list of scenes to run at once; answer their exit codes."""
    import django

    django.setup()
    for line in sys.stdin:
        children = [fork(scenes[name], *words) for name, *words in json.loads(line)]
        sys.stdout.write(json.dumps([end_of(child) for child in children]) + "\n")
        sys.stdout.flush()
