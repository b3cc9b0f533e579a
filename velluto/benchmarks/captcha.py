"""How well phrases and statements read aloud are recognised; docs/benchmarks/captcha.md says what each figure means."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from scipy.stats import binomtest

from consent import phrases
from velluto import engines
from velluto.audio.signal import Audio
from velluto.benchmarks.captcha_tries import (
    Try,
    aligned,
    made,
    made_up,
    other_words,
    runs,
    single_words,
    some,
    word_lists,
)
from velluto.benchmarks.corpus import Corpus
from velluto.engines.base import Slot, Transcriber

HITS_NEEDED = 4  # words of five
WORDS_NEEDED = 0.7  # share of the statement's checked words
REAL_TRIES, MADE_TRIES, STATEMENTS = 100, 100, 100  # at most, of each kind
OTHER_TRIES = 1_000
GIVEN = ("Alice", "Benjamin", "Charlotte", "Dominic", "Grace", "Jasper", "Katherine", "Maria", "Nathaniel", "Priya")
FAMILY = ("Abernathy", "Bradshaw", "Cavendish", "Galloway", "Kowalski", "Lockwood", "Nguyen", "Smith", "Whitaker")


def run(corpus: Corpus, *, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Measure false rejects, false accepts and CPU time of the captcha on real speech and on synthesised readings."""
    chance = Random(1)
    bench = _Bench(engines.transcriber(), chance)
    real = _real(corpus, limit or REAL_TRIES, chance)
    bench.learn(word for tries in real.values() for attempt in tries for word in attempt.words)
    tell(f"real speech, the expected words: { ({kind: len(tries) for kind, tries in real.items()}) }")
    right = {kind: bench.hits(tries) for kind, tries in real.items()}
    others = list(other_words(corpus, limit or OTHER_TRIES, chance))
    tell(f"real speech, other words: {len(others)} tries")
    other = bench.hits(others)
    readings = [made(place, chance) for place in range(limit or MADE_TRIES)]
    tell(f"synthesised readings: {len(readings)}, as often with a stray word before; then statements")
    started = time.process_time()
    made_right = bench.hits(readings)
    cpu = (time.process_time() - started) / len(readings)
    made_other = bench.hits([replace(attempt, words=phrases.new_phrase(chance)) for attempt in readings])
    made_stray = bench.hits([made(place, chance, stray=True) for place in range(len(readings))])
    return {
        "engine": f"{bench.transcriber.name} {bench.transcriber.version}",
        "hits_needed": HITS_NEEDED,
        "false_reject": _share(right["runs_apart"], _refused),
        "false_reject_95": _between(right["runs_apart"], _refused),
        "false_accept": _share(other, _accepted),
        "false_accept_below_95": _below(other, _accepted),
        "cpu_s_per_try": cpu,
        "real": {kind: _summary(hits, real[kind]) for kind, hits in right.items()},
        "synthesised": _summary(made_right, readings)
        | {"false_accept": _share(made_other, _accepted), "false_reject_stray_before": _share(made_stray, _refused)},
        "statement": bench.statements(limit or STATEMENTS),
        "tries": {kind: len(hits) for kind, hits in right.items()}
        | {"other_words": len(other), "synthesised": len(readings)},
    }


def _real(corpus: Corpus, most: int, chance: Random) -> dict[str, list[Try]]:
    """Return the tries of real speakers, by kind."""
    found = list(aligned(corpus))
    kinds = {
        "runs_apart": runs(found, step=phrases.PHRASE_WORDS),
        "runs_overlapping": runs(found, step=1),
        "stray_word_before": runs(found, step=phrases.PHRASE_WORDS, before=1),
        "stray_word_after": runs(found, step=phrases.PHRASE_WORDS, after=1),
        "word_lists": word_lists(found, chance),
        "single_words": list(single_words(corpus, chance)),
    }
    return {kind: some(tries, most, chance) for kind, tries in kinds.items()}


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
            audio = made_up(_spoken_statement(name, on, place), place, self.chance)
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


def _refused(hits: int) -> bool:
    return hits < HITS_NEEDED


def _accepted(hits: int) -> bool:
    return hits >= HITS_NEEDED


def _share(hits: list[int], fails: Callable[[int], bool]) -> float | None:
    return sum(map(fails, hits)) / len(hits) if hits else None


def _between(hits: list[int], fails: Callable[[int], bool]) -> list[float] | None:
    """Return the exact binomial interval in which the true share lies with 95 % confidence."""
    if not hits:
        return None
    interval = binomtest(sum(map(fails, hits)), len(hits)).proportion_ci(0.95, "exact")
    return [round(float(interval.low), 4), round(float(interval.high), 4)]


def _below(hits: list[int], fails: Callable[[int], bool]) -> float | None:
    """Return what the true share lies below with 95 % confidence (exact binomial, one-sided)."""
    if not hits:
        return None
    return round(float(binomtest(sum(map(fails, hits)), len(hits), alternative="less").proportion_ci(0.95).high), 5)


def _summary(hits: list[int], tries: list[Try]) -> dict[str, object]:
    return {
        "tries": len(hits),
        "speakers": len({attempt.speaker for attempt in tries if attempt.speaker}),
        "false_reject": _share(hits, _refused),
        "false_reject_95": _between(hits, _refused),
        "words_right": sum(hits) / (len(hits) * phrases.PHRASE_WORDS) if hits else None,
    }
