"""Ask for speech, publish or fail it, cancel it; ask the detector. The only writer of this app's tables."""

from __future__ import annotations

import hashlib
import io
import secrets
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID, uuid4

import soundfile
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import sanctions
from accounts import services as accounts
from accounts.client import keyed
from accounts.models import User
from consent.models import ConsentRecord
from consent.refusals import ConsentEnded
from moderation import services as moderation
from synthesis import access, policies, refusals, screenings
from synthesis.freezes import services as freezes
from synthesis.making import Made
from synthesis.models import Detection, Output, Preview, Screening, SpeechRequest
from velluto import audit, engines, jobs, vault
from velluto.audio import export, intake
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import Mark
from velluto.errors import Refusal
from velluto.jobs import Run
from velluto.transitions import Stale, TransitionRefused, move
from voices import services as voices
from voices.models import Voice

OUTPUT = "output"
PREVIEW = "preview"
DETECTION = "detection"
DETECTOR = "detector"  # the vault's owner of sound that is being asked about


# ---------------------------------------------------------------------------------------------------- speaking


def request_speech(
    *,
    account: User,
    voice: Voice,
    text: str,
    language: str = "en",
    pace: float = 1.0,
    format: str = "wav",
    purpose: str = SpeechRequest.Purpose.OWN,
    disclose: bool = False,
    key: UUID | None = None,
    ask_a_person: bool = False,
    at: datetime | None = None,
) -> SpeechRequest:
    """Take a script for a voice that the account may use: checked, screened, paid for and queued (or held), at once.

    `key` becomes the request's id: what is sent twice under one key is one request, and is paid for once. A script
    that the screening blocks is refused and costs nothing, unless the account asks a person to look: then it is held.
    """
    access.ask(account, voice)
    script = policies.normal_script(text)
    if not policies.speakable(script):
        raise refusals.ScriptEmpty()
    if len(script) > policies.LONGEST_SCRIPT:
        raise refusals.ScriptTooLong(characters=len(script), most=policies.LONGEST_SCRIPT)
    if language not in languages():
        raise refusals.LanguageUnknown()
    if not policies.PACES[0] <= pace <= policies.PACES[1]:
        raise refusals.PaceRefused(least=policies.PACES[0], most=policies.PACES[1])
    if format not in export.FORMATS:
        raise refusals.FormatUnknown()
    at = at or timezone.now()
    screening, verdict = screenings.screen(account, script, at=at)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=account.pk)  # what is sent twice at once comes in turn
        if key and (sent_before := account.speech_requests.filter(pk=key).first()):
            return sent_before
        if key and SpeechRequest.objects.filter(pk=key).exists():
            raise refusals.SpeechExists()
        access.require(account, voice, purpose=purpose, language=language)
        if verdict.kind == "block" and not ask_a_person:
            screenings.block(screening, script)
        else:
            return _take(
                SpeechRequest(
                    id=key or uuid4(),
                    account=account,
                    voice=voice,
                    characters=len(script),
                    language=language,
                    pace=pace,
                    format=format,
                    purpose=purpose,
                    disclose=policies.disclosure_first(asked=disclose, shared=access.shared(account, voice)),
                    status=SpeechRequest.Status.QUEUED if verdict.kind == "allow" else SpeechRequest.Status.HELD,
                    requested_at=at,
                ),
                script,
                screening,
            )
    raise refusals.ScriptBlocked(verdict, screening.pk)  # what was blocked stays on record


def _take(request: SpeechRequest, script: str, screening: Screening) -> SpeechRequest:
    """Seal, pay for and record a request, and queue it or put it before a moderator; the caller holds the account."""
    account = request.account
    request.script = vault.seal(account.vault_owner, "script", str(request.pk), script.encode())
    request.save(force_insert=True)
    accounts.debit(account, len(script), reference=request.reference)
    screening.request = request
    screening.save(force_insert=True)
    if request.status == SpeechRequest.Status.HELD:
        screenings.open_case(screening)
    else:
        _queue(request, actor=account)
    audit.record(
        "synthesis.speech.requested",
        actor=account,
        subject=request,
        data={
            "voice": str(request.voice_id),
            "characters": len(script),
            "language": request.language,
            "format": request.format,
            "purpose": request.purpose,
            "screening": screening.verdict,
        },
    )
    return request


