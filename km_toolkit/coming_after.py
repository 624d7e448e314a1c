"""Who comes after somebody, as their handover says: what they kept right goes to them."""

from __future__ import annotations

from typing import Any

from km_toolkit.models import Handover, HandoverState


def successor_of(person: Any, item: Any) -> Any:
    """The successor whom the newest handover of ``person`` in the item's team names, or ``None``.

    A handover of the item's own post counts first. One that was withdrawn counts for nothing.
    """
    team = item.home_team
    if team is None:
        return None
    found = Handover.objects.filter(leaver=person, post__team=team, successor__isnull=False)
    rows = list(
        found.exclude(state=HandoverState.WITHDRAWN)
        .select_related("successor")
        .order_by("-last_day", "-pk")[:20]
    )
    rows.sort(key=lambda each: each.post_id != item.post_id)
    return rows[0].successor if rows else None
