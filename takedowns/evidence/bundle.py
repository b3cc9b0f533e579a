"""Write a bundle of evidence: one ZIP archive with a signed manifest, and the script that verifies it anywhere.

Nothing here knows what the files are. They are read one at a time, when their turn comes, and the archive comes out in
pieces: a bundle of any size takes the memory of its largest file, and lies on no disk unencrypted.

    manifest.json   the SHA-256 and length of every file, and what the bundle is about
    manifest.sig    an Ed25519 signature (RFC 8032) of the bytes of manifest.json, in hexadecimal
    verify.py       verifies all this with Python 3 alone
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

WHAT = "velluto evidence"
MANIFEST, SIGNATURE, VERIFIER = "manifest.json", "manifest.sig", "verify.py"
VERIFIER_SOURCE = Path(__file__).with_name(VERIFIER)


class Gone(Exception):
    """What a file held is no more; the argument says why."""


@dataclass(frozen=True)
class File:
    """A file to be: its name in the archive, how to read it, and the SHA-256 that a record has of it, if one has."""

    name: str
    read: Callable[[], bytes]
    recorded: str = ""


def text(value: Any) -> bytes:
    """Return a JSON value as people and programs read it: sorted keys, one a line."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


class Bundle(io.RawIOBase):
    """Read the archive. When it was read to its end, `sha256` and `size` tell of the whole, `manifest` what is in it.

    A file whose reading raises Gone is left out, and the manifest says why.
    """

    def __init__(
        self, files: Iterable[File], *, about: dict[str, Any], made_at: datetime, key: Ed25519PrivateKey
    ) -> None:
        self.manifest: dict[str, Any] = {
            "what": WHAT,
            "v": 1,
            "about": about,
            "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "public_key": key.public_key().public_bytes_raw().hex(),
            "files": {},
            "gone": [],
        }
        self._pieces = self._write([*files, File(VERIFIER, VERIFIER_SOURCE.read_bytes)], made_at, key)
        self._left = b""
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._digest.update(self._left[:count])
        self.size += count
        self._left = self._left[count:]
        return count

    def _write(self, files: list[File], made_at: datetime, key: Ed25519PrivateKey) -> Iterator[bytes]:
        out = _Out()
        stamp = made_at.astimezone(UTC).timetuple()[:6]

        def entry(name: str) -> zipfile.ZipInfo:
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith((".json", ".txt", ".py")) else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            return info

        with zipfile.ZipFile(out, "w") as archive:
            for file in files:
                if file.name in self.manifest["files"] or file.name in (MANIFEST, SIGNATURE):
                    raise ValueError(f"two files are called {file.name}")
                try:
                    content = file.read()
                except Gone as why:
                    self.manifest["gone"].append({"file": file.name, "why": str(why)})
                    continue
                known = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
                self.manifest["files"][file.name] = known | (
                    {"recorded_sha256": file.recorded} if file.recorded else {}
                )
                archive.writestr(entry(file.name), content)
                yield out.taken()
            manifest = text(self.manifest)
            archive.writestr(entry(MANIFEST), manifest)
            archive.writestr(entry(SIGNATURE), key.sign(manifest).hex() + "\n")
        yield out.taken()


class _Out(io.RawIOBase):
    """Take what is written until it is fetched; nothing can be gone back to."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken
