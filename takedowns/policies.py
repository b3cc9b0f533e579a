"""The clocks of a revocation. Values in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

DONE_WITHIN = timedelta(days=30)  # of receipt; the clock never pauses
COPY_WAITS = timedelta(days=29)  # so that what waits for the copy is done within the 30 days as well
COPY_AGAIN = timedelta(days=1)  # after it was fetched, for a download that broke off


def due(received_at: datetime) -> datetime:
    return received_at + DONE_WITHIN


def copy_until(received_at: datetime, fetched_at: datetime | None = None) -> datetime:
    """Return until when the owner's copy can be fetched, and the audio that it was made from is kept."""
    longest = received_at + COPY_WAITS
    return longest if fetched_at is None else min(longest, fetched_at + COPY_AGAIN)
