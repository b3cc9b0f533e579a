"""How much of a speaker's own spectral shape a voice can bear and still be understood.

Lists of five words are synthesised at falling shares and read by PocketSphinx, each word among 24 others. The largest
share that is read well enough is kept. The words are the calibration's own and no benchmark uses them.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np

from velluto.engines.cloner import source
from velluto.engines.cloner.alignment import hear
from velluto.engines.cloner.analysis import RATE
from velluto.engines.cloner.mapping import PhoneStatistics
from velluto.engines.cloner.rendering import render
from velluto.engines.cloner.source import Source
from velluto.engines.cloner.voice import Voice

SHARES = (0.75, 0.66, 0.58)  # tried in this order; where none does, the voice keeps its own
ENOUGH = 0.96  # share of the words that must be read right
_LISTS, _LENGTH, _CHOICES = 6, 5, 25

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
    """Return `voice` with the largest of SHARES at which ENOUGH words are read right."""
    judge = _Judge()
    for share in SHARES:
        tried = voice.sharing(share)
        right = sum(judge.right(place, tried, reader) for place in range(_LISTS))
        if right >= ENOUGH * _LISTS * _LENGTH:
            return tried
    return voice


@cache
def _lists() -> tuple[tuple[tuple[str, ...], Source], ...]:
    """Return the word lists and eSpeak's readings of them; they are the same for every speaker."""
    chance = random.Random(1)
    lists = [tuple(chance.sample(WORDS, _LENGTH)) for _ in range(_LISTS)]
    return tuple((words, source.read(" ".join(words))) for words in lists)


class _Judge:
    """PocketSphinx with one closed grammar per word list."""

    def __init__(self) -> None:
        import pocketsphinx

        self._decoder: Any = pocketsphinx.Decoder(loglevel="FATAL", cmn="batch")
        chance = random.Random(2)
        for place, (words, _) in enumerate(_lists()):
            others = [word for word in WORDS if word not in words]
            slots = " ".join("( " + " | ".join([word, *chance.sample(others, _CHOICES - 1)]) + " )" for word in words)
            self._decoder.add_jsgf_string(f"list{place}", f"#JSGF V1.0; grammar list; public <list> = {slots} ;")

    def right(self, place: int, voice: Voice, reader: PhoneStatistics) -> int:
        """Return how many words of list `place` are read right in the voice's rendering."""
        words, reading = _lists()[place]
        quiet = np.zeros(RATE // 5)
        sound = np.concatenate([quiet, render(reading, voice, reader), quiet])
        self._decoder.activate_search(f"list{place}")
        heard = hear(self._decoder, sound).split()
        return sum(one == other for one, other in zip(heard, words, strict=True)) if len(heard) == len(words) else 0
