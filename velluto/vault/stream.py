"""The format of what is encrypted: AES-256-GCM in segments of 64 KiB, after the STREAM construction.

    header   "VELV" | version 1 byte | key id 16 | salt 16 | nonce prefix 7 | commitment 16
    segment  ciphertext of at most 65,536 bytes | tag 16; the last one is the only short one and may be empty

Each object has a key of its own: HKDF-SHA-256 of the owner's data key, the salt, and the context (owner, purpose,
what), so that no nonce can meet another object's. The same derivation yields the commitment, by which a wrong key or
context is told from changed bytes. A segment's nonce is prefix | number (4 bytes) | 1 for the last, else 0; its
associated data is the header and the context. Swapped, repeated, cut or appended segments therefore fail. Source:
Hoang, Reyhanitabar, Rogaway, Vizar, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO
2015.
"""

from __future__ import annotations

import hmac
import io
import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from velluto.vault.errors import Tampered, WrongContext

MAGIC = b"VELV"
VERSION = 1
SEGMENT = 64 * 1024
TAG = 16
HEADER = struct.Struct(">4sB16s16s7s16s")


class Key(NamedTuple):
    """An owner's data key, unwrapped."""

    id: UUID
    secret: bytes


class Context(NamedTuple):
    """What a ciphertext is bound to: whose it is, what for, and which one (the object's name, the field's)."""

    owner: str
    purpose: str
    what: str

    def encode(self) -> bytes:
        parts = [part.encode() for part in self]
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)


class _Cipher:
    def __init__(self, key: Key, context: Context, salt: bytes, prefix: bytes) -> None:
        bound = context.encode()
        material = HKDF(SHA256(), length=48, salt=salt, info=b"velluto vault 1" + bound).derive(key.secret)
        self._aead, self.commitment = AESGCM(material[:32]), material[32:]
        self._prefix = prefix
        self.header = HEADER.pack(MAGIC, VERSION, key.id.bytes, salt, prefix, self.commitment)
        self._associated = self.header + bound

    @classmethod
    def fresh(cls, key: Key, context: Context) -> _Cipher:
        return cls(key, context, os.urandom(16), os.urandom(7))

    @classmethod
    def of(cls, header: bytes, key: Key, context: Context) -> _Cipher:
        """Return the cipher of a stored header. Raises Tampered and WrongContext."""
        if len(header) != HEADER.size:
            raise Tampered
        magic, version, key_id, salt, prefix, commitment = HEADER.unpack(header)
        if magic != MAGIC or version != VERSION:
            raise Tampered
        cipher = cls(key, context, salt, prefix)
        if key_id != key.id.bytes or not hmac.compare_digest(commitment, cipher.commitment):
            raise WrongContext
        return cipher

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", number, last)

    def encrypt(self, number: int, last: bool, plain: bytes) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), plain, self._associated)

    def decrypt(self, number: int, last: bool, segment: bytes) -> bytes:
        try:
            return self._aead.decrypt(self._nonce(number, last), segment, self._associated)
        except InvalidTag:
            raise Tampered from None


def plain_size(stored: int) -> int:
    """Return how many bytes of content a stored length holds. Raises Tampered where no content has that length."""
    body = stored - HEADER.size
    segments = _segments(stored)
    size = body - segments * TAG
    if size < 0 or (size == 0 and segments > 1) or (segments > 1 and body % (SEGMENT + TAG) in range(1, TAG + 1)):
        raise Tampered
    return size


def _segments(stored: int) -> int:
    return max(1, -(-(stored - HEADER.size) // (SEGMENT + TAG)))


class Encrypting(io.RawIOBase):
    """Read the ciphertext of a plain stream; at most two segments are in memory. `size` is the content read so far."""

    def __init__(self, content: BinaryIO, key: Key, context: Context) -> None:
        self._pieces = self._encrypt(content, _Cipher.fresh(key, context))
        self._left = b""
        self.size = 0

    def _encrypt(self, content: BinaryIO, cipher: _Cipher) -> Iterator[bytes]:
        yield cipher.header
        piece, number = _exactly(content, SEGMENT), 0
        while True:
            following = _exactly(content, SEGMENT) if len(piece) == SEGMENT else b""
            self.size += len(piece)
            yield cipher.encrypt(number, not following, piece)
            if not following:
                return
            piece, number = following, number + 1

    def readable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        """Return `count` bytes, fewer only at the end: who uploads in parts takes a short answer for the end."""
        return self.readall() if count < 0 else _exactly(cast(BinaryIO, super()), count)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._pieces, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the ciphertext in pieces, as Django's storages ask for it."""
        yield from self._pieces


def _exactly(content: BinaryIO, count: int) -> bytes:
    """Read `count` bytes, fewer only at the end; a raw stream or a socket may hand out less at a time."""
    pieces = []
    while count:
        piece = content.read(count)
        if not piece:
            break
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


class Decrypting(io.RawIOBase):
    """Read content from its ciphertext. Seeking costs one segment. No byte is handed out before it is verified."""

    def __init__(self, stored: BinaryIO, stored_size: int, key: Key, context: Context) -> None:
        self._stored = stored
        self._cipher = _Cipher.of(_exactly(stored, HEADER.size), key, context)
        self.size = plain_size(stored_size)
        self._segments = _segments(stored_size)
        self._position = 0
        self._held = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("before the start")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number, offset = divmod(self._position, SEGMENT)
        # Empty content has one segment as well: reading it is what shows that nothing was cut off.
        if self._position >= self.size and not (self.size == 0 and self._held[0] < 0):
            return 0
        piece = self._segment(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _segment(self, number: int) -> bytes:
        if self._held[0] != number:
            start = HEADER.size + number * (SEGMENT + TAG)
            if self._stored.tell() != start:
                self._stored.seek(start)
            last = number == self._segments - 1
            self._held = (number, self._cipher.decrypt(number, last, _exactly(self._stored, SEGMENT + TAG)))
        return self._held[1]

    def close(self) -> None:
        if not self.closed:
            self._stored.close()
        super().close()
