"""Ask one link to another site whether it still answers, and write that down."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from km_pages.conf import conf
from km_pages.links.addresses import OfflineError
from km_pages.links.asking import ALIVE, GONE, PRIVATE, SHUT, Answer, ask
from km_pages.models import LinkState, OutsideLink
from km_pages.tasks.errors import NotNow
from km_pages.turns import TurnTakenError, turn

LINKS = "links"
# A site may be away for a night; a page that its site does not know any more is dead at once.
DEAD_AFTER = 3
NEXT_TRY = timedelta(days=1)
SELDOM = timedelta(days=30)


def check_link(target: str) -> None:
    """Ask the link whose key is ``target``. Raises ``NotNow`` while this machine is offline.

    One request at a time goes out from one machine, so that no site meets two of ours at once.
    """
    link = OutsideLink.objects.filter(pk=int(target)).first()
    if link is None or not conf().link_check:
        return
    try:
        with turn(LINKS):
            answer = ask(link.url, agent=agent(), allowed=frozenset(conf().link_check_allowed))
    except TurnTakenError as problem:
        raise NotNow("another link is being checked") from problem
    except OfflineError as problem:
        raise NotNow("this machine is not connected to the net") from problem
    note(link, answer)


def agent() -> str:
    """What we call ourselves to other sites: a name, and where to ask about it."""
    address = getattr(settings, "WAGTAILADMIN_BASE_URL", "")
    return f"KnowledgeMobilisation link check (+{address})"


def note(link: OutsideLink, answer: Answer) -> None:
    """Write down what came back, and when to ask again."""
    now = timezone.now()
    link.checked_at, link.status, link.reason = now, answer.status, answer.reason[:80]
    link.leads_to = answer.address[:2000] if answer.address != link.url else ""
    wait = timedelta(days=conf().link_check_days)
    if answer.state in (ALIVE, SHUT):
        link.state, link.failures, link.answered_at = LinkState(answer.state), 0, now
    elif answer.state == PRIVATE:
        link.state, link.failures, wait = LinkState.PRIVATE, 0, SELDOM
    else:
        link.failures = min(link.failures + 1, 1000)
        dead = answer.state == GONE or link.failures >= DEAD_AFTER
        link.state = LinkState.DEAD if dead else LinkState.SILENT
        wait = wait if dead else NEXT_TRY
    link.next_check_at = now + wait
    link.save()
