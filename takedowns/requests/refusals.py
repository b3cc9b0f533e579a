"""How a request of a Voice Owner says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class RequestLinkUnknown(Refusal):
    code = "owner_request_unknown"
    status = 404
    message = "This link leads nowhere, or no longer."
    next_step = "It works for 14 days. Ask once more, and you get a new one."


class RequestTooMany(Refusal):
    code = "owner_request_too_many"
    status = 429
    message = "Too many requests were made today from here, or for this e-mail address."
    next_step = "Use the link that you were sent, or ask again tomorrow."


class NothingWanted(Refusal):
    code = "owner_request_empty"
    message = "You have not said what you want."
    next_step = "Choose at least one of the three."


class RequestStepClosed(Refusal):
    code = "owner_request_step_closed"
    status = 409
    message = "This recording is not awaited now."
    next_step = "Load the page again: it shows what comes next."


class VoiceNotNamed(Refusal):
    code = "owner_request_no_voice"
    status = 409
    message = "No voice was found to be theirs."
    next_step = "Say of each voice in the dossier whether it is theirs, then confirm; or refuse."
