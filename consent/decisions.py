"""What a moderator may decide about a voice that came through the gate."""

from __future__ import annotations

from typing import Any

from consent import services, steps
from consent.models import Attempt, ConsentRecord
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from voices.models import Voice


def _voice(case: Case) -> Voice:
    return Voice.objects.select_related("owner", "account").get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    """Everything a moderator needs to decide: declarations, recordings, checks and earlier tries."""
    voice = _voice(case)
    attempts = voice.attempts.select_related("recording", "statement", "challenge").prefetch_related("checks")
    return {
        "voice": voice,
        "consent": ConsentRecord.objects.filter(voice=voice).select_related("attestation").first(),
        "attempts": [attempt for attempt in attempts if attempt.status != Attempt.Status.SUPERSEDED],
        "earlier": [attempt for attempt in attempts if attempt.status == Attempt.Status.SUPERSEDED],
        "missing": [step for step in steps.STEPS if not step.done(voice)],
        "statement_text": next(
            (
                services.statement_text(voice, attempt.statement.on)
                for attempt in attempts
                if attempt.step == Attempt.Step.STATEMENT and attempt.status != Attempt.Status.SUPERSEDED
            ),
            "",
        ),
    }


def _approve(case: Case, decision: Decision) -> None:
    services.approve(_voice(case), actor=decision.decided_by, reason=decision.reason)


def _reject(case: Case, decision: Decision) -> None:
    services.reject(_voice(case), actor=decision.decided_by, reason=decision.reason)


def _unreject(case: Case, decision: Decision) -> None:
    """Undo a refusal: the voice goes back to the queue, to somebody who did not refuse it."""
    had_their_say = tuple(filter(None, (earlier.decided_by for earlier in case.decisions.all())))
    services.look_again(_voice(case), actor=decision.decided_by, reason=decision.reason, barred=had_their_say)


def _again(step: str) -> Any:
    def apply(case: Case, decision: Decision) -> None:
        services.ask_again(_voice(case), step=step, actor=decision.decided_by, reason=decision.reason)

    return apply


_GATE = ("4", "4.1", "4.2", "4.3")

register(
    Question(
        kind=services.CASE_KIND,
        label="A new voice",
        template="consent/dossier.html",
        dossier=dossier,
        mail_template="consent/mail/decided.txt",
        choices=(
            Choice("approve", "Approve", "The voice is built and can then speak.", ("2", "4"), _approve),
            Choice("again_sample", "Ask again: sample", "All recordings are made anew.", _GATE, _again("sample")),
            Choice("again_captcha", "Ask again: phrase", "A new phrase is read.", _GATE, _again("captcha")),
            Choice("again_statement", "Ask again: statement", "It is read again.", _GATE, _again("statement")),
            Choice(
                "reject",
                "Reject",
                "The voice is refused for good.",
                ("2", "3", *_GATE),
                _reject,
                undo=_unreject,
                undoing="The voice goes back to the queue, to somebody who has not decided about it yet.",
                restriction={"decision_provision": "DECISION_PROVISION_PARTIAL_TERMINATION"},
            ),
        ),
    )
)
