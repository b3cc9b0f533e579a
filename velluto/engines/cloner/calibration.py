"""How much of a speaker's own spectral shape a voice can bear and still be understood.

Lists of five words are synthesised at falling shares and read by PocketSphinx, each word among all of them. The largest
share that is read well enough is kept. The words are the calibration's own and no benchmark uses them.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np

from velluto.engines.cloner import source
from velluto.engines.cloner.alignment import hear
from velluto.engines.cloner.analysis import RATE, Floats
from velluto.engines.cloner.mapping import PhoneStatistics
from velluto.engines.cloner.rendering import render
from velluto.engines.cloner.source import Source
from velluto.engines.cloner.voice import Voice

SHARES = (0.28, 0.24, 0.2)  # tried in this order; a voice that bears none gets the last
MISREAD = 4  # of all words; of eSpeak's own sound one or two are misread
_LENGTH = 5
_NOISE = 3e-4  # laid under the sound, for a recogniser is confused by digital silence

_TEXT = """
absence advice bargain beacon bishop blossom border breakfast bucket cabin captain carrot ceiling chapter charcoal
cherry christmas cloudy collar comedy council courage cousin daisy dentist diamond dinner doctor driver eagle evening
fabric failure farmer finger fortune freedom future gallery ghost golden harmony highway hotel hunter insect jewel
journey kingdom laughter leather machine mission morning mustard number office painter passage pigeon pocket prison
profit purple question reason rocket sailor season shelter shoulder signal sister soldier station student surface
theater thirty ticket towel trouble uncle vehicle victory wallet weather wonder
"""
WORDS = _TEXT.split()


def calibrate(voice: Voice, reader: PhoneStatistics) -> Voice:
    """Return `voice` with the largest of SHARES at which at most MISREAD words are misread."""
    judge = _Judge()
    for share in SHARES[:-1]:
        tried = voice.sharing(share)
        if judge.bears(tried, reader):
            return tried
    return voice.sharing(SHARES[-1])


@cache
def _lists() -> tuple[tuple[tuple[str, ...], Source], ...]:
    """Return the word lists and eSpeak's readings of them; they are the same for every speaker."""
    words = random.Random(3).sample(WORDS, len(WORDS) - len(WORDS) % _LENGTH)
    lists = [tuple(words[start : start + _LENGTH]) for start in range(0, len(words), _LENGTH)]
    return tuple((words, source.read(" ".join(words) + ".")) for words in lists)


class _Judge:
    """PocketSphinx, told only that it hears _LENGTH of WORDS."""

    def __init__(self) -> None:
        import pocketsphinx

        self._decoder: Any = pocketsphinx.Decoder(loglevel="FATAL", lm=None, cmn="batch", bestpath=False)
        slots = " ".join(["( " + " | ".join(WORDS) + " )"] * _LENGTH)
        self._decoder.add_jsgf_string("list", f"#JSGF V1.0; grammar list; public <list> = {slots} ;")
        self._decoder.activate_search("list")

    def bears(self, voice: Voice, reader: PhoneStatistics) -> bool:
        """Say whether at most MISREAD words of the voice's rendering of all lists are misread."""
        misread = 0
        for words, reading in _lists():
            misread += self._misread(words, render(reading, voice, reader))
            if misread > MISREAD:
                return False
        return True

    def _misread(self, words: tuple[str, ...], sound: Floats) -> int:
        padded = np.pad(sound, RATE // 5)
        noise = np.random.default_rng(0).standard_normal(len(padded))
        heard = hear(self._decoder, padded + _NOISE * noise).split()
        if len(heard) != len(words):
            return len(words)
        return sum(one != other for one, other in zip(heard, words, strict=True))
