"""Decide cases: alone where that is enough, by two people where the decision is grave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from moderation import history, refusals, registry
from moderation.models import Case, Decision, PolicySection
from moderation.services import feedback, queue, statements
from velluto.audit.models import AuditEvent
from velluto.transitions import move

APPROVE = "moderation.approve_decision"


@dataclass(frozen=True)
class Preview:
    """What a decision will do and what the person will read, before it is made."""

    effects: tuple[str, ...]
    needs_second: bool
    statement: statements.Draft | None


def seen_now() -> int:
    """Return the number of the newest audit row, for a page that is being shown."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def changes_since(case: Case, seen: int, *, by_others_than: User | None = None) -> list[AuditEvent]:
    """Return what happened to the case and to what it is about after the audit row `seen`."""
    events = history.events(case).filter(pk__gt=seen)
    if by_others_than is not None:
        events = events.exclude(actor=f"account:{by_others_than.pk}")
    return list(events)


def preview(case: Case, *, choice: str, section: str, reason: str, actor: User, at: datetime | None = None) -> Preview:
    """Show exactly what a decision would do and say; nothing is written."""
    chosen, decision = _prepare(case, choice, section, reason, "", actor, at or timezone.now())
    text = statements.draft(case, decision) if case.about_id and not chosen.silent else None
    return Preview(chosen.will_do(case), chosen.grave, text)


def decide(
    case: Case,
    *,
    choice: str,
    section: str,
    reason: str,
    actor: User,
    notes: str = "",
    seen: int | None = None,
    at: datetime | None = None,
) -> Decision:
    """Decide a claimed case: record it, do what the choice does, and tell the person it is about. All or nothing.

    A grave choice is only proposed here, and waits for `approve`. `seen` is what `seen_now` said when the page was
    shown: where somebody else changed the case or its subject since, CaseChanged is raised.
    """
    at = at or timezone.now()
    with transaction.atomic():
        _lock(case)
        queue.require_held(case, actor)
        chosen, decision = _prepare(case, choice, section, reason, notes, actor, at)
        _require_unchanged(case, seen, actor)
        data = {"choice": choice, "section": section}
        if chosen.grave:
            decision.status = Decision.Status.PROPOSED
            decision.save(force_insert=True)
            move(case, Case.Status.PROPOSED, actor=actor, data=data, **queue.UNCLAIMED)
            return decision
        move(case, Case.Status.DECIDED, actor=actor, decided_at=at, data=data)
        decision.save(force_insert=True)
        _carry_out(case, decision, chosen)
        return decision


def approve(
    case: Case, *, actor: User, reason: str = "", seen: int | None = None, at: datetime | None = None
) -> Decision:
    """Make a proposed grave decision, as somebody who did not propose it; `seen` as in `decide`."""
    at = at or timezone.now()
    with transaction.atomic():
        _lock(case)
        decision = _proposed(case, actor)
        _require_unchanged(case, seen, actor)
        chosen = registry.question(case.kind).choice(decision.choice)
        if chosen is None:
            raise refusals.ChoiceRefused()
        data = {"choice": decision.choice, "section": decision.section_id, "proposed_by": str(decision.decided_by_id)}
        move(case, Case.Status.DECIDED, actor=actor, decided_at=at, data=data)
        second: dict[str, Any] = {"second": actor, "second_at": at, "second_reason": reason.strip()}
        move(decision, Decision.Status.MADE, actor=actor, reason=reason, **second)
        _carry_out(case, decision, chosen)
        return decision


def decline(case: Case, *, actor: User, reason: str, seen: int | None = None, at: datetime | None = None) -> Decision:
    """Refuse to be the second person: the case goes back to the queue, and the proposal stays on record."""
    if not reason.strip():
        raise refusals.ChoiceRefused()
    with transaction.atomic():
        queue.lock(case)
        decision = _proposed(case, actor)
        _require_unchanged(case, seen, actor)
        second: dict[str, Any] = {"second": actor, "second_at": at or timezone.now(), "second_reason": reason.strip()}
        move(decision, Decision.Status.DECLINED, actor=actor, reason=reason, **second)
        move(case, Case.Status.OPEN, actor=actor, reason=reason)
        return decision


