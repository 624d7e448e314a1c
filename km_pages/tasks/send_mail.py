"""Send one mail that was written down."""

from __future__ import annotations

import smtplib
from datetime import timedelta

from django.core.mail import EmailMessage
from django.utils import timezone

from km_pages.models import OutgoingMail
from km_pages.tasks.errors import NotNow

TOO_OLD = timedelta(days=3)


def send_mail(target: str) -> None:
    """Send the mail whose key is ``target`` and forget it.

    Raises ``NotNow`` while the mail server is away, up to three days; then, and for mails that it
    refuses, its own error. A worker killed between sending and forgetting sends it twice.
    """
    mail = OutgoingMail.objects.filter(pk=int(target)).first()
    if mail is None:
        return
    try:
        EmailMessage(mail.subject, mail.body, to=[mail.to]).send()
    except OSError as problem:
        refused = isinstance(problem, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        if refused or timezone.now() - mail.created_at > TOO_OLD:
            raise
        raise NotNow(f"the mail server: {problem}") from problem
    mail.delete()
