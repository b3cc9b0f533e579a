"""What may be decided about an account that was reported."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from moderation import policies, refusals, registry, reporting
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from moderation.services import feedback, queue

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


def lock(account: User) -> None:
    """Lock an account, which a case may be opened about, and that case where there is one."""
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    list(Case.objects.about(account).exclude(status=Case.Status.DECIDED).select_for_update(of=("self",)))


def review(account: User, *, because_of: Case) -> Case:
    """Put the conduct of an account before a moderator, with the reports that led there; raise ChoiceRefused.

    A higher app asks that question; where none does, this is not open. The caller holds `lock`.
    """
    if CONDUCT not in {question.kind for question in registry.questions()}:
        raise refusals.ChoiceRefused()
    anew = queue.open_case(
        kind=CONDUCT,
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


def _review(case: Case, decision: Decision) -> None:
    review(_account(case), because_of=case)


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
        sensitive=True,
        reported=True,
        lock=lambda case: lock(_account(case)),
        choices=(
            reporting.dismissal(),
            Choice(
                "review",
                "Look at its conduct",
                "Nothing changes yet; whoever decides about the conduct of accounts may warn, suspend or end it.",
                ("2", "3", "6", "9"),
                _review,
                silent=True,
            ),
        ),
    )
)
