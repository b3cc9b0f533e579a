"""Who may have an account, and when an account may act. Values in, a refusal out."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from velluto.errors import Refusal

ADULT_AGE = 18
OLDEST_AGE = 120


class AgeBelow18(Refusal):
    code: ClassVar[str] = "age_below_18"
    status: ClassVar[int] = 403
    message: ClassVar[str] = "Velluto is for people of 18 years or over."
    next_step: ClassVar[str] = "Nobody, a parent included, can open an account for a younger person."


class BirthDateImplausible(Refusal):
    code: ClassVar[str] = "birth_date_implausible"
    message: ClassVar[str] = "This date of birth cannot be right."
    next_step: ClassVar[str] = "Please check the year."


class CreditsTooLow(Refusal):
    code: ClassVar[str] = "credits_too_low"
    status: ClassVar[int] = 402
    message: ClassVar[str] = "This needs {needed:,} credits and you have {available:,}."
    next_step: ClassVar[str] = "Shorten the text, or wait for next month's free allowance."


class AccountSuspended(Refusal):
    code: ClassVar[str] = "account_suspended"
    status: ClassVar[int] = 403
    message: ClassVar[str] = "This account is suspended."
    next_step: ClassVar[str] = "The e-mail we sent you gives the reason and how to appeal."


def age(born_on: date, *, today: date) -> int:
    """Return whole years; who is born on 29 February has a birthday on 1 March in common years."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def require_adult(born_on: date, *, today: date) -> None:
    """Refuse whoever is not yet 18 today (K2), and dates that nobody alive was born on."""
    years = age(born_on, today=today)
    if not 0 <= years <= OLDEST_AGE:
        raise BirthDateImplausible
    if years < ADULT_AGE:
        raise AgeBelow18


def require_credits(needed: int, *, available: int) -> None:
    if needed > available:
        raise CreditsTooLow(needed=needed, available=max(available, 0))


def require_active(status: str) -> None:
    """Refuse to let a suspended or terminated account make or spend anything."""
    if status != "active":
        raise AccountSuspended
