"""Background work: look for the voices of a notice, write to both sides, and see that nothing waits for ever."""

from __future__ import annotations

import io
from datetime import timedelta

import soundfile
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from moderation.models import Appeal, Case, Decision
from moderation.services import redress
from synthesis.models import Detection
from takedowns.models import Claim, Notice, NoticeFile
from takedowns.notices import links, policies, services
from takedowns.notices.services import countering, words
from velluto import engines, jobs, vault
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding, TooLittleSpeech
from velluto.jobs import Run, job
from voices import likeness


@job("takedowns.examine", queue="cpu", attempts=3, timeout=300)
def examine(run: Run, notice_id: str) -> None:
    """Measure the claimant's voice and find what sounds like it; the detector's answer is waited for."""
    notice = Notice.objects.get(pk=notice_id)
    files = {file.kind: file for file in words.files(notice)}
    found = files.get(NoticeFile.Kind.FOUND)
    waits = found is not None and found.detection is not None and found.detection.status == Detection.Status.WAITING
    if notice.examined_at is not None or (waits and timezone.now() - notice.received_at < timedelta(minutes=30)):
        return  # the sweep asks again each minute
    run.check()
    sample = files.get(NoticeFile.Kind.SAMPLE)
    voiceprint, unusable = services.voiceprint_of(notice), False
    if voiceprint is None and sample is not None:
        try:
            voiceprint = _measured(sample)
        except TooLittleSpeech:
            unusable = True
    alike = {}
    if voiceprint is not None:
        near = likeness.find(voiceprint, limit=policies.MOST_CANDIDATES, threshold=policies.VOICE_LOOK)
        alike = {one.voice_id: round(one.score, 4) for one in near}
    with run.commit():
        services.examined(notice, voiceprint=voiceprint, unusable=unusable, alike=alike)


@job("takedowns.sweep_notices", queue="cpu", attempts=3, timeout=300, every=60)
def sweep_notices(run: Run, subject: str) -> None:
    """Look again where voices were not looked for yet, hold what began to speak, and go on without late answers."""
    for pk in Notice.objects.filter(examined_at=None).values_list("pk", flat=True)[:500]:
        before = jobs.latest("takedowns.examine", str(pk))
        if before is None or before.status != jobs.Job.Status.DEAD:  # a dead one waits for the operator
            jobs.enqueue("takedowns.examine", str(pk), key=f"takedowns.examine:{pk}")
    services.keep_held()
    services.go_on_without()
    services.forget_files()


@job("takedowns.tell_claimant", queue="cpu", attempts=5, timeout=60)
def tell_claimant(run: Run, subject: str) -> None:
    """Write to whoever gave notice: that it came, what was done, what came of it; never about whom."""
    pk, _, what = subject.partition(" ")
    notice = Notice.objects.select_related("account", "attestation").get(pk=pk)
    try:
        details = services.details_of(notice)
    except vault.KeyDestroyed:
        return
    claims = list(notice.claims.exclude(status=Claim.Status.CANDIDATE))
    asked = notice.questions.order_by("-asked_at").first()
    context = {
        "notice": notice,
        "what": what,
        "name": details.name,
        "link": links.status(notice),
        "claims": claims,
        "clocks": words.running(notice),
        "upheld": any(claim.status == Claim.Status.UPHELD for claim in claims),
        "asked": asked,
        "question": services.unsealed(notice, asked, asked.sealed) if asked else "",
        "appeals": appeals(notice, claims),
        "rejected": notice.status == Notice.Status.RESOLVED,
    }
    _mail(run, "takedowns/mail/notice_claimant.txt", context, details.email)


@job("takedowns.tell_uploader", queue="cpu", attempts=5, timeout=60)
def tell_uploader(run: Run, subject: str) -> None:
    """Write to the account whose voice a notice is about; who gave notice is not said."""
    pk, _, what = subject.partition(" ")
    claim = Claim.objects.select_related("notice", "voice__account").get(pk=pk)
    account = claim.voice.account
    if account is None:  # a curated voice is the operator's own
        return
    context = {
        "claim": claim,
        "what": what,
        "name": account.get_short_name(),
        "voice": claim.voice,
        "until": countering.counter_until(claim),
        "public_url": settings.PUBLIC_URL,
    }
    _mail(run, "takedowns/mail/notice_uploader.txt", context, account.email)


def appeals(notice: Notice, claims: list[Claim]) -> list[tuple[Decision, str]]:
    """Return the decisions against the claimant that stand and can be questioned, each with its link."""
    subjects = [notice, *(claim for claim in claims if claim.status == Claim.Status.REJECTED)]
    cases = [case for one in subjects for case in Case.objects.about(one)]
    against = Decision.objects.filter(
        case__in=cases, status=Decision.Status.MADE, choice__in=("reject", "none_found", "bar")
    ).select_related("case", "section")
    now = timezone.now()
    return [
        (decision, redress.link(decision.case, Appeal.Side.REPORTER))
        for decision in against
        if now <= redress.until(decision)
    ]


def _measured(sample: NoticeFile) -> Embedding:
    samples, rate = soundfile.read(io.BytesIO(services.file_bytes(sample)), dtype="float32")
    return engines.speaker().embed(Audio(samples, rate))


def _mail(run: Run, template: str, context: dict[str, object], to: str) -> None:
    title, _, body = render_to_string(template, context).strip().partition("\n")
    run.check()
    send_mail(title.strip(), body.strip() + "\n", None, [to])
