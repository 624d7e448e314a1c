"""Work in the background. Each task takes a primitive, can run twice, and calls one function."""

from __future__ import annotations

from collections.abc import Callable

from km_pages.actions.check_links_again import CHECK_LINK
from km_pages.actions.look_again import READ_AGAIN, SCAN_AGAIN
from km_pages.actions.sign_in_link import SEND_LINK
from km_pages.actions.store_file import READ_FILE
from km_pages.notifications import SEND_MAIL
from km_pages.outlets.due import COUNT_SEARCHES, FOLLOW, PRUNE_SEARCHES, TELL_GAPS
from km_pages.tasks.check_link import check_link
from km_pages.tasks.follow import follow
from km_pages.tasks.learn import count_searches, prune_searches, tell_gaps
from km_pages.tasks.read_file import read_again, read_file, scan_again
from km_pages.tasks.read_scans import READ_SCAN, read_scan
from km_pages.tasks.send_mail import send_mail
from km_pages.tasks.send_sign_in_link import send_sign_in_link

TASKS: dict[str, Callable[[str], None]] = {
    READ_FILE: read_file,
    READ_SCAN: read_scan,
    READ_AGAIN: read_again,
    SCAN_AGAIN: scan_again,
    SEND_MAIL: send_mail,
    CHECK_LINK: check_link,
    SEND_LINK: send_sign_in_link,
    FOLLOW: follow,
    COUNT_SEARCHES: count_searches,
    PRUNE_SEARCHES: prune_searches,
    TELL_GAPS: tell_gaps,
}
"""What a job of each kind calls, with the job's target."""
