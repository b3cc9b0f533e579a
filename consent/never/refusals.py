"""How a voice that may never be cloned is refused. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal

RECORDED = "This was noted. If an answer was wrong, you can declare the voice anew; a person sees both."


class NeverMinor(Refusal):
    code = "never_minor"
    status = 403
    message = "No voice is made of anybody under 18."
    next_step = f"Nobody, a parent included, can allow it. {RECORDED}"


class NeverOffice(Refusal):
    code = "never_office"
    status = 403
    message = (
        "We make no voice of anybody who holds a political or judicial office or stands for one, nor within five years "
        "of its end. That holds for everybody alike, with their permission, and for their own voice too."
    )
    next_step = f"Come back once five years have passed since its end. {RECORDED}"


class NeverForbiddenUse(Refusal):
    code = "never_forbidden_use"
    status = 403
    message = "We make no voice for any of these uses."
    next_step = f"A voice for something else is welcome. {RECORDED}"


class PremiumOwnVoiceOnly(Refusal):
    code = "premium_own_voice_only"
    status = 403
    message = "Premium is for your own voice only, even where somebody else agrees."
    next_step = "Choose Instant for somebody else's voice; its owner is asked first."


class DeclarationContradicts(Refusal):
    code = "declaration_contradicts"
    message = "These answers cannot all be true."
    next_step = (
        "Your own voice is that of somebody alive and of 18 or over; and what has ended, ended on a day that is past."
    )


class DeclarationMissing(Refusal):
    code = "declaration_missing"
    status = 409
    message = "Nobody said who this person is: this voice was begun before that was asked."
    next_step = "Refuse it with that reason; the account can begin it anew."


class AuthorisationNotVerified(Refusal):
    code = "authorisation_not_verified"
    status = 409
    message = "This voice needs a written authorisation that somebody verified, and there is none."
    next_step = "Download the document, read it, and verify or refuse it; or ask for another one."


class TwoModeratorsNeeded(Refusal):
    code = "two_moderators_needed"
    status = 409
    message = "The voice of a deceased person or a public figure is approved by two people."
    next_step = "Propose it as authorised; a colleague looks at it after you."


class NeverAllowed(Refusal):
    code = "never_allowed"
    status = 403
    message = "What was declared of this person forbids their voice: {rule}."
    next_step = "Refuse it; nobody can approve it."
