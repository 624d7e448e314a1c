"""People who use the site at the same time, in a process of their own.

Reads lines of JSON from the standard input, each an order::

    {"people": 10, "seconds": 30, "pause": 1.0, "doing": ["home", "search"]}

and answers each with one line of JSON: what was done, when it began (seconds since the order), how
many milliseconds it took, and the status of the answer (0 where there was none).
"""

from __future__ import annotations

import http.client
import json
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

EDGE, TOKEN = "edge-of-the-parts", "t" * 32
LINE = b"Ring the laboratory before the van leaves, and note it in the red book.\n"
FILE_BYTES = 100_000
REDIRECTS = (302, 303)

Note = tuple[str, float, float, int]


@dataclass
class Person:
    """Somebody with a browser: signed in, with a handover whose area they write about."""

    port: int
    cookie: str
    area: str
    words: list[str]
    chance: random.Random
    notes: list[Note] = field(default_factory=list)
    made: int = 0

    def ask(
        self, method: str, path: str, *, body: bytes = b"", kind: str = ""
    ) -> tuple[int, str, str]:
        """Status, body, and where the answer sends us. Raises ``OSError`` where none comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Host": "localhost", "Cookie": f"{self.cookie}; csrftoken={TOKEN}"}
        if method == "POST":
            headers |= {"X-CSRFToken": TOKEN, "Content-Type": kind}
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except http.client.HTTPException as fault:
            raise OSError(str(fault)) from fault
        finally:
            connection.close()
        return answer.status, text, answer.headers.get("Location") or ""

    def home(self) -> int:
        """The first page."""
        return self.ask("GET", "/")[0]

    def guide(self) -> int:
        """A technique."""
        return self.ask("GET", "/techniques/after-action-review/")[0]

    def search(self) -> int:
        """A search for two words that stand somewhere, seldom the same ones."""
        typed = quote(" ".join(self.chance.sample(self.words, 2)))
        return self.ask("GET", f"/search/?q={typed}")[0]

    def upload(self) -> int:
        """A text file that nobody has sent before, as the script of the form sends it."""
        self.made += 1
        text = f"{self.cookie[-12:]} {self.made}\n".encode() + LINE * (FILE_BYTES // len(LINE))
        head = (
            f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{self.made}.txt"\r\nContent-Type: text/plain\r\n\r\n'
        ).encode()
        body = head + text + f"\r\n--{EDGE}--\r\n".encode()
        kind = f"multipart/form-data; boundary={EDGE}"
        return self.ask("POST", "/add/upload/", body=body, kind=kind)[0]

    def handover(self) -> int:
        """The page of a knowledge area of one's own handover."""
        return self.ask("GET", self.area)[0]

    def save(self) -> int:
        """Change that area: the form is read first, without being counted, then sent."""
        self.made += 1
        began = time.perf_counter()
        _status, page, _to = self.ask("GET", self.area)
        self.uncounted = time.perf_counter() - began
        seen = re.search(r'name="seen" value="([^"]*)"', page)
        form = {
            "title": f"Area, written {self.made} times",
            "why": "It stops without it.",
            "kind": "heads",
            "criticality": 3,
            "uniqueness": 3,
            "urgency": 3,
            "seen": seen[1] if seen else "",
        }
        body = urlencode(form).encode()
        status, _page, to = self.ask(
            "POST", self.area, body=body, kind="application/x-www-form-urlencoded"
        )
        # A form that is shown again was not saved.
        return status if status in REDIRECTS and to else 422

    uncounted: float = 0.0

    def live(self, doing: list[str], *, until: float, since: float, pause: float) -> None:
        """Do one thing after the other until ``until``, with pauses of ``pause`` on average."""
        things: dict[str, Callable[[], int]] = {each: getattr(self, each) for each in doing}
        while time.perf_counter() < until:
            if pause:
                time.sleep(self.chance.uniform(0, 2 * pause))
            name = self.chance.choice(doing)
            began, self.uncounted = time.perf_counter(), 0.0
            try:
                status = things[name]()
            except OSError:
                status = 0
            took = time.perf_counter() - began - self.uncounted
            self.notes.append((name, began - since, took * 1000, status))


def obey(people: list[Person], *, seconds: float, pause: float, doing: list[str]) -> list[Note]:
    """Let ``people`` live for so long at the same time; returns what they did."""
    since = time.perf_counter()
    threads = [
        threading.Thread(
            target=each.live,
            args=(doing,),
            kwargs={"until": since + seconds, "since": since, "pause": pause},
        )
        for each in people
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    notes = [note for each in people for note in each.notes]
    for each in people:
        each.notes.clear()
    return notes


def main() -> None:
    """The first line says who is there, each further one is an order."""
    told = json.loads(sys.stdin.readline())
    everybody = [
        Person(told["port"], cookie, area, told["words"], random.Random(number))
        for number, (cookie, area) in enumerate(told["people"])
    ]
    for line in sys.stdin:
        order = json.loads(line)
        people = everybody[: order.pop("people")]
        print(json.dumps(obey(people, **order)), flush=True)


if __name__ == "__main__":
    main()
