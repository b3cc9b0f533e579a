"""How a freeze says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class SpeechFrozen(Refusal):
    code = "speech_frozen"
    status = 503
    message = "Speech is stopped here for now."
    next_step = "Nothing was spent. The people who run this service are looking into something; try again later."


class FrozenAlready(Refusal):
    code = "frozen_already"
    status = 409
    message = "That is frozen already."
    next_step = "Nothing has to be done: nothing of it speaks."


class FreezeNotProposed(Refusal):
    code = "freeze_not_proposed"
    status = 409
    message = "Nobody has proposed to lift this freeze, or it was lifted already."
    next_step = "Open the page again and look at how it stands."


class FreezeNeedsAnother(Refusal):
    code = "freeze_needs_another"
    status = 403
    message = "Whoever proposed to lift a freeze cannot lift it alone."
    next_step = "Ask somebody else who may lift freezes to look at it."


class ReasonMissing(Refusal):
    code = "freeze_reason_missing"
    message = "A freeze, and its end, need a reason."
    next_step = "Say in a sentence why, for those who read it later."
