"""Background work for demands: keep their deadlines, write to the account."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from takedowns.demands import services
from takedowns.models import EvidenceDemand
from velluto.jobs import Run, job


@job("takedowns.demands", queue="cpu", attempts=3, timeout=300, every=300)
def keep_deadlines(run: Run, subject: str) -> None:
    """Remind, and let lapse what nobody answered."""
    services.sweep()


@job(services.TELL, queue="cpu", attempts=5, timeout=60)
def tell(run: Run, subject: str) -> None:
    """Send one letter about a demand, unless it was answered or settled in the meantime."""
    pk, letter, period = subject.split(":")
    demand = EvidenceDemand.objects.select_related("voice__account").get(pk=pk)
    wanted = EvidenceDemand.Status.LAPSED if letter == "lapsed" else EvidenceDemand.Status.OPEN
    account = demand.voice.account
    if demand.status != wanted or f"{demand.asked_at:%Y%m%d%H%M%S}" != period or account is None:
        return
    context = {"demand": demand, "letter": letter, "name": account.get_short_name(), "public_url": settings.PUBLIC_URL}
    title, _, body = render_to_string("takedowns/mail/demand.txt", context).strip().partition("\n")
    run.check()
    send_mail(title.strip(), body.strip() + "\n", None, [account.email])
