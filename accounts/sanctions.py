"""The only writer of sanctions and strikes: impose, lift, expire; and notice who comes back after a termination.

What else has to end with an account is not known here: `terminate` queues the job `accounts.terminated`, and a return
queues `accounts.returned`; the apps above do them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, Unpack
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import policies, refusals
from accounts.models import CLOSED, CreditEntry, FormerAddress, Sanction, Status, Strike, User
from velluto import audit, jobs
from velluto.transitions import move

TERMINATED = "accounts.terminated"
RETURNED = "accounts.returned"
SUSPENDING = {Sanction.Kind.SUSPENSION, Sanction.Kind.RESTRICTION}  # while one of these stands


class Grounds(TypedDict):
    """What every sanction rests on: a section of the policy, a reason that the person is told, and who imposed it."""

    section: str
    reason: str
    actor: User
    decision_id: NotRequired[UUID | None]
    at: NotRequired[datetime | None]


@transaction.atomic
def suspend(user: User, *, lasts: timedelta | None, **why: Unpack[Grounds]) -> Sanction:
    """Close an account for a time, or until it is lifted; raise AccountTerminated."""
    account = _open_account(user)
    sanction = _keep(account, Sanction.Kind.SUSPENSION, why, lasts=lasts)
    if account.status == Status.ACTIVE:
        move(account, Status.SUSPENDED, actor=why["actor"], reason=why["reason"])
    _record("imposed", sanction, actor=why["actor"], until=sanction.ends_at)
    return sanction


@transaction.atomic
def restrict(user: User, *, at: datetime | None = None) -> Sanction:
    """Stop the processing of an account at its holder's wish (K1), until they lift it. Safe to repeat."""
    account = _open_account(user)
    there = restriction_of(account, at=at)
    if there is not None:
        return there
    wish: Grounds = {"section": "", "reason": "The account holder asked for it.", "actor": account, "at": at}
    sanction = _keep(account, Sanction.Kind.RESTRICTION, wish)
    if account.status == Status.ACTIVE:
        move(account, Status.SUSPENDED, actor=account, reason=wish["reason"])
    _record("imposed", sanction, actor=account)
    return sanction


def restriction_of(user: User, *, at: datetime | None = None) -> Sanction | None:
    """Return the restriction that somebody asked for and has not lifted yet."""
    standing = Sanction.objects.standing(at=at or timezone.now())
    return standing.filter(account=user, kind=Sanction.Kind.RESTRICTION).first()


@transaction.atomic
def terminate(user: User, **why: Unpack[Grounds]) -> Sanction:
    """Close an account for good; what it made is deleted by a job at once. Raise AccountTerminated."""
    account = _open_account(user)
    sanction = _keep(account, Sanction.Kind.TERMINATION, why)
    remember_address(account, at=sanction.starts_at)
    jobs.enqueue(TERMINATED, str(account.pk), key=f"{TERMINATED}:{account.pk}")
    move(account, Status.TERMINATED, actor=why["actor"], reason=why["reason"])
    _record("imposed", sanction, actor=why["actor"])
    return sanction


@transaction.atomic
def forfeit(user: User, **why: Unpack[Grounds]) -> Sanction:
    """Take what credits an account has; `lift` gives exactly these back."""
    account, actor = _lock(user), why["actor"]
    sanction = _keep(account, Sanction.Kind.FORFEITURE, why)
    left = CreditEntry.objects.filter(user=account).total()
    if left > 0:
        CreditEntry.objects.create(
            user=account, kind=CreditEntry.Kind.FORFEIT, characters=-left, reference=sanction.reference, actor=actor
        )
    _record("imposed", sanction, actor=actor, characters=max(left, 0))
    return sanction


@transaction.atomic
def note(user: User, *, kind: str, secret: bool = False, **why: Unpack[Grounds]) -> Sanction:
    """Put a legal hold on an account's records, or note that it was referred to the police or named in public.

    Of what is `secret` the person learns nothing, whatever they ask for.
    """
    if kind not in (Sanction.Kind.HOLD, Sanction.Kind.POLICE, Sanction.Kind.NOTICE):
        raise ValueError(kind)
    sanction = _keep(_lock(user), kind, why, secret=secret)
    _record("imposed", sanction, actor=why["actor"])
    return sanction


@transaction.atomic
def strike(user: User, **why: Unpack[Grounds]) -> Strike:
    """Warn an account; the strike counts for a year."""
    at, section, reason = why.get("at") or timezone.now(), why["section"], why["reason"]
    given = Strike.objects.create(
        account=_lock(user),
        section=section,
        reason=reason,
        decision_id=why.get("decision_id"),
        given_by=why["actor"],
        given_at=at,
        expires_at=at + policies.STRIKE_LASTS,
    )
    data = {"account": str(user.pk), "section": section, "expires": given.expires_at.isoformat()}
    audit.record("accounts.strike.given", actor=why["actor"], subject=given, reason=reason, data=data)
    return given


