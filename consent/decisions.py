"""What a moderator may decide about a voice that came through the gate."""

from __future__ import annotations

from typing import Any

from consent import nogo, services, steps
from consent.documents.services import signer_of
from consent.models import Attempt, ConsentRecord, Declaration, ForbiddenAttempt, Invitation, OwnerLink
from consent.never import services as never
from consent.never.policies import DECIDED, RULES
from consent.policies import Scope
from consent.templatetags.scope import language_names
from moderation.models import Case, Decision, NoGoMatch
from moderation.refusals import ChoiceRefused
from moderation.registry import Choice, Question, register
from moderation.services import nogo as custody
from voices.models import Voice

DESTROY = "refuse_and_destroy"


def _voice(case: Case) -> Voice:
    return Voice.objects.select_related("owner", "account").get(pk=case.subject_id)


def _is_destroyed(voice: Voice) -> bool:
    """Tell whether the recordings were destroyed: by who gave them, or by a decision that may have been reversed."""
    decided = Decision.objects.filter(case__in=Case.objects.about(voice), choice=DESTROY)
    done = decided.filter(status__in=[Decision.Status.MADE, Decision.Status.REVERSED])
    return voice.status == Voice.Status.DELETED or done.exists()


def dossier(case: Case) -> dict[str, Any]:
    """Everything a moderator needs to decide: declarations, recordings, checks and earlier tries."""
    voice = _voice(case)
    consent = ConsentRecord.objects.filter(voice=voice).select_related("attestation").first()
    invitation = Invitation.objects.filter(voice=voice).first()
    signed = invitation.consent if invitation else None
    attempts = voice.attempts.select_related("recording", "statement", "challenge").prefetch_related("checks")
    return {
        "voice": voice,
        "consent": consent,
        "invitation": invitation,
        "times_sent": invitation.links.filter(purpose=OwnerLink.Purpose.INVITATION).count() if invitation else 0,
        "scope": _compare(invitation.scope, invitation.granted) if invitation else (),
        "same_device": bool(
            consent and signed and (consent.ip_address, consent.user_agent) == (signed.ip_address, signed.user_agent)
        ),
        "attempts": [attempt for attempt in attempts if attempt.status != Attempt.Status.SUPERSEDED],
        "earlier": [attempt for attempt in attempts if attempt.status == Attempt.Status.SUPERSEDED],
        **_declared(voice),
        "documents": [(document, signer_of(document)) for document in voice.documents.all()],
        "destroyed": _is_destroyed(voice),
        "alike": voice.resemblances.exclude(other__status=Voice.Status.DELETED).select_related(
            "other__owner", "other__account"
        ),
        "missing": steps.missing(voice),
        "statement_text": next(
            (
                services.statement_text(voice, attempt.statement.on)
                for attempt in attempts
                if attempt.step == Attempt.Step.STATEMENT and attempt.status != Attempt.Status.SUPERSEDED
            ),
            "",
        ),
    }


def _declared(voice: Voice) -> dict[str, Any]:
    """Return what the account said of the person, what follows from it, and what it was refused before."""
    declaration = Declaration.objects.filter(voice=voice).first()
    verdict = never.verdict_of(voice)
    tried = ForbiddenAttempt.objects.filter(account=voice.account, taken_back_at=None).exclude(voice=voice)[:10]
    return {
        "declaration": declaration,
        "purpose": never.purpose_of(declaration) if declaration else "",
        "verdict": verdict,
        "tried": [(attempt, RULES[attempt.rule].label) for attempt in tried],
        "same_name_tried": bool(tried and voice.account and never.tried_before(voice.account, voice.owner.name)),
    }


def _compare(asked: Scope, granted: Scope | None) -> list[tuple[str, str, str]]:
    """Return what was asked for beside what was allowed, a row for each part of a scope."""
    one, other = _words(asked), _words(granted) if granted else ["", "", "", ""]
    return list(zip(("Use", "Sharing", "Languages", "Last day"), one, other, strict=True))


def _words(scope: Scope) -> list[str]:
    return [
        "own and commercial" if scope.commercial else "own",
        "with other accounts" if scope.sharing else "no",
        language_names(scope.languages) or "all",
        f"{scope.until:%-d %b %Y}" if scope.until else "none",
    ]


def _needs_two(case: Case) -> bool:
    """Tell whether this is the voice of a deceased person or of a public figure."""
    return bool(steps.needed_document(_voice(case)))


def _somebody_lives(case: Case) -> bool:
    return steps.alive(_voice(case))


def _approve(case: Case, decision: Decision) -> None:
    services.approve(_voice(case), actor=decision.decided_by, reason=decision.reason)


def _approve_authorised(case: Case, decision: Decision) -> None:
    services.approve(_voice(case), actor=decision.decided_by, reason=decision.reason, by_two=True)


def _authorised_effects(case: Case) -> tuple[str, ...]:
    verdict = never.verdict_of(_voice(case))
    rule = verdict.because if verdict else None
    return (
        "The voice is built and can then speak.",
        f"It rests on the document that was verified ({rule.label.lower()}, section {rule.section})." if rule else "",
    )


def _note_violation(case: Case, decision: Decision) -> None:
    """Put on record, where it rests on section 3, that what may never be cloned was tried (C8)."""
    voice = _voice(case)
    if decision.section_id == "3" and voice.account:
        never.record_attempt(
            voice.account,
            rule=DECIDED,
            whose=voice.whose,
            name=voice.owner.name,
            voice=voice,
            decision_id=decision.pk,
            actor=decision.decided_by,
        )


