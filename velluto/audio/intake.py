"""The only door for untrusted sound: `decode` turns an upload into Audio, or says why not.

The file is recognised by its first bytes, then parsed in a child process that owns nothing (see decoder_child.py).
Neither the content nor a file name is logged or written to disk. docs/audio.md lists the limits and every refusal.
"""

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

import numpy as np

from velluto.audio import sniff
from velluto.audio.refusals import (
    REFUSALS,
    AudioBroken,
    AudioDecoderLimit,
    AudioEmpty,
    AudioFormatUnknown,
    AudioNotFinite,
    AudioOverFullScale,
    AudioTooLarge,
)
from velluto.audio.signal import Audio

LONGEST = 600.0  # seconds
LARGEST = 50_000_000  # bytes
HIGHEST_RATE = 24_000  # Hz; no engine listens above 12 kHz, and sampling a lower rate up would invent nothing
SHORTEST = 0.02  # seconds; less holds not even one period of a low voice
WALL_SECONDS = 30.0
OVER_FULL_SCALE = 4.0  # 12 dB: lossy codecs overshoot a little, a file in other units overshoots a lot

CHILD = Path(__file__).with_name("decoder_child.py")
HEAD_BYTES = 200
KILLED_AT_LIMIT = (-signal.SIGKILL, -signal.SIGXCPU)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child wrote, and whether it was ended at a limit of time or memory."""

    head: dict[str, object]
    samples: bytes
    at_limit: bool


def decode(content: BinaryIO | bytes, *, longest: float = LONGEST, largest: int = LARGEST) -> Audio:
    """Return the sound in an uploaded file: mono, at its own rate or 24 kHz, whichever is lower, within full scale.

    Raises a refusal of velluto.audio.refusals where the file is not plain speech audio of at most `longest` seconds and
    `largest` bytes.
    """
    with _in_memory(content, largest) as source:
        start = os.pread(source, sniff.WINDOW, 0)
        container = sniff.container(start, more=lambda size, offset: os.pread(source, size, offset))
        if container is None:
            raise AudioFormatUnknown
        answer = _ask_child(source, container, longest)
    return _audio(answer)


@contextmanager
def _in_memory(content: BinaryIO | bytes, largest: int) -> Iterator[int]:
    """Yield a descriptor of the content in anonymous memory: it has no name and touches no disk."""
    descriptor = os.memfd_create("sound")
    try:
        size = 0
        for chunk in _chunks(content):
            size += len(chunk)
            if size > largest:
                raise AudioTooLarge(megabytes=largest // 1_000_000)
            _write_all(descriptor, chunk)
        if size == 0:
            raise AudioEmpty
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


def _ask_child(source: int, container: sniff.Container, longest: float) -> Answer:
    """Run the decoder on `source` and return its answer; it is killed at the wall-clock limit."""
    most = HEAD_BYTES + 4 * round((longest + 1.0) * HIGHEST_RATE)
    arguments = [container.demuxer, ",".join(container.codecs), repr(longest), str(HIGHEST_RATE), str(os.getpid())]
    child = subprocess.Popen(
        [sys.executable, "-I", str(CHILD), *arguments],
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
            raw = pipe.read(most + 1)
        if len(raw) > most:  # more than any honest answer holds
            child.kill()
            raw = b""
        returncode = child.wait()
    finally:
        clock.cancel()
        child.kill()
    head, _, samples = raw.partition(b"\n")
    return Answer(_head(head), samples, timed_out.is_set() or returncode in KILLED_AT_LIMIT)


def _head(line: bytes) -> dict[str, object]:
    """Return the child's first line, empty where it is no JSON object: the child may be in somebody else's hands."""
    try:
        head = json.loads(line)
    except ValueError:
        return {}
    return head if isinstance(head, dict) else {}


def _audio(answer: Answer) -> Audio:
    """Turn the child's answer into Audio, trusting none of it."""
    if answer.at_limit:
        raise AudioDecoderLimit
    if (code := answer.head.get("refused")) is not None:
        raise REFUSALS.get(str(code), AudioBroken)
    rate = answer.head.get("rate")
    if not isinstance(rate, int) or not 8_000 <= rate <= HIGHEST_RATE or len(answer.samples) % 4:
        raise AudioBroken
    samples = np.frombuffer(answer.samples, np.float32).copy()
    if len(samples) < SHORTEST * rate:
        raise AudioEmpty
    peak = float(np.abs(samples).max())
    if not np.isfinite(peak):
        raise AudioNotFinite
    if peak > OVER_FULL_SCALE:
        raise AudioOverFullScale
    return Audio(np.clip(samples, -1.0, 1.0), rate)
