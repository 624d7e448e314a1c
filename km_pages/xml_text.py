"""Text for XML: feeds and Word files cannot hold every character that people can paste."""

from __future__ import annotations

import re
from typing import Any

# What XML 1.0 cannot hold, besides tab and line breaks.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: Any) -> str:
    """``text`` without the characters that XML cannot hold."""
    return NOT_IN_XML.sub("", str(text or ""))
