"""Whether a recording is known again when it is handed in a second time; docs/benchmarks/repeats.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from consent.policies import REPEATED
from velluto.audio.fingerprint import Fingerprint, fingerprint, sameness
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.attacks import ATTACKS, OPUS_RATE, Attack, coded, echoed, noisy, telephone
from velluto.benchmarks.corpus import Corpus
from velluto.benchmarks.rates import share, spread

SHORTEST, LONGEST = 2.5, 10.0  # seconds: a phrase, a statement
OTHERS = 10_000  # pairs of different recordings
TAKES = 8  # readings of one text
BETWEEN = 0.1  # seconds between words that were recorded one by one


def _cut(audio: Audio, random: np.random.Generator) -> Audio:
    """Return the middle, six tenths of it."""
    return audio.cut(audio.seconds * 0.2031, audio.seconds * 0.8)


def _cut_and_coded(audio: Audio, random: np.random.Generator) -> Audio:
    quiet = Audio((_cut(audio, random).samples * 0.3).astype(np.float32), audio.rate)
    return coded(quiet, "mp3", "libmp3lame", 64_000, audio.rate)


REPLAYS: dict[str, Attack] = {
    **{name: ATTACKS[name] for name in ("clean", "mp3_64k", "opus_24k", "opus_16k", "telephone", "noise_20db")},
    "gain_-14db": lambda audio, random: Audio((audio.samples * 0.2).astype(np.float32), audio.rate),
    "mp3_32k": lambda audio, random: coded(audio, "mp3", "libmp3lame", 32_000, audio.rate),
    "cut": _cut,
    "cut_opus_24k": lambda audio, random: coded(_cut(audio, random), "ogg", "libopus", 24_000, OPUS_RATE),
    "cut_quiet_mp3_64k": _cut_and_coded,
    "loudspeaker": lambda audio, random: noisy(echoed(telephone(audio)), random),
    "speed_5pct": ATTACKS["speed_5pct"],
}


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Compare recordings (at most `limit`; 0: all) with their replays, with each other, and readings of one text."""
    started, random = time.process_time(), np.random.default_rng(1)
    long_enough = (one for one in corpus if one.seconds >= SHORTEST)
    recordings = [one.audio().cut(0, LONGEST) for one in islice(long_enough, limit or None)]
    kept = [fingerprint(audio) for audio in recordings]
    took = (time.process_time() - started) / max(1e-9, sum(audio.seconds for audio in recordings))
    tell(f"{len(recordings)} recordings")
    replays = {}
    for name, change in REPLAYS.items():
        values = [
            sameness(fingerprint(change(audio, random)), mine) for audio, mine in zip(recordings, kept, strict=True)
        ]
        replays[name] = {"caught": _caught(values), "values": spread(values)}
        tell(f"{name}: {replays[name]['caught']}")
    pairs = [(one, other) for one in range(len(kept)) for other in range(one)]
    chosen = random.permutation(len(pairs))[:OTHERS]
    different = [sameness(kept[pairs[place][0]], kept[pairs[place][1]]) for place in chosen]
    again = [sameness(one, other) for takes in _same_text(corpus) for one, other in _two_of(takes)]
    return {
        "threshold": REPEATED.threshold,
        "recordings": len(recordings),
        "replays": replays,
        "different_recordings": {"caught": _caught(different), "values": spread(different)},
        "same_text_read_again": {"caught": _caught(again), "values": spread(again)},
        "cpu_s_per_audio_s": round(took, 4),
        "cpu_s": round(time.process_time() - started, 1),
    }


def _same_text(corpus: Corpus) -> Iterator[list[Fingerprint]]:
    """Yield for each speaker who read single words several times the readings of one text put together from them."""
    for rows in corpus.speakers().values():
        words: dict[str, list[Audio]] = {}
        for one in rows:
            if one.text and len(one.text.split()) == 1:
                words.setdefault(one.text, []).append(one.audio())
        takes = min([TAKES, *map(len, words.values())]) if len(words) >= 5 else 0
        pause = np.zeros(round(BETWEEN * SPEECH_RATE), np.float32)
        if takes > 1:
            yield [
                fingerprint(
                    Audio(
                        np.concatenate([part for word in sorted(words) for part in (words[word][take].samples, pause)]),
                        SPEECH_RATE,
                    )
                )
                for take in range(takes)
            ]


def _two_of(takes: list[Fingerprint]) -> Iterator[tuple[Fingerprint, Fingerprint]]:
    return ((one, other) for place, one in enumerate(takes) for other in takes[:place])


def _caught(values: list[float]) -> dict[str, object]:
    return share([value > REPEATED.threshold for value in values])
