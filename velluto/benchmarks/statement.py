"""Whether the statement, its name and its date are heard; docs/benchmarks/statement.md says what each figure means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random

from consent import phrases, policies
from velluto import engines
from velluto.audio.signal import Audio
from velluto.benchmarks.captcha_tries import PACES, VOICES, spelt_out
from velluto.benchmarks.corpus import Corpus
from velluto.benchmarks.gate import HALVES, Person, joined
from velluto.benchmarks.rates import share
from velluto.engines.base import TooLittleSpeech
from velluto.engines.espeak import say

CLONED, ENROLLED = 12, 45.0  # people, and seconds of each, at most
READINGS = 12  # of each voice
LEAST = 14.0  # seconds of recordings that make a voice whose words can be made out
WORD = 3  # letters; shorter words of a transcript carry no slot of their own
OTHER_DAYS = (-30, -7, -1, 1, 7, 30, 365)
# None of these was looked at while the check was tuned; about half of them stand among the check's own distractors.
_GIVEN = """
    Adriana Andrew Astrid Bartholomew Camille Cedric Deborah Eleanor Farah Felix Giulia Gwendolyn Harold Imogen Isabel
    Jerome Kenneth Leila Lucia Magnus Matthew Nadia Oscar Penelope Rachel Raymond Samantha Sanjay Tamara Victor Winifred
    Zoltan
"""
_FAMILY = """
    Almeida Anderson Barlow Bennett Caldwell Campbell Dimitriou Eriksson Fischer Fitzgerald Gomez Hakimi Hawthorne
    Ivanov Kaufman Kelly Lombardi Marchetti Morales Nowak Okafor Pemberton Quigley Ramirez Robinson Stewart Tanaka
    Thornton Underwood Vasquez Winslow Zimmerman
"""
GIVEN, FAMILY = tuple(_GIVEN.split()), tuple(_FAMILY.split())


@dataclass(frozen=True, slots=True)
class Read:
    """A statement read aloud: by what kind of voice, of which half of the speakers, and what it says."""

    kind: str
    half: str
    audio: Audio
    given: str
    family: str
    on: date


@dataclass(frozen=True, slots=True)
class Heard:
    """What the gate makes of one reading: of what it says, and of another name or date than it says."""

    read: Read
    name: bool
    date: bool
    words: bool
    other_given: bool
    other_family: bool
    other_name: bool
    other_date: bool


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Measure the gate's check of words on cloned, synthesised and, as far as transcripts go, natural speech."""
    chance = Random(1)
    people = [Person(name, joined(rows)) for name, rows in corpus.speakers().items()]
    people = sorted(people, key=lambda person: -person.speech.seconds)[: limit or CLONED]
    heard, cpu, seconds = [], 0.0, 0.0
    for read in (*_cloned(people, chance, tell), *_synthesised(len(VOICES) * READINGS, chance)):
        started = time.process_time()
        heard.append(_hear(read, chance))
        cpu += time.process_time() - started
        seconds += read.audio.seconds
    tell("statements are heard; now transcripts")
    cloned = [each for each in heard if each.read.kind == "cloned"]
    transcriber = engines.transcriber()
    return {
        "cloned": _rates(cloned),
        **{half: _rates([each for each in cloned if each.read.half == half]) for half in HALVES},
        "synthesised": _rates([each for each in heard if each.read.kind == "synthesised"]),
        "transcripts": _transcripts(corpus, chance, limit),
        "cpu_s_per_reading": round(cpu / (5 * len(heard)), 3),
        "seconds_per_reading": round(seconds / len(heard), 1),
        "engine": f"{transcriber.name} {transcriber.version}",
    }


def _cloned(people: Iterable[Person], chance: Random, tell: Callable[[str], None]) -> Iterator[Read]:
    """Let the voices of real people read statements; the engine is asked directly, so nothing is marked."""
    engine = engines.speech()
    for person in people:
        if person.speech.seconds < LEAST:
            continue
        try:
            voice = engine.enrol([person.speech.cut(0, min(ENROLLED, person.speech.seconds))])
        except TooLittleSpeech:
            tell(f"{person.name}: too little speech for a voice")
            continue
        tell(f"{person.name}: a voice of {min(ENROLLED, person.speech.seconds):.0f} s")
        for given, family, on, text in _statements(READINGS, chance):
            yield Read("cloned", person.half, engine.speak(voice, text), given, family, on)


