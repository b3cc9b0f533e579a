"""Take a request to be listed, see that the voice is there, and carry out what a custodian decides."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.client import keyed
from accounts.models import User
from consent import phrases, policies, refusals
from moderation import services as moderation
from moderation.models import NoGoEntry
from moderation.models.queue import CUSTODIAL
from moderation.policies import DISGUISES
from moderation.services import nogo
from takedowns.listing import policies as rules
from takedowns.listing import refusals as said
from takedowns.models import ListingRequest
from velluto import audit, jobs, vault
from velluto.audio import intake
from velluto.audio.signal import Audio
from velluto.engines.base import Embedding
from velluto.jobs import Run
from velluto.transitions import move
from voices.services import flac, from_flac

KIND = f"{CUSTODIAL}_request"
CHECK, TELL = "takedowns.check_listing", "takedowns.tell_listing"
DETAILS, RECORDING, VOICEPRINT = "listing.details", "listing.recording", "listing.voiceprint"
LINKED, OUTCOME = "link", "outcome"


def ask(*, names: list[str], why: str, email: str, address: str, at: datetime | None = None) -> ListingRequest:
    """Take a request; a link goes to the e-mail address, and whoever opens it goes on with their voice."""
    at, email, token = at or timezone.now(), email.strip().lower(), secrets.token_urlsafe(32)
    made = ListingRequest(
        token_sha256=_digest(token),
        client=keyed("listing", address),
        asker=keyed("listing", email),
        asked_at=at,
        expires_at=at + rules.LASTS,
    )
    details = {"names": names, "why": why, "email": email, "token": token, "reason": ""}
    with transaction.atomic():
        recent = ListingRequest.objects.filter(asked_at__gt=at - timedelta(days=1))
        for same in (recent.filter(client=made.client), recent.filter(asker=made.asker)):
            if same.count() >= rules.PER_DAY:
                raise said.ListingTooMany()
        made.sealed = _seal(made, details)
        made.save(force_insert=True)
        _tell(made, LINKED)
        audit.record("takedowns.listing.asked", actor="asker", subject=made)
    return made


def follow(token: str) -> ListingRequest:
    """Return the request that a link leads to; raise ListingLinkUnknown for any other."""
    found = ListingRequest.objects.filter(token_sha256=_digest(token)).first()
    if found is None or found.status == ListingRequest.Status.LAPSED:
        raise said.ListingLinkUnknown()
    return found


def hand_in_sample(request: ListingRequest, content: BinaryIO) -> None:
    """Keep the recording of the person's voice until it is checked."""
    _open(request)
    least, most = policies.SAMPLE_SECONDS["instant"]
    audio = intake.decode(content)
    if audio.seconds < least:
        raise refusals.SampleTooShort(seconds=audio.seconds, least=least)
    if audio.seconds > most + policies.SAMPLE_TOLERANCE:
        raise refusals.SampleTooLong(seconds=audio.seconds, most=most)
    with transaction.atomic():
        request = _lock(request)
        _open(request)
        if request.sample:
            vault.delete(request.sample)
        request.sample = vault.put(request.vault_owner, RECORDING, flac(audio))
        request.save(update_fields=["sample"])
        audit.record("takedowns.listing.sample_kept", actor="asker", subject=request)


def show_phrase(request: ListingRequest, *, at: datetime | None = None) -> ListingRequest:
    """Make a phrase that was never shown before, in place of the one on show; the server's clock starts here."""
    with transaction.atomic():
        request = _lock(request)
        _open(request)
        if not request.sample:
            raise said.ListingNotOpen()
        if request.phrases >= rules.PHRASES:
            raise refusals.TooManyPhrases()
        request.words, request.shown_at = list(phrases.new_phrase(secrets.SystemRandom())), at or timezone.now()
        request.phrases += 1
        request.save(update_fields=["words", "shown_at", "phrases"])
        audit.record("takedowns.listing.phrase_shown", actor="asker", subject=request)
    return request


def answer_phrase(request: ListingRequest, content: BinaryIO, *, at: datetime | None = None) -> None:
    """Take the reading of the phrase, once; both recordings are checked by a job."""
    at = at or timezone.now()
    with transaction.atomic():
        request = _lock(request)
        _open(request)
        shown_at, request.shown_at = request.shown_at, None  # spent before it is opened, whatever the answer is
        request.save(update_fields=["shown_at"])
        audit.record("takedowns.listing.phrase_answered", actor="asker", subject=request)
    limit = timedelta(seconds=settings.CAPTCHA_SECONDS) + settings.CAPTCHA_UPLOAD_ALLOWANCE
    if shown_at is None:
        raise said.ListingPhraseUsed()
    if not policies.captcha_in_time(shown_at, at, limit=limit):
        raise refusals.PhraseTooLate()
    audio = intake.decode(content)
    if audio.seconds > settings.CAPTCHA_SECONDS + policies.CAPTCHA_TOLERANCE:
        raise refusals.PhraseTooLong()
    with transaction.atomic():
        request = _lock(request)
        _open(request)
        kept = vault.put(request.vault_owner, RECORDING, flac(audio))
        move(request, ListingRequest.Status.CHECKING, actor="asker", phrase=kept)
        jobs.enqueue(CHECK, str(request.pk), key=f"{CHECK}:{request.pk}")


