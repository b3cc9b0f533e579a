"""Background work for Voice Owners: end what a pause has overtaken, and tell the account."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import User
from consent.models import ConsentRecord
from consent.owning.services import PAUSED
from consent.refusals import ConsentPaused
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from takedowns.models import PortalLink
from velluto.jobs import Run, job
from voices.models import Voice

UNFINISHED = (SpeechRequest.Status.HELD, SpeechRequest.Status.QUEUED, SpeechRequest.Status.SPEAKING)


@job(PAUSED, queue="cpu", attempts=5, timeout=300)
def paused(run: Run, voice_id: str) -> None:
    """End what was asked for before a pause: nothing of it is published, and its credits come back."""
    record = ConsentRecord.objects.select_related("voice__owner").get(voice_id=voice_id)
    asked = record.voice.speech_requests.filter(status__in=UNFINISHED, requested_at__lte=record.paused_at)
    for request in asked.select_related("account"):
        run.check()
        synthesis.stop(request, because=ConsentPaused)
    if record.status == ConsentRecord.Status.PAUSED and not _by_the_account(record.voice):
        run.check()
        _tell(record.voice)


def _by_the_account(voice: Voice) -> bool:
    live = PortalLink.objects.filter(voice=voice, status=PortalLink.Status.LIVE)
    return voice.owner.account_id == voice.account_id and not live.exists()


def _tell(voice: Voice) -> None:
    """Tell the account what ended, not who asked for it or from where."""
    account = User.objects.get(voices=voice)
    text = render_to_string("takedowns/owners/mail/paused.txt", {"voice": voice, "account": account})
    subject, _, body = text.strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", None, [account.email])
