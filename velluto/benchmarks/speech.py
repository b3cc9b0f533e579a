"""How well a clone says the words, sounds like its speaker and keeps time (docs/benchmarks/speech.md)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

import numpy as np

from velluto import engines
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.engines import espeak
from velluto.engines.base import Embedding, Slot, TooLittleSpeech, VoiceArtefact

ENROLLED = 45.0  # seconds of speech a voice is made from
MINUTE, MINUTES = 60.0, 3  # seconds whose enrolment is timed by itself, and for how many speakers at most
HELD_OUT = 12.0  # seconds of other speech, at least, that its clones are compared with
PRINTED = 30.0  # seconds, at most, behind the voiceprint of a speaker who is only there to be taken for another
LISTS, WORDS_IN_LIST, CHOICES = 20, 5, 25

FIRST = "Thank you for calling, I will be right back."
SENTENCES = (
    "The train to the coast leaves at seven, so please be ready before breakfast.",
    "My brother keeps his old letters in a wooden box under the stairs.",
    "If the weather holds, we can walk around the lake and have lunch outside.",
    "She asked whether anybody had seen the keys that she left on the table.",
    "They finished painting the garage yesterday, but the door still needs another coat.",
    "Could you tell me how much it costs to send this parcel to Norway?",
    "After the meeting, everyone thought the plan was rather bold and quite expensive.",
    "A small boat moved slowly through the fog towards the quiet harbour.",
)
_TEXT = """
anchor apple autumn balloon banana basket battery blanket bottle bridge butter button camera candle canyon carpet castle
chimney circus coffee compass copper cotton crystal curtain dolphin dragon engine elephant falcon feather fiddle flower
forest fountain galaxy garden giraffe guitar hammer harbor harvest helmet honey horizon island jacket jungle kettle
kitchen ladder lantern lemon library lizard magnet marble meadow melody mirror monkey mountain mushroom napkin needle
ocean octopus orange orchard paper parrot peanut pebble pencil pepper piano picnic pillow pirate planet potato pumpkin
puzzle rabbit radio ribbon river saddle salmon sandwich satellite shadow silver spider squirrel stadium sugar summer
sunset sweater teacher thunder tiger tomato tractor travel trumpet tunnel turtle umbrella valley vanilla velvet village
violin volcano wagon walnut water whistle window winter wizard yellow zebra
"""
WORDS = tuple(_TEXT.split())


@dataclass(slots=True)
class _Heard:
    """What was measured on one speaker's clones."""

    enrol_cpu: float
    first_sound: float = 0.0
    cpu: float = 0.0
    seconds: float = 0.0
    right: list[bool] = field(default_factory=list)
    cosines: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)

    @property
    def word_accuracy(self) -> float:
        return fmean(self.right)

    @property
    def similarity(self) -> float:
        return fmean(self.cosines)

    @property
    def rank1(self) -> float:
        return fmean(self.first)


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Clone every speaker with enough speech (at most `limit`; 0: all) and measure the clones."""
    split = {name: parts for name, rows in corpus.speakers().items() if (parts := divide(rows))}
    cloned = dict(list(split.items())[: limit or None])
    tell(f"{len(cloned)} speakers to clone")
    prints = {name: engines.speaker().embed(join(held_out)) for name, (_, held_out) in split.items()}
    prints |= _others(corpus, set(split))
    tell(f"{len(prints)} voiceprints to tell apart")

    results: dict[str, _Heard] = {}
    peer_right: list[bool] = []
    for number, (name, (enrolled, _)) in enumerate(cloned.items()):
        lists = word_lists(number)
        results[name] = found = _clone(join(enrolled), name, prints, lists)
        peer_right += [right for words in lists for right in read(espeak.say(_spoken(words), "en-us"), words)]
        tell(
            f"{name}: words {found.word_accuracy:.3f}, similarity {found.similarity:.3f}, rank 1 {found.rank1:.2f}, "
            f"RTF {found.cpu / found.seconds:.2f}, enrolled in {found.enrol_cpu:.1f} s of CPU"
        )
    heard = list(results.values())
    real = [prints[name].similarity(engines.speaker().embed(join(cloned[name][0]))) for name in cloned]
    return {
        "word_accuracy": round(fmean(right for each in heard for right in each.right), 4),
        "word_accuracy_min": round(min(each.word_accuracy for each in heard), 4),
        "similarity": round(fmean(each.similarity for each in heard), 4),
        "similarity_min": round(min(each.similarity for each in heard), 4),
        "rank1": round(fmean(first for each in heard for first in each.first), 4),
        "rank1_min": round(min(each.rank1 for each in heard), 4),
        "rtf": round(sum(each.cpu for each in heard) / sum(each.seconds for each in heard), 4),
        "first_sound_s": round(median(each.first_sound for each in heard), 3),
        "enrol_cpu_s": round(fmean(each.enrol_cpu for each in heard), 2),
        "enrolment_cpu_s_60s": _minutes(corpus, limit, tell),
        "real_similarity": round(fmean(real), 4),
        "speakers": len(cloned),
        "gallery": len(prints),
        "words": sum(len(each.right) for each in heard),
        "clips": sum(len(each.cosines) for each in heard),
        "peer_espeak": _peer(prints, list(cloned), peer_right),
        "by_speaker": {
            name: {
                "word_accuracy": round(found.word_accuracy, 4),
                "similarity": round(found.similarity, 4),
                "rank1": round(found.rank1, 4),
            }
            for name, found in results.items()
        },
        "engine": f"{engines.speech().name} {engines.speech().version}",
    }


def divide(rows: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]] | None:
    """Return the utterances to enrol and those held out, in order; None for a speaker with too little speech."""
    enrolled: list[Utterance] = []
    for place, utterance in enumerate(rows):
        if sum(each.seconds for each in enrolled) >= ENROLLED:
            held_out = list(rows[place:])
            return (enrolled, held_out) if sum(each.seconds for each in held_out) >= HELD_OUT else None
        enrolled.append(utterance)
    return None


def join(rows: Sequence[Utterance]) -> Audio:
    """Return the utterances one after another, as one recording."""
    return Audio(np.concatenate([utterance.audio().samples for utterance in rows]), SPEECH_RATE)


def word_lists(seed: int) -> list[tuple[str, ...]]:
    """Return LISTS lists of different words."""
    chance = random.Random(seed)
    return [tuple(chance.sample(WORDS, WORDS_IN_LIST)) for _ in range(LISTS)]


def read(audio: Audio, words: Sequence[str]) -> list[bool]:
    """Return which of `words` the transcriber picks from among CHOICES each."""
    chance = random.Random(" ".join(words))
    others = [word for word in WORDS if word not in words]
    slots = [Slot(word, tuple(chance.sample(others, CHOICES - 1))) for word in words]
    return list(engines.transcriber().read(audio, slots).right)


def _spoken(words: Sequence[str]) -> str:
    return " ".join(words) + "."


def _clone(enrolled: Audio, name: str, prints: dict[str, Embedding], lists: list[tuple[str, ...]]) -> _Heard:
    engine = engines.speech()
    started = time.process_time()
    voice = engine.enrol([enrolled])
    found = _Heard(enrol_cpu=time.process_time() - started)
    _speak(found, voice, SENTENCES[0])  # what is loaded once per process is not counted
    found.cpu = found.seconds = 0.0
    wall = time.perf_counter()
    _speak(found, voice, FIRST)
    found.first_sound = time.perf_counter() - wall
    for words in lists:
        found.right += read(_speak(found, voice, _spoken(words)), words)
    for sentence in SENTENCES:
        clone = engines.speaker().embed(_speak(found, voice, sentence))
        found.cosines.append(prints[name].similarity(clone))
        found.first.append(_nearest(clone, prints) == name)
    return found


def _minutes(corpus: Corpus, limit: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Return the CPU seconds that making a voice of one minute took, by speaker, for a few who spoke that long."""
    found: dict[str, float] = {}
    for name, rows in corpus.speakers().items():
        if sum(utterance.seconds for utterance in rows) < MINUTE or len(found) == min(limit or MINUTES, MINUTES):
            continue
        speech = join(rows).cut(0, MINUTE)
        started = time.process_time()
        engines.speech().enrol([speech])
        found[name] = round(time.process_time() - started, 2)
        tell(f"{name}: a minute enrolled in {found[name]} s of CPU")
    return found


