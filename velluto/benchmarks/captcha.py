"""How well phrases and statements read aloud are recognised; docs/benchmarks/captcha.md says what each figure means."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import numpy as np

from consent import phrases
from velluto import engines
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.benchmarks.corpus import Corpus, Utterance
from velluto.engines.base import Slot, Transcriber
from velluto.engines.espeak import say
from velluto.engines.pocketsphinx import PocketSphinxTranscriber

HITS_NEEDED = 4  # words of five
WORDS_NEEDED = 0.7  # share of the statement's checked words
REAL_TRIES, MADE_TRIES, STATEMENTS = 400, 100, 100  # at most
MARGIN = 0.05  # seconds kept around words that are cut out
BETWEEN = np.zeros(round(0.15 * SPEECH_RATE), np.float32)  # pause between recordings of one word each
LONGEST = 10.0  # seconds of a recording held against a phrase
SHORTEST = 2.0
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOICES = ("en-us", "en-us+f2", "en-us+m3", "en-us+f5", "en-us+m2")
PACES = (130, 150, 170)  # words a minute
GIVEN = ("Alice", "Benjamin", "Charlotte", "Dominic", "Grace", "Jasper", "Katherine", "Maria", "Nathaniel", "Priya")
FAMILY = ("Abernathy", "Bradshaw", "Cavendish", "Galloway", "Kowalski", "Lockwood", "Nguyen", "Smith", "Whitaker")


@dataclass(frozen=True, slots=True)
class Try:
    """A recording, and the words that it is expected to hold."""

    audio: Audio
    words: tuple[str, ...]


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Measure false rejects, false accepts and CPU time of the captcha on real speech and on synthesised readings."""
    chance = Random(1)
    bench = _Bench(engines.transcriber(), chance)
    real = {
        "runs": _some(_runs(corpus), limit or REAL_TRIES, chance),
        "single_words": _some(_single_words(corpus, chance), limit or REAL_TRIES, chance),
    }
    bench.learn(word for tries in real.values() for attempt in tries for word in attempt.words)
    right = {kind: bench.hits(tries) for kind, tries in real.items()}
    tell(f"real speech, the expected words: {[len(hits) for hits in right.values()]} tries")
    other = bench.hits(_other_words(corpus, limit or REAL_TRIES, chance))
    tell(f"real speech, other words: {len(other)} tries")
    made = [_made(place, chance) for place in range(limit or MADE_TRIES)]
    started = time.process_time()
    made_right = bench.hits(made)
    cpu = (time.process_time() - started) / len(made)
    made_other = bench.hits([replace(attempt, words=phrases.new_phrase(chance)) for attempt in made])
    tell(f"synthesised readings: {len(made)}; now statements")
    return {
        "engine": f"{bench.transcriber.name} {bench.transcriber.version}",
        "hits_needed": HITS_NEEDED,
        "false_reject": _share(right["runs"], lambda count: count < HITS_NEEDED),
        "false_accept": _share(other, lambda count: count >= HITS_NEEDED),
        "cpu_s_per_try": cpu,
        "real": {kind: _summary(hits) for kind, hits in right.items()},
        "synthesised": _summary(made_right) | {"false_accept": _share(made_other, lambda count: count >= HITS_NEEDED)},
        "statement": bench.statements(limit or STATEMENTS),
        "tries": {"runs": len(right["runs"]), "other_words": len(other), "synthesised": len(made)},
    }


class _Bench:
    """A transcriber, a source of chance, and the words to draw distractors from."""

    def __init__(self, transcriber: Transcriber, chance: Random) -> None:
        self.transcriber = transcriber
        self.chance = chance
        self.pool = list(phrases.WORDS)

    def learn(self, words: Iterable[str]) -> None:
        """Draw distractors from these words too, so that real tries are not set apart by their vocabulary."""
        self.pool = sorted({*self.pool, *words})

    def hits(self, tries: Iterable[Try]) -> list[int]:
        """Return how many of its words were heard in each try, each among 24 distractors."""
        return [phrases.captcha_hits(self.transcriber.read(attempt.audio, self._slots(attempt))) for attempt in tries]

    def _slots(self, attempt: Try) -> list[Slot]:
        others = [word for word in self.pool if word not in attempt.words]
        return [Slot(word, tuple(self.chance.sample(others, phrases.CAPTCHA_DISTRACTORS))) for word in attempt.words]

    def statements(self, count: int) -> dict[str, object]:
        """Return the rates of synthesised statements: the right one refused, another name or date let through."""
        refused, no_name, no_date, names, dates, cpu = 0, 0, 0, 0, 0, 0.0
        for place in range(count):
            name, other_name = _name(self.chance), _name(self.chance)
            while not set(other_name.split()).isdisjoint(name.split()):
                other_name = _name(self.chance)
            on = date(2025, 1, 1) + timedelta(self.chance.randrange(1000))
            other_date = on + timedelta(self.chance.choice((-30, -7, -1, 1, 7, 30, 365)))
            audio = _say(_spoken_statement(name, on, place), place, self.chance)
            started = time.process_time()
            right = self._findings(audio, name, on)
            cpu += time.process_time() - started
            refused += not (right.name_right and right.date_right and right.words_share >= WORDS_NEEDED)
            no_name += not right.name_right
            no_date += not right.date_right
            names += self._findings(audio, other_name, on).name_right
            dates += self._findings(audio, name, other_date).date_right
        return {
            "readings": count,
            "false_reject": refused / count,
            "name_missed": no_name / count,
            "date_missed": no_date / count,
            "other_name_accepted": names / count,
            "other_date_accepted": dates / count,
            "cpu_s_per_reading": cpu / count,
        }

    def _findings(self, audio: Audio, name: str, on: date) -> phrases.StatementFindings:
        slots = phrases.statement_slots(name, on, self.chance)
        return phrases.statement_findings(self.transcriber.read(audio, slots))