def _queue(request: SpeechRequest, *, actor: User | None) -> None:
    jobs.enqueue("synthesis.speak", str(request.pk), key=f"synthesis.speak:{request.pk}", actor=actor)


def release(request: SpeechRequest, *, actor: User | None, reason: str) -> None:
    """Let a held request be spoken after all."""
    with transaction.atomic():
        require_access(request)
        _queue(request, actor=actor)
        move(request, SpeechRequest.Status.QUEUED, actor=actor, reason=reason)


def languages() -> dict[str, str]:
    """Return the languages of the speech engine, code to English name."""
    return engines.speech().languages


def script_of(request: SpeechRequest) -> str:
    """Return the text that was asked for."""
    return vault.unseal(request.account.vault_owner, "script", str(request.pk), bytes(request.script)).decode()


def require_access(request: SpeechRequest, *, lock: bool = False) -> None:
    """Raise what `access.require` raises where the voice may not (any more) say this."""
    access.require(
        request.account,
        request.voice,
        purpose=request.purpose,
        language=request.language,
        lock=lock,
        asked_at=request.requested_at,
    )


def start(request: SpeechRequest) -> None:
    """Begin to speak, if the account may (still) use the voice; a run that begins again finds the request begun."""
    with transaction.atomic():
        require_access(request)
        engine = engines.speech()
        if request.status == SpeechRequest.Status.QUEUED:
            move(
                request,
                SpeechRequest.Status.SPEAKING,
                actor=None,
                started_at=timezone.now(),
                engine=engine.name,
                engine_version=engine.version,
            )


def new_payload() -> int:
    """Return a watermark id that no output carries: random, so that nobody can count or guess them."""
    while True:
        payload = secrets.randbelow(policies.PAYLOADS - 1) + 1
        if not any(kind.objects.filter(payload=payload).exists() for kind in (Output, Preview)):
            return payload


def publish(run: Run, request: SpeechRequest, made: Made) -> Output:
    """Hand over what was made: encrypted, recorded and visible in one commit, under a locked consent and share."""
    with run.commit():
        require_access(request, lock=True)
        output = Output.objects.create(
            request=request,
            payload=made.mark.payload,
            object=vault.put(request.account.vault_owner, OUTPUT, made.content),
            seconds=made.seconds,
            size=len(made.content),
            sha256=hashlib.sha256(made.content).hexdigest(),
            watermark_engine=made.mark.engine,
            watermark_version=made.mark.version,
            watermark_confidence=round(made.mark.confidence, 4),
            signed=made.signed,
            disclosed=made.disclosed,
            released_at=timezone.now(),
        )
        move(
            request,
            SpeechRequest.Status.DONE,
            actor=None,
            finished_at=output.released_at,
            data={"output": str(output.pk), "sha256": output.sha256, "payload": output.payload},
        )
        # Behind the end of the audit's chain, where writers come in turn, a freeze was either seen or comes after.
        freezes.require_none(account=request.account, voice=request.voice, engine=request.engine)
        return output


def fail(request: SpeechRequest, *, code: str, sentence: str, actor: User | None = None) -> None:
    """End a request without sound and give its credits back."""
    with transaction.atomic():
        accounts.refund(request.account, reference=request.reference)  # locks the account: before the audit's chain
        move(
            request,
            SpeechRequest.Status.FAILED,
            actor=actor,
            reason=code,
            finished_at=timezone.now(),
            error_code=code,
            error=sentence[:400],
        )


def cancel(request: SpeechRequest, *, actor: User) -> None:
    """End a request that is not finished; its credits come back."""
    try:
        with transaction.atomic():  # locks in the order of `publish`: job, case, account, request, audit
            job = jobs.latest("synthesis.speak", str(request.pk))
            if job:
                jobs.cancel(job)
            case = screenings.locked_case(request)
            accounts.refund(request.account, reference=request.reference)
            move(request, SpeechRequest.Status.CANCELLED, actor=actor, finished_at=timezone.now())
            if case:
                moderation.withdraw_case(case, actor=actor, reason="withdrawn by the account")
    except (TransitionRefused, Stale) as error:
        request.refresh_from_db()
        if not request.finished:
            return cancel(request, actor=actor)  # it began at this very moment
        raise refusals.AlreadyFinished() from error


