"""Background work: every night, destroy what is over and warn before it."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string

from consent.models import Invitation
from takedowns.models import InactivityNotice
from takedowns.retention import links, services
from velluto.jobs import Run, job
from voices.models import Voice

DAY = 24 * 3600


@job("takedowns.retention", queue="cpu", attempts=3, timeout=3000, every=DAY)
def sweep(run: Run, subject: str) -> None:
    """Warn those whose voices go soon, then destroy all that is over."""
    services.warn()
    services.sweep(tell=run.check)


@job("takedowns.tell_inactive", queue="cpu", attempts=5, timeout=60)
def tell_inactive(run: Run, notice_id: str) -> None:
    """Write to whose voice it is that it goes; where nobody knows their address, to the account that has it."""
    notice = InactivityNotice.objects.select_related("voice__owner__account", "voice__account").get(pk=notice_id)
    voice = notice.voice
    if voice.status == Voice.Status.DELETED or notice.kept_at:
        return
    invitation = Invitation.objects.filter(voice=voice).exclude(email="").first()
    in_person = voice.owner.account_id is not None or invitation is not None
    account = voice.owner.account or voice.account
    address = invitation.email if invitation else account.email if account and not account.is_erased else ""
    context = {"notice": notice, "voice": voice, "link": links.to(notice) if in_person else ""}
    subject, _, body = render_to_string("takedowns/retention/mail/inactive.txt", context).strip().partition("\n")
    run.check()
    if address:
        send_mail(subject.strip(), body.strip() + "\n", None, [address])
