"""What a copy consists of, signed: which files with which digests, of which moment, by which version."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from velluto.audit.checkpoints import signing_key, trusted_keys
from velluto.audit.models import canonical
from velluto.backups.errors import BackupError

NAME = "manifest.json"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(directory: Path, content: dict[str, Any]) -> None:
    """Sign the manifest and put it beside the files: the last thing written, so that half a copy has none."""
    key = signing_key()
    signed = {"what": "velluto backup", "v": 1, **content, "public_key": key.public_key().public_bytes_raw().hex()}
    signature = key.sign(canonical(signed).encode("ascii")).hex()
    half = directory / f"{NAME}.part"
    with half.open("w") as file:
        file.write(json.dumps({**signed, "signature": signature}, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(directory / NAME)


def read(directory: Path, kind: str) -> dict[str, Any]:
    """Return the manifest of a copy whose signature and files are all as they were written; raise BackupError."""
    try:
        content: dict[str, Any] = json.loads((directory / NAME).read_text())
        signed = {name: value for name, value in content.items() if name != "signature"}
        if content["public_key"] not in trusted_keys():
            raise BackupError(
                f"{directory} is signed by a key that this installation does not trust: put the AUDIT_SIGNING_KEY of "
                "then into the environment, or its public key into AUDIT_PUBLIC_KEYS."
            )
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content["public_key"]))
        key.verify(bytes.fromhex(content["signature"]), canonical(signed).encode("ascii"))
    except OSError as error:
        raise BackupError(f"{directory} holds no finished backup: its manifest cannot be read.") from error
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"The manifest of {directory} is not what was signed: use another copy.") from error
    if content["kind"] != kind:
        raise BackupError(f"{directory} holds a copy of the {content['kind']}, not of the {kind}.")
    for name, wanted in content["files"].items():
        path = directory / name
        if not path.is_file() or digest(path) != wanted:
            raise BackupError(f"{name} in {directory} is missing or damaged: use another copy. Nothing was changed.")
    return content
