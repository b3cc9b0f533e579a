"""Take a request, the recordings that show whose voice somebody has, and what was found by likeness.

Nothing here says whether there is a voice: the answer to each step is the same for everybody.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from datetime import datetime, timedelta
from typing import BinaryIO

import soundfile
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.client import keyed
from accounts.models import User
from consent import phrases
from consent import policies as gate
from consent import refusals as gate_refusals
from consent.measuring import Measurement
from moderation import services as moderation
from takedowns.deadlines import policies as clocks
from takedowns.deadlines import services as deadlines
from takedowns.models import OwnerMatch, OwnerPhrase, OwnerRecording, OwnerRequest
from takedowns.requests import policies, refusals
from velluto import audit, jobs, vault
from velluto.audio import intake
from velluto.audio.signal import Audio
from velluto.jobs import Run
from velluto.transitions import move
from voices.likeness import Likeness

KIND = "takedowns.owner_request"
PERSON, VOICEPRINT = "owner.person", "owner.voiceprint"
STEPS = (OwnerRecording.Step.SAMPLE, OwnerRecording.Step.CAPTCHA)
Step, Recorded = OwnerRecording.Step, OwnerRecording.Status


def ask(
    *,
    name: str,
    email: str,
    delete: bool,
    cease: bool,
    copy: bool,
    hints: str,
    address: str,
    at: datetime | None = None,
) -> OwnerRequest:
    """Take a request and mail its link; the 30 days run from here. `address` is the caller's network address."""
    at, email = at or timezone.now(), email.strip().lower()
    if not (delete or cease or copy):
        raise refusals.NothingWanted()
    made = OwnerRequest(
        delete_model=delete,
        cease=cease,
        copy=copy,
        requester=keyed("owner-request", email),
        client=keyed("owner-request", address),
        received_at=at,
    )
    person = {"name": " ".join(name.split()), "email": email, "hints": hints.strip()}
    made.person = vault.seal(made.vault_owner, PERSON, str(made.pk), json.dumps(person).encode())
    with transaction.atomic():
        made.save(force_insert=True)
        deadlines.start(made, kind=clocks.RESOLVE, received_at=at)
        tell(made, "link")
        audit.record(
            "takedowns.owner_request.received",
            actor="voice-owner",
            subject=made,
            data={"delete": delete, "cease": cease, "copy": copy},
        )
        recent = OwnerRequest.objects.filter(received_at__gt=at - timedelta(days=1))
        # Counted behind the audit's lock, where those who ask at once stand in line.
        if (
            recent.filter(requester=made.requester).count() > policies.PER_ADDRESS
            or recent.filter(client=made.client).count() > policies.PER_CLIENT
        ):
            raise refusals.RequestTooMany()
    return made


def link(request: OwnerRequest) -> str:
    """Return the address where somebody goes on with their request."""
    token = signing.Signer(salt="takedowns.owner_request").sign_object([request.pk.hex])
    return settings.PUBLIC_URL + reverse("owner-requests:request", args=[token])


def at_link(token: str, *, at: datetime | None = None) -> OwnerRequest:
    """Return the request of a link; raise RequestLinkUnknown."""
    try:
        (pk,) = signing.Signer(salt="takedowns.owner_request").unsign_object(token)
        request = OwnerRequest.objects.get(pk=pk)
    except (signing.BadSignature, OwnerRequest.DoesNotExist) as error:
        raise refusals.RequestLinkUnknown() from error
    lapsed = policies.lapses(request.status, request.received_at, request.decided_at, at or timezone.now())
    if lapsed or request.status == OwnerRequest.Status.LAPSED:
        raise refusals.RequestLinkUnknown()
    return request


def person_of(request: OwnerRequest) -> dict[str, str]:
    """Return the name, the e-mail address and the hints that were given; raise the vault's errors afterwards."""
    found: dict[str, str] = json.loads(
        vault.unseal(request.vault_owner, PERSON, str(request.pk), bytes(request.person))
    )
    return found


def tell(request: OwnerRequest, letter: str) -> None:
    """Queue a letter, in the caller's transaction."""
    jobs.enqueue("takedowns.owner_letter", f"{request.pk}:{letter}")


# ---------------------------------------------------------------------------------------------------- the recordings


