"""Keep what was declared of a person, and who tried what may never be done. The only writer of both."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from consent.documents import policies as documents
from consent.models import Declaration, Document, ForbiddenAttempt
from consent.never import policies, refusals
from consent.never.policies import Answers, Rule, Verdict
from consent.policies import same_name
from moderation import registry
from moderation import services as moderation
from moderation.conduct import CONDUCT
from velluto import audit, engines, vault
from velluto.engines.base import EngineError
from voices.models import Voice

REFUSALS = {
    policies.MINOR: refusals.NeverMinor,
    policies.OFFICE: refusals.NeverOffice,
    policies.FORBIDDEN_USE: refusals.NeverForbiddenUse,
}
NOT_SCREENED = "not screened"
LOOK_WITHIN = timedelta(days=3)


# ---------------------------------------------------------------------------------------------------- declaring


def require_allowed(
    account: User, *, whose: str, tier: str, owner_name: str, answers: Answers, at: datetime | None = None
) -> None:
    """Refuse what may never be cloned, and put on record that it was tried: call it outside of a transaction."""
    at = at or timezone.now()
    today, is_self = timezone.localdate(at), whose == Voice.Whose.SELF
    if not policies.one_voice_only(premium=tier == Voice.Tier.PREMIUM, is_self=is_self):
        raise refusals.PremiumOwnVoiceOnly()
    if policies.contradictory(answers, is_self=is_self, on=today):
        raise refusals.DeclarationContradicts()
    broken = policies.judge(answers, on=today).broken
    for rule in broken:
        record_attempt(account, rule=rule, whose=whose, name=owner_name, purpose=answers.purpose, at=at)
    if broken:
        raise REFUSALS[broken[0]]()


def keep(voice: Voice, answers: Answers, *, at: datetime | None = None) -> Declaration:
    """Keep what was declared of the person, in the transaction that begins their voice."""
    declaration = Declaration(
        voice=voice,
        alive=answers.alive,
        adult=answers.adult,
        office=answers.office,
        office_until=answers.office_until if answers.office == "ended" else None,
        public_figure=answers.public_figure,
        declared_at=at or timezone.now(),
    )
    declaration.doubtful, declaration.screened_by = _screen(answers.purpose)
    purpose = answers.purpose.strip().encode()
    declaration.purpose = vault.seal(declaration.vault_owner, "declaration.purpose", str(voice.pk), purpose)
    declaration.save()
    return declaration


def purpose_of(declaration: Declaration) -> str:
    """Return in their words what the voice is for; nothing where the evidence was destroyed after its time."""
    sealed, voice = bytes(declaration.purpose), str(declaration.voice_id)
    try:
        return vault.unseal(declaration.vault_owner, "declaration.purpose", voice, sealed).decode()
    except vault.KeyDestroyed:
        return ""


# ---------------------------------------------------------------------------------------------------- deciding


def verdict_of(voice: Voice, *, at: datetime | None = None) -> Verdict | None:
    """Return what follows from what was declared of a voice's person; None where nobody was asked."""
    declared = Declaration.objects.filter(voice=voice).first()
    if declared is None:
        return None
    answers = Answers(
        alive=declared.alive,
        adult=declared.adult,
        office=declared.office,
        office_until=declared.office_until,
        public_figure=declared.public_figure,
        forbidden_use=False,
        purpose="",
    )
    return policies.judge(answers, on=timezone.localdate(at))


def require_approvable(voice: Voice, *, by_two: bool, at: datetime | None = None) -> None:
    """Refuse what the declaration forbids, what two people have to approve, and what no verified document allows."""
    verdict = verdict_of(voice, at=at)
    if verdict is None:
        raise refusals.DeclarationMissing()
    if not verdict.allowed:
        raise refusals.NeverAllowed(rule=verdict.broken[0].label)
    if verdict.needs and not by_two:
        raise refusals.TwoModeratorsNeeded()
    verified = voice.documents.filter(kind=verdict.needs, status=Document.Status.VERIFIED)
    if verdict.needs and not verified.exists():
        raise refusals.AuthorisationNotVerified()


