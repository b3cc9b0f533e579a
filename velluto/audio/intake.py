"""The only door for untrusted sound: `decode` turns an upload into Audio, or says why not.

The file is recognised by its first bytes, then parsed in a child process that owns nothing (guard.py).
Neither the content nor a file name is logged or written to disk. docs/audio.md lists the limits and every refusal.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

from velluto.audio import guard, sniff
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
OVER_FULL_SCALE = 4.0  # 12 dB: lossy codecs overshoot a little, a file in other units overshoots a lot

DECODER = Path(__file__).with_name("decoder_child.py")


def decode(content: BinaryIO | bytes, *, longest: float = LONGEST, largest: int = LARGEST) -> Audio:
    """Return the sound in an uploaded file: mono, at its own rate or 24 kHz, whichever is lower, within full scale.

    Raises a refusal of velluto.audio.refusals where the file is not plain speech audio of at most `longest` seconds and
    `largest` bytes.
    """
    try:
        with guard.in_memory(content, largest) as source:
            container = recognise(source)
            codecs = ",".join(container.codecs)
            most = 4 * round((longest + 1.0) * HIGHEST_RATE)
            arguments = [container.demuxer, codecs, repr(longest), str(HIGHEST_RATE)]
            answer = guard.run(DECODER, source, arguments, most=most)
    except guard.TooLarge as error:
        raise AudioTooLarge(megabytes=largest // 1_000_000) from error
    return _audio(answer)


def recognise(source: int) -> sniff.Container:
    """Return the kind of the file open at the descriptor `source`; raise AudioEmpty or AudioFormatUnknown."""
    start = os.pread(source, sniff.WINDOW, 0)
    if not start:
        raise AudioEmpty
    container = sniff.container(start, more=lambda size, offset: os.pread(source, size, offset))
    if container is None:
        raise AudioFormatUnknown
    return container


def _audio(answer: guard.Answer) -> Audio:
    """Turn the child's answer into Audio, trusting none of it."""
    if answer.at_limit:
        raise AudioDecoderLimit
    if (code := answer.head.get("refused")) is not None:
        raise REFUSALS.get(str(code), AudioBroken)
    rate = answer.head.get("rate")
    if not isinstance(rate, int) or not 8_000 <= rate <= HIGHEST_RATE or len(answer.payload) % 4:
        raise AudioBroken
    samples = np.frombuffer(answer.payload, np.float32).copy()
    if len(samples) < SHORTEST * rate:
        raise AudioEmpty
    peak = float(np.abs(samples).max())
    if not np.isfinite(peak):
        raise AudioNotFinite
    if peak > OVER_FULL_SCALE:
        raise AudioOverFullScale
    return Audio(np.clip(samples, -1.0, 1.0), rate)