@transaction.atomic
def lift(sanction: Sanction, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """End a sanction before its time and undo what can be undone; a second call changes nothing."""
    account, at = _lock(sanction.account), at or timezone.now()
    if not Sanction.objects.filter(pk=sanction.pk, lifted_at=None).update(lifted_at=at, lifted_by=actor):
        return
    if sanction.kind == Sanction.Kind.FORFEITURE:
        _give_back(account, sanction, actor=actor, reason=reason)
    if sanction.kind == Sanction.Kind.TERMINATION:
        FormerAddress.objects.filter(account=account).delete()
    _settle(account, actor=actor, reason=reason, at=at)
    _record("lifted", sanction, actor=actor, because=reason)


@transaction.atomic
def take_back(strike: Strike, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Let a strike count no more; a second call changes nothing."""
    at = at or timezone.now()
    if Strike.objects.filter(pk=strike.pk, expires_at__gt=at).update(expires_at=at):
        audit.record("accounts.strike.taken_back", actor=actor, subject=strike, reason=reason)


def undo(decision_id: UUID, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Lift every sanction and take back every strike that rests on a decision."""
    for sanction in Sanction.objects.filter(decision_id=decision_id, lifted_at=None).select_related("account"):
        lift(sanction, actor=actor, reason=reason, at=at)
    for given in Strike.objects.filter(decision_id=decision_id):
        take_back(given, actor=actor, reason=reason, at=at)


def expire(*, at: datetime | None = None) -> int:
    """Open the accounts whose suspensions are over, one commit each; return how many."""
    at = at or timezone.now()
    timed = Sanction.objects.filter(kind=Sanction.Kind.SUSPENSION, ends_at__lte=at)
    accounts = User.objects.filter(status=Status.SUSPENDED, pk__in=timed.values("account"))
    opened = 0
    for account in accounts:
        with transaction.atomic():
            opened += _settle(_lock(account), actor=None, reason="the suspension is over", at=at)
    return opened


def open_hold(user: User, *, at: datetime | None = None) -> Sanction | None:
    """Return a legal hold that the person may know of."""
    standing = Sanction.objects.standing(at=at or timezone.now())
    return standing.filter(account=user, kind=Sanction.Kind.HOLD, secret=False).first()


def remember_address(user: User, *, at: datetime) -> None:
    """Keep the digests of an account's addresses, so that it does not come back unnoticed."""
    FormerAddress.objects.bulk_create(
        [FormerAddress(account=user, digest=digest, noted_at=at) for digest in _digests(user)],
        ignore_conflicts=True,
    )


def on_hold(*, at: datetime | None = None) -> Any:
    """Return the ids of the accounts whose records may not be destroyed, for use in queries."""
    holds = Sanction.objects.standing(at=at or timezone.now()).filter(kind=Sanction.Kind.HOLD)
    return holds.values("account")


def watch_for_return(user: User) -> bool:
    """Queue a look at an account with the address of one that was terminated; return whether it has one."""
    returned = former_accounts(user).exists()
    if returned:
        jobs.enqueue(RETURNED, str(user.pk), key=f"{RETURNED}:{user.pk}")
    return returned


def former_accounts(user: User) -> Any:
    """Return the terminated accounts that had an address of this one, however it is written."""
    others = User.objects.exclude(pk=user.pk)
    return others.filter(former_addresses__digest__in=_digests(user)).distinct()


def _digests(user: User) -> set[str]:
    """Return the digests of all addresses of an account."""
    return {
        _digest(email)
        for email in (user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    }


def _digest(email: str) -> str:
    """Digest an address under the one key of the house that never changes, so that no rotation forgets anybody."""
    salt, secret = "velluto.accounts.former", settings.WATERMARK_KEY
    return salted_hmac(salt, policies.normal_address(email), secret=secret, algorithm="sha256").hexdigest()


def _lock(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _open_account(user: User) -> User:
    """Lock an account that can still be closed."""
    account = _lock(user)
    if account.status in CLOSED:
        raise refusals.AccountTerminated
    return account


def _keep(account: User, kind: str, why: Grounds, *, lasts: timedelta | None = None, secret: bool = False) -> Sanction:
    at = why.get("at") or timezone.now()
    return Sanction.objects.create(
        account=account,
        kind=kind,
        section=why["section"],
        reason=why["reason"],
        decision_id=why.get("decision_id"),
        imposed_by=why["actor"],
        starts_at=at,
        ends_at=at + lasts if lasts else None,
        secret=secret,
    )


def _settle(account: User, *, actor: User | None, reason: str, at: datetime) -> bool:
    """Give a locked account the status that its standing sanctions leave it; return whether it is open again."""
    standing = set(Sanction.objects.standing(at=at).filter(account=account).values_list("kind", flat=True))
    if account.status in (Status.ACTIVE, Status.ERASED) or Sanction.Kind.TERMINATION in standing:
        return False
    suspended = bool(standing & SUSPENDING)
    if account.status == Status.SUSPENDED and suspended:
        return False
    move(account, Status.ACTIVE, actor=actor, reason=reason)
    if suspended:
        move(account, Status.SUSPENDED, actor=actor, reason="a suspension still stands")
    return not suspended


def _give_back(account: User, sanction: Sanction, *, actor: User, reason: str) -> None:
    taken = CreditEntry.objects.filter(kind=CreditEntry.Kind.FORFEIT, reference=sanction.reference).first()
    if taken is not None:
        CreditEntry.objects.create(
            user=account,
            kind=CreditEntry.Kind.RESTORE,
            characters=-taken.characters,
            reference=sanction.reference,
            reason=reason[:300],
            actor=actor,
        )


def _record(what: str, sanction: Sanction, *, actor: User, because: str = "", **data: Any) -> None:
    facts = {"account": str(sanction.account_id), "kind": sanction.kind, "section": sanction.section, **data}
    if facts.get("until"):
        facts["until"] = facts["until"].isoformat()
    audit.record(
        f"accounts.sanction.{what}", actor=actor, subject=sanction, reason=because or sanction.reason, data=facts
    )
