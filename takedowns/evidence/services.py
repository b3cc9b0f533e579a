"""Make bundles of evidence, and hand an account the one about the consent for its own voice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from takedowns.evidence import gather
from takedowns.evidence.bundle import Bundle
from takedowns.evidence.records import CONSENT
from velluto import audit
from velluto.audit.checkpoints import signing_key
from voices.models import Voice


def bundle(
    scope: str, subject: Model, *, at: datetime, own: bool = False, made_for: dict[str, Any] | None = None
) -> Bundle:
    """Return the bundle about an account, a voice, its consent or an output, to be read; nothing is written.

    `own` keeps it to what the account itself may see. Whoever hands it out puts that on record.
    """
    about = {
        scope: str(subject.pk),
        "extent": "what the account may see" if own else "everything",
        "audit_head": gather.head(),
        **(made_for or {}),
    }
    rows = gather.Rows(scope, subject, own=own)
    return Bundle(gather.files(rows, subject=subject), about=about, made_at=at, key=signing_key())


def hand_over(voice: Voice, *, actor: User, at: datetime | None = None) -> bytes:
    """Return the evidence of a voice's consent as its account may see it, on record."""
    made = bundle(CONSENT, voice, at=at or timezone.now(), own=True)
    content = made.read()
    with transaction.atomic():
        audit.record(
            "takedowns.evidence.handed_over",
            actor=actor,
            subject=voice,
            data={"sha256": made.sha256, "bytes": made.size, "files": len(made.manifest["files"])},
        )
    return content
