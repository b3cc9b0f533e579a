"""What may be decided about an appeal."""

from __future__ import annotations

from typing import Any

from moderation import registry
from moderation.models import Appeal, Case, Decision
from moderation.registry import Choice, Question, register
from moderation.services import appeals, queue

EVERY_SECTION = ("1", "2", "3", "4", "4.1", "4.2", "4.3", "5", "6", "7", "8", "9")


def _appeal(case: Case) -> Appeal:
    return Appeal.objects.select_related("decision__case__about", "decision__section", "decision__decided_by").get(
        pk=case.subject_id
    )


def dossier(case: Case) -> dict[str, Any]:
    """Return the appeal, what was decided, and the dossier that the first decision was made from."""
    appeal = _appeal(case)
    first = registry.question(appeal.decision.case.kind)
    known = first.dossier(appeal.decision.case)
    return {
        **known,
        "appeal": appeal,
        "words": appeals.words_of(appeal),
        "first": first,
        "first_choice": first.choice(appeal.decision.choice),
        "sensitive": first.sensitive or bool(known.get("sensitive")),
    }


def lock(case: Case) -> None:
    """Lock what the first decision was about, and its case, in the order in which that decision did."""
    first = _appeal(case).decision.case
    question = registry.question(first.kind)
    if question.lock is not None:
        question.lock(first)
    first.lock_subject()
    queue.lock(first)


def _uphold(case: Case, decision: Decision) -> None:
    appeals.uphold(_appeal(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _overturn(case: Case, decision: Decision) -> None:
    appeals.overturn(_appeal(case), by=decision)


def _what_is_undone(case: Case) -> tuple[str, ...]:
    appeal = _appeal(case)
    choice = registry.question(appeal.decision.case.kind).choice(appeal.decision.choice)
    undone = choice.undoing if choice and choice.undo else "Nothing can be undone; the reversal is on record."
    return (f"The decision “{choice.label if choice else appeal.decision.choice}” is reversed.", undone)


register(
    Question(
        kind=appeals.KIND,
        label="An appeal",
        template="moderation/appeal_dossier.html",
        dossier=dossier,
        mail_template="moderation/mail/appeal.txt",
        content_type="CONTENT_TYPE_OTHER",
        detected=False,
        lock=lock,
        choices=(
            Choice("uphold", "The decision stands", "Nothing changes; both sides are told.", EVERY_SECTION, _uphold),
            Choice(
                "overturn",
                "Overturn it",
                "What was decided is undone as far as possible; both sides are told.",
                EVERY_SECTION,
                _overturn,
                effects=_what_is_undone,
            ),
        ),
    )
)