def _runs(corpus: Corpus) -> Iterator[Try]:
    """Cut every run of five words out of the transcribed recordings, where alignment puts them."""
    aligner = PocketSphinxTranscriber()
    for utterance in corpus:
        words = _words(utterance)
        if len(words) < phrases.PHRASE_WORDS:
            continue
        audio = utterance.audio()
        spans = aligner.align(audio, words)
        for first in range(len(words) - phrases.PHRASE_WORDS + 1 if spans else 0):
            last = first + phrases.PHRASE_WORDS - 1
            part = audio.cut(max(0.0, spans[first].start - MARGIN), spans[last].end + MARGIN) if spans else audio
            yield Try(part, words[first : last + 1])


def _single_words(corpus: Corpus, chance: Random) -> Iterator[Try]:
    """Join recordings of one word each, five of a speaker's at a time, none used twice."""
    for utterances in corpus.speakers().values():
        single = [utterance for utterance in utterances if len(_words(utterance)) == 1]
        chance.shuffle(single)
        for first in range(0, len(single) - phrases.PHRASE_WORDS + 1, phrases.PHRASE_WORDS):
            five = single[first : first + phrases.PHRASE_WORDS]
            pieces = [piece for utterance in five for piece in (utterance.audio().samples, BETWEEN)]
            yield Try(Audio(np.concatenate(pieces), SPEECH_RATE), tuple(_words(utterance)[0] for utterance in five))


def _other_words(corpus: Corpus, count: int, chance: Random) -> Iterator[Try]:
    """Hold recordings of anything against random phrases, every recording once before any a second time."""
    long_enough = [utterance for utterance in corpus if utterance.seconds >= SHORTEST]
    chance.shuffle(long_enough)
    for place in range(count if long_enough else 0):
        audio = long_enough[place % len(long_enough)].audio().cut(0, LONGEST)
        yield Try(audio, phrases.new_phrase(chance))


def _made(place: int, chance: Random) -> Try:
    words = phrases.new_phrase(chance)
    return Try(_say(", ".join(words), place, chance), words)


def _say(text: str, place: int, chance: Random) -> Audio:
    return say(text, VOICES[place % len(VOICES)], rate=chance.choice(PACES))


def _words(utterance: Utterance) -> tuple[str, ...]:
    """Return the words of a transcript, digits spelt out; none where it holds other figures, for these are no words."""
    text = " ".join(DIGITS[int(word)] if re.fullmatch(r"\d", word) else word for word in utterance.text.lower().split())
    return () if re.search(r"\d", text) else tuple(word.strip("'") for word in re.findall(r"[a-z']*[a-z][a-z']*", text))


def _name(chance: Random) -> str:
    return f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"


def _spoken_statement(name: str, on: date, place: int) -> str:
    """Return the statement with its date in one of the ways people say it."""
    ordinal, number, month = phrases.spoken_ordinal(on.day), phrases.spoken_number(on.day), phrases.MONTHS[on.month - 1]
    plain, with_and, in_pairs = phrases.spoken_years(on.year)
    ways = (
        f"the {ordinal} of {month} {plain}",
        f"{month} {ordinal} {in_pairs}",
        f"{number} {month} {in_pairs}",
        f"{month} the {ordinal} {with_and}",
    )
    return phrases.STATEMENT.replace("[name]", name).replace("[date]", ways[place % len(ways)])


def _some(tries: Iterator[Try], count: int, chance: Random) -> list[Try]:
    found = list(tries)
    return found if len(found) <= count else chance.sample(found, count)


def _share(hits: list[int], fails: Callable[[int], bool]) -> float | None:
    return sum(map(fails, hits)) / len(hits) if hits else None


def _summary(hits: list[int]) -> dict[str, object]:
    return {
        "tries": len(hits),
        "false_reject": _share(hits, lambda count: count < HITS_NEEDED),
        "words_right": sum(hits) / (len(hits) * phrases.PHRASE_WORDS) if hits else None,
    }
