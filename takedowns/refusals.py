"""How the end of a voice says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class CopyLinkUnknown(Refusal):
    code = "copy_link_unknown"
    status = 404
    message = "This link leads to nothing."
    next_step = "Open the link exactly as it stands in the e-mail."


class CopyGone(Refusal):
    code = "copy_gone"
    status = 410
    message = "This copy was destroyed, as the e-mail with its link announced."
    next_step = "Use the file that was downloaded before. No other copy exists any more."


class VoiceEnded(Refusal):
    code = "voice_ended"
    status = 409
    message = "This voice has ended already."
    next_step = "Open its page to see how far the destruction has come."


class NotYetDestroyed(Refusal):
    code = "not_yet_destroyed"
    status = 409
    message = "Something of this voice is still there, so nothing can be certified."
    next_step = "Wait: the destruction goes on by itself."
