"""Mails: plain text, one link. A mail that cannot be sent undoes nothing and is tried again."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.models import Site

from km_pages.models import Job, OutgoingMail, SiteSettings
from km_pages.sealing import sealed

SEND_MAIL = "send_mail"
SEALED_MAIL = "sealed"
SUBJECT_LENGTH = 250


def site_address(path: str) -> str:
    """``path`` of this site as a full address."""
    root = getattr(settings, "WAGTAILADMIN_BASE_URL", "")
    if not root:
        site = Site.objects.filter(is_default_site=True).first()
        root = site.root_url if site else ""
    return root.rstrip("/") + path


def page_address(page: Any) -> str:
    """The full address of ``page``, for a mail or a paper.

    Where there is one site, Wagtail's record of it need not name the host by which people come.
    """
    address = page.get_url() or "/"
    return site_address(address) if address.startswith("/") else str(address)


def signed_mail(
    to: str, *, subject: str, body: str, headers: dict[str, str] | None = None
) -> EmailMessage:
    """A mail from this organisation, with who writes, and whom one may ask, at its end. One query.

    It comes from ``DEFAULT_FROM_EMAIL``, with the organisation's name where that carries none.
    """
    # The settings of the default site, or those that it would begin with.
    found = SiteSettings.objects.filter(site__is_default_site=True).first()
    organisation = found or SiteSettings()
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = formataddr((name or " ".join(organisation.organisation_name.split()), address))
    who = filter(None, [organisation.organisation_name, organisation.contact_email])
    text = "\n".join([body.rstrip(), "", "-- ", *who, ""])
    return EmailMessage(subject, text, sender, [to], headers=headers)


def send(template: str, to: Iterable[Any], context: dict[str, Any]) -> None:
    """Have a mail sent to each person of ``to``: ``km_pages/email/<template>.txt``, or a path.

    Written down in the transaction that is open, so that no mail is lost and none is sent for what
    did not happen; the worker sends it within a second of the commit. Every reader gets a mail of
    their own, so that no address is shown to another.
    """
    subject, body = written(template, context)
    for address in sorted({each.email for each in to if each.is_active and each.email}):
        _queue(OutgoingMail(to=address, subject=subject, body=body))


def send_to(template: str, addresses: Iterable[str], context: dict[str, Any]) -> None:
    """As :func:`send`, to e-mail addresses such as that of the knowledge team."""
    subject, body = written(template, context)
    for address in sorted(set(addresses)):
        _queue(OutgoingMail(to=address, subject=subject, body=body))


def send_as_seen_then(kind: str, to: str, data: dict[str, Any]) -> None:
    """Have a mail sent whose text is written from ``data`` only when it is sent.

    For mails about pages that their reader may no longer see by then. ``kind`` is one of
    :data:`km_pages.tasks.writing.WRITERS`.
    """
    _queue(OutgoingMail(to=to, kind=kind, data=data))


def _queue(mail: OutgoingMail) -> None:
    mail.save()
    Job.objects.enqueue(SEND_MAIL, mail.pk)


def queue_all(mails: list[OutgoingMail]) -> None:
    """Have many mails sent that were written at once. Two queries."""
    made = OutgoingMail.objects.bulk_create(mails)
    # New rows: nobody can have asked for these jobs.
    Job.objects.bulk_create([Job(kind=SEND_MAIL, target=str(mail.pk)) for mail in made])


def send_secret(template: str, to: str, context: dict[str, Any]) -> None:
    """As :func:`send`, for a mail that holds a secret: what waits can be read with our key only."""
    subject, body = written(template, context)
    send_sealed(to, subject=subject, body=body)


def send_sealed(to: str, *, subject: str, body: str) -> None:
    """Have one mail sent whose text is stored as :mod:`km_pages.sealing` does."""
    text = sealed({"subject": subject, "body": body})
    _queue(OutgoingMail(to=to, kind=SEALED_MAIL, data=text))


def written(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject, one line whatever people have typed, and body of a mail."""
    path = template if "/" in template else f"km_pages/email/{template}"
    text = render_to_string(f"{path}.txt", context)
    subject, _newline, body = text.partition("\n")
    return " ".join(subject.split())[:SUBJECT_LENGTH], body.strip() + "\n"


def tell_stewards(page: Any, by: Any) -> None:
    """Tell the stewards of the team that something was shared with it."""
    team = page.home_team
    people = team.stewards.exclude(pk=by.pk) if team else []
    send("shared", people, {"page": page, "by": by, "link": page_address(page)})


def tell_passed_on(keeper: Any, person: Any, items: list[Any]) -> None:
    """Tell ``keeper`` that they keep ``items`` right now, after ``person``."""
    link = site_address(reverse("km_pages:my_page"))
    send("passed_on", [keeper], {"person": person, "items": items[:50], "link": link})


def tell_holder(approval: Any, page: Any, people: Iterable[Any]) -> None:
    """Ask ``people``, the holder or in their place the stewards, for their word."""
    link = site_address(reverse("km_pages:holder_approval", args=[approval.pk]))
    send("ask_holder", people, {"page": page, "by": approval.requested_by, "link": link})


def tell_approvers(page: Any, by: Any, people: Iterable[Any]) -> None:
    """Ask ``people``, stewards and knowledge editors, to look at a wider audience."""
    others = [each for each in people if each.pk != by.pk]
    link = site_address(reverse("km_pages:approvals"))
    send("ask_approvers", others, {"page": page, "by": by, "link": link})


def tell_sent_back(page: Any, author: Any, comment: str) -> None:
    """Tell the author that an item came back, and why."""
    if author is not None:
        link = site_address(reverse("km_pages:edit_draft", args=[page.pk]))
        send("sent_back", [author], {"page": page, "comment": comment, "link": link})


def tell_approved(page: Any, author: Any) -> None:
    """Tell the author that an item was approved and is published."""
    if author is not None:
        send("approved", [author], {"page": page, "link": page_address(page)})


def tell_infected(stored: Any, people: Iterable[Any]) -> None:
    """Tell the uploader and the stewards that a virus was found; the file is given to nobody."""
    link = site_address(reverse("km_pages:my_page"))
    send("infected", people, {"file": stored, "link": link})


def tell_invited(invitation: Any, secret: str) -> None:
    """Send an invitation its link."""
    context = {
        "invitation": invitation,
        "link": site_address(reverse("km_pages:invitation", args=[secret])),
    }
    send_secret("invitation", invitation.email, context)
