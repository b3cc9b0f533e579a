"""Everything that is held of an account, in words that programs read, and the sound itself."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.client import keyed
from accounts.models import Sanction, User
from consent.models import Attempt, Challenge, Check, ConsentRecord, Declaration, Invitation, OwnerConsent, Statement
from moderation.models import Report
from moderation.services import appeals, reports
from synthesis import services as synthesis
from synthesis.models import Output
from takedowns.models import CounterNotice, EvidenceDemand, PrivacyRequest, Revocation
from takedowns.notices import services as notices
from takedowns.privacy import services
from takedowns.privacy.archive import Archive, Entry
from velluto import vault
from velluto.audit.models import AuditEvent
from voices.models import Recording, Voice, Voiceprint

PIECE = 64 * 1024
README = """This is what Velluto holds of you. It was made because you asked for it.

data.json     everything in words and numbers; times are in UTC, languages are codes
recordings/   what was recorded of your voice, as FLAC files
outputs/      what your voices said and is stored here

Not in it, because it is about other people, or would let somebody in: passwords, keys and second factors; who reported
something that you made; which matters are still being looked at. Voiceprints and voice models are named, but of no use
outside Velluto.
"""


def make(request: PrivacyRequest) -> tuple[str, str]:
    """Put the archive of a request into the vault; return its name and the SHA-256 of its content."""
    vault.clear(request.vault_owner)  # of an attempt that was killed
    digest = hashlib.sha256()
    content = _Digesting(io.BufferedReader(Archive(entries(request)), PIECE), digest)
    return vault.put(request.vault_owner, services.ARCHIVE, content), digest.hexdigest()  # type: ignore[arg-type]


def entries(request: PrivacyRequest) -> Iterator[Entry]:
    account = request.account
    data = of_account(account) if account else of_address(services.contact_of(request))
    yield "README.txt", [README.encode()]
    yield "data.json", [json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False).encode()]
    if account is None:
        return
    own = Recording.objects.filter(voice__account=account, voice__owner__account=account).select_related("voice__owner")
    for recording in own.exclude(voice__status=Voice.Status.DELETED).order_by("received_at"):
        name = f"recordings/{recording.received_at:%Y-%m-%d}-{recording.purpose}-{recording.pk.hex[:8]}.flac"
        owner = recording.voice.owner.vault_owner
        yield from _sound(name, recording.object, owner, recording.vault_purpose)
    for output in Output.objects.filter(request__account=account, deleted_at=None).select_related("request"):
        name = f"outputs/{output.released_at:%Y-%m-%d}-{output.pk.hex[:8]}.{output.request.format}"
        yield from _sound(name, output.object, account.vault_owner, synthesis.OUTPUT)


def _sound(name: str, stored: str, owner: str, purpose: str) -> Iterator[Entry]:
    """Yield a sound in pieces; one that was withdrawn meanwhile is left out."""
    try:
        content = vault.open(stored, owner=owner, purpose=purpose)
    except (vault.ObjectMissing, vault.KeyDestroyed):
        return
    with content:
        yield name, iter(lambda: content.read(PIECE), b"")


def of_account(account: User) -> dict[str, Any]:
    """Return all that is held of an account; what is nobody else's business stays out (see README)."""
    voices = Voice.objects.filter(account=account)
    told = Sanction.objects.filter(account=account, secret=False)
    return {
        "account": {
            **_row(account, "id", "email", "full_name", "display_name", "status", "created_at", "last_login"),
            "is_18_or_over_since": account.adult_confirmed_at,
        },
        "email_addresses": _rows(EmailAddress.objects.filter(user=account), "email", "verified", "primary"),
        "second_factors": _rows(Authenticator.objects.filter(user=account), "type", "created_at", "last_used_at"),
        "api_keys": _rows(
            account.api_keys, "name", "prefix", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"
        ),
        "credits": _rows(account.credit_entries, "kind", "characters", "reference", "reason", "created_at"),
        "texts_accepted": _rows(account.text_acceptances, "text_id", "accepted_at", "ip_address", "user_agent"),
        "sanctions": _rows(told, "kind", "section", "reason", "starts_at", "ends_at", "lifted_at"),
        "strikes": _rows(account.strikes, "section", "reason", "given_at", "expires_at"),
        "refused_attempts": _rows(
            account.forbidden_attempts, "rule", "section", "whose", "attempted_at", "taken_back_at"
        ),
        "notices": [
            {**_row(one, "id", "issue", "status", "received_at", "settled_at"), **asdict(notices.details_of(one))}
            for one in account.notices.all()
        ],
        "counter_notices": [
            {"id": one.pk, "filed_at": one.filed_at, "words": notices.unsealed(one.claim.notice, one, one.sealed)}
            for one in CounterNotice.objects.filter(account=account).select_related("claim__notice")
        ],
        "demands": _rows(
            EvidenceDemand.objects.filter(voice__account=account), "voice_id", "reason", "asked_at", "due_at", "status"
        ),
        "voices": [_voice(voice) for voice in voices.select_related("owner").order_by("created_at")],
        "shared_with_me": _rows(account.shared_voices, "voice_id", "shared_at", "ended_at", "status"),
        "licences": _rows(account.licences, "voice_id", "licence__version", "text_sha256", "accepted_at"),
        "speech": [_speech(request) for request in account.speech_requests.order_by("requested_at")],
        "screenings": _rows(account.screenings, "id", "request_id", "verdict", "category", "scores", "screened_at"),
        "letters": _rows(account.statements_of_reasons.exclude(sent_at=None), "subject", "body", "fields", "sent_at"),
        "appeals": [
            {**_row(appeal, "id", "status", "filed_at", "answered_at"), "words": appeals.words_of(appeal)}
            for appeal in account.appeals.all()
        ],
        "reports": [_report(report) for report in account.reports.all()],
        "privacy_requests": [
            {**_row(one, "id", "kind", "by", "status", "received_at", "finished_at"), "words": services.words_of(one)}
            for one in account.privacy_requests.all()
        ],
        "what_you_did": list(
            AuditEvent.objects.filter(actor=f"account:{account.pk}")
            .order_by("pk")
            .values("at", "event", "subject_type", "subject_id")
        ),
    }


