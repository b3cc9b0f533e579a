"""How a legal request says no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from velluto.errors import Refusal


class LegalSubjectUnknown(Refusal):
    code = "legal_subject_unknown"
    message = "There is nothing here that this names."
    next_step = "Give the id of the account, voice or output, or the account's e-mail address, as it stands here."


class LegalDocumentMissing(Refusal):
    code = "legal_document_missing"
    message = "Without the authority's document nothing is entered."
    next_step = "Attach the order as a file of at most {megabytes} MB."


class LegalBundleGone(Refusal):
    code = "legal_bundle_gone"
    status = 410
    message = "This bundle is not there (any more)."
    next_step = "Wait until it is ready. Where it was destroyed after its time, enter a new request."


class LegalNoticeSettled(Refusal):
    code = "legal_notice_settled"
    status = 409
    message = "The customer was told already, or there is nobody to tell."
    next_step = "Nothing can be called back; load the page again to see when it was."


class LegalHoldEnded(Refusal):
    code = "legal_hold_ended"
    status = 409
    message = "No hold of this request stands (any more)."
    next_step = "Load the page again; other holds on the account stand on their own."


class LegalRequestPending(Refusal):
    code = "legal_request_pending"
    status = 409
    message = "The records are kept while the request is being answered."
    next_step = "Lift the hold once the bundle is ready, or refuse the request."
