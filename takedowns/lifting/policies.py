"""How what stands against an account is lifted: pure rules."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Sanction


@dataclass(frozen=True)
class Manner:
    """Whether two people have to agree, whether the person is told, and what it does."""

    question: str
    label: str
    grave: bool
    told: bool


ALONE = Manner("accounts.lift", "Something to lift from an account", grave=False, told=True)
BY_TWO = Manner("accounts.lift_grave", "A grave sanction to lift", grave=True, told=True)
UNSEEN = Manner("accounts.lift_hold", "A legal hold to lift", grave=True, told=False)
MANNERS = (ALONE, BY_TWO, UNSEEN)

_BY_KIND: dict[str, tuple[Manner, str]] = {
    Sanction.Kind.SUSPENSION: (ALONE, "The account opens again, unless something else keeps it closed."),
    Sanction.Kind.NOTICE: (ALONE, "The public notice leaves the transparency report."),
    Sanction.Kind.TERMINATION: (
        BY_TWO,
        "The account opens again, unless it is suspended. The voices and outputs that were destroyed stay so.",
    ),
    Sanction.Kind.FORFEITURE: (BY_TWO, "Exactly the credits that were taken come back."),
    Sanction.Kind.HOLD: (UNSEEN, "What waited to be destroyed is destroyed now; the person is not told."),
    Sanction.Kind.POLICE: (
        UNSEEN,
        "The referral is marked as withdrawn; a legal hold stays until it is lifted itself. The person is not told.",
    ),
}
OF_A_STRIKE = (ALONE, "The strike no longer counts.")


def manner_of(kind: str) -> tuple[Manner, str]:
    """Return how a sanction of this kind, or a strike (""), is lifted, and what follows: as grave as what it undoes."""
    return _BY_KIND[kind] if kind else OF_A_STRIKE
