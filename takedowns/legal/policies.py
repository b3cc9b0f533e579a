"""The clocks and limits of legal requests. Values in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

DUE = timedelta(days=7)
LARGEST_DOCUMENT = 10_000_000  # bytes


def destroy_at(ready_at: datetime, *, days: int) -> datetime:
    """Return when a bundle is destroyed that nobody needs here any more."""
    return ready_at + timedelta(days=days)
