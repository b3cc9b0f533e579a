"""How well the watermark survives, whether it is ever wrong, what it does to the sound, and how fast it is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.attacks import ATTACKS
from velluto.benchmarks.clips import SECONDS, Clip, clips, natural
from velluto.benchmarks.corpus import Corpus
from velluto.engines.patchwork import PatchworkWatermark

KEY, OTHER_KEYS = "benchmark", ("another", "a third")
CLIPS = 330
DECODES = 10_000
SHORT = 5.0
CROP = (5.0, 8.0)
LONG_FILE = 600.0
UNMARKED_ATTACKS = ("mp3_64k", "telephone", "noise_20db")
PEER_VARIABLE = "AUDIOWMARK"


@dataclass
class Tally:
    """Counts of one run; every call of `detect` is a decode and goes through here."""

    engine: PatchworkWatermark
    right: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tried: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    decodes: int = 0
    wrong_ids: int = 0
    false_alarms: int = 0
    unmarked_seconds: float = 0.0
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    sounded: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def marked(self, table: str, attack: str, audio: Audio, payload: int) -> None:
        """Count whether exactly `payload` is read from `audio`."""
        payloads = self._detect(f"detect {table}", self.engine, audio)
        self.tried[table][attack] += 1
        self.right[table][attack] += payloads == {payload}
        self.wrong_ids += len(payloads - {payload})

    def unmarked(self, audio: Audio, engine: PatchworkWatermark | None = None) -> None:
        """Count whatever is found in `audio`, which carries nothing that `engine` (this one, if none) could read."""
        payloads = self._detect("detect unmarked", engine or self.engine, audio)
        self.false_alarms += bool(payloads)
        self.wrong_ids += len(payloads)
        self.unmarked_seconds += audio.seconds

    def _detect(self, what: str, engine: PatchworkWatermark, audio: Audio) -> set[int]:
        self.decodes += 1
        started = time.process_time()
        found = engine.detect(audio)
        self.spend(what, started, audio)
        return {mark.payload for mark in found}

    def spend(self, what: str, started: float, audio: Audio) -> None:
        """Count the CPU time since `started` for the seconds of `audio`."""
        self.spent[what] += time.process_time() - started
        self.sounded[what] += audio.seconds

    def rates(self, table: str) -> dict[str, float]:
        return {attack: round(self.right[table][attack] / tried, 4) for attack, tried in self.tried[table].items()}

    def times(self, what: str) -> float:
        """Return how many seconds of sound one second of CPU time went through."""
        return round(self.sounded[what] / self.spent[what], 1)


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Mark, attack and read clips of ten seconds; see docs/benchmarks/watermark.md for what each figure means."""
    count = limit or CLIPS
    tally = Tally(PatchworkWatermark(key=KEY))
    others = [PatchworkWatermark(key=key) for key in OTHER_KEYS]
    peer = Peer.installed()
    kinds: Counter[str] = Counter()
    quality: list[float] = []
    heard: list[Clip] = []
    for number, clip in enumerate(clips(corpus, count, whole=not limit)):
        random = np.random.default_rng([1, number])
        payload = int(random.integers(1 << 48))
        started = time.process_time()
        marked = tally.engine.embed(clip.audio, payload)
        tally.spend("embed", started, clip.audio)
        quality.append(pesq(clip.audio, marked))
        kinds[clip.kind] += 1
        heard.append(clip)
        _attack(tally, marked, payload, random)
        for name in UNMARKED_ATTACKS:
            tally.unmarked(ATTACKS[name](clip.audio, random))
        tally.unmarked(clip.audio)
        for other in others:
            tally.unmarked(marked, other)
        if peer:
            peer.measure(clip.audio, payload, random)
        if number % 10 == 9:
            rates = tally.rates("10s")
            tell(f"{number + 1} clips, 10 s: {rates}, 5 s: {tally.rates('5s')}, wrong ids {tally.wrong_ids}")
    tell("Unmarked files and other keys.")
    for file in _long_files(corpus):
        tally.unmarked(file)
    if not limit:
        _top_up(tally, heard)
    result: dict[str, object] = {
        "recovered_10s": tally.rates("10s"),
        "recovered_5s": tally.rates("5s"),
        "wrong_ids": tally.wrong_ids,
        "decodes": tally.decodes,
        "false_alarms": tally.false_alarms,
        "unmarked_hours": round(tally.unmarked_seconds / 3600, 2),
        "pesq": round(float(np.mean(quality)), 3),
        "pesq_least": round(min(quality), 3),
        "embed_x": tally.times("embed"),
        "detect_x": tally.times("detect 10s"),
        "detect_unmarked_x": tally.times("detect unmarked"),
        "clips": dict(kinds),
    }
    if peer:
        result["peer_audiowmark"] = peer.rates()
    return result


