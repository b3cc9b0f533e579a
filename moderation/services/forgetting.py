"""Delete what people wrote, once nobody needs it any more: the decision stays, the words go. Safe to repeat."""

from __future__ import annotations

from django.db import transaction

from moderation.models import Appeal, Report, StatementOfReasons
from velluto import audit, vault

OVER = "the time to keep it is over"


@transaction.atomic
def forget_report(report: Report, *, reason: str = OVER) -> None:
    """Destroy the words and the address of a report, and what knows its reporter again."""
    gone = {"words": b"", "address": b"", "reporter": "", "client": ""}
    if Report.objects.filter(pk=report.pk).exclude(words=b"").update(**gone):
        vault.destroy(report.vault_owner, actor=None, reason=reason)
        audit.record("moderation.report.forgotten", subject=report, reason=reason)


@transaction.atomic
def forget_appeal(appeal: Appeal, *, reason: str = OVER) -> None:
    """Destroy what somebody wrote in an appeal."""
    if Appeal.objects.filter(pk=appeal.pk).exclude(sealed=b"").update(sealed=b""):
        vault.destroy(appeal.vault_owner, actor=None, reason=reason)
        audit.record("moderation.appeal.forgotten", subject=appeal, reason=reason)


@transaction.atomic
def forget_statement(statement: StatementOfReasons, *, reason: str = OVER) -> None:
    """Delete the letter with which somebody was told a decision; the fields without a name stay for the figures."""
    if StatementOfReasons.objects.filter(pk=statement.pk).exclude(body="").update(body=""):
        audit.record("moderation.statementofreasons.forgotten", subject=statement, reason=reason)
