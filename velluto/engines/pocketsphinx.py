"""Which of the expected words were read aloud, by PocketSphinx and the American English model in its wheel.

A grammar of exactly the slots' choices is searched: far surer than free transcription, which finds half of the words.
The answer says which choice fits best, so a slot needs distractors to mean anything.
Source: https://github.com/cmusphinx/pocketsphinx (BSD), finite-state grammar search.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain, count, groupby, product
from typing import Any

import numpy as np

from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import Reading, Slot, SpeechSpan
from velluto.engines.pronunciation import plain_latin, pronunciations

QUIET = SPEECH_RATE // 5  # samples of pause laid on both sides of the sound, where the decoder expects one
PEAK = 0.7  # of full scale; brings faint recordings well above the steps of 16-bit samples
# The acoustic model has never met digital silence: pauses of nothing (noise gates, synthetic speech) cost it most words
NOISE_FLOOR = -60.0  # dBFS
# What is said before the first word and after the last: any row of these sounds. How unlikely each is decides what wins
# where both fit, they or the words; docs/benchmarks/captcha.md has the figures behind it.
_SOUNDS = """
    AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
"""
SOUNDS = tuple(_SOUNDS.split())
STRAY_SOUND = 1e-10
STRAY = tuple(f"stray{number}" for number in range(len(SOUNDS)))

Phrase = tuple[str, ...]  # words as the decoder knows them


class PocketSphinxTranscriber:
    """Listen for given words. One decoder serves one caller at a time: it is not made for threads."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self.version = version("pocketsphinx")
        self._turn = threading.Lock()
        self._decoder: Any = None
        self._unlisted: dict[str, str] = {}  # words the dictionary lacks -> the name they were added under

    def read(self, audio: Audio, slots: Sequence[Slot]) -> Reading:
        """Say which choice of each slot was read aloud, in order; nothing in any slot where the whole does not fit."""
        with self._turn:
            choices = [self._choices(slot) for slot in slots]
            words = self._decode(audio, slots, [list(found) for found in choices], strays=True)
        places = match(words, slots, [list(found) for found in choices]) if words else None
        if places is None:
            return Reading((None,) * len(slots), (False,) * len(slots), self.name, self.version)
        heard = tuple(found[place] if place else None for found, place in zip(choices, places, strict=True))
        right = tuple(form in slot.right for form, slot in zip(heard, slots, strict=True))
        return Reading(heard, right, self.name, self.version)

    def align(self, audio: Audio, words: Sequence[str]) -> tuple[SpeechSpan, ...] | None:
        """Return where each of `words`, known to be spoken in this order, is; None where they do not fit the sound."""
        slots = [Slot(word) for word in words]
        with self._turn:
            choices = [list(self._choices(slot)) for slot in slots]
            if not all(choices) or not self._decode(audio, slots, choices):
                return None
            # Fillers are named <sil> or [NOISE]; frames are 10 ms and count from the start of the pause laid in front.
            spoken = [part for part in self._decoder.seg() if not part.word.startswith(("<", "[", "("))]
            edges = [(part.start_frame / 100, (part.end_frame + 1) / 100) for part in spoken]
        times = np.clip(np.array(edges) - QUIET / SPEECH_RATE, 0, audio.seconds).tolist()
        return tuple(SpeechSpan(start, end) for start, end in times)

    def _choices(self, slot: Slot) -> dict[Phrase, str]:
        """Return the slot's forms by the decoder's words.

        Left out are forms that nobody knows how to say, and distractors that sound like an expected form.
        """
        found: dict[Phrase, str] = {}
        for form in slot.right:
            if phrase := self._phrase(form):
                found.setdefault(phrase, form)
        sounds = {sound for phrase in found for sound in self._sounds(phrase)}
        for form in slot.distractors:
            phrase = self._phrase(form)
            if phrase and sounds.isdisjoint(self._sounds(phrase)):
                found.setdefault(phrase, form)
        return found

    def _phrase(self, form: str) -> Phrase | None:
        words = [self._word(word) for word in form.split()]
        return None if None in words else tuple(word for word in words if word)

    def _word(self, word: str) -> str | None:
        """Return the decoder's name for `word`; add it, as it is likely said, where the dictionary lacks it."""
        decoder = self._ready()
        listed = plain_latin(word)
        if re.fullmatch(r"[a-z'.-]+", listed) and decoder.lookup_word(listed) is not None:
            return listed
        if word not in self._unlisted:
            name = f"unlisted{len(self._unlisted)}"
            sounds = pronunciations(word)
            if not sounds:
                return None
            for number, phones in enumerate(sounds, start=1):
                decoder.add_word(name if number == 1 else f"{name}({number})", phones, False)
            self._unlisted[word] = name
        return self._unlisted[word]

    def _sounds(self, phrase: Phrase) -> set[str]:
        """Return the ways to say `phrase`, as phones."""
        sounds = {""}
        for word in phrase:
            sounds = {f"{before} {after}" for before in sounds for after in self._variants(word)}
        return sounds

    def _variants(self, word: str) -> Iterator[str]:
        number, phones = 1, self._ready().lookup_word(word)
        while phones is not None:
            yield phones
            number += 1
            phones = self._ready().lookup_word(f"{word}({number})")

    def _decode(
        self, audio: Audio, slots: Sequence[Slot], choices: list[list[Phrase]], *, strays: bool = False
    ) -> list[str]:
        """Return the words of the best way through the grammar; `strays` passes over other sounds around them."""
        decoder = self._ready()
        links, last = grammar(slots, choices)
        if strays:
            links += [(state, state, STRAY_SOUND, sound) for state in (0, last) for sound in STRAY]
        decoder.add_fsg("slots", decoder.create_fsg("slots", 0, last, links))
        decoder.activate_search("slots")
        decoder.start_utt()
        decoder.process_raw(_pcm(audio), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        return [word for word in found.hypstr.split() if word not in STRAY] if found else []

    def _ready(self) -> Any:
        if self._decoder is None:
            # Absolute: this module's own name is that of the package only from inside velluto.engines.
            from pocketsphinx import Decoder

            # The mean of a whole recording is taken off its spectrum: one reading never colours the next.
            self._decoder = Decoder(loglevel="FATAL", lm=None, cmn="batch", bestpath=False)
            for name, sound in zip(STRAY, SOUNDS, strict=True):
                self._decoder.add_word(name, sound, False)
        return self._decoder


def sections(slots: Sequence[Slot]) -> list[list[list[int]]]:
    """Return what follows what: for each stretch of the slots the routes through it, as the slots' indices."""
    found: list[list[list[int]]] = []
    for routed, stretch in groupby(enumerate(slots), key=lambda numbered: bool(numbered[1].route)):
        routes: dict[str, list[int]] = {}
        for index, slot in stretch:
            routes.setdefault(slot.route, []).append(index)
        found += [list(routes.values())] if routed else [[[index]] for index in routes[""]]
    return found


def grammar(slots: Sequence[Slot], choices: list[list[Phrase]]) -> tuple[list[tuple[Any, ...]], int]:
    """Return the transitions (from, to, probability[, word]) of a grammar of these slots, and its final state.

    Every choice of a slot is as likely as the others; a slot that is optional, or has no choices, may be passed by.
    """
    links: list[tuple[Any, ...]] = []
    states = count(1)
    here = 0
    for routes in sections(slots):
        after = next(states)
        for route in routes:
            state = here
            for index in route:
                end = after if index == route[-1] else next(states)
                passable = slots[index].optional or not choices[index]
                share = 1 / (len(choices[index]) + passable)
                if passable:
                    links.append((state, end, share))
                for phrase in choices[index]:
                    stops = [state, *(next(states) for _ in phrase[1:]), end]
                    shares = [share, *(1.0 for _ in phrase[1:])]
                    links += zip(stops, stops[1:], shares, phrase, strict=False)
                state = end
        here = after
    return links, here


def match(words: list[str], slots: Sequence[Slot], choices: list[list[Phrase]]) -> list[Phrase | None] | None:
    """Lay the decoder's words back onto the slots; None where they do not fit."""
    for routes in product(*sections(slots)):
        order = list(chain.from_iterable(routes))
        found = _match_in_order(tuple(words), order, slots, choices)
        if found is not None:
            places: list[Phrase | None] = [None] * len(slots)
            for index, phrase in zip(order, found, strict=True):
                places[index] = phrase
            return places
    return None


def _match_in_order(
    words: Phrase, order: list[int], slots: Sequence[Slot], choices: list[list[Phrase]]
) -> list[Phrase | None] | None:
    if not order:
        return None if words else []
    first, rest = order[0], order[1:]
    for phrase in choices[first]:
        if words[: len(phrase)] == phrase:
            found = _match_in_order(words[len(phrase) :], rest, slots, choices)
            if found is not None:
                return [phrase, *found]
    if slots[first].optional or not choices[first]:
        found = _match_in_order(words, rest, slots, choices)
        if found is not None:
            return [None, *found]
    return None


def _pcm(audio: Audio) -> bytes:
    """Return 16-bit samples at 16 kHz with a pause on both sides and a faint, always equal noise floor underneath."""
    samples = np.pad(audio.at(SPEECH_RATE).samples, QUIET)
    peak = float(np.abs(samples).max(initial=0))
    scaled = samples * (PEAK / peak) if peak > 0 else samples
    floor = np.random.default_rng(0).standard_normal(len(samples)) * 10 ** (NOISE_FLOOR / 20)
    return np.round((scaled + floor) * 32767).astype("<i2").tobytes()
