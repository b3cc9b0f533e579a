"""How long somebody has been at the desk, and how much of it was hard to see; kept in the session and nowhere else."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from moderation import policies

KEY = "desk"
BREAK = timedelta(minutes=15)  # without the desk for so long, one has had a break
_EVERY = timedelta(minutes=1)  # no more often is the session written


@dataclass(frozen=True)
class Spell:
    """Work without a break: since when, and how many sensitive cases."""

    since: datetime
    sensitive: int


def note(session: MutableMapping[str, Any], at: datetime, *, sensitive: str = "") -> None:
    """Note that somebody is at the desk and, where that is so, the sensitive case that is looked at."""
    spell = session.get(KEY)
    if spell is None or at - _time(spell["last"]) >= BREAK:
        spell = {"since": at.timestamp(), "last": 0.0, "sensitive": []}
    seen = [*spell["sensitive"], sensitive] if sensitive and sensitive not in spell["sensitive"] else spell["sensitive"]
    if seen != spell["sensitive"] or at - _time(spell["last"]) >= _EVERY:
        session[KEY] = {**spell, "last": at.timestamp(), "sensitive": seen}


def break_due(session: MutableMapping[str, Any], at: datetime) -> Spell | None:
    """Return what has been worked without a break, where that is enough for now."""
    spell = session.get(KEY)
    if spell is None:
        return None
    since, sensitive = _time(spell["since"]), len(spell["sensitive"])
    enough = policies.break_is_due(
        sensitive, at - since, after_cases=settings.BREAK_AFTER_CASES, after_hours=settings.BREAK_AFTER_HOURS
    )
    return Spell(since, sensitive) if enough else None


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
