"""Take a report, and find out whether its address answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.client import keyed
from accounts.models import User
from moderation import policies, refusals
from moderation.models import Case, Decision, Report
from moderation.reporting import Found
from moderation.services import feedback, queue
from velluto import audit, vault

WORDS = "report.words"
TRUSTED_NOTIFIERS = "trusted notifier"  # a group of accounts; it gives no permission


def report(
    found: Found,
    *,
    category: str,
    words: str,
    address: str,
    account: User | None = None,
    email: str = "",
    by_key: bool = False,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Report:
    """Take a report: it opens the case of its subject, or presses the one there is, and is confirmed by e-mail.

    `key` becomes the report's id: what is sent twice under one key is one report. `address` is the caller's network
    address; who has no account is known by the `email`. Raise ReportsTooMany, ReportEmpty, ReportTooLong.
    """
    at, words, email = at or timezone.now(), words.strip(), email.strip().lower()
    if not words:
        raise refusals.ReportEmpty()
    if len(words) > policies.LONGEST_REPORT:
        raise refusals.ReportTooLong(characters=len(words), most=policies.LONGEST_REPORT)
    if account is None and not email:
        raise refusals.ReportWithoutAddress()
    about = found.subject.about(found.object)
    made = Report(
        id=key or uuid4(),
        subject_type=found.object._meta.label_lower,
        subject_id=str(found.object.pk),
        category=Report.Category(category),
        account=account,
        reporter=keyed("report", f"account:{account.pk}" if account else email),
        client=keyed("report", address),
        trusted=account is not None and account.groups.filter(name=TRUSTED_NOTIFIERS).exists(),
        verified_at=at if account and _verified(account) else None,
        received_at=at,
    )
    if key and (sent_before := Report.objects.filter(pk=key, reporter=made.reporter).first()):
        return sent_before
    recent, most = _recent(made, at), _most(made, by_key=by_key)
    if recent.count() >= most:
        raise refusals.ReportsTooMany()
    made.credibility = _credibility(made)
    made.words = vault.seal(made.vault_owner, WORDS, str(made.pk), words.encode())
    made.address = b"" if account else vault.seal(made.vault_owner, feedback.ADDRESS, str(made.pk), email.encode())
    try:
        with transaction.atomic():
            _lock(found.object)  # before the case, as those who decide do
            made.case = _press(found, made, about=about, at=at)
            made.save(force_insert=True)
            feedback.tell(made, feedback.RECEIVED)
            audit.record(
                "moderation.report.received",
                actor=account or "reporter",
                subject=made,
                data={"case": str(made.case_id), "category": category, "credibility": made.credibility},
            )
            if recent.count() > most:  # those who report at once stand in line for the audit, and are counted here
                raise refusals.ReportsTooMany()
    except IntegrityError as error:  # the same form was sent twice at once
        there = Report.objects.filter(pk=made.pk).first()
        if there is None:
            raise
        if there.reporter != made.reporter:
            raise refusals.ReportExists() from error
        return there
    return made


def confirm(made: Report, *, at: datetime | None = None) -> None:
    """Note that the reporter reads the mail of the address; the report, and its case, gain credibility."""
    with transaction.atomic():
        case = made.case
        queue.lock(case)
        made.refresh_from_db(from_queryset=Report.objects.select_for_update(of=("self",), no_key=True))
        if made.verified_at:
            return
        made.verified_at = at or timezone.now()
        made.credibility = _credibility(made)
        made.save(update_fields=["verified_at", "credibility"])
        if case.credibility < made.credibility and case.status != Case.Status.DECIDED:
            case.credibility = made.credibility
            case.save(update_fields=["credibility"])
        audit.record("moderation.report.confirmed", actor=made.account or "reporter", subject=made)


def words_of(made: Report) -> str:
    """Return what the reporter wrote; nothing once that was deleted."""
    if not made.words:
        return ""
    return vault.unseal(made.vault_owner, WORDS, str(made.pk), bytes(made.words)).decode()


def reopen(case: Case, by: Decision) -> Case:
    """Undo a dismissal: the reports go to somebody who has not decided about them."""
    had_their_say = tuple(filter(None, (earlier.decided_by for earlier in case.decisions.all())))
    anew = queue.open_case(
        kind=case.kind,
        subject=case.subject,
        title=case.title,
        about=case.about,
        due_at=timezone.now() + policies.report_due(case.severity),
        severity=case.severity,
        credibility=case.credibility,
        barred=(*had_their_say, by.decided_by),
        reason="a dismissal was overturned",
    )
    feedback.look_again(case, anew=anew, by=by)
    return anew


def link(made: Report) -> str:
    """Return the address where the reporter sees what came of it; it says nothing of anybody."""
    return settings.PUBLIC_URL + reverse("moderation:report-status", args=[_signer().sign_object([made.pk.hex])])


def at_link(token: str) -> Report:
    """Return the report of a link; raise ReportLinkUnknown."""
    try:
        (pk,) = _signer().unsign_object(token)
        return Report.objects.select_related("case", "account").get(pk=pk)
    except (signing.BadSignature, Report.DoesNotExist) as error:
        raise refusals.ReportLinkUnknown() from error


def _signer() -> signing.Signer:
    return signing.Signer(salt="moderation.report")


def _press(found: Found, made: Report, *, about: User, at: datetime) -> Case:
    severity = policies.report_severity(made.category)
    case = queue.open_case(
        kind=found.subject.question,
        subject=found.object,
        title=f"Reported: {made.get_category_display()}",
        about=about,
        due_at=at + policies.report_due(severity),
        severity=severity,
        credibility=made.credibility,
        reason="somebody reported it",
    )
    if made.account is not None and made.account.is_staff:
        case.barred.add(made.account)  # nobody decides what he reported himself
    return case


def _lock(subject: Model) -> None:
    type(subject)._base_manager.select_for_update(no_key=True).get(pk=subject.pk)


def _verified(account: User) -> bool:
    return EmailAddress.objects.filter(user=account, email=account.email, verified=True).exists()


def _credibility(made: Report) -> int:
    past = Report.objects.filter(reporter=made.reporter).exclude(pk=made.pk)
    upheld, dismissed = (
        past.filter(status=status, case__decisions__status=Decision.Status.MADE).count()
        for status in (Report.Status.ACTED, Report.Status.NOT_ACTED)
    )
    return policies.credibility(
        signed_in=made.account_id is not None,
        verified=made.verified_at is not None,
        upheld=upheld,
        dismissed=dismissed,
        trusted=made.trusted,
    )


def _recent(made: Report, at: datetime) -> QuerySet[Report]:
    same: Any = Q(reporter=made.reporter)
    if made.account_id is None:  # whoever invents e-mail addresses still comes from somewhere
        same |= Q(client=made.client, account=None)
    return Report.objects.filter(same, received_at__gt=at - timedelta(days=1))


def _most(made: Report, *, by_key: bool) -> int:
    return settings.REPORTS_PER_DAY_WITH_KEY if by_key or made.trusted else settings.REPORTS_PER_DAY
