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


NOGO_VOICE = 0.8  # cosine from which a voiceprint is held against one on the No-Go list
NAMES_A_DAY = 5  # different names of Voice Owners that one account may declare within 24 hours


def may_declare(name: str, declared: set[str]) -> bool:
    """Tell whether one more name may be declared by an account that declared these within the last 24 hours."""
    return name in declared or len(declared) < NAMES_A_DAY
