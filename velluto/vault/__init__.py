"""Encrypted storage: every recording, output, voiceprint, artefact and script, each under the key of its owner.

Owners are strings such as "account:<uuid>" or "voice-owner:<uuid>"; a purpose is a short word such as "recording". What
is read with another owner or purpose than it was written with is refused. Destroying an owner's key ends all of it.
"""

from velluto.vault.errors import KeyDestroyed, ObjectMissing, Tampered, VaultError, WrongContext
from velluto.vault.keys import destroy, finish, is_destroyed, rotate
from velluto.vault.objects import ForeignFiles, clear, delete, open, put, read, seal, size, sweep, unseal

__all__ = [
    "ForeignFiles",
    "KeyDestroyed",
    "ObjectMissing",
    "Tampered",
    "VaultError",
    "WrongContext",
    "clear",
    "delete",
    "destroy",
    "finish",
    "is_destroyed",
    "open",
    "put",
    "read",
    "rotate",
    "seal",
    "size",
    "sweep",
    "unseal",
]