def of_address(email: str) -> dict[str, Any]:
    """Return what is held of somebody without an account, as far as an address leads to it."""
    theirs = Report.objects.filter(reporter=keyed("report", email), account=None)
    return {
        "email": email,
        "reports": [_report(report) for report in theirs],
        "invitations": _rows(
            Invitation.objects.filter(email__iexact=email), "id", "reason", "invited_at", "answered_at", "status"
        ),
    }


def _voice(voice: Voice) -> dict[str, Any]:
    attempts = Attempt.objects.filter(voice=voice).order_by("submitted_at")
    record = ConsentRecord.objects.filter(voice=voice).select_related("attestation").first()
    signed = OwnerConsent.objects.filter(invitation__voice=voice)
    return {
        **_row(voice, "id", "name", "whose", "status", "created_at", "activated_at", "artefact_engine"),
        "voice_owner": voice.owner.name,
        "declared": _rows(
            Declaration.objects.filter(voice=voice),
            *("alive", "adult", "office", "office_until", "public_figure", "declared_at"),
        ),
        "recordings": _rows(voice.recordings, "id", "purpose", "seconds", "rate", "sha256", "received_at"),
        "voiceprints": _rows(
            Voiceprint.objects.filter(recording__voice=voice), "recording_id", "engine", "version", "measured_at"
        ),
        "attempts": [
            {
                **_row(attempt, "id", "step", "status", "submitted_at"),
                "checks": _rows(
                    Check.objects.filter(attempt=attempt), "label", "value", "threshold", "unit", "verdict", "sentence"
                ),
            }
            for attempt in attempts
        ],
        "phrases": _rows(Challenge.objects.filter(voice=voice), "words", "shown_at", "answered_at", "status"),
        "statements": _rows(Statement.objects.filter(attempt__voice=voice), "name", "on", "text_sha256"),
        "consent": record
        and {
            **_row(record, "id", "status", "given_at", "withdrawn_at", "retain_until", "ip_address", "user_agent"),
            "text": record.attestation.text,
            "text_sha256": record.text_sha256,
        },
        "signed_by_the_voice_owner": _rows(
            signed, "signature", "signed_at", "commercial", "sharing", "languages", "until"
        ),
        "documents": _rows(voice.documents, "id", "kind", "type", "sha256", "signed_on", "uploaded_at", "status"),
        "shares": _rows(voice.shares, "account__email", "agreement", "shared_at", "ended_at", "status"),
        "end": _rows(Revocation.objects.filter(voice=voice), "by", "received_at", "finished_at", "certificate"),
    }


def _speech(request: Any) -> dict[str, Any]:
    output = Output.objects.filter(request=request).first()
    return {
        **_row(
            request,
            "id",
            "voice_id",
            "characters",
            "language",
            "pace",
            "format",
            "purpose",
            "status",
            "requested_at",
            "finished_at",
            "engine",
            "error",
        ),
        "text": synthesis.script_of(request) if request.script else None,
        "output": output and _row(output, "id", "payload", "seconds", "size", "sha256", "released_at", "deleted_at"),
    }


def _report(report: Report) -> dict[str, Any]:
    return {**_row(report, "id", "category", "status", "received_at", "settled_at"), "words": reports.words_of(report)}


def _row(thing: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    found: QuerySet[Any] = rows.all()
    return list(found.order_by("pk").values(*names))


class _Digesting:
    """A reader that remembers the digest of what was read."""

    def __init__(self, content: BinaryIO, digest: Any) -> None:
        self._content, self._digest = content, digest

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(size)
        self._digest.update(piece)
        return piece
