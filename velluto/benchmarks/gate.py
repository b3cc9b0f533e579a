"""What the gate's machine checks make of real people; docs/benchmarks/gate.md says what each figure means."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random

import numpy as np

from consent import measuring, policies
from consent.models import Attempt
from consent.repeats import Repeat
from velluto import engines
from velluto.audio import export, intake
from velluto.audio.fingerprint import CHANCE
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks import verdict
from velluto.benchmarks.attacks import OPUS_RATE, coded, encoded, telephone
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.benchmarks.rates import share, spread
from velluto.engines.base import Embedding

SAMPLE = 30.0  # seconds; the least that a sample may last
SHORT, LONG = 4.0, 10.0  # seconds of a phrase and of a statement
CROWD = 14.0  # seconds; who spoke that much can share a sample half and half
STRANGERS = 8  # for each sample
PARTNERS = 3
TURN = 3.0  # seconds, where two people take turns
NOISE_DB = 5.0
OVERDRIVEN_DB = (12.0, 20.0)
BABBLE = 6  # people
WEBM_BITS = 48_000
FORMATS: dict[str, Callable[[Audio], bytes]] = {
    **{name: lambda audio, name=name: export.encode(audio, name) for name in ("wav", "mp3", "m4a", "opus")},  # type: ignore[misc]
    "webm": lambda audio: encoded(audio, "webm", "libopus", WEBM_BITS, OPUS_RATE),
}
CHANNELS: dict[str, Callable[[Audio], Audio]] = {
    "telephone": telephone,
    "opus_16k": lambda audio: coded(audio, "ogg", "libopus", 16_000, OPUS_RATE),
    "mp3_32k": lambda audio: coded(audio, "mp3", "libmp3lame", 32_000, SPEECH_RATE),
}
HALVES = ("tuning", "held_out")


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker's recordings one after another, and which half of the speakers they belong to."""

    name: str
    speech: Audio

    @property
    def half(self) -> str:
        return HALVES[hashlib.sha256(self.name.encode()).digest()[0] % 2]

    def samples(self) -> list[Audio]:
        """Return as many samples as there are, with no second in common."""
        return [self.speech.cut(number * SAMPLE, (number + 1) * SAMPLE) for number in range(self._count)]

    def beyond(self, number: int, seconds: float) -> Iterator[Audio]:
        """Yield pieces of speech that are no part of sample `number`."""
        before = self.speech.cut(0, number * SAMPLE)
        after = self.speech.cut((number + 1) * SAMPLE, self.speech.seconds)
        for rest in (before, after):
            for place in range(int(rest.seconds // seconds)):
                yield rest.cut(place * seconds, (place + 1) * seconds)

    @property
    def _count(self) -> int:
        return int(self.speech.seconds // SAMPLE)


@dataclass(frozen=True, slots=True)
class Try:
    """A recording that is handed in, and in which half of the speakers all who speak in it are."""

    kind: str
    detail: str
    half: str
    audio: Audio
    format: str = "wav"
    enrolled: Embedding | None = None  # of the sample, where this is handed in at a later step


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: str
    detail: str
    half: str
    format: str
    failed: frozenset[str]
    values: dict[str, float]


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Hand in genuine and other recordings of every speaker (at most `limit`; 0: all) with enough speech."""
    started = time.process_time()
    crowd = [Person(name, joined(rows)) for name, rows in corpus.speakers().items()]
    people = [person for person in crowd if person.speech.seconds >= SAMPLE][: limit or None]
    tell(f"{len(people)} people with samples, {len(crowd)} in all")
    long = [person.speech.cut(0, verdict.LENGTH) for person in people if person.speech.seconds >= verdict.LENGTH]
    took = verdict.timed(long, FORMATS["webm"], rounds=min(verdict.ROUNDS, 5 * limit or verdict.ROUNDS))
    outcomes = []
    for one in _tries(people, crowd, Random(1)):
        outcomes.append(_outcome(one))
        if len(outcomes) % 50 == 0:
            tell(f"{len(outcomes)} recordings")
    return {
        **took,
        "people": {half: sum(person.half == half for person in people) for half in HALVES},
        "crowd": len(crowd),
        "genuine": _genuine([each for each in outcomes if each.kind == "genuine"]),
        "refused": {
            kind: _to_refuse([each for each in outcomes if each.kind == kind], code)
            for kind, code in (
                ("two_speakers", "one_speaker"),
                ("noise", "noise"),
                ("overdriven", "clipping"),
                ("own_mark", "own_mark"),
                ("other_speaker", "speaker"),
            )
        },
        "same_speaker": _details([each for each in outcomes if each.kind == "same_speaker"], _speaker_failed),
        "other_channel": _details([each for each in outcomes if each.kind == "other_channel"], _speaker_failed),
        "cpu_s": round(time.process_time() - started, 1),
        "engine": f"{engines.speaker().name} {engines.speaker().version}",
    }


def joined(rows: Iterable[Utterance]) -> Audio:
    """Return recordings one right after another: pauses of digital silence would flatter the signal to noise."""
    return Audio(np.concatenate([utterance.audio().samples for utterance in rows]), SPEECH_RATE)


def _tries(people: list[Person], crowd: list[Person], chance: Random) -> Iterator[Try]:
    formats = cycle(FORMATS)
    for person in people:
        for number, sample in enumerate(person.samples()):
            for name in FORMATS:
                yield Try("genuine", person.name, person.half, sample, name)
            yield from _shared(person, sample, crowd, chance)
            yield from _spoilt(person, sample, crowd, chance)
            yield Try("own_mark", "marked", person.half, _marked(sample, chance), next(formats))
            yield from _later(person, number, sample, crowd, chance)
    yield from _crowd_halves([each for each in crowd if each not in people], chance)


def _shared(person: Person, sample: Audio, crowd: list[Person], chance: Random) -> Iterator[Try]:
    """Share the sample with others of the same half of the speakers, in several proportions."""
    others = [each for each in crowd if each.half == person.half and each.name != person.name]
    formats = cycle(FORMATS)
    for seconds, detail in ((SAMPLE / 2, "half"), (SAMPLE / 5, "fifth"), (SAMPLE / 2, "turns")):
        able = [each for each in others if each.speech.seconds >= seconds]
        for other in chance.sample(able, min(PARTNERS, len(able))):
            mine, theirs = sample.cut(0, SAMPLE - seconds), other.speech.cut(0, seconds)
            parts = list(_turns(mine, theirs)) if detail == "turns" else [mine, _as_loud(theirs, mine)]
            yield Try("two_speakers", detail, person.half, _put_together(parts), next(formats))


def _crowd_halves(crowd: list[Person], chance: Random) -> Iterator[Try]:
    """Pair off the people who have too few recordings for a sample of their own."""
    for half in HALVES:
        able = [each for each in crowd if each.half == half and each.speech.seconds >= CROWD]
        chance.shuffle(able)
        for one, other in zip(able[::2], able[1::2], strict=False):
            mine, theirs = one.speech.cut(0, SAMPLE / 2), other.speech.cut(0, SAMPLE / 2)
            yield Try("two_speakers", "half_crowd", half, _put_together([mine, _as_loud(theirs, mine)]), "webm")


def _spoilt(person: Person, sample: Audio, crowd: list[Person], chance: Random) -> Iterator[Try]:
    noise = np.random.default_rng(chance.randrange(2**32)).standard_normal(len(sample.samples))
    yield Try("noise", "white", person.half, _mixed(sample, noise), "webm")
    others = [each for each in crowd if each.name != person.name and each.speech.seconds >= CROWD]
    voices = [each.speech.samples for each in chance.sample(others, min(BABBLE, len(others)))]
    babble = np.sum([np.resize(_level(voice), len(noise)) for voice in voices], axis=0)
    yield Try("noise", "babble", person.half, _mixed(sample, babble), "webm")
    for decibels in OVERDRIVEN_DB:
        peak = np.abs(sample.samples).max()
        loud = np.clip(sample.samples * (10 ** (decibels / 20) / peak), -1, 1).astype(np.float32)
        yield Try("overdriven", f"{decibels:.0f} dB", person.half, Audio(loud, sample.rate), "webm")


def _later(person: Person, number: int, sample: Audio, crowd: list[Person], chance: Random) -> Iterator[Try]:
    """Hand in other speech of the same person, and of strangers, where the voice of the sample is asked for."""
    enrolled = engines.speaker().embed(received(sample, "webm"))
    formats = cycle(FORMATS)
    for seconds, most in ((SHORT, 4), (LONG, 2)):
        pieces = list(person.beyond(number, seconds))
        for piece in chance.sample(pieces, min(most, len(pieces))):
            yield Try("same_speaker", f"{seconds:.0f} s", person.half, piece, next(formats), enrolled)
            if seconds == LONG:
                for name, channel in CHANNELS.items():
                    yield Try("other_channel", name, person.half, channel(piece), "wav", enrolled)
        able = [each for each in crowd if each.name != person.name and each.speech.seconds >= seconds]
        for other in chance.sample(able, min(STRANGERS // 2, len(able))):
            piece = other.speech.cut(0, seconds)
            yield Try("other_speaker", f"{seconds:.0f} s", person.half, piece, next(formats), enrolled)


def received(audio: Audio, fmt: str) -> Audio:
    """Return what the house holds after `audio` was handed in as a file of this kind."""
    return intake.decode(FORMATS[fmt](audio))


def _outcome(one: Try) -> Outcome:
    step = Attempt.Step.SAMPLE if one.enrolled is None else Attempt.Step.CAPTCHA

    def enrolled() -> Embedding:
        assert one.enrolled is not None
        return one.enrolled

    findings = measuring.check(
        step,
        received(one.audio, one.format),
        words=lambda audio: (),
        enrolled=enrolled,
        earlier=lambda fingerprint, voiceprint: Repeat(CHANCE, None),  # bench repeats measures those
        tell=lambda *_: None,
    ).findings
    required = policies.REQUIRED[step] - {"captcha_words"}  # nobody recorded our phrases: bench captcha measures those
    failed = required - {finding.code for finding in findings if finding.passed}
    values = {finding.code: finding.value for finding in findings}
    return Outcome(one.kind, one.detail, one.half, one.format, frozenset(failed), values)


def _genuine(outcomes: list[Outcome]) -> dict[str, object]:
    return {
        "refused": share([bool(each.failed) for each in outcomes]),
        **{half: share([bool(each.failed) for each in outcomes if each.half == half]) for half in HALVES},
        "by_check": {
            code: share([code in each.failed for each in outcomes]) for code in sorted(policies.REQUIRED["sample"])
        },
        "by_format": {name: share([bool(each.failed) for each in outcomes if each.format == name]) for name in FORMATS},
        "by_person": {
            person: share([bool(each.failed) for each in outcomes if each.detail == person])
            for person in sorted({each.detail for each in outcomes})
        },
        "values": {
            code: spread([each.values[code] for each in outcomes if code in each.values])
            for code in ("speech_seconds", "noise", "clipping", "one_speaker")
        },
    }


def _to_refuse(outcomes: list[Outcome], code: str) -> dict[str, object]:
    """Return how many were let through by all checks, and by the check that is meant to find them."""
    return {
        "accepted": share([not each.failed for each in outcomes]),
        **{half: share([not each.failed for each in outcomes if each.half == half]) for half in HALVES},
        "by_kind": {
            detail: {
                "accepted": share([not each.failed for each in chosen]),
                "overlooked": share([code not in each.failed for each in chosen]),
                "values": spread([each.values[code] for each in chosen if code in each.values]),
            }
            for detail, chosen in _by_detail(outcomes)
        },
    }


def _details(outcomes: list[Outcome], failed: Callable[[Outcome], bool]) -> dict[str, object]:
    return {
        detail: {
            "speaker_refused": share([failed(each) for each in chosen]),
            "refused": share([bool(each.failed) for each in chosen]),
            "values": spread([each.values["speaker"] for each in chosen if "speaker" in each.values]),
        }
        for detail, chosen in _by_detail(outcomes)
    }


def _speaker_failed(outcome: Outcome) -> bool:
    return "speaker" in outcome.failed


def _by_detail(outcomes: list[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    for detail in sorted({each.detail for each in outcomes}):
        yield detail, [each for each in outcomes if each.detail == detail]


def _turns(mine: Audio, theirs: Audio) -> Iterator[Audio]:
    for start in np.arange(0, mine.seconds, TURN).tolist():
        yield mine.cut(start, start + TURN)
        yield _as_loud(theirs.cut(start, start + TURN), mine)


def _put_together(parts: list[Audio]) -> Audio:
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].rate)


def _as_loud(audio: Audio, other: Audio) -> Audio:
    """Return `audio` at the level of `other`, as one microphone in one room hears two people."""
    return Audio((_level(audio.samples) * np.sqrt(np.mean(other.samples**2))).astype(np.float32), audio.rate)


def _level(samples: np.ndarray) -> np.ndarray:
    return samples / max(float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))), 1e-9)


def _mixed(sample: Audio, noise: np.ndarray) -> Audio:
    """Return the sample with noise NOISE_DB below its mean power, turned down where it would clip."""
    wanted = float(np.sqrt(np.mean(sample.samples**2))) * 10 ** (-NOISE_DB / 20)
    heard = sample.samples + _level(noise) * wanted
    return Audio((heard / max(1.0, float(np.abs(heard).max()))).astype(np.float32), sample.rate)


def _marked(sample: Audio, chance: Random) -> Audio:
    detector = engines.watermark()
    return detector.embed(sample, chance.randrange(2**detector.payload_bits))
