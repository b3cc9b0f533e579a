"""What may be decided about an account that was reported."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Status, User
from moderation import policies, registry, reporting
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from moderation.services import feedback, queue
from velluto.transitions import move

REPORTED = "moderation.user_report"
CONDUCT = "accounts.conduct"


def _account(case: Case) -> User:
    return User.objects.get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    account = _account(case)
    earlier = Case.objects.filter(about=account, status=Case.Status.DECIDED).exclude(pk=case.pk)
    return {
        **reporting.dossier(case),
        "account": account,
        "earlier": Decision.objects.filter(case__in=earlier).select_related("case", "section")[:20],
    }


def review(account: User, *, because_of: Case) -> Case:
    """Put an account before a moderator, with the reports that led there.

    It is decided as its conduct where some app asks that question, else as if the account itself had been reported. The
    caller holds the lock of the account.
    """
    known = {question.kind for question in registry.questions()}
    anew = queue.open_case(
        kind=CONDUCT if CONDUCT in known else REPORTED,
        subject=account,
        title="An account to look at",
        about=account,
        due_at=timezone.now() + policies.report_due(because_of.severity),
        severity=because_of.severity,
        credibility=because_of.credibility,
        reason="a report about something of this account",
    )
    feedback.hand_on(because_of, to=anew)
    return anew


def _suspend(case: Case, decision: Decision) -> None:
    move(_account(case), Status.SUSPENDED, actor=decision.decided_by, reason=decision.reason)


def _lift(case: Case, decision: Decision) -> None:
    move(_account(case), Status.ACTIVE, actor=decision.decided_by, reason=decision.reason)


SUSPENSION = Choice(
    "suspend",
    "Suspend the account",
    "It makes and spends nothing until that is lifted; what is public and what it owns stays readable.",
    ("2", "3", "6", "9"),
    _suspend,
    undo=_lift,
    undoing="The account is active again.",
    restriction={"decision_account": "DECISION_ACCOUNT_SUSPENDED"},
)

reporting.register(
    reporting.Subject("user", "The account behind it", REPORTED, about=lambda account: account, order=3),
)
register(
    Question(
        kind=REPORTED,
        label="A reported account",
        template="moderation/reported_account.html",
        dossier=dossier,
        mail_template="moderation/mail/reported.txt",
        content_type="CONTENT_TYPE_OTHER",
        reported=True,
        choices=(reporting.dismissal(), SUSPENSION),
    )
)
