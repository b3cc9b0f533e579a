"""The statistics of eSpeak's voice, the starting point of every map: measured once on sentences rich in phones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from velluto.engines.cloner import source
from velluto.engines.cloner.mapping import PhoneStatistics

SENTENCES = (
    "The beige hue on the waters of the loch impressed all, including the French queen, before she heard that "
    "symphony again.",
    "Shaw, those twelve beige hooks are joined if I patch a young, gooey mouth.",
    "With tenure, Suzie would have all the more leisure for yachting, but her publications are no good.",
    "Are those shy Eurasian footwear, cowboy chaps, or jolly earthmoving headgear?",
    "The quick brown fox jumps over the lazy dog; please treasure every choice of a boy's azure toy.",
    "Nobody could measure how the judge took a huge pleasure in watching that old church near the river bank.",
    "I thought the weather would change, but both of them were loud enough to join us further down the road.",
    "She had your dark suit in greasy wash water all year, and he gave up looking for good books.",
)
_FILE = Path(__file__).with_name("reader.npz")
_FIELDS = ("count", "mean", "spread", "centre", "width")


def measure() -> PhoneStatistics:
    """Return the statistics of eSpeak's voice, measured anew."""
    readings = [source.read(sentence) for sentence in SENTENCES]
    cepstra = np.concatenate([reading.cepstra for reading in readings])
    labels = np.concatenate([reading.labels for reading in readings])
    return PhoneStatistics.of(cepstra, labels, trim=False)


@cache
def statistics() -> PhoneStatistics:
    """Return the statistics as they were measured and kept beside this module."""
    with np.load(_FILE, allow_pickle=False) as archive:
        return PhoneStatistics(**{name: archive[name].astype(np.float64) for name in _FIELDS})


def keep() -> None:
    """Measure anew and write the file that `statistics` reads; needed when phones, analysis or eSpeak change."""
    found = measure()
    np.savez(_FILE, allow_pickle=False, **{name: getattr(found, name).astype(np.float32) for name in _FIELDS})