def next_step(request: OwnerRequest) -> str:
    """Return the recording that comes next, or nothing where none is awaited."""
    if request.status != OwnerRequest.Status.ASKED:
        return ""
    passed = set(request.recordings.filter(status=Recorded.PASSED).values_list("step", flat=True))
    return next((str(step) for step in STEPS if step not in passed), "")


def tries_left(request: OwnerRequest, step: str) -> int:
    """Return how often a recording may still be handed in before a human looks at what there is."""
    return max(0, gate.TRIES - request.recordings.filter(step=step, status=Recorded.FAILED).count())


def clock() -> dict[str, float]:
    """Return how long a phrase may be answered, and how long it waits for somebody to begin, in seconds."""
    return {
        "answer_within_s": settings.CAPTCHA_SECONDS,
        "start_within_s": settings.CAPTCHA_UNSTARTED.total_seconds(),
    }


def hand_in_sample(request: OwnerRequest, content: BinaryIO, *, at: datetime | None = None) -> OwnerRecording:
    """Take half a minute of somebody's voice; that it came by the link shows that the e-mail address is theirs."""
    _require(request, Step.SAMPLE)
    least, most = gate.SAMPLE_SECONDS["instant"]
    audio = intake.decode(content)
    if audio.seconds < least:
        raise gate_refusals.SampleTooShort(seconds=audio.seconds, least=least)
    if audio.seconds > most + gate.SAMPLE_TOLERANCE:
        raise gate_refusals.SampleTooLong(seconds=audio.seconds, most=most)
    return _take(request, Step.SAMPLE, audio, at=at or timezone.now())


def show_phrase(request: OwnerRequest, *, at: datetime | None = None) -> OwnerPhrase:
    """Make a phrase that nobody could know before; one still on show expires."""
    at = at or timezone.now()
    with transaction.atomic():
        _lock(request)
        _require(request, Step.CAPTCHA)
        if request.phrases.filter(shown_at__gt=at - timedelta(hours=1)).count() >= policies.PHRASES_PER_HOUR:
            raise gate_refusals.TooManyPhrases()
        for shown in request.phrases.filter(status=OwnerPhrase.Status.SHOWN):
            move(shown, OwnerPhrase.Status.EXPIRED, actor=None, reason="replaced by a new phrase")
        words = list(phrases.new_phrase(secrets.SystemRandom()))
        phrase = OwnerPhrase.objects.create(request=request, words=words, shown_at=at)
        audit.record("takedowns.owner_phrase.shown", actor="voice-owner", subject=phrase)
        return phrase


def answer_phrase(phrase: OwnerPhrase, content: BinaryIO, *, at: datetime | None = None) -> OwnerRecording:
    """Take the reading of a phrase; `at` is when its last byte arrived, by the server's clock."""
    at = at or timezone.now()
    request = phrase.request
    _require(request, Step.CAPTCHA)
    if phrase.status != OwnerPhrase.Status.SHOWN:
        raise gate_refusals.PhraseUsed()
    limit = timedelta(seconds=settings.CAPTCHA_SECONDS) + settings.CAPTCHA_UPLOAD_ALLOWANCE
    if not gate.captcha_in_time(phrase.shown_at, at, limit=limit):
        move(phrase, OwnerPhrase.Status.EXPIRED, actor=None, reason="answered too late")
        raise gate_refusals.PhraseTooLate()
    # The phrase is spent before its answer is opened: a broken answer does not get it a second time.
    move(phrase, OwnerPhrase.Status.ANSWERED, actor="voice-owner", answered_at=at)
    audio = intake.decode(content)
    if audio.seconds > settings.CAPTCHA_SECONDS + gate.CAPTCHA_TOLERANCE:
        raise gate_refusals.PhraseTooLong()
    return _take(request, Step.CAPTCHA, audio, at=at, phrase=phrase)


def load_audio(recording: OwnerRecording) -> Audio:
    """Return the sound of a recording (trusted: we encoded it ourselves)."""
    samples, rate = soundfile.read(io.BytesIO(_content(recording)), dtype="float32")
    return Audio(samples, rate)


def listen(recording: OwnerRecording, *, actor: User) -> bytes:
    """Return the FLAC file of a recording for a member of staff, on record."""
    with transaction.atomic():
        audit.record("takedowns.owner_recording.listened", actor=actor, subject=recording)
    return _content(recording)


