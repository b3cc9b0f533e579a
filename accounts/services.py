"""The only writer of accounts and of the ledger of credits."""

from __future__ import annotations

from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts import policies, refusals, sanctions
from accounts.models import ApiKey, CreditEntry, Sanction, Status, User
from velluto import audit
from velluto.transitions import move


class NothingToRefund(LookupError):
    """No debit of this account carries the reference."""


class AlreadySpent(RuntimeError):
    """The reference was debited before; asking twice must not speak twice for one price."""


class NotAGrant(ValueError):
    """Only an allowance or a purchase, and more than nothing, can be granted."""


@transaction.atomic
def open_account(
    *, email: str, password: str | None, full_name: str, born_on: date, email_confirmed: bool = False, **fields: object
) -> User:
    """Open an account for an adult, with this month's free allowance; raise AgeBelow18.

    `email_confirmed` is for accounts that the operator opens; everybody else confirms by the link that is sent.
    """
    now = timezone.now()
    policies.require_adult(born_on, today=timezone.localdate(now))
    user = User.objects.create_user(email, password, full_name=full_name, adult_confirmed_at=now, **fields)
    if email_confirmed:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    welcome(user)
    return user


@transaction.atomic
def welcome(user: User) -> None:
    """Record that a saved account was opened, and give it its first free allowance."""
    _allow_month(user, now=timezone.now())
    sanctions.watch_for_return(user)
    audit.record("account.opened", actor=user, subject=user, reason="", data={"staff": user.is_staff})


@transaction.atomic
def correct_name(user: User, *, full_name: str, display_name: str, actor: User) -> User:
    """Correct how somebody is called (K1); the audit remembers that it happened, never the names."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changed = [
        name
        for name, value in {"full_name": full_name, "display_name": display_name}.items()
        if getattr(user, name) != value
    ]
    if changed:
        user.full_name, user.display_name = full_name, display_name
        user.save(update_fields=changed)
        audit.record("account.name_corrected", actor=actor, subject=user, reason="", data={"fields": changed})
    return user


@transaction.atomic
def set_role(user: User, *, is_staff: bool, groups: list[Group], actor: User, reason: str) -> User:
    """Set whether somebody is staff, and in which groups."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = {"staff": user.is_staff, "groups": sorted(user.groups.values_list("name", flat=True))}
    after = {"staff": is_staff, "groups": sorted(group.name for group in groups)}
    if after != before:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
        user.groups.set(groups)
        audit.record(
            "account.role_set", actor=actor, subject=user, reason=reason, data={"before": before, "after": after}
        )
    return user


# ------------------------------------------------------------------------------------------------------------- leaving
@transaction.atomic
def close(user: User, *, actor: User | None, reason: str, at: datetime | None = None) -> User:
    """Close an account for good: no session, key, password or second factor opens it any more. Safe to repeat.

    Who leaves while suspended or terminated is noticed on coming back: digests of the addresses stay.
    """
    account, at = User.objects.select_for_update(no_key=True).get(pk=user.pk), at or timezone.now()
    if account.status == Status.ERASED:
        return account
    barred = {Sanction.Kind.SUSPENSION, Sanction.Kind.TERMINATION}
    if Sanction.objects.standing(at=at).filter(account=account, kind__in=barred).exists():
        sanctions.remember_address(account, at=at)
    _end_sessions(account)
    ApiKey.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
    account.set_unusable_password()
    account.save(update_fields=["password"])
    move(account, Status.ERASED, actor=actor, reason=reason)
    return account


@transaction.atomic
def erase(user: User) -> None:
    """Remove what says whose a closed account was; the row stays, for what refers to it. Raise AccountNotClosed."""
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if account.status != Status.ERASED:
        raise refusals.AccountNotClosed
    EmailAddress.objects.filter(user=account).delete()
    account.text_acceptances.update(ip_address=None, user_agent="")
    account.groups.clear()
    account.email = f"{account.pk}@erased.invalid"  # so that the address may open another account
    account.full_name = account.display_name = ""
    account.last_login = account.adult_confirmed_at = None
    account.is_staff = account.is_superuser = False
    account.save()
    audit.record("account.erased", actor=None, subject=account)