# ---------------------------------------------------------------------------------------------------- violations


def record_attempt(
    account: User,
    *,
    rule: Rule,
    whose: str,
    name: str,
    purpose: str = "",
    voice: Voice | None = None,
    decision_id: UUID | None = None,
    actor: User | str | None = None,
    at: datetime | None = None,
) -> ForbiddenAttempt:
    """Put on record that an account tried to clone a voice that may never be cloned; no strike follows by itself.

    Whoever tries again and again within a month is looked at.
    """
    at = at or timezone.now()
    attempt = ForbiddenAttempt(
        account=account,
        voice=voice,
        rule=rule.code,
        section=rule.section,
        whose=whose,
        attempted_at=at,
        retain_until=documents.retain_until(timezone.localdate(at)),
        decision_id=decision_id,
    )
    with transaction.atomic():
        content = json.dumps({"name": name.strip(), "purpose": purpose.strip()}).encode()
        attempt.sealed = vault.seal(attempt.vault_owner, "attempt", str(attempt.pk), content)
        attempt.save(force_insert=True)
        data = {"rule": rule.code, "section": rule.section, "whose": whose, "voice": str(voice.pk) if voice else ""}
        audit.record("consent.forbidden_attempt.recorded", actor=actor or account, subject=attempt, data=data)
        since = at - timedelta(days=policies.CLOSE_LOOK_DAYS)
        recent = ForbiddenAttempt.objects.filter(account=account, taken_back_at=None, attempted_at__gt=since).count()
        if policies.needs_close_look(recent) and registry.is_known(CONDUCT):
            moderation.open_case(
                kind=CONDUCT,
                subject=account,
                title="An account that keeps declaring voices that may never be cloned",
                about=account,
                due_at=at + LOOK_WITHIN,
                reason=f"{recent} attempts within {policies.CLOSE_LOOK_DAYS} days",
            )
    return attempt


@transaction.atomic
def forget(attempt: ForbiddenAttempt) -> None:
    """Delete an attempt whose time on record is over, and the key that its names are sealed under."""
    reason = "its time is over"
    vault.destroy(attempt.vault_owner, actor=None, reason=reason)
    audit.record("consent.forbidden_attempt.forgotten", subject=attempt, reason=reason, data={"rule": attempt.rule})
    attempt.delete()


def take_back(decision_id: UUID, *, actor: User, at: datetime | None = None) -> None:
    """Let what was put on record by a decision count no more: an appeal found otherwise."""
    with transaction.atomic():
        for attempt in ForbiddenAttempt.objects.filter(decision_id=decision_id, taken_back_at=None):
            ForbiddenAttempt.objects.filter(pk=attempt.pk).update(taken_back_at=at or timezone.now())
            audit.record("consent.forbidden_attempt.taken_back", actor=actor, subject=attempt)


def tried_before(account: User, name: str) -> bool:
    """Tell whether this account was refused for somebody of this name; the names themselves stay sealed."""
    for attempt in ForbiddenAttempt.objects.filter(account=account, taken_back_at=None)[:50]:
        sealed = vault.unseal(attempt.vault_owner, "attempt", str(attempt.pk), bytes(attempt.sealed))
        if same_name(json.loads(sealed)["name"], name):
            return True
    return False


def _screen(purpose: str) -> tuple[str, str]:
    """Return the forbidden use that a purpose reads like, and what said so. A moderator is told; nothing is refused."""
    screener = engines.screening()
    try:
        found = screener.screen(purpose)
    except EngineError:
        return NOT_SCREENED, f"{screener.name} {screener.version}"
    return policies.doubtful(list(found.scores.items())), f"{found.engine} {found.version}"