def recordings(request: ListingRequest) -> tuple[Audio, Audio]:
    """Return the sample and the phrase that wait to be checked."""
    sample, phrase = (
        vault.read(name, owner=request.vault_owner, purpose=RECORDING) for name in (request.sample, request.phrase)
    )
    return from_flac(sample), from_flac(phrase)


def settle(
    run: Run, request: ListingRequest, findings: dict[str, list[policies.Finding]], voiceprints: tuple[Embedding, ...]
) -> None:
    """Keep what was found, delete the recordings; a voice that is proven, or was tried often, goes to a custodian."""
    with run.commit():
        request = _lock(request)
        vault.delete(request.phrase)
        request.tries += 1
        waits = rules.proven(findings) or request.tries >= rules.TRIES
        # After a try that failed everything is recorded anew: it may have been the sample that was wrong.
        vault.delete(request.sample)
        kept = voiceprints if waits else ()
        move(
            request,
            ListingRequest.Status.WAITING if waits else ListingRequest.Status.ASKED,
            actor=None,
            findings=[{"step": step, **asdict(one)} for step, found in findings.items() for one in found],
            tries=request.tries,
            sample="",
            phrase="",
            voiceprint=_seal_voices(request, kept) if kept else None,
            engine=kept[0].engine if kept else "",
            version=kept[0].version if kept else "",
            data={"proven": rules.proven(findings)},
        )
        if waits:
            moderation.open_case(
                kind=KIND,
                subject=request,
                title="Somebody asks to be listed",
                about=None,
                due_at=timezone.now() + rules.DUE,
                credibility=80 if rules.proven(findings) else 20,
            )


def could_not_check(request: ListingRequest) -> None:
    """Say that the machine failed: the recordings are made anew, and the try does not count."""
    with transaction.atomic():
        request = _lock(request)
        for name in (request.sample, request.phrase):
            vault.delete(name)
        move(request, ListingRequest.Status.ASKED, actor=None, reason="not checked", sample="", phrase="", findings=[])


def details(request: ListingRequest) -> dict[str, Any]:
    """Return names, reason, e-mail address and token; nothing of it where it is destroyed."""
    try:
        sealed = vault.unseal(request.vault_owner, DETAILS, str(request.pk), bytes(request.sealed))
    except vault.KeyDestroyed:
        return {"names": [], "why": "", "email": "", "token": "", "reason": ""}
    opened: dict[str, Any] = json.loads(sealed)
    return opened


@transaction.atomic
def accept(request: ListingRequest, *, actor: User, at: datetime) -> NoGoEntry:
    """Put the person on the list, with all names and the voiceprint; they are told."""
    asked = details(request)
    entry = nogo.add_entry(
        names=asked["names"],
        source=NoGoEntry.Source.NOTICE,
        review_on=rules.review_on(timezone.localdate(at)),
        actor=actor,
        note=asked["why"],
        voices=_voices(request) if request.voiceprint else (),
    )
    _end(request, ListingRequest.Status.LISTED, actor=actor)
    return entry


@transaction.atomic
def refuse(request: ListingRequest, *, actor: User, reason: str) -> None:
    """Do not put the person on the list; they are told why."""
    request.sealed = _seal(request, {**details(request), "reason": reason})
    _end(request, ListingRequest.Status.REFUSED, actor=actor, sealed=request.sealed)


def lapse(*, at: datetime | None = None) -> int:
    """Destroy what was asked and not proven in time; return how many."""
    late = ListingRequest.objects.filter(status=ListingRequest.Status.ASKED, expires_at__lte=at or timezone.now())
    for request in late:
        with transaction.atomic():
            forget(request, reason="not proven in time")
            move(request, ListingRequest.Status.LAPSED, actor=None, reason="not proven in time")
    return len(late)


def forget(request: ListingRequest, *, reason: str) -> None:
    """Destroy the key of a request, and what lies under it. Safe to repeat."""
    with transaction.atomic():
        vault.destroy(request.vault_owner, actor=None, reason=reason)
        for name in filter(None, (request.sample, request.phrase)):
            vault.delete(name)


def _end(request: ListingRequest, to: str, *, actor: User, **fields: Any) -> None:
    move(request, to, actor=actor, **fields)
    _tell(request, OUTCOME)


def _tell(request: ListingRequest, what: str) -> None:
    jobs.enqueue(TELL, f"{request.pk} {what}", key=f"{TELL}:{request.pk}:{what}")


def _open(request: ListingRequest) -> None:
    if request.status != ListingRequest.Status.ASKED or request.expires_at <= timezone.now():
        raise said.ListingNotOpen()


def _lock(request: ListingRequest) -> ListingRequest:
    return ListingRequest.objects.select_for_update(no_key=True).get(pk=request.pk)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _seal(request: ListingRequest, content: dict[str, Any]) -> bytes:
    return vault.seal(request.vault_owner, DETAILS, str(request.pk), json.dumps(content, ensure_ascii=False).encode())


def _seal_voices(request: ListingRequest, voices: tuple[Embedding, ...]) -> bytes:
    content = np.stack([voice.vector for voice in voices]).astype("<f4").tobytes()
    return vault.seal(request.vault_owner, VOICEPRINT, str(request.pk), content)


def _voices(request: ListingRequest) -> tuple[Embedding, ...]:
    data = vault.unseal(request.vault_owner, VOICEPRINT, str(request.pk), bytes(request.voiceprint or b""))
    vectors = np.frombuffer(data, dtype="<f4").reshape(len(DISGUISES), -1).copy()
    return tuple(Embedding(vector, request.engine, request.version) for vector in vectors)