@transaction.atomic
def forget_ledger(user: User, *, reason: str) -> int:
    """Delete the ledger of an account that was erased; return how many entries. Raise AccountNotClosed."""
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if account.status != Status.ERASED:
        raise refusals.AccountNotClosed
    entries = CreditEntry.objects.filter(user=account)
    count = entries.count()
    entries._raw_delete(entries.db)  # the only way past the ledger's own refusal
    audit.record("credits.forgotten", actor=None, subject=account, reason=reason, data={"entries": count})
    return count


def _end_sessions(account: User) -> None:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            session.delete()


# ------------------------------------------------------------------------------------------------------------- credits
def balance(user: User, *, now: datetime | None = None) -> int:
    """Return the characters that can be spent, this month's free allowance included (it is booked when first seen)."""
    _allow_month(user, now=now or timezone.now())
    return CreditEntry.objects.filter(user=user).total()


@transaction.atomic
def debit(user: User, characters: int, *, reference: str) -> CreditEntry:
    """Spend characters once per reference; raise CreditsTooLow, AccountSuspended or AlreadySpent and spend nothing.

    The account's row is locked, so that requests side by side cannot spend the same credit.
    """
    if characters <= 0:
        raise ValueError("A debit spends at least one character.")
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if CreditEntry.objects.filter(kind=CreditEntry.Kind.DEBIT, reference=reference).exists():
        raise AlreadySpent(reference)
    policies.require_active(account.status)
    policies.require_credits(characters, available=balance(account))
    return CreditEntry.objects.create(
        user=account, kind=CreditEntry.Kind.DEBIT, characters=-characters, reference=reference
    )


@transaction.atomic
def refund(user: User, *, reference: str) -> CreditEntry:
    """Give back what was spent under the reference; a second call changes nothing. Raise NothingToRefund."""
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    spent = CreditEntry.objects.filter(user=account, kind=CreditEntry.Kind.DEBIT, reference=reference).first()
    if spent is None:
        raise NothingToRefund(reference)
    entry, _ = CreditEntry.objects.get_or_create(
        reference=reference,
        kind=CreditEntry.Kind.REFUND,
        defaults={"user": account, "characters": -spent.characters},
    )
    return entry


@transaction.atomic
def grant(user: User, characters: int, *, kind: str, reference: str, actor: User, reason: str) -> CreditEntry:
    """Add credits by hand, once per reference and kind; the audit remembers who did and why. Raise NotAGrant."""
    if kind not in (CreditEntry.Kind.ALLOWANCE, CreditEntry.Kind.PURCHASE) or characters <= 0:
        raise NotAGrant(kind, characters)
    entry, created = CreditEntry.objects.get_or_create(
        reference=reference,
        kind=kind,
        defaults={"user": user, "characters": characters, "reason": reason, "actor": actor},
    )
    if created:
        audit.record(
            "credits.granted",
            actor=actor,
            subject=user,
            reason=reason,
            data={"characters": characters, "kind": str(kind), "reference": reference},
        )
    return entry


def _allow_month(user: User, *, now: datetime) -> None:
    """Book the free allowance of the month that `now` falls into, once."""
    if settings.FREE_ALLOWANCE <= 0:
        return
    CreditEntry.objects.get_or_create(
        reference=f"{user.pk}:{now:%Y-%m}",
        kind=CreditEntry.Kind.ALLOWANCE,
        defaults={"user": user, "characters": settings.FREE_ALLOWANCE},
    )


def rotate_second_factors() -> int:
    """Encrypt the secrets of all second factors under the newest secret key; return how many changed."""
    adapter, changed = get_adapter(), 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if factor is None:
                continue
            anew = dict(factor.data)
            for name in ("secret", "seed"):
                if name in anew:
                    anew[name] = adapter.encrypt_anew(anew[name])
            if anew != factor.data:
                factor.data = anew
                factor.save(update_fields=["data"])
                changed += 1
    return changed
