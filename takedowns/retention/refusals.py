"""How retention says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class SweepIncomplete(Refusal):
    code = "sweep_incomplete"
    status = 500
    message = "{count} objects whose time is over could not be destroyed; all others were."
    next_step = "Look at the log of the worker for their ids. The next sweep tries them again."


class NothingToKeep(Refusal):
    code = "nothing_to_keep"
    status = 410
    message = "This voice has ended already."
    next_step = "Whoever made it can begin a new one, with a new consent."


class KeepLinkUnknown(Refusal):
    code = "keep_link_unknown"
    status = 404
    message = "This link leads to nothing."
    next_step = "Open the link exactly as it stands in the e-mail."
