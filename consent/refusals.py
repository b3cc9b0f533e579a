"""How the gate says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class GateClosed(Refusal):
    code = "gate_closed"
    status = 409
    message = "This voice is no longer in the Consent Gate."
    next_step = "Open the voice to see where it stands."


class WrongStep(Refusal):
    code = "gate_wrong_step"
    status = 409
    message = "This step is not open now."
    next_step = "Go on with the step that the gate shows as the next one."


class StillChecking(Refusal):
    code = "gate_still_checking"
    status = 409
    message = "Your last recording is still being checked."
    next_step = "Wait a few seconds for the result."


class TriesUsedUp(Refusal):
    code = "gate_tries_used_up"
    status = 429
    message = "Three tries did not pass."
    next_step = "Ask a person to look at it: they can listen, tell you what is wrong, and open the step again."


class TriesLeft(Refusal):
    code = "gate_tries_left"
    status = 409
    message = "You still have a try."
    next_step = "Try once more; after three tries a person looks at it."


class ThirdPartyNotOpen(Refusal):
    code = "third_party_not_open"
    message = "Voices of other people cannot be made here yet."
    next_step = "Make a voice of your own. Somebody else's voice needs an invitation that this version cannot send."


class TooManyNames(Refusal):
    code = "too_many_names"
    status = 429
    message = "Voices of too many people were begun today."
    next_step = "Go on with one of them, or wait a day."


class SampleTooShort(Refusal):
    code = "sample_too_short"
    message = "The recording lasts {seconds:.0f} seconds; at least {least:.0f} are needed."
    next_step = "Read more of the text and send it again."


class SampleTooLong(Refusal):
    code = "sample_too_long"
    message = "The recording lasts {seconds:.0f} seconds; at most {most:.0f} are taken."
    next_step = "Cut it, or record two minutes at most."


class RepresentationsNotMade(Refusal):
    code = "representations_not_made"
    message = "The box is not ticked."
    next_step = "Read the representations; tick the box only if all of them are true. Without them there is no voice."


class RepresentationsChanged(Refusal):
    code = "representations_changed"
    status = 409
    message = "The text has changed since you opened the page."
    next_step = "Read the text as it stands now, and tick the box again."


class PhraseTooLate(Refusal):
    code = "captcha_too_late"
    message = "Your answer came too late: the phrase must be read within ten seconds of being shown."
    next_step = "Ask for a new phrase and read it at once."


class PhraseTooLong(Refusal):
    code = "captcha_too_long"
    message = "The recording of the phrase is longer than ten seconds."
    next_step = "Ask for a new phrase and read it in one go."


class PhraseUsed(Refusal):
    code = "captcha_used"
    status = 409
    message = "This phrase has been answered or has expired."
    next_step = "Ask for a new phrase; each one counts once."


class TooManyPhrases(Refusal):
    code = "captcha_too_many_phrases"
    status = 429
    message = "Too many phrases were asked for."
    next_step = "Wait an hour, then go on."


class StatementDateWrong(Refusal):
    code = "statement_date_wrong"
    message = "The statement's date is not today's."
    next_step = "Reload the page and read the sentence with the date it shows."


class StatementTooLong(Refusal):
    code = "statement_too_long"
    message = "The recording lasts {seconds:.0f} seconds; at most {most:.0f} are taken."
    next_step = "Read only the sentence."


class GateIncomplete(Refusal):
    code = "gate_incomplete"
    status = 409
    message = "Not every step of the gate has been passed."
    next_step = "Ask for the missing step again, or reject."


class ConsentEnded(Refusal):
    code = "consent_ended"
    status = 409
    message = "The consent for this voice is not in force (any more)."
    next_step = "Choose another voice."
