"""Signed checkpoints: no chain can show that its tail was cut, so its end is signed now and then and kept elsewhere."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils import timezone

from velluto.audit.models import AuditCheckpoint, AuditHead, canonical


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the chain ended at a time, and who says so."""

    number: int
    digest: str
    at: str
    public_key: str
    signature: str
    source: str  # where it was read: a file name, or "the database"

    @property
    def statement(self) -> bytes:
        return _statement(self.number, self.digest, self.at, self.public_key)

    def is_signed_by(self, trusted: set[str]) -> bool:
        if self.public_key not in trusted:
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), self.statement)
        except (InvalidSignature, ValueError):
            return False
        return True


def _statement(number: int, digest: str, at: str, public_key: str) -> bytes:
    return canonical(
        {
            "what": "velluto audit checkpoint",
            "v": 1,
            "number": number,
            "digest": digest,
            "at": at,
            "public_key": public_key,
        }
    ).encode("ascii")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def signing_key() -> Ed25519PrivateKey:
    """Return the key of settings.AUDIT_SIGNING_KEY (32 bytes, URL-safe base64)."""
    return Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(settings.AUDIT_SIGNING_KEY))


def trusted_keys() -> set[str]:
    """Return the public keys (hex) whose checkpoints count: today's, and those named in settings.AUDIT_PUBLIC_KEYS."""
    return {signing_key().public_key().public_bytes_raw().hex(), *settings.AUDIT_PUBLIC_KEYS}


def checkpoint(directory: Path) -> Path | None:
    """Sign the present end of the chain into a new file in `directory`; None where the chain is still empty."""
    head = AuditHead.objects.get(pk=1)
    if head.number == 0:
        return None
    path = directory / f"audit-{head.number:012}-{head.digest[:8]}.json"
    if path.exists():
        return path
    key = signing_key()
    public, at = key.public_key().public_bytes_raw().hex(), timezone.now()
    signature = key.sign(_statement(head.number, head.digest, _stamp(at), public)).hex()
    content = {
        "number": head.number,
        "digest": head.digest,
        "at": _stamp(at),
        "public_key": public,
        "signature": signature,
    }
    AuditCheckpoint(number=head.number, digest=head.digest, at=at, public_key=public, signature=signature).save()
    directory.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("w") as file:
        file.write(canonical(content) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path


def kept_in(directory: Path) -> Iterator[Checkpoint | str]:
    """Yield the checkpoints in a directory, by number; the file name alone for one that cannot be read."""
    for path in sorted(directory.glob("audit-*.json")):
        try:
            content = json.loads(path.read_text())
            yield Checkpoint(
                number=int(content["number"]),
                digest=str(content["digest"]),
                at=str(content["at"]),
                public_key=str(content["public_key"]),
                signature=str(content["signature"]),
                source=path.name,
            )
        except (OSError, ValueError, KeyError, TypeError):
            yield path.name


def kept_here() -> Iterator[Checkpoint]:
    """Yield the checkpoints the database itself remembers: weaker than the files, for who cuts rows can cut these."""
    for row in AuditCheckpoint.objects.all():
        yield Checkpoint(row.number, row.digest, _stamp(row.at), row.public_key, row.signature, "the database")
