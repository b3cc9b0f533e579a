"""Freeze speech and let it go again: the only writer of freezes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from synthesis.freezes import refusals
from synthesis.models import Freeze
from velluto import audit, space
from velluto.transitions import Stale, TransitionRefused, move
from voices.models import Voice

Scope, Status = Freeze.Scope, Freeze.Status


def require_none(*, account: User | None, voice: Voice, engine: str) -> None:
    """Raise SpeechFrozen where a freeze stands over all speech, this account, this voice or this engine."""
    over = (
        Q(scope=Scope.EVERYTHING) | Q(scope=Scope.VOICE, subject=str(voice.pk)) | Q(scope=Scope.ENGINE, subject=engine)
    )
    if account is not None:
        over |= Q(scope=Scope.ACCOUNT, subject=str(account.pk))
    if Freeze.objects.standing().filter(over).exists():
        raise refusals.SpeechFrozen()


@space.even_when_full
def freeze(*, scope: str, subject: str = "", actor: User | str, reason: str, at: datetime | None = None) -> Freeze:
    """Stop speech at once: nothing is taken, spoken or published under this freeze from its commit on.

    `subject` is the id of the account or voice, or the name of the engine; `actor` is staff, or a name for whoever
    sits at the machine. Raises FrozenAlready and ReasonMissing.
    """
    _require_reason(reason)
    with transaction.atomic():
        try:
            with transaction.atomic():
                placed = Freeze.objects.create(
                    scope=scope,
                    subject=subject,
                    reason=reason,
                    placed_by=actor if isinstance(actor, User) else None,
                    placed_at=at or timezone.now(),
                )
        except IntegrityError as error:
            raise refusals.FrozenAlready() from error
        audit.record("synthesis.frozen", actor=actor, subject=placed, data={"scope": scope, "of": subject})
        return placed


def propose_lifting(frozen: Freeze, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Propose that a freeze ends; it stands until somebody else agrees. Raises ReasonMissing and FreezeNotProposed."""
    _require_reason(reason)
    _move(frozen, Status.PROPOSED, actor=actor, proposed_by=actor, proposed_at=at or timezone.now(), lift_reason=reason)


def keep(frozen: Freeze, *, actor: User, reason: str) -> None:
    """Turn a proposal down: the freeze stands. Raises ReasonMissing and FreezeNotProposed."""
    _require_reason(reason)
    _move(frozen, Status.STANDING, actor=actor, proposed_by=None, proposed_at=None, lift_reason="")


def lift(frozen: Freeze, *, actor: User, at: datetime | None = None) -> None:
    """End a freeze that somebody else proposed to end. Raises FreezeNeedsAnother and FreezeNotProposed."""
    if frozen.proposed_by_id == actor.pk:
        raise refusals.FreezeNeedsAnother()
    _move(frozen, Status.LIFTED, actor=actor, lifted_by=actor, lifted_at=at or timezone.now())


def _move(frozen: Freeze, to: str, *, actor: User, **fields: Any) -> None:
    try:
        move(frozen, to, actor=actor, data={"scope": frozen.scope, "of": frozen.subject}, **fields)
    except (Stale, TransitionRefused) as error:
        raise refusals.FreezeNotProposed() from error


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise refusals.ReasonMissing()
