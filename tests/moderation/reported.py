"""What was made here and found by the detector, for tests of what comes of reporting it."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from moderation import reporting, services
from moderation.models import Case, Decision, Report
from moderation.services import reports
from synthesis import services as synthesis
from synthesis.models import Detection
from tests import factories, standins
from velluto import jobs
from velluto.engines.base import Mark
from velluto.jobs import Run, queue
from voices.models import Voice


def detected(voice: Voice | None = None) -> str:
    """Return the reference of speech that the detector knew again."""
    speech = standins.spoken(voice or standins.active_voice())
    detection = Detection.objects.create(client="x", seconds=1, asked_at=timezone.now())
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
