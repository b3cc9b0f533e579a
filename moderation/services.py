"""Open, claim, release and decide cases. The only writer of the queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import User
from moderation import registry
from moderation.models import Case, Decision, PolicySection
from velluto import audit, jobs
from velluto.errors import Refusal
from velluto.transitions import move

CLAIM_LASTS = timedelta(minutes=30)


class CaseClaimed(Refusal):
    code = "case_claimed"
    status = 409
    message = "Another moderator is working on this case."
    next_step = "Take another case, or wait until the claim lapses (30 minutes)."


class CaseNotClaimed(Refusal):
    code = "case_not_claimed"
    status = 409
    message = "You do not hold this case (any more)."
    next_step = "Claim it again and read what changed before you decide."


class CaseAboutYou(Refusal):
    code = "case_about_you"
    status = 403
    message = "This case is about your own account."
    next_step = "Leave it to another moderator."


class CaseDecided(Refusal):
    code = "case_decided"
    status = 409
    message = "This case has been decided already."
    next_step = "Open it to read the decision."


class ChoiceRefused(Refusal):
    code = "choice_refused"
    message = "This choice is not open to you for this case."
    next_step = "Choose one of those listed, on one of its policy sections, and give a reason."


def open_case(
    *,
    kind: str,
    subject: models.Model,
    title: str,
    about: User | None,
    due_at: datetime,
    severity: int = Case.Severity.ROUTINE,
    reason: str = "",
) -> Case:
    """Put a question before the moderators; the same open question is not asked twice."""
    with transaction.atomic():
        found = Case.objects.about(subject).filter(kind=kind).exclude(status=Case.Status.DECIDED).first()
        if found:
            return found
        try:
            with transaction.atomic():
                case = Case.objects.create(
                    kind=kind,
                    subject_type=subject._meta.label_lower,
                    subject_id=str(subject.pk),
                    title=title,
                    about=about,
                    due_at=due_at,
                    severity=severity,
                )
        except IntegrityError:  # somebody asked the same at the same moment
            return Case.objects.about(subject).exclude(status=Case.Status.DECIDED).get(kind=kind)
        audit.record("moderation.case.opened", subject=case, reason=reason, data={"kind": kind})
        return case


def claim(case: Case, *, actor: User, at: datetime | None = None) -> None:
    """Take a case; a claim that is older than CLAIM_LASTS has lapsed and may be taken over."""
    at = at or timezone.now()
    if case.about_id == actor.pk:
        raise CaseAboutYou()
    with transaction.atomic():
        _lock(case)
        if case.status == Case.Status.DECIDED:
            raise CaseDecided()
        if case.status == Case.Status.CLAIMED and case.claimed_by_id != actor.pk and not _lapsed(case, at):
            raise CaseClaimed()
        move(case, Case.Status.CLAIMED, actor=actor, claimed_by=actor, claimed_at=at)


def release(case: Case, *, actor: User) -> None:
    """Give a case back to the queue."""
    with transaction.atomic():
        _lock(case)
        _held_by(case, actor)
        move(case, Case.Status.OPEN, actor=actor, claimed_by=None, claimed_at=None)


def decide(case: Case, *, choice: str, section: str, reason: str, actor: User, at: datetime | None = None) -> Decision:
    """Decide a claimed case: record it, do what the choice does, and tell the person it is about. All or nothing."""
    at = at or timezone.now()
    chosen = registry.question(case.kind).choice(choice)
    with transaction.atomic():
        case.lock_subject()  # before the move locks the audit's chain
        _lock(case)
        _held_by(case, actor)
        if (
            chosen is None
            or section not in chosen.sections
            or not reason.strip()
            or not actor.has_perm(chosen.permission)
        ):
            raise ChoiceRefused()
        move(case, Case.Status.DECIDED, actor=actor, decided_at=at, data={"choice": choice, "section": section})
        decision = Decision.objects.create(
            case=case,
            choice=choice,
            section=PolicySection.objects.get(pk=section),
            reason=reason.strip(),
            decided_by=actor,
            decided_at=at,
        )
        chosen.apply(case, decision)
        if case.about_id:
            jobs.enqueue("moderation.tell", str(decision.pk), key=f"moderation.tell:{decision.pk}")
        return decision


def _lock(case: Case) -> None:
    """Lock the case and read it anew: a claim that passed to somebody else leaves the status as it was."""
    case.refresh_from_db(from_queryset=Case.objects.select_for_update())


def _lapsed(case: Case, at: datetime) -> bool:
    return case.claimed_at is None or case.claimed_at + CLAIM_LASTS < at


def _held_by(case: Case, actor: User) -> None:
    if case.status == Case.Status.DECIDED:
        raise CaseDecided()
    if case.about_id == actor.pk:
        raise CaseAboutYou()
    if case.status != Case.Status.CLAIMED or case.claimed_by_id != actor.pk:
        raise CaseNotClaimed()


def withdraw_case(case: Case, *, actor: User, reason: str) -> None:
    """Close a case whose subject is gone; nothing is left to decide."""
    move(
        case,
        Case.Status.DECIDED,
        actor=actor,
        reason=reason,
        decided_at=timezone.now(),
        event="moderation.case.withdrawn",
    )
