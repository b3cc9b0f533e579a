"""The gate's background work: check a recording and build an approved voice."""

from __future__ import annotations

from consent import measuring, nogo, services
from consent.models import Attempt
from velluto import engines
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


@job("consent.build", queue="gpu", attempts=3, timeout=600, on_failure=_build_failed)
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
