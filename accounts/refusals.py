"""How accounts, credits and API keys say no."""

from __future__ import annotations

from velluto.errors import Refusal


class AgeBelow18(Refusal):
    code = "age_below_18"
    status = 403
    message = "Velluto is for people of 18 years or over."
    next_step = "Nobody, a parent included, can open an account for a younger person."


class BirthDateImplausible(Refusal):
    code = "birth_date_implausible"
    message = "This date of birth cannot be right."
    next_step = "Please check the year."


class CreditsTooLow(Refusal):
    code = "credits_too_low"
    status = 402
    message = "This needs {needed:,} credits and you have {available:,}."
    next_step = "Shorten the text, or wait for next month's free allowance."


class AccountSuspended(Refusal):
    code = "account_suspended"
    status = 403
    message = "This account is suspended."
    next_step = "The page Standing of your account says why, until when, and how to appeal."


class AccountTerminated(Refusal):
    code = "account_terminated"
    status = 409
    message = "This account is terminated already."
    next_step = "Lift the termination first, if it was wrong."


class AccountNotClosed(Refusal):
    code = "account_not_closed"
    status = 409
    message = "This account is not closed, so nothing of it is erased."
    next_step = "Close it first: its holder asks for that on the page Privacy."


class ApiKeysTooMany(Refusal):
    code = "api_keys_too_many"
    status = 409
    message = "You have {most} API keys in use; that is the most one account can have."
    next_step = "Revoke one that you no longer need."


class ApiKeyExists(Refusal):
    code = "api_key_exists"
    status = 409
    message = "This form was sent before, and its key was shown then."
    next_step = "Revoke that key and make another one if you did not keep it."


class ApiKeyInvalid(Refusal):
    code = "api_key_invalid"
    status = 401
    message = "This API key is unknown, has expired or was revoked; or none came with the call."
    next_step = "Send “Authorization: Bearer vel_...” with a key from the page API keys of your account."


class ApiScopeMissing(Refusal):
    code = "api_scope_missing"
    status = 403
    message = "This API key may not do that."
    next_step = "Make a key that may, on the page API keys of your account."


class ApiCallsTooMany(Refusal):
    code = "api_calls_too_many"
    status = 429
    message = "Too many calls came with this API key."
    next_step = "Wait a minute, then go on."
