"""Clips of ten seconds to measure marks on: natural speech, cloned speech and plain text-to-speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from velluto import engines
from velluto.audio.signal import Audio
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.engines.espeak import say

SECONDS = 10.0
ENROLMENT_SECONDS = 35.0
CLONED_VOICES, CLIPS_PER_VOICE = 2, 16
LANGUAGES = ("en-us", "en-gb-scotland", "de", "fr", "it", "es", "pl", "nl")
VARIANTS = ("f2", "m3", "f1", "m1", "f3", "m2", "f4", "m7")
SENTENCES = (
    "The last train to the coast leaves at seven minutes past nine, and it does not wait for anybody.",
    "We keep the spare key under the third pot on the balcony, next to the basil.",
    "A good violin is made of spruce and maple, and of more patience than most of us have.",
    "Yesterday the river rose by half a metre, but the old bridge held, as it always does.",
    "Please read the second page again, slowly, and tell me where you would have stopped.",
    "Her grandmother baked bread on Fridays, and the whole street knew what time it was.",
    "Nobody had told the cat that the sofa was new, so it found out for itself.",
    "Between the lighthouse and the harbour lies a path that only the fishermen use.",
    "If the weather holds, we shall paint the northern wall before the end of the month.",
    "He counted the coins twice, shrugged, and bought two tickets instead of one.",
    "Velvet remembers every hand that has touched it, the tailor said, and brushed it smooth.",
    "The museum opens at ten; the paintings on the upper floor have been there since the war.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    kind: str  # natural, cloned or read
    audio: Audio


def script(number: int) -> str:
    """Return about twenty seconds of text, another for each `number`."""
    return " ".join(SENTENCES[(number * 5 + place * (1 + number % 3)) % len(SENTENCES)] for place in range(4))


def natural(corpus: Corpus) -> Iterator[Clip]:
    """Yield each speaker's recordings, put one after another and cut into clips."""
    for utterances in corpus.speakers().values():
        if sum(utterance.seconds for utterance in utterances) < SECONDS:
            continue
        first = utterances[0].audio()
        whole = Audio(np.concatenate([first.samples, *(later.audio().samples for later in utterances[1:])]), first.rate)
        for number in range(int(whole.seconds // SECONDS)):
            yield Clip("natural", whole.cut(number * SECONDS, (number + 1) * SECONDS))


def cloned(corpus: Corpus) -> Iterator[Clip]:
    """Yield what the configured speech engine says in the voices of the speakers with enough recordings."""
    engine = engines.speech()
    ready = [who for who in corpus.speakers().values() if sum(one.seconds for one in who) > ENROLMENT_SECONDS]
    for voice_number, utterances in enumerate(ready[-CLONED_VOICES:]):
        voice = engine.enrol([utterance.audio() for utterance in _enough(utterances)])
        for number in range(CLIPS_PER_VOICE):
            spoken = engine.speak(voice, script(voice_number * CLIPS_PER_VOICE + number))
            yield Clip("cloned", spoken.cut(0, SECONDS))


def _enough(utterances: list[Utterance]) -> Iterator[Utterance]:
    seconds = 0.0
    for utterance in utterances:
        if seconds > ENROLMENT_SECONDS:
            return
        seconds += utterance.seconds
        yield utterance


def read_aloud() -> Iterator[Clip]:
    """Yield clips of eSpeak NG voices in eight languages, without end and without repeating one soon."""
    number = 0
    while True:
        for variant, language in product(VARIANTS, LANGUAGES):
            spoken = say(
                script(number), f"{language}+{variant}", rate=140 + number * 7 % 50, pitch=30 + number * 11 % 45
            )
            yield Clip("read", spoken.cut(0, SECONDS))
            number += 1


def clips(corpus: Corpus, count: int, *, whole: bool) -> Iterator[Clip]:
    """Yield `count` clips, half of them natural; if `whole`, all natural and cloned ones, then read ones."""
    given = 0
    sources = (natural(corpus), cloned(corpus)) if whole else (islice(natural(corpus), count // 2),)
    for source in sources:
        for clip in source:
            given += 1
            yield clip
    yield from islice(read_aloud(), max(0, count - given))
