"""How voices say no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class VoiceUnknown(Refusal):
    code = "voice_unknown"
    status = 404
    message = "There is no such voice."
    next_step = "Choose one of the voices that you may speak with."


class VoiceNotReady(Refusal):
    code = "voice_not_ready"
    status = 409
    message = "This voice cannot speak (any more)."
    next_step = "Choose another voice, or open this one to see what is missing."


class ShareAccountUnknown(Refusal):
    code = "share_account_unknown"
    status = 404
    message = "There is no account with this address that a voice can be shared with."
    next_step = "Ask the person which address they sign in with. A voice cannot be shared with yourself."


class ShareNotAgreed(Refusal):
    code = "share_not_agreed"
    message = "The box is not ticked."
    next_step = "Read what sharing means; tick the box only if you agree. Without it nothing is shared."


class SharingNotCovered(Refusal):
    code = "sharing_not_covered"
    status = 403
    message = "The Voice Owner's consent does not cover sharing."
    next_step = "Ask the person whose voice it is; only they can agree to it."


class SharedAlready(Refusal):
    code = "shared_already"
    status = 409
    message = "This voice is shared with that account already."
    next_step = "Nothing needs to be done; they can speak with it."


class SharesTooMany(Refusal):
    code = "shares_too_many"
    status = 409
    message = "This voice is shared with {most} accounts; that is the most."
    next_step = "End a share that is no longer needed."


class ShareTriesTooMany(Refusal):
    code = "share_tries_too_many"
    status = 429
    message = "You have tried to share too often."
    next_step = "Wait an hour, then go on."


class ShareEnded(Refusal):
    code = "share_ended"
    status = 409
    message = "This voice is no longer shared with you."
    next_step = "Choose another voice. Your credits were returned."


class NotCurated(Refusal):
    code = "not_curated"
    status = 409
    message = "This is no voice of the catalogue."
    next_step = "Choose a curated voice."


class NotBuilt(Refusal):
    code = "curated_not_built"
    status = 409
    message = "This voice is not ready to speak."
    next_step = "Wait until it is built, then publish it."


class RecordingIsMarked(Refusal):
    code = "recording_is_marked"
    message = "This recording carries Velluto's own mark: a clone cannot become a voice."
    next_step = "Record the person, or the machine that the voice is made of."


class RightsIncomplete(Refusal):
    code = "rights_incomplete"
    message = (
        "A rights record names who granted the rights, from when, and until when; only what is nobody's has no end."
    )
    next_step = "Complete the record; its end lies after its beginning."


class RightsMissing(Refusal):
    code = "rights_missing"
    status = 409
    message = "No rights are in force for this voice."
    next_step = "Record the licence or agreement first; without it nothing is published."


class LicenceMissing(Refusal):
    code = "licence_missing"
    status = 409
    message = "This voice has no licence terms."
    next_step = "Write the terms that users accept before they use it."


class RightsEnded(Refusal):
    code = "rights_ended"
    status = 409
    message = "This voice has left the catalogue."
    next_step = "Choose another voice. What was not finished costs nothing."


class LicenceNotAccepted(Refusal):
    code = "licence_not_accepted"
    status = 403
    message = "The licence terms of this voice are not accepted."
    next_step = "Open the voice in the catalogue, read the terms and accept them."


class LicenceChanged(Refusal):
    code = "licence_changed"
    status = 409
    message = "The licence terms have changed since you opened the page."
    next_step = "Read them as they stand now, and accept them again."
