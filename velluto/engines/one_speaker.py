"""Whether one person speaks throughout a recording, by any speaker encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

    Voiceprints of windows of the speech in `spans` are parted in two, and the cosine between the parts' means is taken:
    at each moment in turn, for a second speaker who takes over, and by likeness (spherical 2-means, begun at the two
    least alike windows), for speakers who take turns. The lowest is returned. Under about 6 s of speech nothing can be
    parted, and 1.0 is returned: ask for the seconds of speech too.
    """
    voiceprints = _windows(audio, spans, encoder)
    parts = [*_by_moment(voiceprints), *_by_likeness(voiceprints)]
    return min([_cosine(one.mean(axis=0), other.mean(axis=0)) for one, other in parts], default=1.0)


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


def _by_moment(voiceprints: Voiceprints) -> Iterator[tuple[Voiceprints, Voiceprints]]:
    for moment in range(FEWEST, len(voiceprints) - FEWEST + 1):
        yield voiceprints[:moment], voiceprints[moment:]


def _by_likeness(voiceprints: Voiceprints) -> Iterator[tuple[Voiceprints, Voiceprints]]:
    """Part the windows into two clusters, leaving out windows that are like no other."""
    while len(voiceprints) >= 2 * FEWEST:
        nearest = _two_clusters(voiceprints)
        sizes = np.bincount(nearest, minlength=2)
        if sizes.min() >= FEWEST:
            yield voiceprints[nearest == 0], voiceprints[nearest == 1]
            return
        if sizes.min() == 0:  # all alike: there is nothing to part
            return
        voiceprints = voiceprints[nearest == sizes.argmax()]


def _two_clusters(voiceprints: Voiceprints) -> NDArray[np.intp]:
    """Return for each voiceprint which of two clusters it is in, 0 or 1; one of them may be empty."""
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
    return nearest


def _cosine(one: Voiceprints, other: Voiceprints) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
