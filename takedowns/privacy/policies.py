"""How long privacy requests take, and what they may hold. Values in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

from takedowns.deadlines.policies import ERASE, PRIVACY, due

EXPORT_WAITS = timedelta(days=7)  # for its download; then it is destroyed
PROOF_WAITS = timedelta(days=7)  # for the link in the e-mail to be opened
EXPORTS_A_DAY = 3
REQUESTS_A_DAY = 5  # from one address, of e-mail or network
LONGEST_WORDS = 3_000
LARGEST_DOCUMENT = 10_000_000  # bytes


def deadline(kind: str) -> str:
    """Return which clock runs for a kind of request: an erasure takes a day, everything else thirty."""
    return ERASE if kind == "erasure" else PRIVACY


def due_at(kind: str, received_at: datetime) -> datetime:
    return due(deadline(kind), received_at)


def proof_open(received_at: datetime, at: datetime) -> bool:
    return at < received_at + PROOF_WAITS
