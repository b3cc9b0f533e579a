"""Run a task on an untrusted file in a child process that owns nothing (confined.py); take its answer with tongs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from velluto.audio.confined import AT_LIMIT

WALL_SECONDS = 30.0
CHILD = Path(__file__).with_name("confined.py")
HEAD_BYTES = 2_000
ENDED_AT_LIMIT = (-signal.SIGKILL, -signal.SIGXCPU, AT_LIMIT)


class TooLarge(Exception):
    """The content has more bytes than are let in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child said; `head` is empty where the task failed or was ended at a limit of time or memory."""

    head: dict[str, object]
    payload: bytes = b""
    at_limit: bool = False


@contextmanager
def in_memory(content: BinaryIO | bytes, largest: int) -> Iterator[int]:
    """Yield a descriptor of the content in anonymous memory: it has no name and touches no disk; raise TooLarge."""
    descriptor = os.memfd_create("sound")
    try:
        size = 0
        for chunk in _chunks(content):
            size += len(chunk)
            if size > largest:
                raise TooLarge
            _write_all(descriptor, chunk)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _chunks(content: BinaryIO | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(1 << 20):
        yield chunk


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def run(task: Path, source: int, arguments: list[str], *, most: int) -> Answer:
    """Run `task` on the file open at `source`; its payload may have `most` bytes, and WALL_SECONDS to come."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(CHILD), str(task), str(os.getpid()), *arguments],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1"},  # its thread pool would eat the address space
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        child.kill()

    clock = threading.Timer(WALL_SECONDS, stop)
    clock.start()
    try:
        assert child.stdout is not None
        with child.stdout as pipe:
            raw = pipe.read(HEAD_BYTES + most + 1)
        if len(raw) > HEAD_BYTES + most:  # more than any honest answer holds
            child.kill()
            child.wait()
            return Answer({})
        returncode = child.wait()
    finally:
        clock.cancel()
        child.kill()
        child.wait()
    if timed_out.is_set() or returncode in ENDED_AT_LIMIT:
        return Answer({}, at_limit=True)
    line, _, payload = raw.partition(b"\n")
    return Answer(_head(line), payload)


def _head(line: bytes) -> dict[str, object]:
    """Return the first line, empty where it is no JSON object: the child may be in somebody else's hands."""
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return head if isinstance(head, dict) else {}
