"""Keys: one data key for each owner, wrapped by a key-encryption key that comes from the settings.

The wrapped keys live in a database of their own, with backups of their own: an old copy of everything else opens
nothing once a key is destroyed. What an old copy of *this* database could bring back dies with the next change of the
key-encryption key, once the old one is thrown away.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models, transaction
from django.utils import timezone

from velluto import audit
from velluto.audit.models import AuditEvent
from velluto.vault import departed
from velluto.vault.errors import KeyDestroyed, Tampered
from velluto.vault.models import DataKey
from velluto.vault.router import KEYS
from velluto.vault.stream import Key

DESTROYED = "vault.key_destroyed"
NONCE = 12


def key_encryption_keys() -> dict[str, bytes]:
    """Return the key-encryption keys by id (16 hex digits of their SHA-256), the one for new keys first."""
    keys = [urlsafe_b64decode(text) for text in (settings.VAULT_KEK, *settings.VAULT_KEK_FALLBACKS)]
    if any(len(key) != 32 for key in keys):
        raise ImproperlyConfigured("VAULT_KEK and VAULT_KEK_FALLBACKS are 32 bytes each, in URL-safe base64.")
    return {hashlib.sha256(b"velluto kek" + key).hexdigest()[:16]: key for key in keys}


def key_for(owner: str, *, create: bool = False) -> Key:
    """Return the owner's data key; `create` makes one. Raises KeyDestroyed, Tampered, DataKey.DoesNotExist."""
    # The audit outlives a restored copy of the keys: what it says was destroyed stays closed.
    if _destruction_of(owner).exists():
        raise KeyDestroyed
    row = DataKey.objects.filter(owner=owner).first()
    if row is None and create:
        # Of several first writers one inserts; all read what that one wrote.
        DataKey.objects.bulk_create([_new_key(owner)], ignore_conflicts=True)
        row = DataKey.objects.get(owner=owner)
    if row is None:
        raise DataKey.DoesNotExist
    if row.destroyed_at is not None:
        raise KeyDestroyed
    return Key(row.key_id, _unwrap(row))


def destroy(owner: str, *, actor: models.Model | str | None, reason: str) -> None:
    """Destroy an owner's key for good, and with it all that was ever encrypted under it, in every copy.

    The audit row is written in the caller's transaction, and closes the vault for that owner at once; the key itself
    dies when that transaction commits. A crash between the two is finished by `sweep`. Doing it twice is harmless.
    """
    with transaction.atomic():
        if not _destruction_of(owner).exists():
            audit.record(DESTROYED, actor=actor, subject=DataKey(owner=owner), reason=reason)
        transaction.on_commit(lambda: _burn(owner))


def finish(owner: str) -> bool:
    """Overwrite a key that `destroy` closed in a commit before; return whether it is gone now. Safe to repeat."""
    if not _destruction_of(owner).exists():
        return False
    if DataKey.objects.filter(owner=owner, destroyed_at=None).exists():
        _burn(owner)
    return not DataKey.objects.filter(owner=owner, destroyed_at=None).exists()


def finish_destructions() -> int:
    """Destroy the keys that the audit calls destroyed and that are still, or again, there; return how many."""
    owners = DataKey.objects.filter(destroyed_at=None).values_list("owner", flat=True)
    unfinished = [owner for owner in owners.iterator() if _destruction_of(owner).exists()]
    for owner in unfinished:
        _burn(owner)
    return len(unfinished)


def rotate() -> int:
    """Wrap every key under the newest key-encryption key; return how many changed. No stored content is touched."""
    newest = next(iter(key_encryption_keys()))
    changed = 0
    for row in DataKey.objects.filter(destroyed_at=None).exclude(kek_id=newest).iterator():
        wrapped = _wrap(_unwrap(row), row.owner, row.key_id)
        # Only what was read is replaced: a key destroyed in this moment stays destroyed.
        changed += DataKey.objects.filter(owner=row.owner, destroyed_at=None, kek_id=row.kek_id).update(
            wrapped=wrapped, kek_id=newest
        )
    return changed


def is_destroyed(owner: str) -> bool:
    """Tell whether the audit calls an owner's key destroyed."""
    return _destruction_of(owner).exists()


def _destruction_of(owner: str) -> models.QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(subject_type=DataKey._meta.label_lower, subject_id=owner, event=DESTROYED)


def _burn(owner: str) -> None:
    departed.note(owner)
    connection = connections[KEYS]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")  # overwrite what is freed, instead of leaving it in the file
    now = timezone.now()
    tombstone = DataKey(owner=owner, key_id=uuid4(), wrapped=b"", kek_id="", created_at=now, destroyed_at=now)
    DataKey.objects.bulk_create([tombstone], ignore_conflicts=True)
    DataKey.objects.filter(owner=owner, destroyed_at=None).update(wrapped=b"", kek_id="", destroyed_at=now)
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            # The log and the dead row still hold the old bytes; this makes the database let go of them.
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA busy_timeout=2000")  # readers hold the log; velluto.sqlite3 waits for none
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.execute("PRAGMA busy_timeout=0")
            else:
                cursor.execute(f"VACUUM {connection.ops.quote_name(DataKey._meta.db_table)}")


def _new_key(owner: str) -> DataKey:
    key_id = uuid4()
    kek_id = next(iter(key_encryption_keys()))
    wrapped = _wrap(os.urandom(32), owner, key_id)
    return DataKey(owner=owner, key_id=key_id, wrapped=wrapped, kek_id=kek_id, created_at=timezone.now())


def _wrap(secret: bytes, owner: str, key_id: UUID) -> bytes:
    nonce = os.urandom(NONCE)
    kek = next(iter(key_encryption_keys().values()))
    return nonce + AESGCM(kek).encrypt(nonce, secret, _bound(owner, key_id))


def _unwrap(row: DataKey) -> bytes:
    kek = key_encryption_keys().get(row.kek_id)
    if kek is None:
        raise ImproperlyConfigured(f"No key-encryption key {row.kek_id}: put the former key into VAULT_KEK_FALLBACKS.")
    wrapped = bytes(row.wrapped)
    try:
        return AESGCM(kek).decrypt(wrapped[:NONCE], wrapped[NONCE:], _bound(row.owner, row.key_id))
    except InvalidTag:
        raise Tampered from None


def _bound(owner: str, key_id: UUID) -> bytes:
    return b"velluto data key 1" + key_id.bytes + owner.encode()
