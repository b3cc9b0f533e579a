"""Background work: speak a script or a preview, answer the detector."""

from __future__ import annotations

from django.utils import timezone

from synthesis import making, policies, screenings, script, services
from synthesis.models import Detection, Preview, SpeechRequest
from synthesis.refusals import SpeechFailed
from velluto import engines, vault
from velluto.jobs import Job, Run, job
from voices import services as voices
from voices.models import Voice


def _give_up(failed: Job) -> None:
    request = SpeechRequest.objects.select_related("account").get(pk=failed.subject)
    if request.finished:
        return
    if failed.error_code:
        services.fail(request, code=failed.error_code, sentence=failed.error)
    else:
        services.fail(request, code=SpeechFailed.code, sentence=str(SpeechFailed()))


@job("synthesis.speak", queue="gpu", attempts=3, timeout=1500, on_failure=_give_up)
def speak(run: Run, request_id: str) -> None:
    """Speak a request sentence by sentence; mark, sign, verify and publish it; ask for access at each step."""
    request = SpeechRequest.objects.select_related("account", "voice__owner").get(pk=request_id)
    if request.finished:
        return
    services.start(request)
    lines = script.lines(services.script_of(request), request.language)
    try:
        artefact = voices.load_artefact(request.voice)
    except vault.VaultError:
        services.require_access(request)  # of a voice that was just withdrawn, the key is gone
        raise

    def tell(done: int, total: int, note: str) -> None:
        services.require_access(request)
        run.progress(done, total, note)

    audio, disclosed = making.speak(
        artefact, lines, language=request.language, pace=request.pace, disclosed=request.disclose, tell=tell
    )
    tell(len(lines), len(lines) + 1, "Marking and signing")
    made = making.finish(
        artefact,
        audio,
        disclosed=disclosed,
        payload=services.new_payload(),
        format=request.format,
        record_id=str(request.pk),
        engine=f"{request.engine} {request.engine_version}",
        at=timezone.now(),
    )
    services.publish(run, request, made)


@job("synthesis.preview", queue="gpu", attempts=3, timeout=600)
def preview(run: Run, voice_id: str) -> None:
    """Make the preview of a curated voice that was published, once."""
    voice = Voice.objects.select_related("owner").get(pk=voice_id, kind=Voice.Kind.CURATED)
    if Preview.objects.filter(voice=voice).exists():
        return
    artefact = voices.load_artefact(voice)
    lines = script.lines(policies.PREVIEW, "en")
    audio, disclosed = making.speak(artefact, lines, language="en", pace=1.0, disclosed=False, tell=run.progress)
    made = making.finish(
        artefact,
        audio,
        disclosed=disclosed,
        payload=services.new_payload(),
        format=policies.PREVIEW_FORMAT,
        record_id=f"preview:{voice.pk}",
        engine=f"{artefact.engine} {artefact.version}",
        at=timezone.now(),
    )
    services.keep_preview(run, voice, made)


def _no_answer(failed: Job) -> None:
    detection = Detection.objects.get(pk=failed.subject)
    if detection.status == Detection.Status.WAITING:
        services.detection_failed(detection)


@job("synthesis.detect", queue="cpu", attempts=3, timeout=300, on_failure=_no_answer)
def detect(run: Run, detection_id: str) -> None:
    """Look for our marks in the sound that was asked about."""
    detection = Detection.objects.get(pk=detection_id)
    if detection.status != Detection.Status.WAITING:
        return
    run.progress(0, 1, "Listening for marks")
    services.answer(run, detection, engines.watermark().detect(services.detection_audio(detection)))


@job("synthesis.sweep_outputs", queue="cpu", attempts=3, timeout=600, every=300)
def sweep_outputs(run: Run, subject: str) -> None:
    """Delete what may no longer be downloaded."""
    services.sweep_outputs()


@job("synthesis.forget_blocked", queue="cpu", attempts=3, timeout=60, every=3600)
def forget_blocked(run: Run, subject: str) -> None:
    """Forget the blocked texts that can be questioned no more."""
    screenings.forget_blocked()
