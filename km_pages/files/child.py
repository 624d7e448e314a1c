"""The inside of the child process that reads, draws or measures one file: input in, answer out.

Started by :mod:`km_pages.files.children`, without Django and without settings. The answer is JSON,
or of a drawing the picture itself, of a recording a number.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import site
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

from km_pages.files.confinement import Bounds, TimeUp, confine, lift_reserve
from km_pages.files.extract import reader_for
from km_pages.files.extract.answer import BAD_INPUT, Answer, Full, Reader, UnreadableError

# Exit code where a library is missing: the site's fault, not the file's.
NOT_INSTALLED = 3
LIBRARY_FOLDERS = ("site-packages", "dist-packages", ".egg", ".zip")


def main() -> None:
    """Read the order from the command line, the file from standard input; answer."""
    order: dict[str, Any] = json.loads(sys.argv[2])
    # Libraries may be where only the parent was told: a user's own folder, an egg.
    sys.path += [each for each in order["path"] if each not in sys.path]
    answer_to = os.dup(1)
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        act = _ACTS[order["do"]](order)
    except ImportError:
        traceback.print_exc()
        sys.exit(NOT_INSTALLED)
    # Nothing of what has been imported will ever be freed: the collector need not look at it.
    gc.freeze()
    bounds = Bounds(**order["bounds"])
    held = confine(bounds, parent=order["parent"], readable=_own_folders(sys.argv[1]))
    said = act(held)
    with os.fdopen(answer_to, "wb") as out:
        out.write(said)


def _reading(order: dict[str, Any]) -> Callable[[list[str]], bytes]:
    """What reads the words and answers them in JSON."""
    read = reader_for(order["extension"])
    answer = Answer(text_bytes=order["bounds"]["text_bytes"])

    def act(held: list[str]) -> bytes:
        reason = _read(read, answer)
        lift_reserve()
        report = {**answer.as_dict(), "reason_code": reason, "held": held}
        return json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")

    return act


def _drawing(order: dict[str, Any]) -> Callable[[list[str]], bytes]:
    """What draws one page or picture; it answers nothing where there is nothing to draw."""
    drawer = import_module("km_pages.files.draw")
    draw = drawer.drawer_for(order["extension"])
    wanted = drawer.Wanted(**order["wanted"])

    def act(_held: list[str]) -> bytes:
        try:
            with os.fdopen(0, "rb", closefd=False) as source:
                source.seek(0)
                drawn: bytes = draw(source, wanted)
        except (TimeUp, MemoryError, *drawer.BROKEN):
            drawn = b""
        lift_reserve()
        return drawn

    return act


def _measuring(order: dict[str, Any]) -> Callable[[list[str]], bytes]:
    """What answers the seconds that a recording plays, or nothing."""
    measure = import_module("km_pages.files.measure")

    def act(_held: list[str]) -> bytes:
        try:
            with os.fdopen(0, "rb", closefd=False) as source:
                source.seek(0)
                said = str(measure.length_in(source, order["extension"])).encode()
        except (TimeUp, MemoryError, *measure.BROKEN):
            said = b""
        lift_reserve()
        return said

    return act


def _read(read: Reader, answer: Answer) -> str:
    """Fill ``answer``; return why nothing could be read, or "". What was read before stays."""
    try:
        with os.fdopen(0, "rb", closefd=False) as source:
            source.seek(0)
            read(source, answer)
    except Full:
        answer.truncated = True
    except UnreadableError as error:
        return answer.stopped(error.code)
    except TimeUp:
        return answer.stopped("too_slow")
    except MemoryError:
        lift_reserve()
        return answer.stopped("too_big")
    except BAD_INPUT:
        traceback.print_exc()
        return answer.stopped("damaged")
    return "" if answer.has_text else "empty"


def _own_folders(root: str) -> list[str]:
    """Where the modules are that may still be imported: Python's, the libraries' and ours.

    Not the whole of ``root``: the data of the site may be there too.
    """
    libraries = [*site.getsitepackages(), *sysconfig.get_paths().values(), sys.base_prefix]
    libraries += [each for each in sys.path if each.endswith(LIBRARY_FOLDERS)]
    return [*libraries, "/usr/lib", "/lib", "/lib64", "/dev/null", f"{root}/km_pages/files"]


_ACTS = {"read": _reading, "draw": _drawing, "measure": _measuring}

if __name__ == "__main__":
    main()
