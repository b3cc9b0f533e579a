"""A ZIP file that is written while it is read: none of it lies anywhere in the clear, and little of it in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

Entry = tuple[str, Iterable[bytes]]


class Archive(io.RawIOBase):
    """Read the archive of these entries; each is a name and the pieces of its content."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._pieces = _zipped(entries)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


class _Sink:
    """What a ZipFile writes into where it can neither seek nor read."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def _zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as files:  # type: ignore[call-overload]
        for name, pieces in entries:
            with files.open(name, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    yield sink.taken()
    yield sink.taken()
