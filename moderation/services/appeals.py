"""File an appeal by the link that came with the reasons, and answer it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from moderation import policies, refusals, registry
from moderation.models import Appeal, Decision
from moderation.services import decisions, feedback, queue
from moderation.services.redress import at_link
from velluto import audit, vault
from velluto.transitions import move

KIND = "moderation.appeal"
DUE = timedelta(days=7)
WORDS = "appeal"


def file(token: str, *, words: str, at: datetime | None = None) -> Appeal:
    """Question a decision: somebody who had no part in it looks again. Once for each side, within 180 days."""
    at = at or timezone.now()
    decision, side = at_link(token)
    words = words.strip()
    if not words:
        raise refusals.AppealEmpty()
    if len(words) > policies.LONGEST_APPEAL:
        raise refusals.AppealTooLong(characters=len(words), most=policies.LONGEST_APPEAL)
    if not policies.may_still_appeal(decision.second_at or decision.decided_at, at):
        raise refusals.AppealTooLate()
    account = decision.case.about if side == Appeal.Side.AFFECTED else None
    appeal = Appeal(decision=decision, side=side, account=account, filed_at=at)
    try:
        with transaction.atomic():
            if decision.status != Decision.Status.MADE:
                raise refusals.AppealUsed()
            appeal.sealed = vault.seal(appeal.vault_owner, WORDS, str(appeal.pk), words.encode())
            appeal.save(force_insert=True)
            audit.record(
                "moderation.appeal.filed",
                actor=account or "appeal-link",
                subject=appeal,
                data={"decision": str(decision.pk), "side": side},
            )
            queue.open_case(
                kind=KIND,
                subject=appeal,
                title=f"An appeal: {decision.case.title}"[:200],
                about=account,
                due_at=at + DUE,
                severity=decision.case.severity,
                barred=tuple(filter(None, (decision.decided_by, decision.second))),
            )
    except IntegrityError as error:
        raise refusals.AppealUsed() from error
    return appeal


def words_of(appeal: Appeal) -> str:
    """Return what the person wrote; nothing once that was deleted."""
    if not appeal.sealed:
        return ""
    return vault.unseal(appeal.vault_owner, WORDS, str(appeal.pk), bytes(appeal.sealed)).decode()


def uphold(appeal: Appeal, *, actor: User, reason: str, at: datetime) -> None:
    """Say that the decision stands."""
    move(appeal, Appeal.Status.UPHELD, actor=actor, reason=reason, answered_at=at)
    if appeal.side == Appeal.Side.REPORTER:
        feedback.stands(appeal.decision.case)
    _tell(appeal)


def overturn(appeal: Appeal, *, by: Decision) -> None:
    """Undo the decision as far as it can be undone."""
    move(appeal, Appeal.Status.OVERTURNED, actor=by.decided_by, reason=by.reason, answered_at=by.decided_at)
    decisions.reverse(appeal.decision, by=by)
    _tell(appeal)


def _tell(appeal: Appeal) -> None:
    question = registry.question(appeal.decision.case.kind)
    if question.answered is not None:
        question.answered(appeal)
