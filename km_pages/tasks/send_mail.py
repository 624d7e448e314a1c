"""Send one mail that was written down."""

from __future__ import annotations

import hashlib
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from km_pages.models import OutgoingMail
from km_pages.notifications import signed_mail
from km_pages.outlets.following import Written
from km_pages.tasks.errors import NotNow
from km_pages.tasks.writing import WRITERS

TOO_OLD = timedelta(days=3)


def send_mail(target: str) -> None:
    """Send the mail whose key is ``target`` and forget it.

    Raises ``NotNow`` while the mail server is away, up to three days; then, and for mails that it
    refuses, its own error. A worker killed between sending and forgetting sends it twice, with the
    same Message-ID.
    """
    mail = OutgoingMail.objects.filter(pk=int(target)).first()
    if mail is None:
        return
    message = _message(mail)
    if message is None:
        mail.delete()
        return
    try:
        message.send()
    except OSError as problem:
        refused = isinstance(problem, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        if refused or timezone.now() - mail.created_at > TOO_OLD:
            raise
        raise NotNow(f"the mail server: {problem}") from problem
    mail.delete()


def _message(mail: OutgoingMail) -> EmailMessage | None:
    """The mail as it is sent now; nothing where its reader may see nothing of it any more.

    The Message-ID stays the same if it is sent twice, so that mail servers can drop the second.
    """
    text: Written | None = Written(mail.subject, mail.body)
    if mail.kind:
        text = WRITERS[mail.kind](mail.data)
    if text is None:
        return None
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    digest = hashlib.sha256(f"{mail.pk} {mail.created_at.isoformat()} {mail.to}".encode())
    headers = {"Message-ID": f"<{digest.hexdigest()[:32]}@{host}>", **text.headers}
    return signed_mail(mail.to, subject=text.subject, body=text.body, headers=headers)
