"""What may be decided about a demand: whether the document is what was demanded, and what follows where none came."""

from __future__ import annotations

from typing import Any

from consent.documents import services as documents
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from takedowns import services as takedowns
from takedowns.demands import services
from takedowns.models import EvidenceDemand, Revocation

SECTIONS = ("2", "4")


def _demand(case: Case) -> EvidenceDemand:
    related = ("voice__owner", "voice__account", "document", "demanded_by")
    return EvidenceDemand.objects.select_related(*related).get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    demand = _demand(case)
    return {
        "demand": demand,
        "voice": demand.voice,
        "documents": [(one, documents.signer_of(one)) for one in demand.voice.documents.all()],
        "earlier": EvidenceDemand.objects.filter(voice=demand.voice).exclude(pk=demand.pk),
    }


def _accept(case: Case, decision: Decision) -> None:
    services.accept(_demand(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _ask_again(case: Case, decision: Decision) -> None:
    services.ask_again(_demand(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _drop(case: Case, decision: Decision) -> None:
    services.drop(_demand(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _end(case: Case, decision: Decision) -> None:
    demand = _demand(case)
    given: dict[str, Any] = {"actor": decision.decided_by, "reason": decision.reason}
    services.drop(demand, restore=False, at=decision.decided_at, **given)
    takedowns.revoke(demand.voice, by=Revocation.By.SANCTION, **given)


def _lock(case: Case) -> None:
    services.lock(_demand(case))


register(
    Question(
        kind=services.KIND,
        label="Evidence that was demanded",
        template="takedowns/demands/dossier.html",
        dossier=dossier,
        mail_template="takedowns/mail/demand_decided.txt",
        content_type="CONTENT_TYPE_OTHER",
        lock=_lock,
        choices=(
            Choice(
                "accept",
                "Accept the document",
                "The demand is met. A voice that was suspended because nothing came speaks again.",
                SECTIONS,
                _accept,
            ),
            Choice(
                "ask_again",
                "Ask again",
                "A document that is there is refused; fourteen days begin anew. A suspended voice stays so.",
                SECTIONS,
                _ask_again,
            ),
            Choice(
                "drop",
                "Drop the demand",
                "No document is needed any more. A voice that was suspended because nothing came speaks again.",
                SECTIONS,
                _drop,
            ),
            Choice(
                "end_voice",
                "End the voice",
                "The voice is ended and destroyed with what it said; that cannot be undone. The account stays.",
                SECTIONS,
                _end,
                grave=True,
                restriction={"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]},
            ),
        ),
    )
)
