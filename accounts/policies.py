"""Who may have an account, and when an account may act. Values in, a refusal out."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import ClassVar

from velluto.errors import Refusal

ADULT_AGE = 18
OLDEST_AGE = 120
KEYS_AT_ONCE = 10

# What a suspended account still reaches: what is public, its own data, how it signs in, and everything that ends or
# withdraws something. It makes nothing, asks nobody for anything, and is no staff.
OPEN_TO_SUSPENDED = re.compile(
    r"home|texts:.*|healthz|readyz|metrics|detector|detection|detection-status|api:.*"
    r"|account_.*|mfa_.*|accounts:(home|credits|keys|key-revoke)"
    r"|moderation:(appeal|reports|report|report-sent|report-status)"
    r"|voices:(list|detail|unshare)|consent:(checking|checking-status|building-status|owner-.*)|takedowns:.*|owners:.*|owner-requests:.*"
    r"|synthesis:(history|speech|speech-status|audio|cancel)"
)


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
    next_step: ClassVar[str] = "The page Standing of your account says why, until when, and how to appeal."


class AccountTerminated(Refusal):
    code: ClassVar[str] = "account_terminated"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This account is terminated already."
    next_step: ClassVar[str] = "Lift the termination first, if it was wrong."


class ApiKeysTooMany(Refusal):
    code: ClassVar[str] = "api_keys_too_many"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "You have {most} API keys in use; that is the most one account can have."
    next_step: ClassVar[str] = "Revoke one that you no longer need."


class ApiKeyExists(Refusal):
    code: ClassVar[str] = "api_key_exists"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This form was sent before, and its key was shown then."
    next_step: ClassVar[str] = "Revoke that key and make another one if you did not keep it."


class ApiKeyInvalid(Refusal):
    code: ClassVar[str] = "api_key_invalid"
    status: ClassVar[int] = 401
    message: ClassVar[str] = "This API key is unknown, has expired or was revoked; or none came with the call."
    next_step: ClassVar[str] = "Send “Authorization: Bearer vel_...” with a key from the page API keys of your account."


class ApiScopeMissing(Refusal):
    code: ClassVar[str] = "api_scope_missing"
    status: ClassVar[int] = 403
    message: ClassVar[str] = "This API key may not do that."
    next_step: ClassVar[str] = "Make a key that may, on the page API keys of your account."


class ApiCallsTooMany(Refusal):
    code: ClassVar[str] = "api_calls_too_many"
    status: ClassVar[int] = 429
    message: ClassVar[str] = "Too many calls came with this API key."
    next_step: ClassVar[str] = "Wait a minute, then go on."


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
    """Return an e-mail address as its mailbox is known: lower case, without a +tag, and for Gmail without dots."""
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    if domain in DOTS_DO_NOT_COUNT:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def require_room_for_a_key(in_use: int) -> None:
    if in_use >= KEYS_AT_ONCE:
        raise ApiKeysTooMany(most=KEYS_AT_ONCE)