def settle(run: Run, recording: OwnerRecording, result: Measurement) -> None:
    """Write what was measured; after the last recording, or the last try, the voices here are compared."""
    request = recording.request
    passed = gate.passed(recording.step, result.findings)
    found = [
        {"code": one.code, "label": one.label, "value": one.value, "passed": one.passed, "sentence": one.sentence}
        for one in result.findings
    ]
    with run.commit():
        request = _lock(request)
        print_ = result.voiceprint
        if print_ is not None:
            vector = print_.vector.astype("<f4").tobytes()
            recording.voiceprint = vault.seal(request.vault_owner, VOICEPRINT, str(recording.pk), vector)
            recording.engine, recording.version = print_.engine, print_.version
            recording.save(update_fields=["voiceprint", "engine", "version"])
        failed = [one["code"] for one in found if not one["passed"]]
        verdict = Recorded.PASSED if passed else Recorded.FAILED
        move(recording, verdict, actor=None, data={"failed": failed}, findings=found)
        if request.status == OwnerRequest.Status.ASKED and (
            not next_step(request) or not tries_left(request, recording.step)
        ):
            jobs.enqueue("takedowns.owner_match", str(request.pk))
            move(request, OwnerRequest.Status.MATCHING, actor=None, reason="the recordings are there")


def could_not_check(recording: OwnerRecording) -> None:
    """Say that the machine, not the person, failed: the recording is set aside and does not count."""
    move(recording, Recorded.SET_ASIDE, actor=None, reason="the check could not be carried out")


def keep_matches(run: Run, request: OwnerRequest, found: list[Likeness]) -> None:
    """Write down which voices sound alike, and put the request before a human, whatever was found."""
    with run.commit():
        request = _lock(request)
        if request.status != OwnerRequest.Status.MATCHING:
            return
        for one in found:
            OwnerMatch.objects.get_or_create(
                request=request, voice_id=one.voice_id, defaults={"score": round(one.score, 4)}
            )
        move(request, OwnerRequest.Status.REVIEW, actor=None, data={"matches": len(found)})
        open_case(request, reason="the recordings were compared")


def open_case(request: OwnerRequest, *, reason: str, barred: tuple[User, ...] = ()) -> None:
    """Ask a human, in the caller's transaction; whoever has a voice that was found does not decide about it."""
    holders = [match.voice.account for match in request.matches.select_related("voice__account") if match.voice.account]
    moderation.open_case(
        kind=KIND,
        subject=request,
        title="Somebody says that a voice is theirs",
        about=None,
        due_at=min(timezone.now() + policies.CASE_DUE, clocks.due(clocks.RESOLVE, request.received_at)),
        severity=2,
        barred=(*holders, *barred),
        reason=reason,
    )


# ---------------------------------------------------------------------------------------------------- helpers


def _content(recording: OwnerRecording) -> bytes:
    return vault.read(recording.object, owner=recording.request.vault_owner, purpose=recording.vault_purpose)


def _lock(request: OwnerRequest) -> OwnerRequest:
    return OwnerRequest.objects.select_for_update(no_key=True).get(pk=request.pk)


def _require(request: OwnerRequest, step: str) -> None:
    if next_step(request) != step or request.recordings.filter(Q(step=step) & Q(status=Recorded.CHECKING)).exists():
        raise refusals.RequestStepClosed()


def _take(
    request: OwnerRequest, step: str, audio: Audio, *, at: datetime, phrase: OwnerPhrase | None = None
) -> OwnerRecording:
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.rate, format="FLAC", subtype="PCM_16")
    content = buffer.getvalue()
    with transaction.atomic():
        request = _lock(request)
        _require(request, step)
        recording = OwnerRecording(
            request=request,
            step=step,
            phrase=phrase,
            seconds=round(audio.seconds, 3),
            sha256=hashlib.sha256(content).hexdigest(),
            received_at=at,
        )
        recording.object = vault.put(request.vault_owner, recording.vault_purpose, content)
        recording.save(force_insert=True)
        if request.verified_at is None:
            OwnerRequest.objects.filter(pk=request.pk).update(verified_at=at)
        jobs.enqueue("takedowns.owner_check", str(recording.pk), key=f"takedowns.owner_check:{recording.pk}")
        data = {"request": str(request.pk), "step": step, "sha256": recording.sha256}
        audit.record("takedowns.owner_recording.kept", actor="voice-owner", subject=recording, data=data)
        return recording
