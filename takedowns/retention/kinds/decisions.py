"""What people reported, what was decided, and what they said to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts import sanctions
from consent.models import ForbiddenAttempt
from consent.never import services as never
from moderation import services as moderation
from moderation.models import Appeal, Report, StatementOfReasons
from takedowns.retention.policies import Facts, Rule, years_before
from takedowns.retention.registry import Kind

REPORTS = Rule("it was settled", years=3)
APPEALS = Rule("it was answered", years=3)
STATEMENTS = Rule("it was sent", years=3)
ATTEMPTS = Rule("it was tried", years=3, evidence=True)


def _held(account: UUID | None, at: datetime) -> bool:
    return sanctions.on_hold(at=at).filter(account=account).exists()


def _report(pk: UUID, at: datetime) -> Facts | None:
    report = Report.objects.select_related("case").filter(pk=pk).exclude(words=b"").first()
    if report is None:
        return None
    about = report.case.about_id
    return Facts(ended_at=report.settled_at, on_hold=_held(about, at) or _held(report.account_id, at), account=about)


def _appeal(pk: UUID, at: datetime) -> Facts | None:
    appeal = Appeal.objects.filter(pk=pk).exclude(sealed=b"").first()
    if appeal is None:
        return None
    return Facts(ended_at=appeal.answered_at, on_hold=_held(appeal.account_id, at), account=appeal.account_id)


def _statement(pk: UUID, at: datetime) -> Facts | None:
    statement = StatementOfReasons.objects.filter(pk=pk).exclude(body="").first()
    if statement is None:
        return None
    return Facts(
        ended_at=statement.composed_at, on_hold=_held(statement.recipient_id, at), account=statement.recipient_id
    )


def _attempt(pk: UUID, at: datetime) -> Facts | None:
    attempt = ForbiddenAttempt.objects.filter(pk=pk).first()
    if attempt is None:
        return None
    return Facts(
        ended_at=attempt.attempted_at,
        evidence_until=attempt.retain_until,
        on_hold=_held(attempt.account_id, at),
        account=attempt.account_id,
    )


KINDS = (
    Kind(
        "reports",
        "What you wrote in a report, and your address",
        "To decide about it, and to tell you what came of it.",
        REPORTS,
        due=lambda at: (
            Report.objects.filter(settled_at__lte=years_before(at, REPORTS.years))
            .exclude(words=b"")
            .values_list("pk", flat=True)
        ),
        facts=_report,
        destroy=lambda pk, at: moderation.forget_report(Report.objects.get(pk=pk)),
        of=lambda account: account.reports.exclude(words=b"").count(),
        tables="moderation.Report",
    ),
    Kind(
        "appeals",
        "What you wrote in an appeal",
        "To decide about it.",
        APPEALS,
        due=lambda at: (
            Appeal.objects.filter(answered_at__lte=years_before(at, APPEALS.years))
            .exclude(sealed=b"")
            .values_list("pk", flat=True)
        ),
        facts=_appeal,
        destroy=lambda pk, at: moderation.forget_appeal(Appeal.objects.get(pk=pk)),
        of=lambda account: account.appeals.exclude(sealed=b"").count(),
        tables="moderation.Appeal",
    ),
    Kind(
        "statements",
        "Letters that told you what was decided about you, and why",
        "To show what you were told.",
        STATEMENTS,
        due=lambda at: (
            StatementOfReasons.objects.filter(composed_at__lte=years_before(at, STATEMENTS.years))
            .exclude(body="")
            .values_list("pk", flat=True)
        ),
        facts=_statement,
        destroy=lambda pk, at: moderation.forget_statement(StatementOfReasons.objects.get(pk=pk)),
        of=lambda account: account.statements_of_reasons.exclude(body="").count(),
        tables="moderation.StatementOfReasons",
    ),
    Kind(
        "attempts",
        "That somebody tried to clone a voice that may never be cloned; whose it was is sealed",
        "To notice who tries again.",
        ATTEMPTS,
        due=lambda at: ForbiddenAttempt.objects.filter(retain_until__lt=at.date()).values_list("pk", flat=True),
        facts=_attempt,
        destroy=lambda pk, at: never.forget(ForbiddenAttempt.objects.get(pk=pk)),
        of=lambda account: account.forbidden_attempts.count(),
        tables="consent.ForbiddenAttempt",
    ),
    Kind(
        "decisions",
        "That something was decided, sanctions and warnings",
        "So that equal things are decided equally, and for the figures that are published.",
        Rule("As long as Velluto runs; once your account is erased, nothing in it says whom it was about", ends=False),
        by="Kept",
        of=lambda account: account.cases.count(),
        tables="synthesis.Freeze moderation.Case moderation.Decision accounts.Sanction accounts.Strike "
        "takedowns.PoliceReferral takedowns.Deadline takedowns.Claim takedowns.NotifierBar takedowns.EvidenceDemand "
        "takedowns.LegalRequest",
    ),
    Kind(
        "no-go",
        "The list of voices that may not be cloned",
        "So that the people on it are not cloned. The list is not public.",
        Rule("As long as the person wants to be on it; each entry is looked at again", ends=False),
        by="Taken off by a custodian",
        tables="moderation.NoGoEntry moderation.NoGoVoiceprint moderation.NoGoMatch moderation.NoGoScreening",
    ),
)
