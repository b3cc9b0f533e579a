"""What may be decided about a legal request: to hand out the records, by two people, or to refuse."""

from __future__ import annotations

from typing import Any

from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from takedowns.legal import services
from takedowns.models import LegalRequest

ANSWER = "takedowns.answer_legal_request"


def _request(case: Case) -> LegalRequest:
    return LegalRequest.objects.select_related("account", "hold", "entered_by").get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    return {"legal": _request(case)}


def _lock(case: Case) -> None:
    """Lock the account before the request: a refusal lifts the hold."""
    services.lock_account(_request(case))


def _produce(case: Case, decision: Decision) -> None:
    services.approve(_request(case), decision=decision)


def _refuse(case: Case, decision: Decision) -> None:
    services.refuse(_request(case), decision=decision)


def _effects(case: Case) -> tuple[str, ...]:
    request = _request(case)
    if request.account is None:
        told = "There is no customer to tell."
    elif request.may_tell:
        told = "The customer is told by e-mail."
    elif request.silent_until:
        told = f"The customer is told after {request.silent_until:%-d %B %Y}, not before."
    else:
        told = "The customer is not told until somebody notes that it is allowed."
    return (
        f"A job packs it: {request.get_scope_display().lower()}, decrypted, signed and sealed.",
        "Whoever answers legal requests can fetch it; each time is on record.",
        told,
    )


register(
    Question(
        kind=services.KIND,
        label="A legal request",
        template="takedowns/legal/dossier.html",
        dossier=dossier,
        mail_template="takedowns/mail/conduct.txt",  # never sent: nobody is told of these choices but by a notice
        content_type="CONTENT_TYPE_OTHER",
        lock=_lock,
        choices=(
            Choice(
                "produce",
                "Hand out the records",
                "The bundle is packed and can be handed to the authority.",
                (services.SECTION,),
                _produce,
                permission=ANSWER,
                grave=True,
                effects=_effects,
                silent=True,
            ),
            Choice(
                "refuse",
                "Refuse the request",
                "Nothing is handed out, and the hold ends. The reason stays on record, for the answer to them.",
                (services.SECTION,),
                _refuse,
                permission=ANSWER,
                silent=True,
            ),
        ),
    )
)
