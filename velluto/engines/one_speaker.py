"""Whether one person speaks throughout a recording, by any speaker encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import Audio
from velluto.engines.base import SpeakerEncoder, SpeechSpan, TooLittleSpeech

WINDOW = 2.4  # seconds of speech that one voiceprint is taken of: long enough to know a voice by
STEP = 1.2  # seconds of speech between windows
FEWEST = 2  # windows that make a second speaker; a single odd one may be laughter or a cough
ROUNDS = 20  # of the clustering, which settles in three or four

Voiceprints = NDArray[np.float32]


def least_similarity(audio: Audio, spans: Sequence[SpeechSpan], encoder: SpeakerEncoder) -> float:
    """Return how alike the two most different parts of the speech sound, -1..1: low where two people speak.

    Voiceprints of windows of the speech in `spans` are parted into two clusters (spherical 2-means, begun at the two
    least alike windows), whose centres' cosine is returned. The order of the windows does not matter, so speakers may
    take turns. Under about 6 s of speech nothing can be parted, and 1.0 is returned: ask for the seconds of speech too.
    """
    voiceprints = _windows(audio, spans, encoder)
    while len(voiceprints) >= 2 * FEWEST:
        centres, nearest = _two_clusters(voiceprints)
        sizes = np.bincount(nearest, minlength=2)
        if sizes.min() >= FEWEST:
            return float(centres[0] @ centres[1])
        if sizes.min() == 0:  # all alike: there is nothing to part
            break
        voiceprints = voiceprints[nearest == sizes.argmax()]
    return 1.0


def _windows(audio: Audio, spans: Sequence[SpeechSpan], encoder: SpeakerEncoder) -> Voiceprints:
    speech = np.concatenate([np.zeros(0, np.float32), *(audio.cut(span.start, span.end).samples for span in spans)])
    length, step = round(WINDOW * audio.rate), round(STEP * audio.rate)
    found = []
    for start in range(0, len(speech) - length + 1, step):
        try:
            found.append(encoder.embed(Audio(speech[start : start + length], audio.rate)).vector)
        except TooLittleSpeech:  # heard on its own, this window is no speech after all
            continue
    return np.array(found)


def _two_clusters(voiceprints: Voiceprints) -> tuple[Voiceprints, NDArray[np.intp]]:
    """Return the two clusters' centres, unit length, and for each voiceprint which of them it is in."""
    alike = voiceprints @ voiceprints.T
    centres = voiceprints[list(np.unravel_index(alike.argmin(), alike.shape))]
    nearest = (voiceprints @ centres.T).argmax(axis=1)
    for _ in range(ROUNDS):
        if np.bincount(nearest, minlength=2).min() == 0:
            break
        means = np.array([voiceprints[nearest == cluster].mean(axis=0) for cluster in (0, 1)])
        centres = means / np.linalg.norm(means, axis=1, keepdims=True)
        nearest, before = (voiceprints @ centres.T).argmax(axis=1), nearest
        if np.array_equal(nearest, before):
            break
    return centres, nearest
