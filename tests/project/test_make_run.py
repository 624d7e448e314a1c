"""``make run`` as a person meets it: it serves, keeps everything, and leaves nothing behind."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SERVE = ROOT / "site" / "km_site" / "serve.py"
# Patience, not promises: how long it takes is printed by a person with a watch.
FIRST_SECONDS, AGAIN_SECONDS, END_SECONDS = 900, 300, 60

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """``serve.py`` in a process group of its own, on a data folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder.parent / "output.txt"
        env = {key: value for key, value in os.environ.items() if not key.startswith("KM_")}
        for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
            env.pop(name, None)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(SERVE), "--port", str(port)],
                env={**env, "KM_VAR": str(folder)},
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def address(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_until_served(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, self.printed()
            try:
                requests.get(self.address("/-/health/"), timeout=30)
            except requests.ConnectionError:
                time.sleep(0.2)
            else:
                return
        pytest.fail(f"nothing was served in {seconds} s\n{self.printed()}")

    def printed(self) -> str:
        return self.output.read_text()

    def end(self, number: int) -> int:
        """Send ``number`` to the whole group, as a terminal does. Returns the exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(END_SECONDS)

    def processes(self) -> list[str]:
        """Command lines of the processes that work on this data folder."""
        mark = f"KM_VAR={self.folder}\0".encode()
        found = []
        for each in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (each / "environ").read_bytes():
                    found.append((each / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture(scope="module")
def runs() -> Iterator[list[Run]]:
    """What was started, the last one last."""
    made: list[Run] = []
    yield made
    if made and made[-1].process.poll() is None:
        made[-1].end(signal.SIGTERM)


@pytest.fixture
def site(folder: Path, runs: list[Run]) -> Run:
    """A running site; the first start is on an empty folder."""
    if not runs or runs[-1].process.poll() is not None:
        port = runs[-1].port if runs else free_port()
        runs.append(Run(folder, port))
        runs[-1].wait_until_served(FIRST_SECONDS if len(runs) == 1 else AGAIN_SECONDS)
    return runs[-1]


def signed_in(run: Run, username: str) -> requests.Session:
    session = requests.Session()
    page = session.get(run.address("/account/sign-in/"), timeout=20)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    answer = session.post(
        run.address("/account/sign-in/"),
        {"username": username, "password": "demonstration", "csrfmiddlewaretoken": token[1]},
        timeout=20,
    )
    assert answer.url == run.address("/"), answer.url
    return session


def posted(session: requests.Session, url: str, data: dict[str, str], **more: object) -> object:
    token = session.cookies["csrftoken"]
    answer = session.post(
        url, {**data, "csrfmiddlewaretoken": token}, timeout=30, allow_redirects=False, **more
    )
    assert answer.status_code == 302, answer.text[:2000]
    return answer


def test_it_serves_home_guide_and_search_and_says_where_and_as_whom(site: Run) -> None:
    for path in ("/", "/techniques/", "/search/?q=fishbowl", "/repository/"):
        answer = requests.get(site.address(path), timeout=30)
        assert answer.status_code == 200, path
    # Also longer than what gunicorn takes by itself.
    answer = requests.get(site.address("/search/?q=") + "handover+" * 1200, timeout=30)
    assert answer.status_code == 200
    assert "Only the first 500 signs" in answer.text
    text = site.printed()
    assert site.address() in text
    assert site.address("/admin/") in text
    for role in ("editor", "manager", "steward", "line manager", "leaver", "member other team"):
        assert re.search(rf"{role}\s+\S+@example\.org", text), role
    # Each printed account opens, with the printed password.
    assert "demonstration" in text
    usernames = re.findall(r"\S+@example\.org", text)
    assert len(usernames) >= 7
    signed_in(site, usernames[0])


def test_static_files_are_served_under_the_names_that_pages_use(site: Run) -> None:
    home = requests.get(site.address(), timeout=30).text
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+|/km/theme[^"]+)"', home))
    assert len(named) > 5
    for each in named:
        answer = requests.get(site.address(each), timeout=30)
        assert answer.status_code == 200, each
        assert len(answer.content) > 0


def test_an_image_of_a_page_is_served_and_a_private_file_is_not(site: Run, folder: Path) -> None:
    editor = signed_in(site, "nadia.okonjo@example.org")
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    page = editor.get(site.address("/admin/images/add/"), timeout=30)
    field = re.search(r'<select[^>]*name="collection".*?<option value="(\d+)"', page.text, re.S)
    collection = {"collection": field[1]} if field else {}
    posted(
        editor,
        site.address("/admin/images/add/"),
        {"title": "A picture", "tags": "", "description": "", **collection},
        files={"file": ("picture.png", made.getvalue(), "image/png")},
    )
    stored = list((folder / "media" / "original_images").glob("picture*"))
    assert len(stored) == 1
    answer = requests.get(site.address(f"/media/original_images/{stored[0].name}"), timeout=30)
    assert answer.status_code == 200
    assert answer.content == stored[0].read_bytes()
    private = [each for each in (folder / "files").rglob("*") if each.is_file()]
    assert private
    assert not (folder / "files").is_relative_to(folder / "media")
    for path in (f"files/{private[0].parent.name}/{private[0].name}", private[0].name):
        for start in ("/media/", "/media/images/../../", "/static/../", "/"):
            url = site.address(start + path)
            request = requests.Request("GET", url).prepare()
            request.url = url  # requests would take the dots out
            answer = requests.Session().send(request, timeout=30)
            assert answer.status_code in (400, 404), url
            assert private[0].read_bytes() not in answer.content


def test_a_taken_port_is_said_in_one_line(site: Run, tmp_path: Path) -> None:
    second = Run(tmp_path / "var", site.port)
    assert second.process.wait(20) == 1
    lines = second.printed().strip().splitlines()
    assert len(lines) == 1
    assert f"Port {site.port} is in use" in lines[0]
    assert f"PORT={site.port + 1}" in lines[0]
    assert not (tmp_path / "var").exists(), "nothing was touched"


def test_a_worker_that_dies_is_started_again(site: Run, folder: Path) -> None:
    worker = next(
        int(each.name)
        for each in Path("/proc").glob("[0-9]*")
        if b"km_worker" in _read(each / "cmdline")
        and f"KM_VAR={folder}\0".encode() in _read(each / "environ")
    )
    os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + 20
    while "The worker stopped; starting it again." not in site.printed():
        assert time.monotonic() < until, site.printed()
        time.sleep(0.2)
    assert requests.get(site.address(), timeout=30).status_code == 200


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_ctrl_c_leaves_no_process_and_the_next_start_has_everything(
    site: Run, folder: Path, runs: list[Run]
) -> None:
    author = signed_in(site, "sam.whitlock@example.org")
    form = author.get(site.address("/add/"), timeout=30).text
    team = re.search(r'name="team" value="([\w-]+)"', form)
    assert team
    typed = {"title": "Kept over Ctrl-C", "team": team[1], "visibility": "team", "do": "save"}
    posted(author, site.address("/add/"), {**typed, "holder": "me"})
    assert site.end(signal.SIGINT) == 0, site.printed()
    assert site.processes() == []
    runs.append(Run(folder, site.port))
    runs[-1].wait_until_served(AGAIN_SECONDS)
    # The person is still signed in, and the draft is there.
    assert "Kept over Ctrl-C" in author.get(site.address("/my-page/"), timeout=30).text
    assert "Set-up: 0 made" in runs[-1].printed()
    assert "Traceback" not in runs[-1].printed()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_service_and_a_closed_window_leave_no_process(
    site: Run, number: signal.Signals
) -> None:
    assert site.end(number) == 0, site.printed()
    assert site.processes() == []


def test_ctrl_c_during_the_preparation_leaves_no_process(tmp_path: Path) -> None:
    run = Run(tmp_path / "var", free_port())
    time.sleep(2)
    assert run.end(signal.SIGINT) == 130
    assert run.processes() == []
    assert "Traceback" not in run.printed(), run.printed()
