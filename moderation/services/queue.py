"""Open cases, take them, keep them, pass them on, give them back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import User
from moderation import refusals, registry
from moderation.models import Case, Decision
from moderation.services import feedback
from velluto import audit
from velluto.transitions import move

CLAIM_LASTS = timedelta(minutes=10)
CLAIM = "moderation.claim_case"


def open_case(
    *,
    kind: str,
    subject: models.Model,
    title: str,
    about: User | None,
    due_at: datetime,
    severity: int = Case.Severity.ROUTINE,
    credibility: int = 50,
    barred: tuple[User, ...] = (),
    reason: str = "",
) -> Case:
    """Put a question before the moderators; asked again while open, it stays one case and becomes more pressing."""
    asked: dict[str, Any] = {"due_at": due_at, "severity": severity, "credibility": credibility}
    with transaction.atomic():
        found = _waiting(kind, subject)
        if found:
            return _press(found, reason=reason, **asked)
        try:
            with transaction.atomic():
                case = Case.objects.create(
                    kind=kind,
                    subject_type=subject._meta.label_lower,
                    subject_id=str(subject.pk),
                    title=title,
                    about=about,
                    **asked,
                )
        except IntegrityError:  # somebody asked the same at the same moment
            found = _waiting(kind, subject)
            if found is None:
                raise
            return _press(found, reason=reason, **asked)
        case.barred.set(barred)
        audit.record("moderation.case.opened", subject=case, reason=reason, data={"kind": kind})
        return case


def claim(case: Case, *, actor: User, at: datetime | None = None) -> None:
    """Take a case for CLAIM_LASTS; a claim that has lapsed may be taken over."""
    at = at or timezone.now()
    if not actor.has_perm(CLAIM):
        raise refusals.ClaimRefused()
    with transaction.atomic():
        lock(case)
        require_apart(case, actor)
        if case.status == Case.Status.DECIDED:
            raise refusals.CaseDecided()
        if case.status == Case.Status.CLAIMED and case.claimed_by_id != actor.pk and not _lapsed(case, at):
            raise claimed_by_another(case)
        _give(case, actor, actor=actor, at=at)


def claim_next(*, actor: User, at: datetime | None = None) -> Case:
    """Take the most pressing case that this person may decide; raise NothingWaits.

    Who decides nothing but may claim sorts for the others, and gets cases of every kind.
    """
    at = at or timezone.now()
    if not actor.has_perm(CLAIM):
        raise refusals.ClaimRefused()
    every = registry.questions()
    kinds = [question.kind for question in every if question.open_to(actor)] or [question.kind for question in every]
    with transaction.atomic():
        free = Case.objects.free(actor=actor, at=at).filter(kind__in=kinds)
        # Whoever asks at the same moment gets the one after: nobody waits for a row that somebody else is taking.
        case = free.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
        if case is None:
            raise refusals.NothingWaits()
        _give(case, actor, actor=actor, at=at)
        return case


def keep(case: Case, *, actor: User, at: datetime | None = None) -> datetime:
    """Renew a claim while somebody works on the case; return when it ends now. Raise CaseNotClaimed."""
    ends_at = (at or timezone.now()) + CLAIM_LASTS
    held = Case.objects.filter(pk=case.pk, status=Case.Status.CLAIMED, claimed_by=actor)
    if not held.update(claim_ends_at=ends_at):
        raise refusals.CaseNotClaimed()
    return ends_at


def hand_over(case: Case, *, to: User, actor: User, reason: str, at: datetime | None = None) -> None:
    """Pass a case that one holds to somebody else who may decide it."""
    with transaction.atomic():
        lock(case)
        require_held(case, actor)
        if to == actor or not to.is_staff or not registry.question(case.kind).open_to(to):
            raise refusals.HandOverRefused()
        if case.about_id == to.pk or case.barred.filter(pk=to.pk).exists():
            raise refusals.HandOverRefused()
        _give(case, to, actor=actor, at=at or timezone.now(), reason=reason)


def release(case: Case, *, actor: User) -> None:
    """Give a case back to the queue."""
    with transaction.atomic():
        lock(case)
        require_held(case, actor)
        move(case, Case.Status.OPEN, actor=actor, **UNCLAIMED)


def redate(case: Case, *, due_at: datetime, actor: User | str | None, reason: str) -> None:
    """Say anew by when a case is to be answered: what it was due for first was done."""
    with transaction.atomic():
        lock(case)
        if case.status != Case.Status.DECIDED and case.due_at != due_at:
            case.due_at = due_at
            case.save(update_fields=["due_at"])
            audit.record(
                "moderation.case.redated", actor=actor, subject=case, reason=reason, data={"due": due_at.isoformat()}
            )


def withdraw_case(case: Case, *, actor: User | str | None, reason: str) -> None:
    """Close a case whose subject is gone; nothing is left to decide."""
    with transaction.atomic():
        for proposed in Decision.every.filter(case=case, status=Decision.Status.PROPOSED):
            move(proposed, Decision.Status.DECLINED, actor=actor, reason=reason)
        move(
            case,
            Case.Status.DECIDED,
            actor=actor,
            reason=reason,
            decided_at=timezone.now(),
            event="moderation.case.withdrawn",
        )
        feedback.subject_gone(case, actor=actor)


# ---------------------------------------------------------------------------------------------------- for the decisions

UNCLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claim_ends_at": None}


def lock(case: Case) -> None:
    """Lock the case and read it anew: a claim that passed to somebody else leaves the status as it was."""
    case.refresh_from_db(from_queryset=Case.every.select_for_update(of=("self",)))


def require_apart(case: Case, actor: User) -> None:
    """Refuse whoever the case is about, and whoever decided what it questions."""
    if case.about_id == actor.pk:
        raise refusals.CaseAboutYou()
    if case.barred.filter(pk=actor.pk).exists():
        raise refusals.CaseBarred()


def require_held(case: Case, actor: User) -> None:
    """Refuse whoever does not hold the case now. A claim that lapsed counts until somebody else takes the case."""
    if case.status == Case.Status.DECIDED:
        raise refusals.CaseDecided()
    require_apart(case, actor)
    if case.status != Case.Status.CLAIMED or case.claimed_by_id != actor.pk:
        raise refusals.CaseNotClaimed()


def claimed_by_another(case: Case) -> refusals.CaseClaimed:
    until = timezone.localtime(case.claim_ends_at) if case.claim_ends_at else None
    return refusals.CaseClaimed(holder=case.claimed_by, until=f"{until:%H:%M}" if until else "once")


def _lapsed(case: Case, at: datetime) -> bool:
    return case.claim_ends_at is None or case.claim_ends_at < at


def _give(case: Case, to: User, *, actor: User, at: datetime, reason: str = "") -> None:
    move(
        case,
        Case.Status.CLAIMED,
        actor=actor,
        reason=reason,
        data={"holder": str(to.pk)},
        claimed_by=to,
        claimed_at=at,
        claim_ends_at=at + CLAIM_LASTS,
    )


def _waiting(kind: str, subject: models.Model) -> Case | None:
    """Return the case that waits for an answer, locked: one that is answered at this moment waits no more."""
    waiting = Case.every.about(subject).filter(kind=kind).exclude(status=Case.Status.DECIDED)
    return waiting.select_for_update(no_key=True, of=("self",)).first()


def _press(case: Case, *, due_at: datetime, severity: int, credibility: int, reason: str) -> Case:
    lock(case)
    sharper = {
        "due_at": min(case.due_at, due_at),
        "severity": max(case.severity, severity),
        "credibility": max(case.credibility, credibility),
    }
    changed = [name for name, value in sharper.items() if getattr(case, name) != value]
    for name in changed:
        setattr(case, name, sharper[name])
    if changed:
        case.save(update_fields=changed)
    audit.record("moderation.case.asked_again", subject=case, reason=reason, data={"changed": changed})
    return case
