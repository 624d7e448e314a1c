"""Films on other sites: which of them may be shown inside a page, and at which address."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from km_pages.conf import conf
from km_pages.links.finding import host_of

YOUTUBE = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"})
YOUTUBE_PLAYER = "www.youtube-nocookie.com"
VIMEO = frozenset({"vimeo.com", "www.vimeo.com"})
VIMEO_PLAYER = "player.vimeo.com"
KEY = re.compile(r"[\w-]{5,20}")


def player_of(address: str) -> str:
    """The address of the player for the film at ``address``, or "" where it is not allowed.

    Only ``https`` on a host that ``KM_VIDEO_HOSTS`` names. The addresses under which people know
    films of YouTube and Vimeo become those of their players that keep less about people.
    """
    try:
        player = _youtube(address) or _vimeo(address) or address
        parts = urlsplit(player)
        odd = bool(parts.username or parts.password or parts.port)
    except ValueError:
        return ""
    allowed = parts.scheme == "https" and not odd and host_of(player) in conf().video_hosts
    return player if allowed else ""


def _youtube(address: str) -> str:
    host, parts = host_of(address), urlsplit(address)
    if host not in YOUTUBE and host != YOUTUBE_PLAYER:
        return ""
    steps = [each for each in parts.path.split("/") if each]
    key = parse_qs(parts.query).get("v", [""])[0] or (steps[-1] if steps else "")
    return f"https://{YOUTUBE_PLAYER}/embed/{key}" if KEY.fullmatch(key) else ""


def _vimeo(address: str) -> str:
    host, parts = host_of(address), urlsplit(address)
    if host not in VIMEO and host != VIMEO_PLAYER:
        return ""
    steps = [each for each in parts.path.split("/") if each and each != "video"]
    if not steps or not steps[0].isdecimal():
        return ""
    # The second step, or the parameter, opens a film that is not listed.
    unlisted = steps[1] if len(steps) > 1 else parse_qs(parts.query).get("h", [""])[0]
    secret = f"h={unlisted}&" if KEY.fullmatch(unlisted) else ""
    return f"https://{VIMEO_PLAYER}/video/{steps[0]}?{secret}dnt=1"
