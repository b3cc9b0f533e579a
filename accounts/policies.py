"""Who may have an account, and when an account may act. Values in, a refusal out."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from accounts.refusals import AccountSuspended, AgeBelow18, ApiKeysTooMany, BirthDateImplausible, CreditsTooLow

ADULT_AGE = 18
OLDEST_AGE = 120
KEYS_AT_ONCE = 10

# What a suspended account still reaches: what is public, its own data, how it signs in, and everything that ends or
# withdraws something. It makes nothing, asks nobody for anything, and is no staff.
OPEN_TO_SUSPENDED = re.compile(
    r"home|texts:.*|healthz|readyz|metrics|detector|detection|detection-status|api:.*"
    r"|account_.*|mfa_.*|accounts:(home|credits|keys|key-revoke)"
    r"|moderation:(appeal|reports|report|report-sent|report-status)"
    r"|voices:(list|detail|unshare)|consent:(checking|checking-status|building-status|owner-.*)"
    r"|takedowns:.*|owners:.*|owner-requests:.*"
    r"|synthesis:(history|speech|speech-status|audio|cancel|blocked)"
)


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


def open_to_suspended(page: str) -> bool:
    """Tell whether a suspended account reaches the page of this name."""
    return OPEN_TO_SUSPENDED.fullmatch(page) is not None


STRIKE_LASTS = timedelta(days=365)
DOTS_DO_NOT_COUNT = {"gmail.com", "googlemail.com"}


def normal_address(email: str) -> str:
    """Return an e-mail address as its mailbox is known: lower case, without a +tag, and for Gmail without dots.

    A domain in letters of another language is one with its form in ASCII (IDNA).
    """
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    if domain in DOTS_DO_NOT_COUNT:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def require_room_for_a_key(in_use: int) -> None:
    if in_use >= KEYS_AT_ONCE:
        raise ApiKeysTooMany(most=KEYS_AT_ONCE)
