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


class OwnersStep(Refusal):
    code = "gate_owners_step"
    status = 403
    message = "This step is the Voice Owner's own."
    next_step = "They take it on their own device, through the link of their invitation."


class AccountsStep(Refusal):
    code = "gate_accounts_step"
    status = 403
    message = "This step belongs to the account that asked for the voice."
    next_step = "Wait until it is done; you hear from us."


class SampleBeforeConsent(Refusal):
    code = "sample_before_consent"
    status = 409
    message = "The Voice Owner's written consent must come before the recording."
    next_step = "Record again, now that the consent is given."


class AlreadyInvited(Refusal):
    code = "already_invited"
    status = 409
    message = "The Voice Owner has been invited already."
    next_step = "Send the invitation again, or begin another voice to ask for something else."


class InvitationAnswered(Refusal):
    code = "invitation_answered"
    status = 409
    message = "This invitation has been answered."
    next_step = "Open the link again to see where it stands."


class InvitationUnsuitable(Refusal):
    code = "invitation_unsuitable"
    message = "This invitation cannot be sent as it stands."
    next_step = (
        "Say what the voice is for, give the Voice Owner's own address or none, and ask for languages that are spoken "
        "here and a day to come."
    )


class TooManyInvitations(Refusal):
    code = "too_many_invitations"
    status = 429
    message = "Too many invitations were sent from this account today."
    next_step = "Go on tomorrow."


class OwnerLinkUnknown(Refusal):
    code = "owner_link_unknown"
    status = 404
    message = "This link leads nowhere, or no longer."
    next_step = "An invitation lasts 14 days, and a newer one replaces it. Whoever sent it to you can send it again."


class OwnDeviceNeeded(Refusal):
    code = "own_device_needed"
    status = 403
    message = "This link is for the Voice Owner alone, and you are signed in as the one who sent it."
    next_step = "Let them open it on a device of their own."


class OwnerBelow18(Refusal):
    code = "owner_below_18"
    status = 403
    message = "No voice is made of anybody under 18."
    next_step = "Nobody, a parent included, can allow it. The invitation is closed; you need do nothing more."


class GatePaused(Refusal):
    code = "gate_paused"
    status = 409
    message = "This cannot go on at the moment."
    next_step = "Nothing is needed from you. Your private link, if you have one, works as ever."


class NotSigned(Refusal):
    code = "owner_consent_not_signed"
    message = "Without the tick and the name as it stands on this page, nothing is signed."
    next_step = "Sign with the name that is shown. If it is misspelt, decline, and ask for a new invitation."


class GrantTooWide(Refusal):
    code = "grant_too_wide"
    message = "You can allow what you were asked for, or less, but not more."
    next_step = "Choose among what is shown."


class OutsideScope(Refusal):
    code = "outside_scope"
    status = 403
    message = "The Voice Owner has not allowed this: {what}."
    next_step = "Keep to what they have allowed; the page of the voice lists it."


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
    next_step = "Cut it, or record less."


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


class ConsentPaused(ConsentEnded):
    code = "consent_paused"
    message = "The Voice Owner has paused this voice."
    next_step = "Choose another voice, or ask again once they let it speak; what was asked for before stays unsaid."


class NothingToPause(Refusal):
    code = "nothing_to_pause"
    status = 409
    message = "There is nothing to pause or to let go on: the voice is not in use, or has ended."
    next_step = "Load the page again to see how it stands."


class ScopeNotNarrower(Refusal):
    code = "scope_not_narrower"
    message = "This would allow more than you allow now."
    next_step = "To allow more, sign anew at the foot of the page. What you take back needs no signature."
