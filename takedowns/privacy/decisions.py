"""What a person may decide about a privacy request."""

from __future__ import annotations

from typing import Any

from accounts import sanctions
from accounts.models import User
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from takedowns.models import PrivacyRequest
from takedowns.privacy import services

SECTIONS = ("5", "9")
GRANTED = {
    PrivacyRequest.Kind.ACCESS: "An archive of all that is held is made, and the link to it is mailed.",
    PrivacyRequest.Kind.CORRECTION: "You have corrected what was asked for; the person is told so.",
    PrivacyRequest.Kind.OBJECTION: "The processing of the account stops until its holder lifts that.",
    PrivacyRequest.Kind.ERASURE: "The account closes at once and is erased; that cannot be undone.",
}


def _request(case: Case) -> PrivacyRequest:
    return PrivacyRequest.objects.select_related("account").get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    """Who asks, how that was proven, for whom, and what for."""
    request = _request(case)
    account = request.account
    return {
        "request": request,
        "contact": services.contact_of(request),
        "person": services.person_of(request),
        "words": services.words_of(request),
        "held": bool(account) and sanctions.on_hold().filter(account=account).exists(),
        "voices": account.voices.count() if account else 0,
    }


def lock(case: Case) -> None:
    """Lock the account before the request, in the order of all."""
    User.objects.select_for_update(no_key=True).filter(privacy_requests=_request(case)).first()


def _grant(case: Case, decision: Decision) -> None:
    services.grant(_request(case), actor=decision.decided_by, reason=decision.reason)


def _deny(case: Case, decision: Decision) -> None:
    services.deny(_request(case), actor=decision.decided_by, reason=decision.reason)


def _effects(case: Case) -> tuple[str, ...]:
    request = _request(case)
    if request.kind == PrivacyRequest.Kind.ERASURE and request.account is None:
        return ("Reports from this address are destroyed; there is no account with it.", "The person is told.")
    return (GRANTED[PrivacyRequest.Kind(request.kind)], "The person is told.")


register(
    Question(
        kind=services.CASE_KIND,
        label="A request about one's own data",
        template="takedowns/privacy/dossier.html",
        dossier=dossier,
        mail_template="takedowns/privacy/mail/decided.txt",
        content_type="CONTENT_TYPE_OTHER",
        lock=lock,
        choices=(
            Choice("grant", "Do what was asked", "What was asked for is done.", SECTIONS, _grant, effects=_effects),
            Choice(
                "deny",
                "Deny it",
                "Nothing is done. The person is told the reason, and somebody else looks again if they ask for it.",
                SECTIONS,
                _deny,
                undo=_grant,
                undoing="What was asked for is done after all.",
                restriction={
                    "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
                    "decision_visibility_other": "A request about one's own data was denied",
                },
            ),
        ),
    )
)
