"""``make run``: prepare the data folder, then run the web server and the worker until Ctrl-C.

One process looks after both: it starts them in groups of their own, starts a worker or a server
again that has died, passes Ctrl-C on, and leaves no process behind.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 10
MOST_RESTARTS = 5
# Ctrl-C, a service that is stopped, a terminal whose window was closed.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def port_is_free(port: int) -> bool:
    """Whether nobody listens on ``port`` of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment() -> dict[str, str]:
    """The environment of the children: development settings, ``site/`` on the path."""
    paths = [str(ROOT / "site"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "km_site.settings.dev",
        "PYTHONPATH": os.pathsep.join(each for each in paths if each),
        "PYTHONUNBUFFERED": "1",
        "KM_VAR": os.environ.get("KM_VAR") or str(ROOT / "var"),
    }


def manage(*words: str) -> list[str]:
    """The command line of one management command."""
    return [sys.executable, str(ROOT / "manage.py"), *words]


def prepare(env: dict[str, str]) -> int:
    """Bring the data folder up to date; an older one is migrated, never replaced.

    Returns 0 if that went well. When it is interrupted, nothing runs on; the next start goes on.
    """
    Path(env["KM_VAR"]).mkdir(parents=True, exist_ok=True)
    child = subprocess.Popen(manage("km_prepare"), env=env, cwd=ROOT, start_new_session=True)
    try:
        return child.wait()
    finally:
        signal_group(child, signal.SIGTERM)
        child.wait()


def commands(port: int) -> dict[str, list[str]]:
    """What runs: two web workers with threads, and the worker for files and mails."""
    web = [sys.executable, "-m", "gunicorn", "km_site.wsgi:application", "--bind"]
    web += [f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--worker-class", "gthread"]
    # However long a question is, the search answers it, not the server with a bare line.
    web += ["--limit-request-line", "0"]
    web += ["--log-level", "warning", "--graceful-timeout", "5", "--timeout", "120"]
    return {"web server": web, "worker": manage("km_worker")}


class Supervisor:
    """Starts the children, watches them, and ends them together."""

    def __init__(self, lines: dict[str, list[str]], env: dict[str, str]) -> None:
        self.lines = lines
        self.env = env
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.restarts = dict.fromkeys(lines, 0)
        self.stopping = False

    def start(self, name: str) -> None:
        """Start one child in a process group of its own."""
        self.children[name] = subprocess.Popen(
            self.lines[name], env=self.env, cwd=ROOT, start_new_session=True
        )

    def ask_to_stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Note that it is time to go; the loop ends at its next turn."""
        self.stopping = True

    def run(self) -> int:
        """Watch until asked to stop. Returns 0, or 1 if a child kept dying."""
        for name in self.lines:
            self.start(name)
        while not self.stopping:
            for name, child in list(self.children.items()):
                if child.poll() is not None and not self.revive(name):
                    self.end()
                    return 1
            time.sleep(0.2)
        self.end()
        return 0

    def revive(self, name: str) -> bool:
        """Start a dead child again, at most a few times."""
        self.restarts[name] += 1
        if self.restarts[name] > MOST_RESTARTS:
            print(f"The {name} stopped {MOST_RESTARTS} times; giving up. See the lines above.")
            return False
        print(f"The {name} stopped; starting it again.")
        time.sleep(1)
        self.start(name)
        return True

    def end(self) -> None:
        """Ask every group to end, wait, then kill what is left."""
        for child in self.children.values():
            signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            signal_group(child, signal.SIGKILL)


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a child and everything it started, if any of it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Do for every signal that ends us what Ctrl-C does."""
    raise KeyboardInterrupt


def main() -> int:
    """Check the port, prepare, say where to go, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    if not port_is_free(port):
        print(f"Port {port} is in use. Stop what listens there, or run: make run PORT={port + 1}")
        return 1
    env = environment()
    env.setdefault("KM_BASE_URL", f"http://127.0.0.1:{port}")
    for number in ENDING:
        signal.signal(number, interrupt)
    try:
        if prepare(env) != 0:
            print("The site could not be prepared; the lines above say why. Nothing was removed.")
            return 1
    except KeyboardInterrupt:
        print("Stopped before it was ready. The next start goes on from here.")
        return 130
    print(f"\nReady: http://127.0.0.1:{port}/   Admin: http://127.0.0.1:{port}/admin/")
    print(f"Mails are written to {env['KM_VAR']}/mail. Ctrl-C stops everything.\n")
    supervisor = Supervisor(commands(port), env)
    for number in ENDING:
        signal.signal(number, supervisor.ask_to_stop)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
