"""Eight people who send files, in a process of their own: whoever waits for pages is not slowed
down by their sending beyond what the processor takes.

Reads lines of JSON, ``{"megabytes": 20, "first": 0}``, and answers each with ``done`` or what went
wrong, once all of that round have been stored.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading

AT_ONCE = 8
MEGABYTE = 1_000_000
EDGE, TOKEN = "edge-of-the-parts", "t" * 32
LINE = b"Ring the laboratory before the van leaves, and note it in the red book.\n"


def send(port: int, cookie: str, *, number: int, megabytes: int) -> None:
    """Upload one file as the script of the form does. Raises ``OSError`` where it is not stored."""
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{megabytes}-{number}.txt"\r\nContent-Type: text/plain\r\n\r\n'
        f"{megabytes} {number}\n"
    ).encode()
    tail = f"\r\n--{EDGE}--\r\n".encode()
    piece = LINE * (100_000 // len(LINE))
    pieces = megabytes * MEGABYTE // len(piece)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.putrequest("POST", "/add/upload/", skip_host=True)
    for name, value in {
        "Host": "localhost",
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Content-Length": str(len(head) + pieces * len(piece) + len(tail)),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(head)
    for _piece in range(pieces):
        connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 201:
        raise OSError(f"{answer.status}: {said[:500]!r}")


def send_all(port: int, cookie: str, *, megabytes: int, first: int) -> list[str]:
    """One round; returns what went wrong."""
    faults: list[str] = []

    def one(number: int) -> None:
        try:
            send(port, cookie, number=number, megabytes=megabytes)
        except OSError as fault:
            faults.append(str(fault))

    senders = [threading.Thread(target=one, args=(first + each,)) for each in range(AT_ONCE)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    return faults


def main() -> None:
    """Send as the lines of the standard input say; the arguments are the port and a cookie."""
    port, cookie = int(sys.argv[1]), sys.argv[2]
    for line in sys.stdin:
        faults = send_all(port, cookie, **json.loads(line))
        print(faults[0] if faults else "done", flush=True)


if __name__ == "__main__":
    main()
