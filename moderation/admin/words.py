"""Times and states as one says them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince, timeuntil

from accounts.models import User
from moderation.models import Case

_MOMENT = timedelta(minutes=1)
_LINK = re.compile(r"\S*/appeals/\S+")


def due(case: Case, now: datetime) -> str:
    """Say how long there is left, or how long it is overdue."""
    if abs(case.due_at - now) < _MOMENT:
        return "due now"
    if case.due_at < now:
        return f"overdue by {_plain(timesince(case.due_at, now, depth=1))}"
    return f"in {_plain(timeuntil(case.due_at, now, depth=1))}"


def ago(at: datetime, now: datetime) -> str:
    return "just now" if now - at < _MOMENT else f"{_plain(timesince(at, now, depth=1))} ago"


def clock(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at else "once"


def state(case: Case, now: datetime, reader: User | None = None) -> str:
    """Say where a case stands, who holds it, and until when."""
    if case.status == Case.Status.DECIDED:
        return f"Decided {ago(case.decided_at, now)}" if case.decided_at else "Decided"
    if case.status != Case.Status.CLAIMED or case.claimed_by is None:
        return case.get_status_display()
    holder = "You" if reader is not None and case.claimed_by_id == reader.pk else case.claimed_by.get_short_name()
    if lapsed(case, now):
        return f"{holder} held it until {clock(case.claim_ends_at)}; free again"
    return f"{holder}, until {clock(case.claim_ends_at)}"


def lapsed(case: Case, now: datetime) -> bool:
    """Tell whether somebody else may take over a claimed case."""
    return case.status == Case.Status.CLAIMED and (case.claim_ends_at is None or case.claim_ends_at < now)


def without_link(text: str) -> str:
    """Return a letter without its link to appeal: whoever has that link speaks as the person it was sent to."""
    return _LINK.sub("[the person's own link to appeal]", text)


def _plain(text: str) -> str:
    return text.replace("\xa0", " ")
