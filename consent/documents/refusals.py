"""Why a document is not taken. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class DocumentEmpty(Refusal):
    code = "document_empty"
    message = "The file is empty."
    next_step = "Choose the signed document and send it again."


class DocumentTooLarge(Refusal):
    code = "document_too_large"
    status = 413
    message = "The document is larger than {megabytes} MB."
    next_step = "Scan it in black and white or at a lower resolution, or send the signed pages alone."


class DocumentTypeUnknown(Refusal):
    code = "document_type_unknown"
    status = 415
    message = "This is no PDF, PNG or JPEG."
    next_step = "Save it as a PDF, or photograph the signed page."


class DocumentBroken(Refusal):
    code = "document_broken"
    message = "The file is damaged, cut off, or has something else attached to it."
    next_step = "Open it on your device; if you can read it there, save it anew and send that."


class DocumentUnsigned(Refusal):
    code = "document_unsigned"
    message = "Without the name of whoever signed it, a document proves nothing."
    next_step = "Write the name as it stands under the signature."


class DocumentDateInFuture(Refusal):
    code = "document_date_in_future"
    message = "The day of the signature is still to come."
    next_step = "Write the day that stands beside the signature."


class DocumentAfterRecording(Refusal):
    code = "document_after_recording"
    status = 409
    message = "This was signed after the recording came in; a permission must come first."
    next_step = "Delete this voice and begin a new one: with the signature there, record again."


class DocumentKnown(Refusal):
    code = "document_known"
    status = 409
    message = "We have this very file already."
    next_step = "You need do nothing; or send another one."


class TooManyDocuments(Refusal):
    code = "too_many_documents"
    status = 429
    message = "There are {most} documents for this voice already."
    next_step = "Put what is left into one PDF, and tell us about it in your reply to our letter."


class DocumentNotYours(Refusal):
    code = "document_not_yours"
    status = 403
    message = "Only whoever makes this voice, or whose voice it is, hands in documents for it."
    next_step = "Ask them to do it from their own page."


class DocumentGone(Refusal):
    code = "document_gone"
    status = 410
    message = "This document was destroyed after its time, or its voice has ended."
    next_step = "Nothing can be handed in or read here any more."


class DocumentRetained(Refusal):
    code = "document_retained"
    status = 409
    message = "The evidence of this voice must still be kept."
    next_step = "It ends after its last day, once the voice has ended and no legal hold stands."


class OwnDocument(Refusal):
    code = "own_document"
    status = 403
    message = "Nobody verifies a document about a voice of their own."
    next_step = "Leave it to a colleague."
