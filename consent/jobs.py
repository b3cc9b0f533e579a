"""The gate's background work: check a recording, build an approved voice, send mails about an invitation."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from consent import invitations, measuring, nogo, services
from consent.models import Attempt, Invitation, OwnerLink
from velluto import engines, vault
from velluto.jobs import Job, Run, job
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice


def _set_aside(failed: Job) -> None:
    attempt = Attempt.objects.get(pk=failed.subject)
    if attempt.status == Attempt.Status.CHECKING:
        services.could_not_check(attempt)


@job("consent.check", queue="cpu", attempts=3, timeout=180, on_failure=_set_aside)
def check(run: Run, attempt_id: str) -> None:
    """Measure and judge a recording that was handed in."""
    attempt = Attempt.objects.select_related("recording__voice__owner", "voice__owner").get(pk=attempt_id)
    if attempt.status != Attempt.Status.CHECKING:
        return
    services.settle(run, attempt, measuring.measure(attempt, tell=run.progress))


@job("consent.screen", queue="cpu", attempts=5, timeout=300)
def screen(run: Run, voice_id: str) -> None:
    """Compare a voice with the list of those that may not be cloned."""
    voice = Voice.objects.select_related("owner", "account").get(pk=voice_id)
    if voice.status not in (Voice.Status.REFUSED, Voice.Status.DELETED):
        nogo.screen(run, voice)


@job("consent.screen_all", queue="cpu", attempts=1, timeout=300, every=60)
def screen_all(run: Run, subject: str) -> None:
    """Compare again whatever was not compared with the list as it is now."""
    nogo.ask_for_all(run)


def _build_failed(failed: Job) -> None:
    voice = Voice.objects.get(pk=failed.subject)
    if voice.status == Voice.Status.BUILDING:
        move(voice, Voice.Status.BUILD_FAILED, actor=None, reason=failed.error_code or "engine_failed")


@job("consent.build", queue="gpu", attempts=3, timeout=1_800, on_failure=_build_failed)
def build(run: Run, voice_id: str) -> None:
    """Enrol an approved voice: the artefact is encrypted under its owner's key, then the voice is ready."""
    voice = Voice.objects.select_related("owner").get(pk=voice_id)
    if voice.status == Voice.Status.BUILD_FAILED:  # the operator gave the job another try
        services.build_again(voice)
    if voice.status != Voice.Status.BUILDING:
        return
    sample = voice.attempts.get(step=Attempt.Step.SAMPLE, status=Attempt.Status.PASSED).recording
    run.progress(0, 2, "Learning the voice")
    artefact = engines.speech().enrol([voices.load_audio(sample)])
    run.progress(1, 2, "Encrypting it")
    services.activate(run, voice, artefact)


@job("consent.shred", queue="cpu", attempts=5, timeout=120)
def shred(run: Run, voice_id: str) -> None:
    """Destroy the recordings of a voice that was refused so."""
    voice = Voice.objects.select_related("owner").get(pk=voice_id)
    run.check()
    voices.shred(voice, reason="the voice was refused and its recordings destroyed")


@job("consent.mail_link", queue="cpu", attempts=5, timeout=60)
def mail_link(run: Run, link_id: str) -> None:
    """Mail a Voice Owner their link: the invitation, that it is their turn, or the receipt."""
    link = OwnerLink.objects.select_related("invitation__voice__owner", "invitation__voice__account").get(pk=link_id)
    if link.status != OwnerLink.Status.LIVE or not link.invitation.email:
        return
    if link.expires_at and link.expires_at <= timezone.now():  # the account's page says so, and offers a new one
        return
    try:
        address = invitations.address(link)
    except vault.KeyDestroyed:  # declined or withdrawn meanwhile
        return
    run.check()
    name = "receipt" if link.purpose == OwnerLink.Purpose.RECEIPT else "invitation"
    context = {"link": link, "invitation": link.invitation, "voice": link.invitation.voice, "address": address}
    _mail(f"consent/mail/{name}.txt", context, link.invitation.email)


@job("consent.tell_account", queue="cpu", attempts=5, timeout=60)
def tell_account(run: Run, invitation_id: str) -> None:
    """Mail whoever sent an invitation how it was answered."""
    invitation = Invitation.objects.select_related("voice__owner", "voice__account").get(pk=invitation_id)
    run.check()
    context = {"invitation": invitation, "voice": invitation.voice, "public_url": settings.PUBLIC_URL}
    _mail("consent/mail/answered.txt", context, User.objects.get(voices=invitation.voice).email)


def _mail(template: str, context: dict[str, object], to: str) -> None:
    subject, _, body = render_to_string(template, context).strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", None, [to])
