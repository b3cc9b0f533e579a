"""What can be reported about a voice, and what a moderator may decide about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from consent import decisions
from moderation import reporting
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from voices import services
from voices.models import Voice

REPORTED = "voices.voice_report"


def voice(reference: str, reporter: User | None) -> Voice | None:
    """Return a voice of one's own: held by one's account, or made from one's own recordings."""
    try:
        pk = UUID(reference)
    except ValueError:
        return None
    if reporter is None:
        return None
    theirs = Q(account=reporter) | Q(owner__account=reporter)
    return Voice.objects.alive().select_related("account").filter(theirs, pk=pk).first()


def account(reference: str, reporter: User | None) -> User | None:
    found = voice(reference, reporter)
    return found.account if found else None


def _voice(case: Case) -> Voice:
    return Voice.objects.get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    return {**decisions.dossier(case), **reporting.dossier(case)}


def _suspend(case: Case, decision: Decision) -> None:
    reported = _voice(case)
    if reported.status != Voice.Status.SUSPENDED:  # another report may have led to the same
        services.suspend(reported, actor=decision.decided_by, reason=decision.reason)


def _restore(case: Case, decision: Decision) -> None:
    reported = _voice(case)
    if reported.status == Voice.Status.SUSPENDED:  # it may be deleted by now: then nothing is left to restore
        services.restore(reported, actor=decision.decided_by, reason=decision.reason)


reporting.register(reporting.Subject("voice", "The voice", REPORTED, about=lambda reported: reported.account, order=2))
reporting.lead("voice", voice)
reporting.lead("user", account)
register(
    Question(
        kind=REPORTED,
        label="A reported voice",
        template="consent/reported.html",
        dossier=dossier,
        mail_template="moderation/mail/reported.txt",
        sensitive=True,
        reported=True,
        choices=(
            reporting.dismissal(),
            Choice(
                "suspend",
                "Suspend the voice",
                "It speaks no more, work that waits included, until that is lifted.",
                ("2", "3", "5", "7", "9"),
                _suspend,
                undo=_restore,
                undoing="The voice can speak again.",
                restriction={"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
            ),
        ),
    )
)
