"""The rules of the queue: values in, verdict out."""

from __future__ import annotations

from datetime import datetime, timedelta

APPEAL_WITHIN = timedelta(days=180)  # DSA Article 20(1): at least six months
LONGEST_APPEAL = 5_000


def may_still_appeal(decided_at: datetime, at: datetime) -> bool:
    """Tell whether a decision can still be questioned: to the second 180 days after it was made."""
    return at <= decided_at + APPEAL_WITHIN


def break_is_due(sensitive: int, worked: timedelta, *, after_cases: int, after_hours: float) -> bool:
    """Tell whether a moderator has had enough for now; 0 lifts either limit."""
    return 0 < after_cases <= sensitive or 0 < after_hours <= worked / timedelta(hours=1)


# Cosine from which a voiceprint is held against one on the No-Go list; docs/benchmarks/nogo_voices.md says why.
NOGO_VOICE = 0.78
# Semitones by which a listed person's recording is moved before further voiceprints are taken: whoever disguises a
# voice so is met all the same. One semitone more or less changes little, so that these reach five either way.
DISGUISES = (0, -4, -2, 2, 4)
NAMES_A_DAY = 5  # different names of Voice Owners that one account may declare within 24 hours


def may_declare(name: str, declared: set[str]) -> bool:
    """Tell whether one more name may be declared by an account that declared these within the last 24 hours."""
    return name in declared or len(declared) < NAMES_A_DAY


# ---------------------------------------------------------------------------------------------------- reports
LONGEST_REPORT = 5_000
GRAVE = frozenset({"intimate", "minor", "fraud", "election"})
TRUSTED_AT_LEAST = 90


def credibility(*, signed_in: bool, verified: bool, upheld: int, dismissed: int, trusted: bool) -> int:
    """Return how far a report is believed before anybody looked, 0 to 100.

    Half of it is the share of the same reporter's earlier reports that were right, as Laplace would guess it: who has
    reported nothing yet is right every other time. A trusted notifier stays above TRUSTED_AT_LEAST.
    """
    right = (upheld + 1) / (upheld + dismissed + 2)
    found = round(10 + 20 * signed_in + 20 * verified + 50 * right)
    return max(found, TRUSTED_AT_LEAST) if trusted else found


def report_severity(category: str) -> int:
    """Return how grave what was reported would be: 3 for what hurts people for good, else 2."""
    return 3 if category in GRAVE else 2


def report_due(severity: int) -> timedelta:
    """Return the time for an answer: what is grave within two days, as with intimate content (H5)."""
    return timedelta(days=2) if severity >= 3 else timedelta(days=7)


# ---------------------------------------------------------------------------------------------------- figures
FEW = 5
SMALL_HOUSE = 100  # accounts


def publishable(count: int, *, accounts: int) -> bool:
    """Tell whether a count may be published: in a small house, one below FEW could point at somebody whom people know.

    No published table crosses two facts about a case, so that elsewhere a small count says nothing of anybody.
    """
    return count == 0 or count >= FEW or accounts >= SMALL_HOUSE
