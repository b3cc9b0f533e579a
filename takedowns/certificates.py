"""The certificate of destruction: what was destroyed, when, by which rows of the audit; signed as checkpoints are."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.urls import reverse

from consent.models import ConsentRecord
from takedowns.models import Revocation
from takedowns.refusals import CopyLinkUnknown
from velluto.audit.checkpoints import signing_key
from velluto.audit.models import AuditEvent, canonical
from velluto.vault.models import DataKey

WHAT = "velluto certificate of destruction"


def signed(revocation: Revocation, *, at: datetime) -> dict[str, Any]:
    """Return the certificate with its signature (Ed25519, over the canonical JSON of all the other fields)."""
    return sign(
        {
            "revocation": str(revocation.pk),
            "voice": str(revocation.voice_id),
            "asked_by": revocation.by,
            "received_at": revocation.received_at.isoformat(),
            "destroyed_at": at.isoformat(),
            "steps": {step.step: step.done_at.isoformat() for step in revocation.steps.all()},
            "keys": [revocation.voice.owner.vault_owner],
            "objects": [entry for step in revocation.steps.all() for entry in step.receipt.get("objects", [])],
            "voiceprints": [one for step in revocation.steps.all() for one in step.receipt.get("voiceprints", [])],
            "requests_stopped": [one for step in revocation.steps.all() for one in step.receipt.get("requests", [])],
            "outputs": next((step.receipt for step in revocation.steps.all() if step.step == "outputs"), {}),
            "kept": _kept(revocation),
            "audit": [told_by(event) for event in _events(revocation)],
        }
    )


def sign(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a certificate of destruction over these facts; they name `objects` and `destroyed_at`."""
    key = signing_key()
    statement = {"what": WHAT, "v": 1, **facts, "public_key": key.public_key().public_bytes_raw().hex()}
    return {**statement, "signature": key.sign(canonical(statement).encode("ascii")).hex()}


def told_by(event: AuditEvent) -> dict[str, Any]:
    """Return a row of the audit as certificates name it."""
    return {"number": event.pk, "event": event.event, "digest": event.digest}


def is_genuine(certificate: dict[str, Any], *, trusted: set[str]) -> bool:
    """Tell whether a certificate is as it was signed, by one of the trusted public keys (hex)."""
    statement = {name: value for name, value in certificate.items() if name != "signature"}
    if statement.get("what") != WHAT or statement.get("public_key") not in trusted:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(statement["public_key"]))
        key.verify(bytes.fromhex(certificate["signature"]), canonical(statement).encode("ascii"))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def digest(certificate: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(certificate).encode("ascii")).hexdigest()


# ------------------------------------------------------------------------- links that stand in mails


def link(revocation: Revocation, page: str) -> str:
    """Return the address of a revocation's `copy` or `certificate` for whoever is sent it."""
    token = _signer(page).sign_object(revocation.pk.hex)
    return settings.PUBLIC_URL + reverse(f"takedowns:{page}", args=[token])


def at_link(token: str, page: str) -> Revocation:
    """Return the revocation that a link leads to; raise CopyLinkUnknown."""
    try:
        return Revocation.objects.select_related("voice__owner", "voice__account").get(
            pk=_signer(page).unsign_object(token)
        )
    except (signing.BadSignature, Revocation.DoesNotExist) as error:
        raise CopyLinkUnknown() from error


def _signer(page: str) -> signing.Signer:
    return signing.Signer(salt=f"takedowns.{page}")


def _kept(revocation: Revocation) -> list[dict[str, Any]]:
    """List what stays: the evidence of the consent, which holds no sound."""
    record = ConsentRecord.objects.filter(voice=revocation.voice).first()
    if record is None:
        return []
    return [
        {
            "what": "consent record",
            "id": str(record.pk),
            "text_sha256": record.text_sha256,
            "retain_until": record.retain_until.isoformat(),
        }
    ]


def _events(revocation: Revocation) -> list[AuditEvent]:
    """Return the rows of the audit that tell of this end."""
    voice = revocation.voice
    about = Q(subject_type=revocation._meta.label_lower, subject_id=str(revocation.pk))
    about |= Q(subject_type=voice._meta.label_lower, subject_id=str(voice.pk), event__endswith=".deleted")
    about |= Q(subject_type=DataKey._meta.label_lower, subject_id=voice.owner.vault_owner)
    record = ConsentRecord.objects.filter(voice=voice).first()
    if record:
        about |= Q(subject_type=record._meta.label_lower, subject_id=str(record.pk), event__endswith=".withdrawn")
    return list(AuditEvent.objects.filter(about).order_by("pk"))
