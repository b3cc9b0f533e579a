"""Tell whoever reported something what came of it, each time that changes.

The caller holds the lock of the case, under which alone its reports are locked.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from moderation.models import Case, Decision, Report
from velluto import jobs, vault
from velluto.transitions import move

ADDRESS = "report.address"
RECEIVED, GONE, REVERSED, REOPENED, STANDS = "received", "gone", "reversed", "reopened", "stands"


def tell(report: Report, what: str) -> None:
    """Queue a letter, in the caller's transaction."""
    key = f"moderation.tell_reporter:{report.pk}:{report.case_id}:{what}"
    jobs.enqueue("moderation.tell_reporter", f"{report.pk} {what}", key=key)


def address_of(report: Report) -> str:
    """Return where a reporter is told; empty where nobody is left to be told."""
    if report.account is not None:
        return "" if report.account.is_erased else report.account.email
    if not report.address:
        return ""
    return vault.unseal(report.vault_owner, ADDRESS, str(report.pk), bytes(report.address)).decode()


def settle(case: Case, decision: Decision, *, acted: bool) -> None:
    """Close the reports of a case that was decided."""
    to = Report.Status.ACTED if acted else Report.Status.NOT_ACTED
    for report in case.reports.filter(status=Report.Status.RECEIVED):
        _move(report, to, decision.decided_by, "the case was decided", what=to)


def subject_gone(case: Case, *, actor: User | str | None) -> None:
    """Close the reports of a case whose subject is gone."""
    for report in case.reports.filter(status=Report.Status.RECEIVED):
        _move(report, Report.Status.NOT_ACTED, actor, "what was reported is gone", what=GONE)


def unsettle(case: Case, *, by: Decision) -> None:
    """Say of a decision that was reversed that nothing is left of what was done."""
    for report in case.reports.filter(status=Report.Status.ACTED):
        _move(report, Report.Status.NOT_ACTED, by.decided_by, "the decision was reversed", what=REVERSED)


def look_again(case: Case, *, anew: Case, by: Decision) -> None:
    """Move the reports of a case to another one that somebody else decides."""
    for report in case.reports.filter(status=Report.Status.NOT_ACTED):
        settled: dict[str, Any] = {"case": anew, "settled_at": None}
        move(report, Report.Status.RECEIVED, actor=by.decided_by, reason="it is looked at again", **settled)
        tell(report, REOPENED)


def hand_on(case: Case, *, to: Case) -> None:
    """Let the reports of a case wait for the answer to another one."""
    case.reports.filter(status=Report.Status.RECEIVED).update(case=to)


def stands(case: Case) -> None:
    """Say to those who reported that the decision stands after the appeal of one of them."""
    for report in case.reports.all():
        tell(report, STANDS)


def _move(report: Report, to: str, actor: User | str | None, reason: str, *, what: str) -> None:
    move(report, to, actor=actor, reason=reason, settled_at=timezone.now())
    tell(report, what)
