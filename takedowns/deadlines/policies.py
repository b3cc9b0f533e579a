"""How long things may take. Values in, a moment out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

ACKNOWLEDGE, RESOLVE, INTIMATE = "acknowledge", "resolve", "intimate"
ERASE, PRIVACY = "erase", "privacy"

# From receipt, without a pause. A matter with a clock of its own adds its line here.
WITHIN = {
    ACKNOWLEDGE: timedelta(hours=72),  # policy, section 7
    RESOLVE: timedelta(days=30),  # policy, sections 5.3 and 7
    INTIMATE: timedelta(hours=48),  # intimate content is removed: TAKE IT DOWN Act
    ERASE: timedelta(hours=24),  # an account is erased
    PRIVACY: timedelta(days=30),  # every other request about one's own data
}
LABELS = {
    ACKNOWLEDGE: "Acknowledged within 72 hours",
    RESOLVE: "Resolved within 30 days",
    INTIMATE: "Intimate content within 48 hours",
    ERASE: "Accounts erased within 24 hours",
    PRIVACY: "Privacy requests within 30 days",
}


def due(kind: str, received_at: datetime) -> datetime:
    """Return when something received then is due, in UTC: hours that a clock on the wall skips or repeats count as any.

    Raise ValueError for a time without a zone.
    """
    if received_at.tzinfo is None:
        raise ValueError("a deadline runs from a moment, and a time without a zone is none")
    return received_at.astimezone(UTC) + WITHIN[kind]
