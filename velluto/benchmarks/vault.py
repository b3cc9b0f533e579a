"""How fast the vault takes and gives 100 MB, and how much memory that needs: each way in a process of its own.

Content goes into the storage and the database that are configured, under an owner of its own, and is removed again.
"""

from __future__ import annotations

import io
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import uuid4

MB = 1_000_000
PURPOSE = "benchmark"


def run(*, tell: Callable[[str], None], limit: int = 0) -> dict[str, Any]:
    """Return speeds in MB/s of wall time, and by how many MB resident memory grew; `limit` (or 100) MB go through."""
    from django.core.files.storage import storages

    from velluto import vault
    from velluto.models import DataKey, VaultObject

    size = (limit or 100) * MB
    owner = f"benchmark:{uuid4()}"
    storage = storages["vault"]
    try:
        tell(f"{size // MB} MB into {type(storage).__name__}")
        name, seconds_in, growth_in = _apart(_put, owner, size)
        tell("and out again")
        _, seconds_out, growth_out = _apart(_read, owner, name, size)
    finally:
        for name in VaultObject.objects.filter(owner=owner).values_list("name", flat=True):
            vault.delete(name)
        DataKey.objects.filter(owner=owner).delete()
    return {
        "benchmark": "vault",
        "storage": type(storage).__name__,
        "mb": size // MB,
        "in_mb_s": round(size / MB / seconds_in, 1),
        "out_mb_s": round(size / MB / seconds_out, 1),
        "growth_mb_in": round(growth_in / MB, 1),
        "growth_mb_out": round(growth_out / MB, 1),
    }


class Endless(io.RawIOBase):
    """So many bytes, made when they are asked for."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, count: int = -1) -> bytes:
        count = self.left if count < 0 else min(count, self.left)
        self.left -= count
        return b"\x55" * count


def _apart(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float, int]:
    """Do work in a fresh process; return what it returned, its seconds, and by how many bytes its memory grew."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, arguments))


def _measured(work: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float, int]:
    import django

    django.setup()
    owner = arguments[0]
    _forget(owner, _put(owner, MB))  # what is loaded and connected once is not growth
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before, begun = _memory("VmRSS"), time.perf_counter()
    result = work(*arguments)
    return result, time.perf_counter() - begun, _memory("VmHWM") - before


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def _put(owner: str, size: int) -> str:
    from velluto import vault

    return vault.put(owner, PURPOSE, cast(BinaryIO, Endless(size)))


def _read(owner: str, name: str, size: int) -> None:
    from velluto import vault

    with vault.open(name, owner=owner, purpose=PURPOSE) as reader:
        while piece := reader.read(256 * 1024):
            size -= len(piece)
    if size:
        raise ValueError("what came out is not as long as what went in")


def _forget(owner: str, name: str) -> None:
    from velluto import vault

    _read(owner, name, MB)
    vault.delete(name)
