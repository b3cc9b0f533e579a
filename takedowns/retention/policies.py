"""What holds an object, and until when. Values in, an answer out: no query, no clock.

A legal hold goes before everything. A kind's own rule counts from the end of what the object serves. Biometric data
goes by the law's limit where that is earlier; a copy that is owed and evidence that must be kept make it later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

BIOMETRIC_YEARS = 3  # after the person's last interaction, or when the purpose ends, whichever is first
WARNING = timedelta(days=30)  # before biometric data of somebody who is not seen any more goes
NUMBERS = {1: "one", 2: "two", 3: "three", 10: "ten"}


class Because(StrEnum):
    HOLD = "a legal hold"
    SERVICE = "it is in use"
    TERM = "its time"
    BIOMETRIC = "the limit for biometric data"
    COPY = "a copy is owed"
    EVIDENCE = "evidence must be kept"


@dataclass(frozen=True)
class Rule:
    """How long a kind is kept: so many days or years after `event`; without `ends`, `event` is all there is to say."""

    event: str
    days: int = 0
    years: int = 0
    ends: bool = True
    biometric: bool = False
    evidence: bool = False

    @property
    def words(self) -> str:
        """Return the rule as it is published."""
        if not self.ends:
            return f"{self.event}."
        term = f"{NUMBERS.get(self.years, self.years)} years" if self.years else f"{self.days} days"
        said = f"Until {self.event}" if not (self.days or self.years) else f"{term.capitalize()} after {self.event}"
        if self.biometric and not self.days:
            said += ", and never longer than three years after the person was last here"
        if self.evidence:
            said += ", and never less than three years after the consent was given"
        return f"{said}."


@dataclass(frozen=True)
class Facts:
    """What is known of one object. `ended_at` is when what it serves ended, None while that goes on."""

    ended_at: datetime | None = None
    last_day: datetime | None = None  # where the object itself says when it goes
    seen_at: datetime | None = None  # of biometric data: when the person was last here
    copy_until: datetime | None = None
    evidence_until: date | None = None  # its last day
    on_hold: bool = False
    account: UUID | None = None  # whose hold counts


@dataclass(frozen=True)
class Clock:
    """The one answer for an object: until when it is kept (None: no end is known), and why."""

    because: Because
    until: datetime | None

    def over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at


def clock(rule: Rule, facts: Facts) -> Clock:
    """Return what holds an object, and until when."""
    if facts.on_hold:
        return Clock(Because.HOLD, None)
    found = _service(rule, facts)
    if rule.biometric and facts.seen_at is not None:
        limit = biometric_limit(facts.seen_at)
        if found.until is None or limit < found.until:
            found = Clock(Because.BIOMETRIC, limit)
    if found.until is not None and facts.copy_until is not None and facts.copy_until > found.until:
        found = Clock(Because.COPY, facts.copy_until)
    if found.until is not None and rule.evidence and facts.evidence_until is not None:
        last = datetime.combine(facts.evidence_until + timedelta(days=1), time(), tzinfo=UTC)
        if last > found.until:
            found = Clock(Because.EVIDENCE, last)
    return found


def _service(rule: Rule, facts: Facts) -> Clock:
    if facts.last_day is not None:
        return Clock(Because.TERM, facts.last_day)
    if facts.ended_at is None or not rule.ends:
        return Clock(Because.SERVICE, None)
    return Clock(Because.TERM, years_after(facts.ended_at, rule.years) + timedelta(days=rule.days))


def biometric_limit(seen_at: datetime) -> datetime:
    return years_after(seen_at, BIOMETRIC_YEARS)


def years_after(at: datetime, years: int) -> datetime:
    """Return the same moment so many years later: after a 29 February, 1 March where the year has none."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)


def years_before(at: datetime, years: int) -> datetime:
    """Return a moment after which nothing can have been that is so many years old; a day too late at most."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, month=3, day=1)
