"""How a Voice Owner without a link is verified, and how long that may take. Values in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

LINK_LASTS = timedelta(days=14)  # then nothing came of the request
CASE_DUE = timedelta(days=7)  # for the human, within the 30 days from receipt
APPEAL_OVER = timedelta(days=187)  # 180 days to appeal and a week to answer: then the recordings go
PER_ADDRESS = 3  # requests a day for one e-mail address: each is a mail to somebody who may not have asked
PER_CLIENT = 10  # and from one network address
LIKENESS = 0.60  # cosine from which a voice is shown to the human: low, for a human decides, not the number
CANDIDATES = 5
PHRASES_PER_HOUR = 12


def lapses(status: str, received_at: datetime, decided_at: datetime | None, at: datetime) -> bool:
    """Tell whether nothing more can come of a request: never answered, or refused and no longer to be appealed."""
    if status == "asked":
        return at >= received_at + LINK_LASTS
    return status == "refused" and decided_at is not None and at >= decided_at + APPEAL_OVER
