"""What a moderator may decide about a text that was held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count

from accounts.models import User
from moderation.models import Case, Decision
from moderation.registry import Choice, Question, register
from moderation.services import queue
from synthesis import screenings, services
from synthesis.models import Screening, SpeechRequest
from synthesis.refusals import ScriptRefused
from synthesis.screening import ALLOWED, CATEGORIES, POLICY_SECTION, Category, marked


def _screening(case: Case) -> Screening:
    return Screening.objects.select_related("request__account", "request__voice", "account").get(pk=case.subject_id)


def _request(found: Screening) -> SpeechRequest:
    assert found.request is not None  # only what was taken is held
    return found.request


def lock(case: Case) -> None:
    """Lock in the order of all: the case, the account, the request."""
    queue.lock(case)
    found = _screening(case)
    User.objects.select_for_update(no_key=True).get(pk=found.account_id)
    SpeechRequest.objects.select_for_update(of=("self",)).get(pk=_request(found).pk)


def dossier(case: Case) -> dict[str, Any]:
    """The text with what stood out, what the engine thought, and what became of this account's texts before."""
    found = _screening(case)
    text = services.script_of(found.request) if found.request else screenings.blocked_text(found)
    others = Screening.objects.filter(account=found.account).exclude(pk=found.pk).order_by()
    return {
        "screening": found,
        "speech": found.request,
        "objection": screenings.objection(found),
        "parts": list(marked(text, [(start, end) for start, end in found.passages])),
        "likeliest": CATEGORIES.get(found.category),
        "scores": [
            (CATEGORIES[code].label if code in CATEGORIES else code, score)
            for code, score in sorted(found.scores.items(), key=lambda pair: -pair[1])[:3]
        ],
        "screened": dict(others.values_list("verdict").annotate(Count("pk"))),
        "confirmed": others.exclude(label__in=("", ALLOWED)).count(),
    }


def _release(case: Case, decision: Decision) -> None:
    found = _screening(case)
    screenings.label(found, label=ALLOWED, actor=decision.decided_by)
    services.release(_request(found), actor=decision.decided_by, reason=decision.reason)


def _refuse(category: Category) -> Callable[[Case, Decision], None]:
    def apply(case: Case, decision: Decision) -> None:
        found = _screening(case)
        screenings.label(found, label=category.code, actor=decision.decided_by)
        services.fail(
            _request(found), code=ScriptRefused.code, sentence=str(ScriptRefused()), actor=decision.decided_by
        )

    return apply


def _clear(case: Case, decision: Decision) -> None:
    """Let the same text pass when it is sent again; credits that were set aside for it are back already."""
    screenings.label(_screening(case), label=ALLOWED, actor=decision.decided_by)


def _told(case: Case) -> tuple[str, ...]:
    credits = _request(_screening(case)).characters
    return ("The text is not spoken.", f"{credits:,} credits go back.", "The person is told the reason and may appeal.")


register(
    Question(
        kind=screenings.CASE_KIND,
        label="A text that was held",
        template="synthesis/dossier.html",
        dossier=dossier,
        mail_template="synthesis/mail/decided.txt",
        content_type="CONTENT_TYPE_TEXT",
        sensitive=True,
        lock=lock,
        choices=(
            Choice(
                "release",
                "Nothing wrong",
                "The text is spoken, and passes when it is sent again.",
                (POLICY_SECTION,),
                _release,
            ),
            *(
                Choice(
                    category.code,
                    f"Refuse: {category.label}",
                    category.reason,
                    (POLICY_SECTION,),
                    _refuse(category),
                    undo=_clear,
                    undoing="The text passes when the account sends it again; its credits were returned before.",
                    effects=_told,
                    restriction={"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]},
                )
                for category in CATEGORIES.values()
            ),
        ),
    )
)


# ---------------------------------------------------------------------------------------------------- what was blocked


def _agree(category: Category) -> Callable[[Case, Decision], None]:
    return lambda case, decision: screenings.label(_screening(case), label=category.code, actor=decision.decided_by)


register(
    Question(
        kind=screenings.BLOCKED_KIND,
        label="A text that was blocked",
        template="synthesis/dossier.html",
        dossier=dossier,
        mail_template="synthesis/mail/looked_at.txt",
        content_type="CONTENT_TYPE_TEXT",
        sensitive=True,
        choices=(
            Choice(
                ALLOWED,
                "Nothing wrong",
                "The text passes when the account sends it again; the person is told.",
                (POLICY_SECTION,),
                _clear,
            ),
            *(
                Choice(
                    category.code,
                    f"It stays blocked: {category.label}",
                    "The text stays unspoken; the person is told the reason and may appeal.",
                    (POLICY_SECTION,),
                    _agree(category),
                    undo=_clear,
                    undoing="The text passes when the account sends it again.",
                    restriction={"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]},
                )
                for category in CATEGORIES.values()
            ),
        ),
    )
)
