"""What may be decided about an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts import sanctions
from accounts.models import CreditEntry, Sanction, Strike, User
from consent.models import ForbiddenAttempt
from consent.never.policies import RULES
from moderation import reporting
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from synthesis.models import Output, SpeechRequest
from takedowns import conduct
from takedowns.demands import decisions as demand_decisions  # noqa: F401  (found through this module)
from takedowns.legal import decisions as legal_decisions  # noqa: F401  (found through this module)
from takedowns.lifting import questions as lifting  # noqa: F401  (registers its questions)
from takedowns.listing import decisions as listing  # noqa: F401  (found here)
from takedowns.notices import decisions as of_notices  # noqa: F401  (its questions register themselves)
from takedowns.privacy import decisions as privacy  # noqa: F401  its question is found here
from takedowns.requests import decisions as requests  # noqa: F401 - what is decided about these is found here
from voices.models import Voice

SECTIONS = ("9", "3", "2", "4", "5", "6")
Apply = Callable[[Case, Decision], None]


def _account(case: Case) -> User:
    return User.objects.get(pk=case.subject_id)


def dossier(case: Case) -> dict[str, Any]:
    """Everything a moderator needs to decide: standing, earlier decisions, what the account made, who it may be."""
    account, now = _account(case), timezone.now()
    reported = reporting.dossier(case)
    return {
        **reported,
        "sensitive": bool(reported["reports"]),
        "account": account,
        "strikes": Strike.objects.in_force(at=now).filter(account=account),
        "sanctions": Sanction.objects.filter(account=account).select_related("imposed_by"),
        "tried": [
            (attempt, RULES[attempt.rule].label) for attempt in ForbiddenAttempt.objects.filter(account=account)[:20]
        ],
        "former": sanctions.former_accounts(account),
        "voices": Voice.objects.filter(account=account),
        "spoken": SpeechRequest.objects.filter(account=account).count(),
        "stored": Output.objects.filter(request__account=account, deleted_at=None).count(),
        "earlier": Decision.objects.filter(case__about=account)
        .exclude(case=case)
        .select_related("case", "section")[:20],
    }


def _given(decision: Decision) -> dict[str, Any]:
    return {
        "section": decision.section_id,
        "reason": decision.reason,
        "actor": decision.decided_by,
        "decision_id": decision.pk,
    }


def _nothing(case: Case, decision: Decision) -> None:
    """Leave the account as it is."""


def _warn(case: Case, decision: Decision) -> None:
    sanctions.strike(_account(case), **_given(decision))


def _suspend(days: int) -> Apply:
    def apply(case: Case, decision: Decision) -> None:
        sanctions.suspend(_account(case), lasts=timedelta(days=days), **_given(decision))

    return apply


def _terminate(case: Case, decision: Decision) -> None:
    sanctions.terminate(_account(case), **_given(decision))


def _terminate_and_forfeit(case: Case, decision: Decision) -> None:
    sanctions.forfeit(_account(case), **_given(decision))
    _terminate(case, decision)


def _refer(case: Case, decision: Decision) -> None:
    conduct.refer_to_police(_account(case), decision=decision)


def _hold(case: Case, decision: Decision) -> None:
    sanctions.note(_account(case), kind=Sanction.Kind.HOLD, secret=True, **_given(decision))


def _publish(case: Case, decision: Decision) -> None:
    sanctions.note(_account(case), kind=Sanction.Kind.NOTICE, **_given(decision))


def _undo(case: Case, by: Decision) -> None:
    if by.reverses_id:
        conduct.undo(by.reverses_id, actor=by.decided_by, reason=by.reason)


def _suspension_effects(days: int) -> Callable[[Case], tuple[str, ...]]:
    def effects(case: Case) -> tuple[str, ...]:
        until = timezone.localtime(timezone.now() + timedelta(days=days))
        return (
            f"The account is suspended until {until:%-d %B %Y, %H:%M}; then it opens by itself.",
            "It makes and spends nothing meanwhile. It can read the reasons, download, withdraw and appeal.",
        )

    return effects


def _termination_effects(case: Case) -> tuple[str, ...]:
    account = _account(case)
    voices = Voice.objects.filter(account=account).exclude(status=Voice.Status.DELETED).count()
    stored = Output.objects.filter(request__account=account, deleted_at=None).count()
    held = sanctions.on_hold().filter(account=account).exists()
    fate = "closed at once, and kept under the legal hold" if held else "deleted at once"
    return (
        "The account is closed for good; open sessions end at once, and its API keys open nothing.",
        f"Voices that are ended and destroyed, which cannot be undone: {voices}.",
        f"Stored outputs that are {fate}: {stored}.",
        "The same e-mail address, however it is written, is noticed at sign-up.",
    )


def _forfeit_effects(case: Case) -> tuple[str, ...]:
    left = max(CreditEntry.objects.filter(user=_account(case)).total(), 0)
    return (*_termination_effects(case), f"{left:,} credits are forfeited; an appeal that succeeds gives them back.")


def _police_effects(case: Case) -> tuple[str, ...]:
    return (
        "A file of facts lists the account's records by id, for the police; it holds no content.",
        "A legal hold keeps all of them: nothing is destroyed until it is lifted.",
        "The person is not told.",
    )


def _hold_effects(case: Case) -> tuple[str, ...]:
    return (
        "All records of the account are kept: nothing is destroyed until the hold is lifted.",
        "What its Voice Owners withdraw stops speaking at once, as ever; only its destruction waits.",
        "The person is not told.",
    )


def _notice_effects(case: Case) -> tuple[str, ...]:
    return (
        "A line in the transparency report says what was done about an account like this, and why; it names nobody.",
        "The account stays open.",
    )


TERMINATED = {"decision_account": "DECISION_ACCOUNT_TERMINATED"}

register(
    Question(
        kind=conduct.KIND,
        label="What an account did",
        template="takedowns/conduct.html",
        dossier=dossier,
        mail_template="takedowns/mail/conduct.txt",
        content_type="CONTENT_TYPE_OTHER",
        detected=False,
        choices=(
            Choice("nothing", "No violation", "Nothing is done; the person is told.", SECTIONS, _nothing),
            Choice(
                "warn",
                "Warn: a strike",
                "The person is warned, and a strike counts for a year.",
                SECTIONS,
                _warn,
                undo=_undo,
                undoing="The strike no longer counts.",
                restriction={
                    "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
                    "decision_visibility_other": "A strike against the account, for a year",
                },
            ),
            *(
                Choice(
                    f"suspend_{days}",
                    f"Suspend for {days} days",
                    f"The account makes and spends nothing for {days} days; then it opens by itself.",
                    SECTIONS,
                    _suspend(days),
                    undo=_undo,
                    undoing="The suspension is lifted.",
                    effects=_suspension_effects(days),
                    restriction={"decision_account": "DECISION_ACCOUNT_SUSPENDED"},
                )
                for days in (7, 30)
            ),
            Choice(
                "terminate",
                "Terminate",
                "The account is closed for good; its voices and stored outputs are destroyed.",
                SECTIONS,
                _terminate,
                grave=True,
                undo=_undo,
                undoing="The account opens again. The voices and outputs that were destroyed stay so.",
                effects=_termination_effects,
                restriction=TERMINATED,
            ),
            Choice(
                "terminate_forfeit",
                "Terminate and forfeit credits",
                "As a termination; the credits are forfeited as well.",
                SECTIONS,
                _terminate_and_forfeit,
                grave=True,
                undo=_undo,
                undoing="The account opens again with its credits. What was destroyed stays so.",
                effects=_forfeit_effects,
                restriction={
                    **TERMINATED,
                    "decision_monetary": "DECISION_MONETARY_OTHER",
                    "decision_monetary_other": "Forfeiture of prepaid credits",
                },
            ),
            Choice(
                "police",
                "Refer to the police",
                "A file of facts is made, and a legal hold keeps the records. The person is not told.",
                SECTIONS,
                _refer,
                grave=True,
                undo=_undo,
                undoing="The referral is marked as withdrawn and the legal hold is lifted.",
                effects=_police_effects,
                silent=True,
            ),
            Choice(
                "hold",
                "Hold for legal process",
                "Every record is kept until the hold is lifted. The person is not told.",
                SECTIONS,
                _hold,
                undo=_undo,
                undoing="The legal hold is lifted.",
                effects=_hold_effects,
                silent=True,
            ),
            Choice(
                "publish",
                "Public notice",
                "The transparency report tells of it, without a name.",
                SECTIONS,
                _publish,
                undo=_undo,
                undoing="The line leaves the report.",
                effects=_notice_effects,
                restriction={
                    "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
                    "decision_visibility_other": "An anonymous line in the transparency report",
                },
            ),
        ),
    )
)