def _speak(found: _Heard, voice: VoiceArtefact, text: str) -> Audio:
    started = time.process_time()
    audio = engines.speech().speak(voice, text)
    found.cpu += time.process_time() - started
    found.seconds += audio.seconds
    return audio


def _others(corpus: Corpus, known: set[str]) -> dict[str, Embedding]:
    """Return a voiceprint for each speaker who is not cloned but might be taken for one who is."""
    found = {}
    for name, rows in corpus.speakers().items():
        if name in known:
            continue
        seconds, taken = 0.0, []
        for utterance in rows:
            if seconds < PRINTED:
                taken.append(utterance)
                seconds += utterance.seconds
        try:
            found[name] = engines.speaker().embed(join(taken))
        except TooLittleSpeech:
            continue
    return found


def _nearest(clone: Embedding, prints: dict[str, Embedding]) -> str:
    return max(prints, key=lambda name: clone.similarity(prints[name]))


def _peer(prints: dict[str, Embedding], names: list[str], right: list[bool]) -> dict[str, float]:
    """Return the same figures for eSpeak NG itself, which knows no speaker."""
    clips = [engines.speaker().embed(espeak.say(sentence, "en-us")) for sentence in SENTENCES]
    return {
        "word_accuracy": round(fmean(right), 4),
        "similarity": round(fmean(clip.similarity(prints[name]) for clip in clips for name in names), 4),
        "rank1": round(fmean(_nearest(clip, prints) == name for clip in clips for name in names), 4),
    }
