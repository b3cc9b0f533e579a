"""How the lifting of a sanction says no."""

from __future__ import annotations

from velluto.errors import Refusal


class NothingToLift(Refusal):
    code = "nothing_to_lift"
    status = 409
    message = "This does not stand against the account (any more)."
    next_step = "Load the account's page again to see what does."


class HeldForAnAuthority(Refusal):
    code = "held_for_an_authority"
    status = 409
    message = "This hold belongs to a legal request that is not answered yet."
    next_step = "Answer or refuse the request first; its page then ends the hold."


class LiftRefused(Refusal):
    code = "lift_refused"
    status = 403
    message = "Your role does not lift sanctions."
    next_step = "Ask a senior moderator."


class LiftProposed(Refusal):
    code = "lift_proposed"
    status = 409
    message = "Somebody has proposed to lift this already."
    next_step = "It waits in the queue for a second person."
