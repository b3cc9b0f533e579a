"""Accounts, their ledgers, and what their holders asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Max, QuerySet

from accounts import sanctions
from accounts import services as accounts
from accounts.models import FormerAddress, Status, User
from takedowns.models import PrivacyRequest
from takedowns.privacy import policies, services
from takedowns.retention.policies import Facts, Rule, years_before
from takedowns.retention.registry import Kind
from velluto import vault

UNCONFIRMED = Rule("somebody signed up and did not confirm the address", days=30)
LEDGER = Rule("the last entry, where the account is erased", years=10)
EXPORTS = Rule("it was made", days=policies.EXPORT_WAITS.days)
REQUESTS = Rule("it was answered", years=3)


def _held(account: UUID | None, at: datetime) -> bool:
    return sanctions.on_hold(at=at).filter(account=account).exists()


def _never_confirmed() -> QuerySet[User]:
    confirmed = EmailAddress.objects.filter(verified=True).values("user")
    never = User.objects.exclude(pk__in=confirmed).filter(last_login=None, is_staff=False, is_superuser=False)
    return never.exclude(status__in=[Status.ERASED, Status.TERMINATED]).filter(voices=None, speech_requests=None)


def _unconfirmed(pk: UUID, at: datetime) -> Facts | None:
    account = _never_confirmed().filter(pk=pk).first()
    if account is None:
        return None
    return Facts(ended_at=account.created_at, on_hold=_held(pk, at), account=pk)


@transaction.atomic
def _forget_unconfirmed(pk: UUID, at: datetime) -> None:
    account = accounts.close(User.objects.get(pk=pk), actor=None, reason="the address was never confirmed", at=at)
    accounts.erase(account)
    vault.destroy(account.vault_owner, actor=None, reason="the address was never confirmed")


def _ledgers(at: datetime) -> QuerySet[User]:
    erased = User.objects.filter(status=Status.ERASED).annotate(last=Max("credit_entries__created_at"))
    return erased.filter(last__lte=years_before(at, LEDGER.years))


def _ledger(pk: UUID, at: datetime) -> Facts | None:
    account = User.objects.filter(pk=pk, status=Status.ERASED).first()
    if account is None:
        return None
    last = account.credit_entries.aggregate(at=Max("created_at"))["at"]
    if last is None:
        return None
    return Facts(ended_at=last, on_hold=_held(pk, at), account=pk)


def _export(pk: UUID, at: datetime) -> Facts | None:
    # A hold keeps the records that an export was made from; the export itself is a copy, and is nobody's evidence.
    asked = PrivacyRequest.objects.filter(pk=pk).exclude(object="").first()
    if asked is None:
        return None
    return Facts(last_day=asked.until)


def _request(pk: UUID, at: datetime) -> Facts | None:
    asked = PrivacyRequest.objects.filter(pk=pk).exclude(contact=b"").first()
    if asked is None:
        return None
    return Facts(ended_at=asked.finished_at, on_hold=_held(asked.account_id, at), account=asked.account_id)


KINDS = (
    Kind(
        "account",
        "Your account: name, e-mail address, sign-in, API keys",
        "So that you can sign in and be told what concerns you.",
        Rule("you have it erased"),
        by="Erased within 24 hours of your asking, unless a hold or this schedule keeps something",
        of=lambda account: 1,
        tables="accounts.User accounts.ApiKey",
    ),
    Kind(
        "texts",
        "Which version of our terms you accepted, and when",
        "To know what was agreed with you.",
        Rule("As long as Velluto runs; once your account is erased, nothing in it says whose it was", ends=False),
        by="Kept",
        of=lambda account: account.text_acceptances.count(),
        tables="accounts.TextAcceptance",
    ),
    Kind(
        "unconfirmed",
        "An account whose e-mail address was never confirmed",
        "So that you can still confirm it.",
        UNCONFIRMED,
        due=lambda at: (
            _never_confirmed()
            .filter(created_at__lte=at - timedelta(days=UNCONFIRMED.days))
            .values_list("pk", flat=True)
        ),
        facts=_unconfirmed,
        destroy=_forget_unconfirmed,
    ),
    Kind(
        "sessions",
        "That a browser is signed in",
        "So that you need not sign in on every page.",
        Rule("signing in, and when the browser is closed", days=14),
        by="Deleted every night, when over",
    ),
    Kind(
        "ledger",
        "Credits: what was added and spent, in numbers",
        "Books of account must be kept; once your account is erased, nothing in them says whose they were.",
        LEDGER,
        due=lambda at: _ledgers(at).values_list("pk", flat=True),
        facts=_ledger,
        destroy=lambda pk, at: accounts.forget_ledger(User.objects.get(pk=pk), reason="its time was over"),
        of=lambda account: account.credit_entries.count(),
        tables="accounts.CreditEntry",
    ),
    Kind(
        "former",
        "Of an account that was closed for misuse: a keyed digest of its addresses, from which nobody reads them",
        "So that its return is noticed.",
        Rule("As long as the decision stands", ends=False),
        by="Deleted with the decision",
        of=lambda account: FormerAddress.objects.filter(account=account).count(),
        tables="accounts.FormerAddress",
    ),
    Kind(
        "exports",
        "The archive of your data that you asked for",
        "So that you can download it.",
        EXPORTS,
        due=lambda at: PrivacyRequest.objects.exclude(object="").filter(until__lte=at).values_list("pk", flat=True),
        facts=_export,
        destroy=lambda pk, at: services.forget_export(PrivacyRequest.objects.get(pk=pk)),
        of=lambda account: account.privacy_requests.exclude(object="").count(),
    ),
    Kind(
        "requests",
        "What you asked for on the page Privacy, and the answer",
        "To prove that it was answered, and when.",
        REQUESTS,
        due=lambda at: (
            PrivacyRequest.objects.filter(finished_at__lte=years_before(at, REQUESTS.years))
            .exclude(contact=b"")
            .values_list("pk", flat=True)
        ),
        facts=_request,
        destroy=lambda pk, at: services.forget_request(PrivacyRequest.objects.get(pk=pk)),
        of=lambda account: account.privacy_requests.count(),
        tables="takedowns.PrivacyRequest takedowns.PrivacyStep",
    ),
)
