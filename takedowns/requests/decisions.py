"""What a moderator may decide about somebody who says that a voice is theirs."""

from __future__ import annotations

from typing import Any

from consent.models import Invitation
from moderation.models import Appeal, Case, Decision
from moderation.registry import Choice, Question, register
from takedowns.deadlines import policies as clocks
from takedowns.models import Deadline, OwnerRecording, OwnerRequest
from takedowns.requests import services
from takedowns.requests.services.taking import KIND
from velluto import vault


def _request(case: Case) -> OwnerRequest:
    return OwnerRequest.objects.get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    """Return who asks for what, what they read aloud, and the voices that sound like theirs."""
    request = _request(case)
    try:
        person = services.person_of(request)
    except vault.VaultError:  # its time is over
        person = {}
    recordings = request.recordings.exclude(status=OwnerRecording.Status.SET_ASIDE).select_related("phrase")
    matches = request.matches.select_related("voice__owner", "voice__account")
    return {
        "request_": request,
        "person": person,
        "recordings": recordings,
        "heard": bool(person) and request.status != OwnerRequest.Status.DONE,
        "matches": [(match, Invitation.objects.filter(voice=match.voice).first()) for match in matches],
        "deadline": Deadline.objects.of(request).filter(kind=clocks.RESOLVE).first(),
        "case": case,
    }


def _lock(case: Case) -> None:
    """Lock the clock that a refusal stops, before the audit's chain is locked."""
    list(Deadline.objects.of(_request(case)).select_for_update(no_key=True))


def _confirm(case: Case, decision: Decision) -> None:
    services.confirm(_request(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _refuse(case: Case, decision: Decision) -> None:
    services.refuse(_request(case), actor=decision.decided_by, reason=decision.reason, at=decision.decided_at)


def _look_again(case: Case, by: Decision) -> None:
    """Undo a refusal: somebody who did not refuse it looks at it."""
    said = (earlier.decided_by for earlier in case.decisions.all())
    barred = tuple(filter(None, (*said, by.decided_by)))
    services.look_again(_request(case), actor=by.decided_by, reason=by.reason, barred=barred)


def _answered(appeal: Appeal) -> None:
    if appeal.status == Appeal.Status.UPHELD:
        services.tell(_request(appeal.decision.case), "stands")


def _effects(case: Case) -> tuple[str, ...]:
    request = _request(case)
    voices = ", ".join(str(match.voice_id)[:8] for match in request.matches.filter(chosen=True)) or "none yet"
    done = {
        request.delete_model: "They are ended for good, and everything made from the recordings is destroyed.",
        request.cease and not request.delete_model: "They are paused, and only their owner lets them go on.",
        request.copy: "The owner gets a copy of the recordings.",
    }
    return (
        f"These voices are found to be theirs: {voices}.",
        *(sentence for wanted, sentence in done.items() if wanted),
        "The owner gets a lasting private link to each; links that were given to others before are closed.",
        "The account is told what ended, not who asked for it. Its objection changes nothing (5.3).",
    )


register(
    Question(
        kind=KIND,
        label="Is it their voice?",
        template="takedowns/requests/dossier.html",
        dossier=dossier,
        mail_template="",
        reported=True,
        lock=_lock,
        answered=_answered,
        choices=(
            Choice(
                "confirm",
                "Confirm: it is their voice",
                "What they asked for is carried out for the voices that you have marked.",
                ("5", "7"),
                _confirm,
                effects=_effects,
            ),
            Choice(
                "refuse",
                "Refuse: it could not be established",
                "Nothing is done; they are told the reasons and may appeal. Do not say whether a voice exists.",
                ("5", "7"),
                _refuse,
                undo=_look_again,
                undoing="The request goes to somebody who has not decided about it.",
            ),
        ),
    )
)