def stop(request: SpeechRequest, *, because: type[ConsentEnded] = ConsentEnded) -> None:
    """End a request whose voice may not speak (any more), held, waiting or running; credits come back. Repeatable."""
    try:
        with transaction.atomic():  # locks in the order of `publish`
            job = jobs.latest("synthesis.speak", str(request.pk))
            if job:
                jobs.cancel(job)
            request.refresh_from_db()
            case = screenings.locked_case(request)
            if not request.finished:
                fail(request, code=because.code, sentence=str(because()))
            if case:
                moderation.withdraw_case(case, actor=None, reason=because.code)
    except Stale:  # it began at this very moment
        stop(request, because=because)


def open_output(output: Output, *, actor: User, at: datetime | None = None) -> BinaryIO:
    """Return the decrypted file as a stream, and record that it was opened; raise OutputDeleted once its time is over.

    Where it is deleted in this very moment, it is either opened first or OutputDeleted is raised.
    """
    if output.deleted_at or (output.delete_after and output.delete_after <= (at or timezone.now())):
        raise refusals.OutputDeleted()
    with transaction.atomic():
        audit.record("synthesis.output.opened", actor=actor, subject=output)
    try:
        return vault.open(output.object, owner=output.request.account.vault_owner, purpose=OUTPUT)
    except (vault.ObjectMissing, vault.KeyDestroyed) as error:
        if Output.objects.filter(pk=output.pk, deleted_at=None).exists():
            raise
        raise refusals.OutputDeleted() from error


# ---------------------------------------------------------------------------------------------------- ending


def end_outputs(voice: Voice, *, after: datetime) -> None:
    """Let what a voice has said be downloaded until `after` and no longer; a time that is earlier stays."""
    open_ones = Output.objects.filter(request__voice=voice, deleted_at=None)
    open_ones.filter(Q(delete_after=None) | Q(delete_after__gt=after)).update(delete_after=after)


def sweep_outputs(*, at: datetime | None = None) -> int:
    """Delete the files whose time is over, one commit each; return how many. The rows stay as the usage log."""
    at = at or timezone.now()
    without_end = Output.objects.filter(delete_after=None, deleted_at=None).values("request__voice")
    withdrawn = ConsentRecord.objects.filter(status=ConsentRecord.Status.WITHDRAWN, voice__in=without_end)
    for record in withdrawn.select_related("voice"):
        if record.withdrawn_at:
            end_outputs(record.voice, after=policies.downloadable_until(record.withdrawn_at))
    due = Output.objects.filter(deleted_at=None, delete_after__lte=at).exclude(
        request__account__in=sanctions.on_hold(at=at)  # nobody can download them, but they are kept for a court
    )
    return sum(
        delete_output(Output(pk=pk), reason="its time was over", at=at) for pk in list(due.values_list("pk", flat=True))
    )


def delete_output(output: Output, *, reason: str, at: datetime | None = None, actor: User | None = None) -> bool:
    """Delete a file and remember when; return whether it was still there. Safe to repeat."""
    with transaction.atomic():
        there = Output.objects.select_for_update(no_key=True).filter(pk=output.pk, deleted_at=None).first()
        if there is None:
            return False
        vault.delete(there.object)
        at = at or timezone.now()
        Output.objects.filter(pk=there.pk).update(deleted_at=at, delete_after=min(there.delete_after or at, at))
        audit.record(
            "synthesis.output.deleted", actor=actor, subject=there, reason=reason, data={"sha256": there.sha256}
        )
        return True


def keep_preview(run: Run, voice: Voice, made: Made) -> Preview:
    """Keep what a curated voice is heard by in the catalogue, under the voice's own key."""
    with run.commit():
        voices.require_published(voice, lock=True)
        preview = Preview.objects.create(
            voice=voice,
            payload=made.mark.payload,
            object=vault.put(voice.owner.vault_owner, PREVIEW, made.content),
            size=len(made.content),
            sha256=hashlib.sha256(made.content).hexdigest(),
            watermark_confidence=round(made.mark.confidence, 4),
            made_at=timezone.now(),
        )
        audit.record(
            "synthesis.preview.made",
            subject=preview,
            data={"voice": str(voice.pk), "sha256": preview.sha256, "payload": preview.payload},
        )
        freezes.require_none(account=None, voice=voice, engine=engines.speech().name)
        return preview


