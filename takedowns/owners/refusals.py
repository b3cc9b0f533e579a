"""How a Voice Owner's portal says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class NoRecordingsLeft(Refusal):
    code = "no_recordings_left"
    status = 409
    message = "There are no recordings of this voice to be copied (any more)."
    next_step = "Load the page again: it shows what is left."
