"""Have scripts screened, keep what was found, put what is held before a moderator, and learn what he found."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from moderation import services as moderation
from moderation.models import Case
from synthesis import refusals, screening
from synthesis.models import Screening, SpeechRequest
from velluto import audit, engines
from velluto.engines.base import EngineError, Passage

CASE_KIND = "synthesis.script"
DUE = timedelta(hours=24)


def screen(account: User, script: str, *, at: datetime) -> tuple[Screening, screening.Verdict]:
    """Return what the screener finds and what follows; nothing is saved. Raise ScreeningFailed: unscreened is unsaid.

    A text of this account that a human let through before passes again, whatever the engine thinks.
    """
    try:
        found = engines.screening().screen(script)
    except EngineError as error:
        raise refusals.ScreeningFailed() from error
    verdict, digest = screening.judge(found), _digest(account, script)
    if verdict.kind != "allow" and _cleared(account, digest):
        verdict = screening.Verdict("allow")
    return Screening(
        account=account,
        digest=digest,
        engine=found.engine,
        version=found.version,
        verdict=verdict.kind,
        category=verdict.category.code if verdict.category else "",
        scores={code: round(score, 4) for code, score in found.scores.items()},
        passages=[[passage.start, passage.end] for passage in verdict.passages],
        screened_at=at,
    ), verdict


def block(found: Screening) -> None:
    """Keep that a script was blocked, not the script."""
    with transaction.atomic():
        found.save(force_insert=True)
        audit.record(
            "synthesis.script.blocked",
            actor=found.account,
            subject=found,
            data={"category": found.category, "engine": f"{found.engine} {found.version}"},
        )


def open_case(found: Screening) -> Case:
    """Put a held script before a moderator. A script that the engine would have blocked is the more pressing."""
    category = screening.CATEGORIES[found.category]
    return moderation.open_case(
        kind=CASE_KIND,
        subject=found,
        title=f"A text that may be {category.label}",
        about=found.account,
        due_at=found.screened_at + DUE,
        severity=Case.Severity.RAISED if category.grave else Case.Severity.ROUTINE,
        credibility=round(100 * min(1.0, sum(found.scores.values()))),
    )


def of(request: SpeechRequest) -> Screening | None:
    """Return what was found in a request's script."""
    return Screening.objects.filter(request=request).first()


def locked_case(request: SpeechRequest) -> Case | None:
    """Return the open case of a held request, locked; None where there is none."""
    found = of(request)
    if found is None or request.status != SpeechRequest.Status.HELD:
        return None
    return Case.objects.about(found).exclude(status=Case.Status.DECIDED).select_for_update(of=("self",)).first()


def label(found: Screening, *, label: str, actor: User) -> None:
    """Keep what a human found in the text: a category, or nothing wrong."""
    found.label, found.labelled_by, found.labelled_at = label, actor, timezone.now()
    with transaction.atomic():
        found.save(update_fields=["label", "labelled_by", "labelled_at"])
        audit.record(
            "synthesis.screening.labelled",
            actor=actor,
            subject=found,
            data={"label": label, "category": found.category, "verdict": found.verdict},
        )


def why(found: Screening) -> screening.Verdict:
    """Return the verdict of a screening on record."""
    category = screening.CATEGORIES.get(found.category)
    return screening.Verdict(found.verdict, category, tuple(Passage(*span) for span in found.passages))  # type: ignore[arg-type]


def _cleared(account: User, digest: str) -> bool:
    latest = Screening.objects.filter(account=account, digest=digest).exclude(label="").order_by("-labelled_at").first()
    return latest is not None and latest.label == screening.ALLOWED


def _digest(account: User, script: str) -> str:
    return salted_hmac("synthesis.script", f"{account.pk}:{script}").hexdigest()
