"""What the captcha is tried on: speech of a corpus and synthesised readings, each with the words it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from consent import phrases
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.engines.base import SpeechSpan
from velluto.engines.espeak import say
from velluto.engines.pocketsphinx import PocketSphinxTranscriber

MARGIN = 0.05  # seconds kept around words that are cut out
BETWEEN = np.zeros(round(0.15 * SPEECH_RATE), np.float32)  # pause between recordings of one word each
LIST_PAUSE = np.zeros(round(0.25 * SPEECH_RATE), np.float32)  # pause between words that are cut out of a sentence
LIST_LETTERS, LIST_SECONDS = 6, 0.3  # the least that a word of a list has: phrases have no short words either
LONGEST = 4.0  # seconds of a recording held against a phrase: as long as reading one takes
SHORTEST = 2.0
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOICES = ("en-us", "en-us+f2", "en-us+m3", "en-us+f5", "en-us+m2")
PACES = (130, 150, 170)  # words a minute
STRAY = ("um", "okay, so", "right, here we go")  # what people say before they begin


@dataclass(frozen=True, slots=True)
class Try:
    """A recording, the words that it is expected to hold, and who speaks."""

    audio: Audio
    words: tuple[str, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A transcribed recording and where its words are."""

    speaker: str
    audio: Audio
    words: tuple[str, ...]
    spans: tuple[SpeechSpan, ...]

    def part(self, first: int, last: int) -> Audio:
        """Return the sound from word `first` to word `last`, both included."""
        return self.audio.cut(max(0.0, self.spans[first].start - MARGIN), self.spans[last].end + MARGIN)


def aligned(corpus: Corpus) -> Iterator[Aligned]:
    """Yield the recordings whose transcript has several words and fits the sound."""
    aligner = PocketSphinxTranscriber()
    for utterance in corpus:
        words = spelt_out(utterance)
        if len(words) < 2:
            continue
        audio = utterance.audio()
        if spans := aligner.align(audio, words):
            yield Aligned(utterance.speaker, audio, words, spans)


def runs(found: list[Aligned], *, step: int, before: int = 0, after: int = 0) -> list[Try]:
    """Return five words in a row, every `step` words, with words that nobody asked for before and after."""
    tries = []
    for one in found:
        for first in range(1, len(one.words) - phrases.PHRASE_WORDS, step):
            last = first + phrases.PHRASE_WORDS - 1
            tries.append(Try(one.part(first - before, last + after), one.words[first : last + 1], one.speaker))
    return tries


def word_lists(found: list[Aligned], chance: Random) -> list[Try]:
    """Return five longer words of one speaker each, cut out of sentences, with pauses between; none is used twice."""
    cut: dict[str, dict[str, Audio]] = {}
    for one in found:
        for place, (word, span) in enumerate(zip(one.words, one.spans, strict=True)):
            if len(word) >= LIST_LETTERS and span.end - span.start >= LIST_SECONDS:
                cut.setdefault(one.speaker, {})[word] = one.part(place, place)
    tries = []
    for speaker, words in cut.items():
        mixed = chance.sample(sorted(words), len(words))
        for first in range(0, len(mixed) - phrases.PHRASE_WORDS + 1, phrases.PHRASE_WORDS):
            five = mixed[first : first + phrases.PHRASE_WORDS]
            pieces = [piece for word in five for piece in (words[word].samples, LIST_PAUSE)]
            tries.append(Try(Audio(np.concatenate(pieces), SPEECH_RATE), tuple(five), speaker))
    return tries


def single_words(corpus: Corpus, chance: Random) -> Iterator[Try]:
    """Join recordings of one word each, five of a speaker's at a time, none used twice."""
    for speaker, utterances in corpus.speakers().items():
        single = [utterance for utterance in utterances if len(spelt_out(utterance)) == 1]
        chance.shuffle(single)
        for first in range(0, len(single) - phrases.PHRASE_WORDS + 1, phrases.PHRASE_WORDS):
            five = single[first : first + phrases.PHRASE_WORDS]
            pieces = [piece for utterance in five for piece in (utterance.audio().samples, BETWEEN)]
            words = tuple(spelt_out(utterance)[0] for utterance in five)
            yield Try(Audio(np.concatenate(pieces), SPEECH_RATE), words, speaker)


def other_words(corpus: Corpus, count: int, chance: Random) -> Iterator[Try]:
    """Hold recordings of anything against random phrases, every recording once before any a second time."""
    long_enough = [utterance for utterance in corpus if utterance.seconds >= SHORTEST]
    chance.shuffle(long_enough)
    for place in range(count if long_enough else 0):
        utterance = long_enough[place % len(long_enough)]
        yield Try(utterance.audio().cut(0, LONGEST), phrases.new_phrase(chance), utterance.speaker)


def made(place: int, chance: Random, *, stray: bool = False) -> Try:
    """Return a synthesised reading of a random phrase, on request with a stray word or two before it."""
    words = phrases.new_phrase(chance)
    before = f"{STRAY[place % len(STRAY)]}, " if stray else ""
    return Try(made_up(before + ", ".join(words), place, chance), words)


def made_up(text: str, place: int, chance: Random) -> Audio:
    return say(text, VOICES[place % len(VOICES)], rate=chance.choice(PACES))


def spelt_out(utterance: Utterance) -> tuple[str, ...]:
    """Return the words of a transcript, digits spelt out; none where it holds other figures, for these are no words."""
    text = " ".join(DIGITS[int(word)] if re.fullmatch(r"\d", word) else word for word in utterance.text.lower().split())
    return () if re.search(r"\d", text) else tuple(word.strip("'") for word in re.findall(r"[a-z']*[a-z][a-z']*", text))


def some(tries: list[Try], count: int, chance: Random) -> list[Try]:
    return tries if len(tries) <= count else chance.sample(tries, count)
