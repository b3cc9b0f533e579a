"""How the queue says no."""

from __future__ import annotations

from velluto.errors import Refusal


class ClaimRefused(Refusal):
    code = "claim_refused"
    status = 403
    message = "Your role does not work on cases."
    next_step = "Ask an administrator for a role that does."


class CaseClaimed(Refusal):
    code = "case_claimed"
    status = 409
    message = "{holder} is working on this case."
    next_step = "Take another case, or wait until the claim lapses at {until}."


class CaseNotClaimed(Refusal):
    code = "case_not_claimed"
    status = 409
    message = "You do not hold this case (any more)."
    next_step = "Claim it again and read what changed before you decide."


class CaseAboutYou(Refusal):
    code = "case_about_you"
    status = 403
    message = "This case is about your own account."
    next_step = "Leave it to another moderator."


class CaseBarred(Refusal):
    code = "case_barred"
    status = 403
    message = "This case questions a decision that you had a part in."
    next_step = "Leave it to another moderator."


class CaseDecided(Refusal):
    code = "case_decided"
    status = 409
    message = "This case has been decided already."
    next_step = "Open it to read the decision."


class CaseNotProposed(Refusal):
    code = "case_not_proposed"
    status = 409
    message = "Nothing waits here for a second person (any more)."
    next_step = "Open the case to see where it stands."


class CaseChanged(Refusal):
    code = "case_changed"
    status = 409
    message = "Something changed since you opened this page: {what}."
    next_step = "Read the case again, then decide. What you typed is kept."


class ChoiceRefused(Refusal):
    code = "choice_refused"
    message = "This choice is not open to you for this case."
    next_step = "Choose one of those listed, on one of its policy sections, and give a reason."


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"
    status = 403
    message = "A grave decision needs a second person, with the permission to approve it."
    next_step = "Leave it to somebody who did not propose it."


class HandOverRefused(Refusal):
    code = "hand_over_refused"
    message = "This case cannot be handed to that person."
    next_step = "Choose a moderator who may decide it, is not the person it is about, and had no part in it."


class NothingWaits(Refusal):
    code = "nothing_waits"
    status = 404
    message = "No case waits for you."
    next_step = "Come back later; cases that others hold return to the queue when their claim lapses."


class AppealLinkUnknown(Refusal):
    code = "appeal_link_unknown"
    status = 404
    message = "This link leads to no decision."
    next_step = "Open the link exactly as it stands in the e-mail that gave you the reasons."


class AppealEmpty(Refusal):
    code = "appeal_empty"
    message = "There are no words in the appeal."
    next_step = "Say in your own words what is wrong with the decision."


class AppealTooLong(Refusal):
    code = "appeal_too_long"
    message = "The appeal has {characters:,} characters; at most {most:,} are taken."
    next_step = "Say what matters most."


class AppealTooLate(Refusal):
    code = "appeal_too_late"
    status = 410
    message = "The time to appeal against this decision is over: it was 180 days."
    next_step = "You keep the right to go to a court or to a certified body for settling disputes out of court."


class AppealUsed(Refusal):
    code = "appeal_used"
    status = 409
    message = "You have appealed against this decision before, or it has been reversed."
    next_step = "Open the link again to see where it stands."


class CheckPending(Refusal):
    code = "check_pending"
    status = 409
    message = "Another check is pending."
    next_step = "Give the case back and decide it later."


class NoGoNameless(Refusal):
    code = "nogo_nameless"
    message = "An entry needs at least one name."
    next_step = "Write a name a line: the name itself, stage names, other spellings that are not obvious."


class NotSettledNow(Refusal):
    code = "nogo_not_now"
    status = 409
    message = "This voice is on its way: it is with the person who makes it, or is being built."
    next_step = "Give the case back; it can be confirmed when the voice is before a moderator again, or is ready."


class ReportEmpty(Refusal):
    code = "report_empty"
    message = "There are no words in the report."
    next_step = "Say in your own words what is wrong, and where you came across it."


class ReportTooLong(Refusal):
    code = "report_too_long"
    message = "The report has {characters:,} characters; at most {most:,} are taken."
    next_step = "Say what matters most."


class ReportWithoutAddress(Refusal):
    code = "report_without_address"
    message = "A report needs an e-mail address, or an account."
    next_step = "Give the address where you want to be told what came of it, or sign in."


class ReportsTooMany(Refusal):
    code = "reports_too_many"
    status = 429
    message = "Too many reports came from you today."
    next_step = "They are all being looked at. Come back tomorrow with more."


class ReportExists(Refusal):
    code = "report_exists"
    status = 409
    message = "There is another report under this id."
    next_step = "Send it again with an id of its own."


class ReportSubjectUnknown(Refusal):
    code = "report_subject_unknown"
    status = 404
    message = "There is nothing here that you could report under this reference."
    next_step = "Ask the detector about the recording, and report what it finds."


class ReportLinkUnknown(Refusal):
    code = "report_link_unknown"
    status = 404
    message = "This link leads to no report."
    next_step = "Open the link exactly as it stands in the e-mail that confirmed your report."
