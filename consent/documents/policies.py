"""When a signed document counts, and how long it is kept. Pure rules."""

from __future__ import annotations

from datetime import date

from consent import policies

LARGEST = 10_000_000  # bytes; forty scanned pages
MOST = 12  # documents of one voice
BEFORE_UPLOAD = frozenset({"consent", "estate", "public_figure"})  # what allows a recording comes before it (B2)


def retain_until(uploaded_on: date) -> date:
    """A document is kept for at least three years from its upload (policy 4.1e), to the day."""
    return policies.retain_until(uploaded_on)


def may_end(retain_until: date, *, today: date, voice_ended: bool, held: bool) -> bool:
    """Evidence ends after its last day, once its voice has ended, and never under a legal hold."""
    return voice_ended and not held and today > retain_until


def in_future(signed_on: date, *, today: date) -> bool:
    return signed_on > today


def too_late(kind: str, signed_on: date, *, recorded_on: date | None) -> bool:
    """A permission signed on a later day than the first recording came in was not there when it was needed."""
    return kind in BEFORE_UPLOAD and recorded_on is not None and signed_on > recorded_on
