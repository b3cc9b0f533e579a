"""How notices say no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class NoticeNotSworn(Refusal):
    code = "notice_not_sworn"
    message = "The statement is not signed: it needs the tick, and your full name as you gave it above."
    next_step = "Read the statement; tick and sign it only if it is true. Without it, report the voice instead."


class NoticeTextChanged(Refusal):
    code = "notice_text_changed"
    status = 409
    message = "The text of the statement has changed since you opened the page."
    next_step = "Read it as it stands now, and sign it again. What you filled in is kept."


class NoticeWithoutProof(Refusal):
    code = "notice_without_proof"
    message = "Whoever acts for somebody attaches the proof of their authority."
    next_step = "Attach it as PDF, PNG or JPEG: a power of attorney, a contract, a certificate of inheritance."


class NoticeIncomplete(Refusal):
    code = "notice_incomplete"
    message = "A notice needs a name, an e-mail address and a description."
    next_step = "Fill in what is missing and send it again. What you filled in is kept."


class NoticesTooMany(Refusal):
    code = "notices_too_many"
    status = 429
    message = "Too many notices or files came from you, or from your network, today."
    next_step = "Go on tomorrow, or write to us where somebody is in danger."


class NoticeExists(Refusal):
    code = "notice_exists"
    status = 409
    message = "A notice with this id exists already."
    next_step = "Load the form again and send it under a new id."


class NoticeLinkUnknown(Refusal):
    code = "notice_link_unknown"
    status = 404
    message = "This link leads to nothing."
    next_step = "Open the link exactly as it stands in the e-mail."


class NoticeClosed(Refusal):
    code = "notice_closed"
    status = 409
    message = "This notice is closed."
    next_step = "Reload the page to see how it ended. To add something, give a new notice."


class NoticeNotWithdrawn(Refusal):
    code = "notice_not_withdrawn"
    status = 409
    message = "A notice of this kind is looked at whether it is withdrawn or not."
    next_step = "If somebody presses you to withdraw it, say so when we ask, or go to the police."


class NoQuestionOpen(Refusal):
    code = "no_question_open"
    status = 409
    message = "Nothing is asked of you at the moment."
    next_step = "Reload the page to see where your notice stands."


class WordsMissing(Refusal):
    code = "words_missing"
    message = "Write a few words, at most {most:,} characters."
    next_step = "Say it in your own words, then send it again."


class CounterNoticeTooLate(Refusal):
    code = "counter_notice_too_late"
    status = 409
    message = "The time to answer this notice is over, or it has been decided."
    next_step = "Where it was decided, the e-mail with the reasons says how to appeal."


class CounterNoticeFiled(Refusal):
    code = "counter_notice_filed"
    status = 409
    message = "You have answered this notice already."
    next_step = "Your answer is read before anything is decided. You hear from us."


class DocumentRefused(Refusal):
    code = "document_refused"
    status = 415
    message = "This is no PDF, PNG or JPEG that we can take: {why}."
    next_step = "Photograph the document, or print it into a new PDF, and send that."


class DocumentTooLarge(Refusal):
    code = "attachment_too_large"
    status = 413
    message = "This document is larger than {megabytes} MB."
    next_step = "Send a smaller copy: fewer pages, or a photograph."


class NotifierNotWarned(Refusal):
    code = "notifier_not_warned"
    status = 409
    message = "Fewer than {least} notices of this notifier were rejected before, so nobody has warned them yet."
    next_step = "Reject this notice. The letter warns them; the next abuse can bar them."


class VoiceNotClaimed(Refusal):
    code = "voice_not_claimed"
    status = 404
    message = "No voice has this id, or it is named in this notice already."
    next_step = "Look at the candidates, or copy the id from the voice's page in the admin."
