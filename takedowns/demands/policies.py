"""The clock of a demand (policy 4.1e): to the second, in UTC. Values in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

DAYS = timedelta(days=14)
REMINDERS = (timedelta(days=7), timedelta(days=12))


def due(asked_at: datetime) -> datetime:
    return asked_at + DAYS


def lapsed(asked_at: datetime, at: datetime) -> bool:
    return at >= due(asked_at)


def reminders_by(asked_at: datetime, at: datetime) -> int:
    """Return how many reminders are to have been sent by now; whoever slept through one sends the later one only."""
    return sum(at >= asked_at + after for after in REMINDERS)
