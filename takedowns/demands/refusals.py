"""How a demand says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class DemandOpen(Refusal):
    code = "demand_open"
    status = 409
    message = "The document of this voice is demanded already."
    next_step = "Open that demand to see where it stands."


class DemandPointless(Refusal):
    code = "demand_pointless"
    status = 409
    message = "Nobody can be asked for a document of this voice: it has ended, or belongs to no account."
    next_step = "The evidence that there is can be read in the case, or exported."


class DemandSettled(Refusal):
    code = "demand_settled"
    status = 409
    message = "No document is being waited for."
    next_step = "You need do nothing: load the page again to see where it stands."


class DemandUnanswered(Refusal):
    code = "demand_unanswered"
    status = 409
    message = "There is no document to accept yet."
    next_step = "Ask again, drop the demand, or end the voice."
