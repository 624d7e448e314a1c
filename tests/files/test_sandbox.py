"""The child process that reads files: what it cannot do, and that it always ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from km_pages.files import children, reading
from km_pages.files.sandbox import ENVIRONMENT, End, Outcome, SandboxUnavailable, python, run
from tests.files.building import pdf, written
from tests.files.reading import read

ROOT = Path(reading.__file__).resolve().parent.parent.parent


def child(code: str, *, wall_seconds: float = 20, output_bytes: int = 100_000) -> Outcome:
    """Run ``code`` in a bare child."""
    with Path(os.devnull).open("rb") as nothing:
        return run(
            [python(), "-I", "-c", textwrap.dedent(code)],
            stdin=nothing,
            wall_seconds=wall_seconds,
            output_bytes=output_bytes,
        )


def confined(code: str, **bounds: int) -> dict:
    """Run ``code``, which fills ``found``, in a child that has given up what readers give up."""
    start = f"""
        import json, os, sys
        sys.path.append({str(ROOT)!r})
        from km_pages.files.child import _own_folders
        from km_pages.files.confinement import Bounds, confine
        found = {{}}
        found["held"] = confine(
            Bounds(**{bounds}), parent=os.getppid(), readable=_own_folders({str(ROOT)!r})
        )
    """
    outcome = child(
        textwrap.dedent(start) + textwrap.dedent(code) + "\nprint(json.dumps(found), flush=True)"
    )
    assert outcome.end is End.ANSWERED, outcome.complaint
    return json.loads(outcome.output)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"


def test_a_child_that_answers_is_heard() -> None:
    outcome = child("print('hello')")
    assert (outcome.end, outcome.output) == (End.ANSWERED, b"hello\n")


@pytest.mark.parametrize(
    "code",
    ["raise SystemExit(3)", "1/0", "import os; os.abort()", "import os; os.kill(os.getpid(), 9)"],
)
def test_a_child_that_fails_or_crashes_is_an_end_like_others(code: str) -> None:
    assert child(code).end is End.FAILED


def test_a_child_that_hangs_is_ended_in_time() -> None:
    """Case 3."""
    outcome = child("import time; print('x', flush=True); time.sleep(60)", wall_seconds=1)
    assert outcome.end is End.OUT_OF_TIME
    assert outcome.seconds < 5


def test_a_child_that_closes_its_output_and_lingers_is_ended() -> None:
    outcome = child("import os, time; os.close(1); os.close(2); time.sleep(60)")
    assert outcome.end is End.FAILED
    assert outcome.seconds < 10


def test_a_child_that_talks_without_end_is_ended() -> None:
    outcome = child("while True: print('x' * 1000)", output_bytes=50_000)
    assert outcome.end is End.TOO_MUCH_OUTPUT
    assert len(outcome.output) < 500_000


def test_complaints_without_end_are_cut() -> None:
    outcome = child("import sys\nfor n in range(20000): print('y' * 100, file=sys.stderr)")
    assert outcome.end is End.ANSWERED
    assert len(outcome.complaint) <= 8192


def test_grandchildren_end_with_the_child() -> None:
    """Case 3: nothing outlives the limit."""
    outcome = child(
        """
        import subprocess, sys
        pids = [subprocess.Popen(["sleep", "60"]).pid for _each in range(3)]
        print(*pids, flush=True)
        """,
        wall_seconds=1.5,
    )
    pids = [int(each) for each in outcome.output.split()]
    assert len(pids) == 3
    deadline = time.monotonic() + 5
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def test_a_child_is_told_nothing_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("PYTHONPATH", "/tmp")
    outcome = child("import os, json; print(json.dumps(dict(os.environ)))")
    told = json.loads(outcome.output)
    assert {name: told[name] for name in ENVIRONMENT} == ENVIRONMENT
    assert "secret" not in repr(told)
    assert "PYTHONPATH" not in told


def test_a_child_inherits_no_open_files_and_no_sockets() -> None:
    with Path(os.devnull).open("rb") as held:
        os.set_inheritable(held.fileno(), True)
        outcome = child("import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])")
        assert outcome.output.strip() == b"[0, 1, 2]"


def test_the_reader_loads_neither_django_nor_settings() -> None:
    outcome = child(
        f"""
        import sys
        sys.path.append({str(ROOT)!r})
        from km_pages.files import child
        from km_pages.files.extract import READERS, reader_for
        for extension in READERS:
            reader_for(extension)
        print([name for name in sys.modules if name.split(".")[0] in ("django", "wagtail")])
        """
    )
    assert outcome.output.strip() == b"[]", outcome.complaint


def test_a_confined_child_reaches_no_network() -> None:
    found = confined(
        """
        import socket
        try:
            socket.create_connection(("127.0.0.1", 1), timeout=2)
        except OSError as error:
            found["error"] = type(error).__name__
        """
    )
    if "network" not in found["held"]:
        pytest.skip("this system lets no process leave the network: that part did NOT run")
    # Not ConnectionRefusedError, which would mean that somebody could have answered.
    assert found["error"] in ("OSError", "PermissionError")


def test_a_confined_child_reads_and_writes_no_file_of_the_site(tmp_path: Path) -> None:
    secret = tmp_path / "db.sqlite3"
    secret.write_text("secret")
    found = confined(
        f"""
        for name, mode in (({str(secret)!r}, "r"), ({str(tmp_path / "new")!r}, "w")):
            try:
                open(name, mode).close()
                found[mode] = "opened"
            except OSError as error:
                found[mode] = type(error).__name__
        """
    )
    if "disk" not in found["held"]:
        pytest.skip("this system lets no process leave the disk: that part did NOT run")
    assert (found["r"], found["w"]) == ("PermissionError", "PermissionError")
    assert list(tmp_path.iterdir()) == [secret]


def test_a_confined_child_cannot_take_more_memory_than_it_may() -> None:
    found = confined(
        """
        try:
            bytearray(600 * 1024 * 1024)
            found["memory"] = "taken"
        except MemoryError:
            found["memory"] = "refused"
        """,
        memory_bytes=500 * 1024 * 1024,
    )
    assert found["memory"] == "refused"


def test_a_confined_child_can_make_no_file_grow(tmp_path: Path) -> None:
    found = confined(
        """
        import resource
        found["core"] = resource.getrlimit(resource.RLIMIT_CORE)
        found["size"] = resource.getrlimit(resource.RLIMIT_FSIZE)
        """
    )
    assert (found["core"], found["size"]) == ([0, 0], [0, 0])


def test_a_child_ends_when_its_parent_is_killed() -> None:
    """Case 34."""
    code = f"""
        import os, subprocess, sys, time
        sys.path.append({str(ROOT)!r})
        inner = (
            "import os, sys, time; sys.path.append({str(ROOT)!r});"
            "from km_pages.files.confinement import Bounds, confine;"
            "confine(Bounds(), parent=os.getppid(), readable=[]);"
            "print(os.getpid(), flush=True); time.sleep(60)"
        )
        subprocess.Popen([sys.executable, "-I", "-c", inner], start_new_session=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-I", "-c", textwrap.dedent(code)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def test_a_child_that_cannot_be_started_is_nobodys_fault_but_the_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("km_pages.files.children.python", lambda: "/nowhere/python")
    with pytest.raises(SandboxUnavailable):
        read(b"words", "txt")


def test_a_library_that_is_missing_is_the_sites_fault_not_the_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = children._START.replace("; from", "; sys.modules['csv'] = None; from")
    monkeypatch.setattr(children, "_START", start)
    with pytest.raises(SandboxUnavailable):
        read(b"words", "txt")
    assert read(b"<p>words", "html").text == "words"


def test_a_file_that_takes_too_long_says_so() -> None:
    """Case 3."""
    result = read(b"words", "txt", wall_seconds=0)
    assert (result.state, result.reason_code) == ("unreadable", "too_slow")
    assert "took too long" in result.reason


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"reason_code": "", "passages": [[1, "a", "x"], [1, "b", "y"]]}',
        b'{"reason_code": "invented"}',
        b'{"reason_code": "", "passages": [["1", "a", "x"]]}',
        b'{"reason_code": "", "passages": [[1, "a", "nul\\u0000"]]}',
        b"[" * 100_000,
    ],
)
def test_a_child_that_lies_is_not_believed(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    lie = Outcome(
        end=End.ANSWERED,
        output=answer,
        complaint="",
        exit_code=0,
        seconds=1,
        cpu_seconds=1,
        peak_bytes=1,
    )
    monkeypatch.setattr("km_pages.files.children.run", lambda *_args, **_kwargs: lie)
    result = read(b"words", "txt")
    assert (result.state, result.reason_code) == ("unreadable", "damaged")


def test_a_source_that_is_no_file_on_disk_is_read_too() -> None:
    class Remote(io.BytesIO):
        def fileno(self) -> int:
            raise io.UnsupportedOperation

    assert reading.read_text(Remote(b"far words"), extension="txt").text == "far words"


def test_a_file_is_read_from_its_start_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"all of it")
    with path.open("rb") as source:
        source.read(4)
        assert reading.read_text(source, extension="txt").text == "all of it"
    assert reading.read_text(path, extension="txt").text == "all of it"


def test_many_files_are_read_at_once() -> None:
    results = []
    threads = [
        threading.Thread(
            target=lambda n=n: results.append(read(pdf(written(f"word{n}")), "pdf").text)
        )
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"word{n}" for n in range(6)]


def test_an_interpreter_is_found_where_python_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/uwsgi")
    assert Path(python()).name.startswith("python")
    assert Path(python()).exists()


def test_the_signals_of_this_process_stay_its_own() -> None:
    before = signal.getsignal(signal.SIGALRM)
    read(b"words", "txt")
    assert signal.getsignal(signal.SIGALRM) is before