def _synthesised(count: int, chance: Random) -> Iterator[Read]:
    for place, (given, family, on, text) in enumerate(_statements(count, chance)):
        audio = say(text, VOICES[place % len(VOICES)], rate=chance.choice(PACES))
        yield Read("synthesised", "", audio, given, family, on)


def _statements(count: int, chance: Random) -> Iterator[tuple[str, str, date, str]]:
    """Yield names, a date, and the statement with its date in the ways people say it in turn."""
    for place in range(count):
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        on = date(2025, 1, 1) + timedelta(chance.randrange(1000))
        text = phrases.STATEMENT.replace("[name]", f"{given} {family}").replace("[date]", _said(on, place))
        yield given, family, on, text


def _said(on: date, place: int) -> str:
    ordinal, number, month = phrases.spoken_ordinal(on.day), phrases.spoken_number(on.day), phrases.MONTHS[on.month - 1]
    plain, with_and, in_pairs = phrases.spoken_years(on.year)
    ways = (
        f"the {ordinal} of {month} {plain}",
        f"{month} {ordinal} {in_pairs}",
        f"{number} {month} {in_pairs}",
        f"{month} the {ordinal} {with_and}",
    )
    return ways[place % len(ways)]


def _hear(read: Read, chance: Random) -> Heard:
    given = chance.choice([name for name in GIVEN if name != read.given])
    family = chance.choice([name for name in FAMILY if name != read.family])
    other_date = read.on + timedelta(chance.choice(OTHER_DAYS))

    def found(given: str, family: str, on: date) -> phrases.StatementFindings:
        slots = phrases.statement_slots(f"{given} {family}", on, chance)
        return phrases.statement_findings(engines.transcriber().read(read.audio, slots))

    right = found(read.given, read.family, read.on)
    return Heard(
        read,
        name=right.name_right,
        date=right.date_right,
        words=right.words_share >= policies.STATEMENT_WORDS.threshold,
        other_given=found(given, read.family, read.on).name_right,
        other_family=found(read.given, family, read.on).name_right,
        other_name=found(given, family, read.on).name_right,
        other_date=found(read.given, read.family, other_date).date_right,
    )


def _rates(heard: list[Heard]) -> dict[str, object]:
    return {
        "false_reject": share([not (each.name and each.date and each.words) for each in heard]),
        "name_missed": share([not each.name for each in heard]),
        "date_missed": share([not each.date for each in heard]),
        "words_missed": share([not each.words for each in heard]),
        "other_given_accepted": share([each.other_given for each in heard]),
        "other_family_accepted": share([each.other_family for each in heard]),
        "other_name_accepted": share([each.other_name for each in heard]),
        "other_date_accepted": share([each.other_date for each in heard]),
    }


def _transcripts(corpus: Corpus, chance: Random, limit: int) -> dict[str, object]:
    """Hold natural speech against its transcript, and against it with one word of a name's kind exchanged."""
    told = [(utterance, words) for utterance in corpus if len(words := spelt_out(utterance)) > 1]
    pool = sorted({word for _, words in told for word in words if len(word) >= WORD})
    missed, taken = [], []
    for utterance, words in islice(told, limit or None):
        audio, places = utterance.audio(), [place for place, word in enumerate(words) if len(word) >= WORD]
        right = _places_right(audio, words, places, pool, chance)
        missed += [not right[place] for place in places]
        for place in places:
            other = chance.choice([word for word in pool if word not in words])
            exchanged = (*words[:place], other, *words[place + 1 :])
            taken.append(_places_right(audio, exchanged, places, pool, chance)[place])
    return {"recordings": len(told), "word_missed": share(missed), "other_word_accepted": share(taken)}


def _places_right(
    audio: Audio, words: tuple[str, ...], places: list[int], pool: list[str], chance: Random
) -> tuple[bool, ...]:
    """Return whether each word was heard; those at `places` among distractors, as the words of a name are."""
    others = sorted({*phrases.NAMES, *pool} - {*words})
    slots = [
        phrases.name_slot(word, others, chance) if place in places else phrases.Slot(word)
        for place, word in enumerate(words)
    ]
    return engines.transcriber().read(audio, slots).right
