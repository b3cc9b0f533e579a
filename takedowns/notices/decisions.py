"""What may be decided about a takedown notice: about each voice it may mean, and about one of which none was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import User
from consent.models import ConsentRecord
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from moderation.services import nogo
from synthesis.models import Output, SpeechRequest
from takedowns.models import Claim, Deadline, Notice, NotifierBar, PoliceReferral
from takedowns.notices import policies, services
from takedowns.notices.services import asked, claims, countering, words
from voices.models import Voice

SECTIONS = ("7", "2", "3", "5", "6", "9")
ENDED = {
    "decision_provision": "DECISION_PROVISION_PARTIAL_TERMINATION",
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
}


def claim_of(case: Case) -> Claim:
    return Claim.objects.select_related("notice__account", "notice__attestation", "voice__owner", "voice__account").get(
        pk=case.subject_id
    )


def notice_of(case: Case) -> Notice:
    return Notice.objects.select_related("account", "attestation").get(pk=case.subject_id)


# ---------------------------------------------------------------------------------------------------- what is seen


def _of_notice(notice: Notice) -> dict[str, Any]:
    """Return what a moderator sees of a notice, whichever voice is asked about."""
    now = timezone.now()
    others = Claim.objects.filter(notice__notifier=notice.notifier).exclude(notice=notice)
    clocks = list(Deadline.objects.of(notice))
    return {
        "notice": notice,
        "details": services.details_of(notice),
        "files": words.files(notice),
        "clocks": [(clock, clock.is_late(now)) for clock in clocks],
        "claims": notice.claims.select_related("voice__owner", "voice__account"),
        "questions": [
            (one, services.unsealed(notice, one, one.sealed), services.unsealed(notice, one, one.answer))
            for one in notice.questions.all()
        ],
        "notifier": {status: others.filter(status=status).count() for status in ("upheld", "rejected", "open")},
        "bars": NotifierBar.objects.filter(notifier=notice.notifier, lifted_at=None, until__gt=now),
        "referrals": PoliceReferral.objects.filter(notice=notice),
        "why": policies.WHY,
    }


def claim_dossier(case: Case) -> dict[str, Any]:
    """Return the notice, the voice beside it, what its account says, and what that account did before."""
    claim = claim_of(case)
    voice, account = claim.voice, claim.voice.account
    counter = getattr(claim, "counter_notice", None)
    return {
        **_of_notice(claim.notice),
        "claim": claim,
        "credible": policies.WHY.get(claim.why, ""),
        "voice": voice,
        "sample": voice.sample,
        "destroyed": voice.status == Voice.Status.DELETED,
        "consent": ConsentRecord.objects.filter(voice=voice).select_related("attestation").first(),
        "counter": counter,
        "counter_words": services.unsealed(claim.notice, counter, counter.sealed) if counter else "",
        "counter_until": countering.counter_until(claim),
        "spoken": SpeechRequest.objects.filter(voice=voice).count(),
        "stored": Output.objects.filter(request__voice=voice, deleted_at=None).count(),
        "shared": voice.shares.filter(status="shared").count(),
        "uploader_claims": Claim.objects.filter(voice__account=account)
        .exclude(pk=claim.pk)
        .select_related("notice", "voice")
        if account
        else (),
        "uploader_decisions": Decision.objects.filter(case__about=account)
        .exclude(case=case)
        .select_related("case", "section")[:20]
        if account
        else (),
    }


def notice_dossier(case: Case) -> dict[str, Any]:
    return _of_notice(notice_of(case))


# ---------------------------------------------------------------------------------------------------- what is locked


def lock_claim(case: Case) -> None:
    """Lock in the order of all what a decision may move: consent, voice, notice, account, and their cases."""
    claim = claim_of(case)
    ConsentRecord.objects.select_for_update(no_key=True).filter(voice=claim.voice).first()
    claims.lock([claim.voice_id])
    asked.lock(claim.notice)
    about: list[Voice | User] = [claim.voice]
    if claim.voice.account_id:
        about.append(User.objects.select_for_update(no_key=True).get(pk=claim.voice.account_id))
    for one in about:
        list(Case.objects.about(one).exclude(status=Case.Status.DECIDED).select_for_update(of=("self",), no_key=True))
    list(nogo.cases_about(claim.voice).select_for_update(of=("self",), no_key=True))


def lock_notice(case: Case) -> None:
    asked.lock(notice_of(case))


# ---------------------------------------------------------------------------------------------------- what is done


def _uphold(**more: bool) -> Callable[[Case, Decision], None]:
    def apply(case: Case, decision: Decision) -> None:
        services.uphold(claim_of(case), decision=decision, **more)

    return apply


def _reverse(case: Case, by: Decision) -> None:
    services.reverse(claim_of(case), by=by)


def _reject(case: Case, decision: Decision) -> None:
    services.reject(claim_of(case), decision=decision)


def _bar(case: Case, decision: Decision) -> None:
    claim = claim_of(case)
    services.bar(claim.notice, decision=decision)
    services.reject(claim, decision=decision)


def _reopen(case: Case, by: Decision) -> None:
    claim = claim_of(case)
    services.reopen(case, claim.notice, claim, by=by)


def _ask(case: Case, decision: Decision) -> None:
    claim = claim_of(case)
    services.ask(claim.notice, claim=claim, question=decision.reason, actor=decision.decided_by, at=decision.decided_at)


def _none_found(case: Case, decision: Decision) -> None:
    services.none_found(notice_of(case), decision=decision)


def _bar_unplaced(case: Case, decision: Decision) -> None:
    services.bar(notice_of(case), decision=decision)
    services.none_found(notice_of(case), decision=decision)


def _ask_unplaced(case: Case, decision: Decision) -> None:
    services.ask(
        notice_of(case), claim=None, question=decision.reason, actor=decision.decided_by, at=decision.decided_at
    )


def _reopen_unplaced(case: Case, by: Decision) -> None:
    services.reopen(case, notice_of(case), None, by=by)


# ---------------------------------------------------------------------------------------------------- what is said


def _end_effects(*more: str) -> Callable[[Case], tuple[str, ...]]:
    def effects(case: Case) -> tuple[str, ...]:
        claim = claim_of(case)
        stored = Output.objects.filter(request__voice=claim.voice, deleted_at=None).count()
        files = (
            f"{stored} stored outputs are deleted at once."
            if claim.notice.is_grave
            else f"{stored} stored outputs can be downloaded for 30 days more, then they are deleted."
        )
        return (
            "The voice ends now; its model and recordings are destroyed. No appeal brings them back.",
            files,
            "The account is told the reasons and may appeal; the claimant is told that they were right.",
            *more,
        )

    return effects


ASK = "The claimant gets your reason as a question, by mail and on the page of the notice. No clock waits."
UNDO_END = "The decision is reversed on record, and the person leaves the No-Go list. The voice stays destroyed."
AGAIN = "It goes back to the queue, to somebody who has not decided about it yet."


def _uphold_choice(code: str, label: str, explanation: str, *more: str, **what: bool) -> Choice:
    return Choice(
        code,
        label,
        explanation,
        SECTIONS,
        _uphold(**what),
        grave=True,
        undo=_reverse,
        undoing=UNDO_END,
        effects=_end_effects(*more),
        restriction=ENDED,
    )


register(
    Question(
        kind=asked.KIND,
        label="A takedown notice",
        template="takedowns/notices/dossier.html",
        dossier=claim_dossier,
        mail_template="takedowns/mail/notice_decided.txt",
        sensitive=True,
        reported=True,
        lock=lock_claim,
        choices=(
            _uphold_choice("uphold", "Uphold: end the voice", "The voice is ended for good."),
            _uphold_choice(
                "uphold_list",
                "Uphold, and put the person on the No-Go list",
                "The voice is ended for good, and nobody may clone this person again.",
                "The person is put on the No-Go list, by name and by the recording that came.",
                listing=True,
            ),
            _uphold_choice(
                "uphold_police",
                "Uphold, and refer to the police",
                "The voice is ended for good, and the account is referred to the police.",
                "A file of facts is made for the police; a legal hold keeps all records until it is lifted.",
                "The person is not told of the police.",
                police=True,
            ),
            Choice(
                "reject",
                "Reject the notice",
                "If the voice was suspended because of it, it speaks again. Both sides are told.",
                SECTIONS,
                _reject,
                undo=_reopen,
                undoing=AGAIN,
            ),
            Choice("ask", "Ask the claimant", ASK, SECTIONS, _ask, silent=True),
            Choice(
                "bar",
                "Reject, and bar the notifier",
                "As a rejection; for 180 days no notice of theirs suspends a voice before a person has looked. "
                "Only after they were warned.",
                SECTIONS,
                _bar,
                undo=_reopen,
                undoing=f"{AGAIN} The bar is lifted.",
            ),
        ),
    )
)
register(
    Question(
        kind=asked.UNPLACED,
        label="A takedown notice without a voice",
        template="takedowns/notices/dossier.html",
        dossier=notice_dossier,
        lock=lock_notice,
        mail_template="takedowns/mail/notice_decided.txt",
        sensitive=True,
        reported=True,
        choices=(
            Choice(
                "none_found",
                "No voice here is meant",
                "The notice is closed; the claimant is told why, and may appeal.",
                SECTIONS,
                _none_found,
                undo=_reopen_unplaced,
                undoing=AGAIN,
            ),
            Choice("ask", "Ask the claimant", ASK, SECTIONS, _ask_unplaced, silent=True),
            Choice(
                "bar",
                "Close, and bar the notifier",
                "The notice is closed; for 180 days no notice of theirs suspends a voice before a person has looked. "
                "Only after they were warned.",
                SECTIONS,
                _bar_unplaced,
                undo=_reopen_unplaced,
                undoing=f"{AGAIN} The bar is lifted.",
            ),
        ),
    )
)
