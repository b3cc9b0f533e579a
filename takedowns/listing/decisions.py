"""What custodians decide about somebody who asks to be listed."""

from __future__ import annotations

from typing import Any

from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from takedowns.listing import services
from takedowns.models import ListingRequest

CUSTODY = "moderation.custody_nogo"


def _request(case: Case) -> ListingRequest:
    return ListingRequest.objects.get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    """Return who asks and why, and what the machine found about their voice."""
    request = _request(case)
    return {"request_to_list": request, "asked": services.details(request), "findings": request.findings}


def _accept(case: Case, decision: Decision) -> None:
    services.accept(_request(case), actor=decision.decided_by, at=decision.decided_at)


def _refuse(case: Case, decision: Decision) -> None:
    services.refuse(_request(case), actor=decision.decided_by, reason=decision.reason)


register(
    Question(
        kind=services.KIND,
        label="Put this person on the No-Go list?",
        template="takedowns/listing/dossier.html",
        dossier=dossier,
        mail_template="",
        choices=(
            Choice(
                "list",
                "Put them on the list",
                "All names and the voiceprint are listed, and everything is compared with them. They are told.",
                ("3",),
                _accept,
                permission=CUSTODY,
            ),
            Choice(
                "do_not_list",
                "Refuse",
                "They are told, with your reason word for word. What they wrote and their voiceprint are destroyed.",
                ("3",),
                _refuse,
                permission=CUSTODY,
            ),
        ),
    )
)
