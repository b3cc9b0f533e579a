"""What was made here and found by the detector, for tests of what comes of reporting it."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from consent import services as consent
from consent.models import Attempt, Check, ConsentRecord
from moderation import reporting, services
from moderation.models import Case, Decision, Report
from moderation.services import reports
from synthesis import services as synthesis
from synthesis.models import Detection
from tests import factories, standins
from tests.audio.sounds import a_melody
from velluto import jobs, vault
from velluto.engines.base import Mark, VoiceArtefact
from velluto.jobs import Run, queue
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice


def waiting_voice(*findings: tuple[str, str]) -> Voice:
    """Return a voice before a moderator, with what engines found in its sample; how it got there is others' matter."""
    voice = factories.declared_voice()
    text = consent.attestation("representations")
    today = timezone.localdate()
    ConsentRecord.objects.create(
        voice=voice,
        attestation=text,
        text_sha256=text.sha256,
        account=voice.account,
        given_at=timezone.now(),
        retain_until=today,
    )
    move(voice, Voice.Status.REVIEW, actor=None)
    services.open_case(
        kind=consent.CASE_KIND, subject=voice, title="A case", about=voice.account, due_at=timezone.now()
    )
    if findings:
        given = {"received_at": timezone.now(), "actor": voice.account}
        recording = voices.keep_recording(voice, purpose="sample", audio=a_melody(0.2), **given)
        attempt = Attempt.objects.create(
            voice=voice, step="sample", recording=recording, status="passed", submitted_at=timezone.now()
        )
        for engine, verdict in findings:
            Check.objects.create(attempt=attempt, code="x", engine=engine, version="1", verdict=verdict)
    return voice


def speaking_voice() -> Voice:
    """Return a voice that was approved and speaks."""
    voice = waiting_voice()
    move(voice, Voice.Status.BUILDING, actor=None)
    Case.objects.about(voice).delete()
    move(ConsentRecord.objects.get(voice=voice), ConsentRecord.Status.IN_FORCE, actor=None)
    artefact = VoiceArtefact(b"a voice", "none", "1")
    voices.activate(voice, stored=voices.keep_artefact(voice, artefact), artefact=artefact)
    return voice


def detected(voice: Voice | None = None) -> str:
    """Return the reference of speech that the detector knew again."""
    speech = standins.spoken(voice or speaking_voice())
    kept = vault.put(synthesis.DETECTOR, synthesis.DETECTION, b"sound")
    detection = Detection.objects.create(client="x", seconds=1, asked_at=timezone.now(), object=kept)
    jobs.enqueue("synthesis.detect", str(detection.pk))
    job = queue.claim("cpu", "here")
    assert job and job.name == "synthesis.detect"
    synthesis.answer(Run(job), detection, (Mark(speech.output.payload, 0.0, 1.0, 1.0, "stand-in", "1"),))
    return f"{detection.pk}.1"


def report(reference: str, what: str = "output", account: User | None = None, **more: object) -> Report:
    given = {"category": "fraud", "words": "He called my bank.", "address": "192.0.2.9", **more}
    if account is None:
        given.setdefault("email", "ann@example.org")
    return reports.report(reporting.find(reference, account)[what], account=account, **given)


def decide(case: Case, choice: str, section: str = "3", actor: User | None = None) -> Decision:
    actor = actor or factories.moderator()
    services.claim(case, actor=actor)
    return services.decide(case, choice=choice, section=section, reason="A reason for the account.", actor=actor)
