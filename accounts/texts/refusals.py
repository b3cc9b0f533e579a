"""How the operator's texts say no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class TextsNotAccepted(Refusal):
    code = "texts_not_accepted"
    status = 403
    message = "The terms of this service have not been accepted, or have changed since."
    next_step = "Read and accept them on the page Terms; what you have is untouched meanwhile."


class TextsChanged(Refusal):
    code = "texts_changed"
    status = 409
    message = "The terms have changed since you opened the page."
    next_step = "Read them as they stand now, and accept them again."