def _reject(case: Case, decision: Decision) -> None:
    services.reject(_voice(case), actor=decision.decided_by, reason=decision.reason)
    _note_violation(case, decision)


def _refuse_and_destroy(case: Case, decision: Decision) -> None:
    services.refuse_and_destroy(_voice(case), actor=decision.decided_by, reason=decision.reason)
    _note_violation(case, decision)


def _unreject(case: Case, decision: Decision) -> None:
    """Undo a refusal: the voice goes back to the queue, to somebody who did not refuse it."""
    had_their_say = tuple(filter(None, (earlier.decided_by for earlier in case.decisions.all())))
    services.look_again(_voice(case), actor=decision.decided_by, reason=decision.reason, barred=had_their_say)
    if decision.reverses_id:
        never.take_back(decision.reverses_id, actor=decision.decided_by)


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
            Choice(
                "approve",
                "Approve",
                "The voice is built and can then speak.",
                ("2", "4"),
                _approve,
                suits=lambda case: not _needs_two(case),
                require=lambda case: never.require_approvable(_voice(case), by_two=False),
            ),
            Choice(
                "approve_authorised",
                "Approve, as authorised in writing",
                "The voice is built and can then speak.",
                ("3", "2", "4"),
                _approve_authorised,
                grave=True,
                effects=_authorised_effects,
                suits=_needs_two,
                require=lambda case: never.require_approvable(_voice(case), by_two=True),
            ),
            Choice(
                "again_authorisation",
                "Ask again: authorisation",
                "What was handed in is refused with this reason; another document is asked for.",
                ("3", "2"),
                _again("authorisation"),
                suits=_needs_two,
            ),
            Choice("again_sample", "Ask again: sample", "All recordings are made anew.", _GATE, _again("sample")),
            Choice(
                "again_captcha",
                "Ask again: phrase",
                "A new phrase is read.",
                _GATE,
                _again("captcha"),
                suits=_somebody_lives,
            ),
            Choice(
                "again_statement",
                "Ask again: statement",
                "It is read again.",
                _GATE,
                _again("statement"),
                suits=_somebody_lives,
            ),
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
            Choice(
                DESTROY,
                "Refuse and destroy the recordings",
                "The voice is refused for good, and its recordings cannot be heard again.",
                ("3", "9"),
                _refuse_and_destroy,
                grave=True,
                effects=lambda case: (
                    "The voice is refused for good.",
                    "The key of its recordings and voiceprints is destroyed; no backup brings them back.",
                    "What was declared, and this decision, stay on record.",
                ),
                restriction={
                    "decision_provision": "DECISION_PROVISION_PARTIAL_TERMINATION",
                    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
                },
            ),
        ),
    )
)


# ---------------------------------------------------------------------------------------------------- the No-Go list


def _suspend(case: Case, decision: Decision) -> None:
    nogo.suspend(_voice(case), actor=decision.decided_by, reason=decision.reason)


def _lift(case: Case, decision: Decision) -> None:
    nogo.lift(_voice(case), actor=decision.decided_by, reason=decision.reason)


register(
    Question(
        kind=nogo.SUSPENSION,
        label="A voice to suspend",
        template="consent/dossier.html",
        dossier=dossier,
        mail_template="consent/mail/suspended.txt",
        choices=(
            Choice(
                "suspend",
                "Suspend",
                "The voice speaks no more.",
                ("2", "3", "9"),
                _suspend,
                undo=_lift,
                undoing="The voice may speak again.",
                restriction={"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
            ),
        ),
    )
)

CUSTODY = "moderation.custody_nogo"


def match_dossier(case: Case) -> dict[str, Any]:
    """Return what a custodian sees of a match: what was declared, and the recordings; the entry's names are apart."""
    match = nogo.match_of(case)
    voice = Voice.objects.select_related("owner", "account").get(pk=match.subject_id)
    return {"match": match, "voice": voice, "sample": voice.sample}


def _confirm(case: Case, decision: Decision) -> None:
    nogo.confirm(nogo.match_of(case), actor=decision.decided_by, at=decision.decided_at)


def _release(kind: str) -> Any:
    def apply(case: Case, decision: Decision) -> None:
        match = nogo.match_of(case)
        if match.kind != kind:
            raise ChoiceRefused()
        custody.release(match, actor=decision.decided_by, at=decision.decided_at)

    return apply


register(
    Question(
        kind=custody.KIND,
        label="Somebody on the No-Go list?",
        template="moderation/nogo/match.html",
        dossier=match_dossier,
        mail_template="",
        lock=nogo.lock,
        choices=(
            Choice(
                "confirm",
                "It is the listed person",
                "The voice is refused, or suspended where it speaks already; its account is told nothing of the list.",
                ("3",),
                _confirm,
                permission=CUSTODY,
            ),
            Choice(
                "release_name",
                "A namesake",
                "The name does not hold this voice again.",
                ("3",),
                _release(NoGoMatch.Kind.NAME),
                permission=CUSTODY,
            ),
            Choice(
                "release_voice",
                "Another person's voice",
                "The recording does not hold this voice again. A second custodian has to agree.",
                ("3",),
                _release(NoGoMatch.Kind.VOICE),
                permission=CUSTODY,
                grave=True,
            ),
        ),
    )
)
register(
    Question(
        kind=custody.PROBING,
        label="Many names from one account",
        template="moderation/nogo/probing.html",
        dossier=lambda case: {"account": case.subject},
        mail_template="",
        choices=(
            Choice("seen", "Nothing more to do", "The report is closed.", ("3",), lambda case, decision: None, CUSTODY),
        ),
    )
)
