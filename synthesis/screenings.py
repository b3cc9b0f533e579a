"""Have scripts screened, keep what was found, put what is held before a moderator, and learn what he found."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from moderation import policies as moderation_policies
from moderation import services as moderation
from moderation.models import Case
from moderation.refusals import AppealEmpty, AppealTooLong
from moderation.services import statements
from synthesis import refusals, screening
from synthesis.models import Screening, SpeechRequest
from velluto import audit, engines, vault
from velluto.engines.base import EngineError, Passage

CASE_KIND = "synthesis.script"
BLOCKED_KIND = "synthesis.blocked"
DUE = timedelta(hours=24)
OBJECTION_DUE = timedelta(days=7)
SCRIPT, OBJECTION = "script.blocked", "script.objection"


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


def block(found: Screening, script: str) -> None:
    """Keep that a script was blocked, with the reasons as they are told and, sealed, the script they are about."""
    category = screening.CATEGORIES[found.category]
    with transaction.atomic():
        found.script = vault.seal(found.account.vault_owner, SCRIPT, str(found.pk), script.encode())
        found.statement = statements.automated(
            puid=str(found.pk),
            recipient=found.account,
            section=screening.POLICY_SECTION,
            reason=category.reason,
            facts=f"The screening took a passage of the text for {category.label}.",
            content_type="CONTENT_TYPE_TEXT",
            restriction={"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]},
            template="synthesis/mail/blocked.txt",
            context={"link": f"{settings.PUBLIC_URL}{reverse('synthesis:blocked', args=[found.pk])}"}
            | {"until": found.screened_at + moderation_policies.APPEAL_WITHIN},
            at=found.screened_at,
        )
        found.save(force_insert=True)
        audit.record(
            "synthesis.script.blocked",
            actor=found.account,
            subject=found,
            data={"category": found.category, "engine": f"{found.engine} {found.version}"},
        )


def object_to(found: Screening, *, words: str, at: datetime | None = None) -> Case:
    """Have a person look at what a machine blocked alone; raise BlockGone, ObjectionUsed, or as appeals do."""
    at, words = at or timezone.now(), words.strip()
    if not words:
        raise AppealEmpty()
    if len(words) > moderation_policies.LONGEST_APPEAL:
        raise AppealTooLong(characters=len(words), most=moderation_policies.LONGEST_APPEAL)
    with transaction.atomic():
        found.refresh_from_db(from_queryset=Screening.objects.select_for_update(of=("self",)).select_related("account"))
        if found.objected_at or found.label:
            raise refusals.ObjectionUsed()
        if not found.script or not moderation_policies.may_still_appeal(found.screened_at, at):
            raise refusals.BlockGone()
        found.objection = vault.seal(found.account.vault_owner, OBJECTION, str(found.pk), words.encode())
        found.objected_at = at
        found.save(update_fields=["objection", "objected_at"])
        category = screening.CATEGORIES[found.category]
        return moderation.open_case(
            kind=BLOCKED_KIND,
            subject=found,
            title=f"A text that was blocked as {category.label}",
            about=found.account,
            due_at=at + OBJECTION_DUE,
            severity=Case.Severity.RAISED if category.grave else Case.Severity.ROUTINE,
            reason="the account says that the screening was wrong",
        )


def blocked_text(found: Screening) -> str:
    """Return the text that was blocked; "" once it is forgotten, or its account's key destroyed."""
    return _unsealed(found, SCRIPT, bytes(found.script))


def objection(found: Screening) -> str:
    """Return what the person wrote against it."""
    return _unsealed(found, OBJECTION, bytes(found.objection))


def forget_blocked(*, at: datetime | None = None) -> int:
    """Forget the texts whose block can be questioned no more and that nobody still looks at; return how many."""
    old = Screening.objects.filter(
        verdict=Screening.Verdict.BLOCK, screened_at__lt=(at or timezone.now()) - moderation_policies.APPEAL_WITHIN
    ).exclude(script=b"")
    waiting = Case.objects.waiting().filter(kind=BLOCKED_KIND).values_list("subject_id", flat=True)
    gone = [pk for pk in old.values_list("pk", flat=True) if str(pk) not in set(waiting)]
    if gone:
        with transaction.atomic():
            Screening.objects.filter(pk__in=gone).update(script=b"", objection=b"")
            audit.record("synthesis.script.forgotten", data={"screenings": len(gone)})
    return len(gone)


def _unsealed(found: Screening, purpose: str, sealed: bytes) -> str:
    with suppress(vault.KeyDestroyed):
        return vault.unseal(found.account.vault_owner, purpose, str(found.pk), sealed).decode() if sealed else ""
    return ""


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
