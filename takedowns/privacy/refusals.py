"""How a privacy request says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class ErasureHeld(Refusal):
    code = "erasure_held"
    status = 409
    message = "A legal hold keeps the records of this account, so it cannot be erased now."
    next_step = (
        "You can restrict it, withdraw your consent, and ask a person to look: they can be wrong, and so can a hold."
    )


class StaffNotErased(Refusal):
    code = "staff_not_erased"
    status = 409
    message = "This account belongs to staff: what it decided stands under its name."
    next_step = "Ask a colleague to take the role away first; then it can be erased."


class AlreadyUnderWay(Refusal):
    code = "privacy_under_way"
    status = 409
    message = "This is under way already."
    next_step = "You get an e-mail when it is done."


class ExportsTooMany(Refusal):
    code = "exports_too_many"
    status = 429
    message = "You asked for {most} copies today."
    next_step = "Download one of those that are ready, or ask again tomorrow."


class ExportGone(Refusal):
    code = "export_gone"
    status = 410
    message = "This copy of your data was destroyed after its time, or is not ready."
    next_step = "Ask for a new one on the page Privacy."


class PrivacyRequestsTooMany(Refusal):
    code = "privacy_requests_too_many"
    status = 429
    message = "Too many requests came from your address today."
    next_step = "What came is being looked at. Ask again tomorrow."


class PrivacyWordsMissing(Refusal):
    code = "privacy_words_missing"
    status = 422
    message = "Without words, nobody knows what to do."
    next_step = "Say in a sentence what is wrong, or what should be stopped."


class PrivacyWordsTooLong(Refusal):
    code = "privacy_words_too_long"
    status = 422
    message = "The text has {characters:,} characters; at most {most:,} are taken."
    next_step = "Shorten it."


class AuthorityMissing(Refusal):
    code = "authority_missing"
    status = 422
    message = "Who asks for somebody else shows that they may."
    next_step = (
        "Give that person's e-mail address, and attach the power of attorney as a PDF, PNG or JPEG of at most 10 MB."
    )


class PrivacyLinkUnknown(Refusal):
    code = "privacy_link_unknown"
    status = 404
    message = "This link leads nowhere, or no longer."
    next_step = "A link to confirm an address works for seven days. Ask again on the page Privacy."
