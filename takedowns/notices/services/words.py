"""What is sealed under a notice's key, and its clocks."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import numpy as np
from django.db import models, transaction

from accounts.models import User
from takedowns.models import Deadline, Notice, NoticeFile
from takedowns.notices.details import Details
from velluto import audit, jobs, vault
from velluto.engines.base import Embedding

DETAILS, PRINT = "notice.details", "notice.voiceprint"


def seal_details(notice: Notice, details: Details) -> bytes:
    return vault.seal(notice.vault_owner, DETAILS, str(notice.pk), json.dumps(asdict(details)).encode())


def details_of(notice: Notice) -> Details:
    """Return who gave notice and what they wrote; nothing of a notice whose time to be kept is over."""
    if not notice.sealed:
        return Details(name="", email="", description="")
    return Details(**json.loads(vault.unseal(notice.vault_owner, DETAILS, str(notice.pk), bytes(notice.sealed))))


def seal_words(notice: Notice, row: models.Model, words: str) -> bytes:
    return vault.seal(notice.vault_owner, row._meta.label_lower, str(row.pk), words.encode())


def unsealed(notice: Notice, row: models.Model, sealed: bytes | memoryview) -> str:
    """Return the words of a question, an answer or a counter-notice."""
    content = bytes(sealed)
    return vault.unseal(notice.vault_owner, row._meta.label_lower, str(row.pk), content).decode() if content else ""


def files(notice: Notice) -> list[NoticeFile]:
    return list(NoticeFile.objects.filter(notice_id=notice.pk).select_related("detection").order_by("kind"))


def file_bytes(file: NoticeFile) -> bytes:
    """Return what came with a notice."""
    return vault.read(file.object, owner=file.vault_owner, purpose=file.vault_purpose)


def looked_at(file: NoticeFile, *, actor: User) -> None:
    """Record that a member of staff listened to, or read, what came with a notice. No row, no look."""
    with transaction.atomic():
        audit.record(
            "takedowns.notice.file_opened",
            actor=actor,
            subject=Notice.objects.get(pk=file.notice_id),
            data={"kind": file.kind, "sha256": file.sha256},
        )


def seal_voiceprint(notice: Notice, voiceprint: Embedding) -> bytes:
    return vault.seal(notice.vault_owner, PRINT, str(notice.pk), voiceprint.vector.astype("<f4").tobytes())


def voiceprint_of(notice: Notice) -> Embedding | None:
    """Return the voiceprint of the claimant's recording, once it was measured."""
    if not notice.print_sealed:
        return None
    data = vault.unseal(notice.vault_owner, PRINT, str(notice.pk), bytes(notice.print_sealed))
    return Embedding(np.frombuffer(data, dtype="<f4").copy(), notice.print_engine, notice.print_version)


def running(notice: Notice) -> list[Deadline]:
    """Return the clocks of a notice that run, the first to end first."""
    return list(Deadline.objects.of(notice).running().order_by("due_at"))


def next_due(notice: Notice, *, default: datetime) -> datetime:
    """Return when the first of the clocks that run ends."""
    clocks = running(notice)
    return clocks[0].due_at if clocks else default


def tell_claimant(notice: Notice, what: str, again: object = "") -> None:
    """Queue a letter to whoever gave notice, in the caller's transaction; each thing is told once."""
    jobs.enqueue("takedowns.tell_claimant", f"{notice.pk} {what}", key=f"{notice.pk}:{what}:{again}")


def tell_uploader(claim: models.Model, what: str) -> None:
    """Queue a letter to the account whose voice it is; it says nothing of who gave notice."""
    jobs.enqueue("takedowns.tell_uploader", f"{claim.pk} {what}", key=f"{claim.pk}:{what}")