def pesq(original: Audio, changed: Audio) -> float:
    """Return the wide-band PESQ (ITU-T P.862.2) of `changed`, about 1..4.64."""
    from pesq import pesq as measure

    return float(measure(SPEECH_RATE, original.at(SPEECH_RATE).samples, changed.at(SPEECH_RATE).samples, "wb"))


def _attack(tally: Tally, marked: Audio, payload: int, random: np.random.Generator) -> None:
    for name, attack in ATTACKS.items():
        changed = attack(marked, random)
        start = random.uniform(0, changed.seconds - SHORT)
        tally.marked("10s", name, changed, payload)
        tally.marked("5s", name, changed.cut(start, start + SHORT), payload)
    length = random.uniform(*CROP)
    start = random.uniform(0, marked.seconds - length)
    tally.marked("10s", "crop", marked.cut(start, start + length), payload)


def _long_files(corpus: Corpus) -> Iterator[Audio]:
    """Yield the natural clips put together to files of up to ten minutes, in which marks would be sought by window."""
    gathered: list[Audio] = []
    for clip in natural(corpus):
        gathered.append(clip.audio)
        if len(gathered) * SECONDS >= LONG_FILE:
            yield _together(gathered)
            gathered = []
    if gathered:
        yield _together(gathered)


def _together(parts: list[Audio]) -> Audio:
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].rate)


def _top_up(tally: Tally, heard: list[Clip]) -> None:
    """Search unmarked five-second windows with ever new keys until there are DECODES decodes."""
    random = np.random.default_rng(2)
    while tally.decodes < DECODES:
        stranger = PatchworkWatermark(key=f"stranger {tally.decodes}")
        for clip in heard[:: max(1, len(heard) // 40)]:
            start = random.uniform(0, max(0.0, clip.audio.seconds - SHORT))
            tally.unmarked(clip.audio.cut(start, start + SHORT), stranger)


@dataclass
class Peer:
    """audiowmark, the binary that AUDIOWMARK names, at its default strength, on the same clips and attacks."""

    binary: str
    right: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)

    @classmethod
    def installed(cls) -> Peer | None:
        binary = os.environ.get(PEER_VARIABLE, "")
        return cls(binary) if binary and Path(binary).is_file() else None

    def measure(self, audio: Audio, payload: int, random: np.random.Generator) -> None:
        """Mark `audio` and count from which attacks the same message comes back."""
        message = f"{payload:032x}"
        with tempfile.TemporaryDirectory() as folder:
            plain, marked, attacked = (Path(folder) / name for name in ("plain.wav", "marked.wav", "attacked.wav"))
            soundfile.write(plain, audio.samples, audio.rate)
            subprocess.run([self.binary, "add", plain, marked, message], check=True, capture_output=True)
            samples, rate = soundfile.read(marked, dtype="float32")
            for name, attack in ATTACKS.items():
                changed = attack(Audio(samples, rate), random)
                soundfile.write(attacked, changed.samples, changed.rate)
                answer = subprocess.run([self.binary, "get", attacked], check=False, capture_output=True, text=True)
                self.tried[name] += 1
                self.right[name] += message in answer.stdout

    def rates(self) -> dict[str, float]:
        return {attack: round(self.right[attack] / tried, 4) for attack, tried in self.tried.items()}