def open_preview(preview: Preview) -> BinaryIO:
    """Return the decrypted preview as a stream; it is for everybody who sees the catalogue, and so not on record."""
    return vault.open(preview.object, owner=preview.voice.owner.vault_owner, purpose=PREVIEW)


# ---------------------------------------------------------------------------------------------------- detecting


def ask_detector(
    content: BinaryIO, *, address: str, partner: User | None = None, at: datetime | None = None
) -> Detection:
    """Take sound that somebody found; the answer comes from a worker. What turns out to be no sound counts as well.

    A partner, who called with an API key, is counted by account, whatever the address and the key, and may ask more.
    """
    at = at or timezone.now()
    client = keyed("detector", f"account:{partner.pk}" if partner else address)
    most = settings.DETECTIONS_PER_HOUR_WITH_KEY if partner else settings.DETECTIONS_PER_HOUR
    # Counted before the file is opened: opening is the slow part, and others may ask meanwhile. Counted twice: who asks
    # too often need not wait for the audit, and those who ask at once stand in line there.
    recent = Detection.objects.filter(client=client, asked_at__gt=at - timedelta(hours=1))
    if recent.count() >= most:
        raise refusals.DetectionsTooMany()
    with transaction.atomic():
        detection = Detection.objects.create(client=client, seconds=0.0, asked_at=at)
        audit.record("synthesis.detection.asked", subject=detection)
        if recent.count() > most:
            raise refusals.DetectionsTooMany()
    try:
        audio = intake.decode(content)
    except Refusal:
        move(detection, Detection.Status.FAILED, actor=None, answered_at=timezone.now())
        raise
    detection.seconds = round(audio.seconds, 2)
    with transaction.atomic():
        detection.object = vault.put(DETECTOR, DETECTION, _flac(audio))
        detection.save()
        jobs.enqueue("synthesis.detect", str(detection.pk), key=f"synthesis.detect:{detection.pk}")
    return detection


def detection_audio(detection: Detection) -> Audio:
    """Return the sound that was asked about."""
    content = vault.read(detection.object, owner=DETECTOR, purpose=DETECTION)
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return Audio(samples, rate)


def answer(run: Run, detection: Detection, marks: tuple[Mark, ...]) -> None:
    """Record what was found, never who, and destroy the sound."""
    with run.commit():
        forget(detection)
        ours = [(mark, made) for mark in marks if (made := _made_here(mark)) is not None]
        move(
            detection,
            Detection.Status.ANSWERED,
            actor=None,
            answer={"made_here": bool(ours), "marks": [_describe(mark, made) for mark, made in ours]},
            outputs=[str(made.pk) for _, made in ours],
            answered_at=timezone.now(),
        )


def detection_failed(detection: Detection) -> None:
    """Say that no answer can be given, and destroy the sound."""
    with transaction.atomic():
        forget(detection)
        move(detection, Detection.Status.FAILED, actor=None, answered_at=timezone.now())


def forget(detection: Detection) -> None:
    """Delete the sound of an answered question."""
    vault.delete(detection.object)


def _made_here(mark: Mark) -> Output | Preview | None:
    """Return the output or preview that carries this mark; None where we never made such a one."""
    output = Output.objects.filter(payload=mark.payload).select_related("request__voice").first()
    return output or Preview.objects.filter(payload=mark.payload).select_related("voice").first()


def _describe(mark: Mark, made: Output | Preview) -> dict[str, Any]:
    """Return what a stranger may know of what carries this mark."""
    if isinstance(made, Output):
        voice, made_at = made.request.voice, made.released_at
    else:
        voice, made_at = made.voice, made.made_at
    return {
        "from_s": round(mark.start, 2),
        "to_s": round(mark.end, 2),
        "made_at": made_at.replace(microsecond=0).isoformat(),
        "consent": access.standing(voice),
        "confidence": round(mark.confidence, 3),
    }


def _flac(audio: Audio) -> bytes:
    buffer = io.BytesIO()
    speech = audio.at(SPEECH_RATE) if audio.rate > SPEECH_RATE else audio  # the mark lies below 4 kHz
    soundfile.write(buffer, speech.samples, speech.rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