def follow(case: Case, *, choice: str, section: str, reason: str, actor: User, at: datetime) -> Decision:
    """Decide a case because of what was decided elsewhere, whoever holds it; the caller has locked it and its subject.

    A choice that would need a second person needs none here: what it follows from was decided as it had to be.
    """
    chosen = registry.question(case.kind).choice(choice)
    if chosen is None or section not in chosen.sections:
        raise refusals.ChoiceRefused()
    decision = Decision(
        case=case,
        choice=choice,
        section=PolicySection.objects.get(pk=section),
        reason=reason,
        decided_by=actor,
        decided_at=at,
    )
    with transaction.atomic():
        for proposed in Decision.every.filter(case=case, status=Decision.Status.PROPOSED):
            move(proposed, Decision.Status.DECLINED, actor=actor, reason="decided otherwise")
        move(case, Case.Status.DECIDED, actor=actor, decided_at=at, data={"choice": choice, "section": section})
        decision.save(force_insert=True)
        _carry_out(case, decision, chosen)
    return decision


def reverse(decision: Decision, *, by: Decision) -> None:
    """Undo what a decision did, as far as it can be undone, because of another decision; both stay on record.

    The caller holds the locks of what the decision was about (`Question.lock`).
    """
    case = decision.case
    chosen = registry.question(case.kind).choice(decision.choice)
    with transaction.atomic():
        by.reverses = decision
        by.save(update_fields=["reverses"])
        move(decision, Decision.Status.REVERSED, actor=by.decided_by, reason=by.reason, data={"by": str(by.pk)})
        if chosen is not None and chosen.undo is not None:
            chosen.undo(case, by)
        feedback.unsettle(case, by=by)


def _require_unchanged(case: Case, seen: int | None, actor: User) -> None:
    changes = changes_since(case, seen, by_others_than=actor) if seen is not None else []
    if changes:
        raise refusals.CaseChanged(what="; ".join(dict.fromkeys(history.words(event) for event in changes)))


def _prepare(
    case: Case, choice: str, section: str, reason: str, notes: str, actor: User, at: datetime
) -> tuple[registry.Choice, Decision]:
    """Return the choice and the decision that it would be; refuse what is not offered, or not to this person."""
    chosen = registry.question(case.kind).choice(choice)
    if chosen is None or section not in chosen.sections or not reason.strip() or not actor.has_perm(chosen.permission):
        raise refusals.ChoiceRefused()
    if not chosen.suits(case):
        raise refusals.ChoiceRefused()
    chosen.require(case)
    decision = Decision(
        case=case,
        choice=choice,
        section=PolicySection.objects.get(pk=section),
        reason=reason.strip(),
        notes=notes.strip(),
        decided_by=actor,
        decided_at=at,
    )
    return chosen, decision


def _lock(case: Case) -> None:
    """Lock what is decided about, then the case: all of it before a move locks the audit's chain."""
    question = registry.question(case.kind)
    if question.lock is not None:
        question.lock(case)
    case.lock_subject()
    queue.lock(case)


def _proposed(case: Case, actor: User) -> Decision:
    """Return what waits in a locked case for this second person."""
    queue.require_apart(case, actor)
    if case.status != Case.Status.PROPOSED:
        raise refusals.CaseNotProposed()
    decision = Decision.every.get(case=case, status=Decision.Status.PROPOSED)
    if decision.decided_by_id == actor.pk or not actor.has_perm(APPROVE):
        raise refusals.SecondPersonNeeded()
    return decision


def _carry_out(case: Case, decision: Decision, chosen: registry.Choice) -> None:
    chosen.apply(case, decision)
    if case.about is not None and not chosen.silent:
        statements.keep(case, decision, recipient=case.about)
    feedback.settle(case, decision, acted=bool(chosen.restriction))
