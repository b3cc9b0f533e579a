"""Background work on voices: tell people what was shared with them, build curated voices, mark rights that ended."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from velluto import engines
from velluto.jobs import Job, Run, job
from velluto.transitions import move
from voices import refusals, services
from voices.models import Voice, VoiceShare

HOUR = 3600


@job("voices.tell_shared", queue="cpu", attempts=5, timeout=60)
def tell_shared(run: Run, share_id: str) -> None:
    """Mail somebody that a voice is shared with them, unless that has ended."""
    share = VoiceShare.objects.select_related("account", "voice__account").get(pk=share_id)
    if share.status != VoiceShare.Status.SHARED:
        return
    run.check()
    body = render_to_string("voices/mail/shared.txt", {"share": share, "public_url": settings.PUBLIC_URL})
    subject, _, text = body.strip().partition("\n")
    send_mail(subject.strip(), text.strip(), None, [share.account.email])


def _build_failed(failed: Job) -> None:
    voice = Voice.objects.get(pk=failed.subject)
    if voice.status == Voice.Status.BUILDING:
        move(voice, Voice.Status.BUILD_FAILED, actor=None, reason=failed.error_code or "engine_failed")


@job("voices.build_curated", queue="gpu", attempts=3, timeout=600, on_failure=_build_failed)
def build_curated(run: Run, voice_id: str) -> None:
    """Enrol a curated voice from its recording; a person publishes it."""
    voice = Voice.objects.select_related("owner").get(pk=voice_id, kind=Voice.Kind.CURATED)
    if voice.status == Voice.Status.BUILD_FAILED:  # the operator gave the job another try
        move(voice, Voice.Status.BUILDING, actor=None, reason="the work is tried again")
    if voice.status != Voice.Status.BUILDING or voice.sample is None:
        return
    audio = services.load_audio(voice.sample)
    run.progress(0, 1, "Learning the voice")
    if engines.watermark().detect(audio):
        raise refusals.RecordingIsMarked()
    artefact, voiceprint = engines.speech().enrol([audio]), engines.speaker().embed(audio)
    with run.commit():
        services.keep_voiceprint(voice.sample, voiceprint)  # so that its likeness is found, as any voice's
        services.activate(voice, stored=services.keep_artefact(voice, artefact), artefact=artefact)


@job("voices.expire_rights", timeout=300, every=HOUR)
def expire_rights(run: Run, subject: str) -> None:
    """Mark what has left the catalogue because its rights ended."""
    services.expire()
