"""The rules of notices: values in, verdict out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

OUTPUT, NAMED, CATALOGUE, STAFF = "output", "named", "catalogue", "staff"
VOICE, OWNER, ACCOUNT = "voice", "owner", "account"
HOW = {
    OUTPUT: "A recording that it spoke",
    NAMED: "By its account and name",
    CATALOGUE: "It stands in the catalogue",
    STAFF: "Named by a moderator",
    VOICE: "By the sound of the voice",
    OWNER: "By the name of its Voice Owner",
    ACCOUNT: "A voice of the account that was named",
}
POINTS_AT_ONE = frozenset({OUTPUT, NAMED, CATALOGUE, STAFF})  # of these a person is asked at once

VOICE_MATCH = 0.8  # cosine from which a recording is believed to be of the same person as a sample
VOICE_LOOK = 0.7  # from which a moderator sees the voice as a candidate
MOST_CANDIDATES = 20

GRAVE = frozenset({"fraud", "sextortion", "intimate", "election"})  # section 7: the police is told of these
INTIMATE = frozenset({"intimate", "sextortion"})  # the lane of 48 hours (TAKE IT DOWN Act)

COUNTER_WITHIN = timedelta(days=14)  # of the day on which the account was told
ANSWER_WITHIN = timedelta(days=7)  # of being asked
TIME_TO_DECIDE = timedelta(days=2)  # that is left, at least, after an answer
KEEP_FILES = timedelta(days=1)  # of a form that never became a notice

DOUBTED_AFTER = 2  # rejected notices, and more of them than were upheld
BAR_AFTER = 2  # rejected notices before the one that bars: each of them warned
BARRED_FOR = timedelta(days=180)
REPEATED = 2  # upheld notices within a year, about one person or against one account
REPEATED_WITHIN = timedelta(days=365)
REVIEW_AFTER = timedelta(days=3 * 365)  # an entry on the No-Go list that a notice led to

LONGEST_WORDS = 5_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a claim without looking into it."""

    how: str
    score: float | None = None
    sworn: bool = True
    confirmed: bool = False
    trusted: bool = False
    barred: bool = False
    upheld: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    credible: bool
    why: str


WHY = {
    "trusted": "A trusted notifier points at this voice.",
    "voice": "The claimant's recording sounds like this voice's sample.",
    "confirmed": "Sworn to, the e-mail address answered, and it points at exactly this voice.",
    "not_sworn": "Nothing was sworn.",
    "barred": "The notifier is barred for abuse: a person has to look first.",
    "doubted": "More notices of this notifier were rejected than upheld: a person has to look first.",
    "published": "A catalogue voice, whose rights were shown before, needs more than a name.",
    "vague": "Nothing points at exactly this voice.",
    "unconfirmed": "The e-mail address has not answered yet.",
}


def credible(facts: Facts) -> Verdict:
    """Tell whether the voice is suspended before anybody looked, and why.

    A mistake costs an honest account some days of its voice, so something has to point at exactly this voice, and
    somebody has to stand for it: by the voice itself, by an address that answers, or as a trusted notifier.
    """
    if not facts.sworn:
        return Verdict(False, "not_sworn")
    if facts.barred:
        return Verdict(False, "barred")
    if facts.rejected >= DOUBTED_AFTER and facts.rejected > facts.upheld:
        return Verdict(False, "doubted")
    if facts.score is not None and facts.score >= VOICE_MATCH:
        return Verdict(True, "voice")
    if facts.how not in POINTS_AT_ONE:
        return Verdict(False, "vague")
    if facts.trusted:
        return Verdict(True, "trusted")
    if facts.how == CATALOGUE:  # anybody can name it, and its rights were shown before it was published
        return Verdict(False, "published")
    if facts.confirmed:
        return Verdict(True, "confirmed")
    return Verdict(False, "unconfirmed")


def asks_a_person(how: str, score: float | None) -> bool:
    """Tell whether a voice that was found opens a case, or is shown as a candidate beside another."""
    return how in POINTS_AT_ONE or (score is not None and score >= VOICE_MATCH)


def better(one: str, other: str) -> str:
    """Return which of two ways to find a voice says more."""
    return min(one, other, key=list(HOW).index)


def credibility(verdict: Verdict) -> int:
    """Return how far a claim is believed before anybody looked, 0 to 100, for the order of the queue."""
    return {"trusted": 95, "voice": 90, "confirmed": 80, "unconfirmed": 50, "published": 50, "vague": 40}.get(
        verdict.why, 10
    )


def severity(harm: str) -> int:
    return 3 if harm in GRAVE else 2


def answer_until(asked_at: datetime, due: Iterable[datetime]) -> datetime:
    """Return until when a claimant is waited for: so that time is left to decide before the first clock runs out."""
    latest = min((moment - TIME_TO_DECIDE for moment in due), default=asked_at + ANSWER_WITHIN)
    return max(asked_at + timedelta(hours=12), min(asked_at + ANSWER_WITHIN, latest))


def may_bar(rejected_before: int) -> bool:
    """Tell whether a notifier may be barred: after warnings only (DSA Article 23(2))."""
    return rejected_before >= BAR_AFTER
