"""What can be reported of what was spoken, and what a moderator may decide about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import User
from moderation import conduct, reporting
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from synthesis import services
from synthesis.models import Detection, Output
from voices.models import Voice

REPORTED = "synthesis.output_report"


def output(reference: str, reporter: User | None) -> Output | None:
    """Return what was found in a question to the detector (`<its id>.<number of the mark>`), or one's own speech."""
    asked, _, number = reference.partition(".")
    try:
        pk = UUID(asked)
    except ValueError:
        return None
    outputs = Output.objects.select_related("request__account", "request__voice__account")
    if not number:
        return outputs.filter(request=pk, request__account=reporter).first() if reporter else None
    found = Detection.objects.filter(pk=pk, status=Detection.Status.ANSWERED).values_list("outputs", flat=True).first()
    if not number.isdecimal() or not found or not 1 <= int(number) <= len(found):
        return None
    return outputs.filter(pk=found[int(number) - 1]).first()


def voice(reference: str, reporter: User | None) -> Voice | None:
    spoken = output(reference, reporter)
    return spoken.request.voice if spoken and spoken.request.voice.status != Voice.Status.DELETED else None


def account(reference: str, reporter: User | None) -> User | None:
    spoken = output(reference, reporter)
    return spoken.request.account if spoken else None


def _output(case: Case) -> Output:
    return Output.objects.select_related("request__account", "request__voice").get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    reported = _output(case)
    return {**reporting.dossier(case), "output": reported, "script": services.script_of(reported.request)}


def lock(case: Case) -> None:
    conduct.lock(_output(case).request.account)


def _delete(case: Case, decision: Decision) -> None:
    services.delete_output(_output(case), reason=decision.reason, actor=decision.decided_by, at=decision.decided_at)


def _review(case: Case, decision: Decision) -> None:
    conduct.review(_output(case).request.account, because_of=case)


reporting.register(
    reporting.Subject("output", "What is said in it", REPORTED, about=lambda spoken: spoken.request.account, order=1)
)
reporting.lead("output", output)
reporting.lead("voice", voice)
reporting.lead("user", account)
register(
    Question(
        kind=REPORTED,
        label="Reported speech",
        template="synthesis/reported.html",
        dossier=dossier,
        mail_template="moderation/mail/reported.txt",
        sensitive=True,
        reported=True,
        lock=lock,
        choices=(
            reporting.dismissal(),
            Choice(
                "delete",
                "Delete it",
                "The file is destroyed for good; the record of its making stays.",
                ("2", "3", "6", "9"),
                _delete,
                undoing="The file cannot be brought back; the reversal is on record.",
                restriction={"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]},
            ),
            Choice(
                "review",
                "Look at the account",
                "The file stays for now; somebody looks at the whole account.",
                ("2", "3", "6", "9"),
                _review,
                silent=True,
            ),
        ),
    )
)
