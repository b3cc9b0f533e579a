"""What a sanction means for voices, outputs and records; and what moderators are asked about an account."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import sanctions
from accounts.models import CreditEntry, Sanction, Status, User
from consent.models import ConsentRecord, Document
from moderation import services as moderation
from moderation.models import Case, Decision
from moderation.services import nogo_voices, returning
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from takedowns import services
from takedowns.models import PoliceReferral, Revocation
from takedowns.refusals import VoiceEnded
from velluto import audit, vault
from velluto.audit.models import canonical
from velluto.engines.base import Embedding, TooLittleSpeech
from velluto.transitions import move
from voices import services as voices
from voices.models import Recording, Voice

KIND = "accounts.conduct"
DUE = timedelta(days=3)


def question(
    account: User,
    *,
    title: str,
    reason: str,
    severity: int = Case.Severity.RAISED,
    credibility: int = 50,
    at: datetime | None = None,
) -> Case:
    """Put what an account did before the moderators; asked again while open, it stays one case."""
    return moderation.open_case(
        kind=KIND,
        subject=account,
        title=title,
        about=account,
        due_at=(at or timezone.now()) + DUE,
        severity=severity,
        credibility=credibility,
        reason=reason,
    )


def notice_return(account: User) -> Case | None:
    """Ask about an account that has the address of a terminated one; None where that one is none any more."""
    former = [str(pk) for pk in sanctions.former_accounts(account).values_list("pk", flat=True)]
    if not former:
        return None
    return question(
        account,
        title="An account with the address of a terminated one",
        reason=f"the address of {', '.join(former)}"[:300],
        credibility=90,
    )


def end_account(account: User, *, at: datetime | None = None) -> None:
    """Revoke all voices of a terminated account and delete its stored outputs; safe to repeat.

    The voiceprints of its holder's own voice are put aside first, so that a return is noticed.

    Under a legal hold nothing can be downloaded or spoken either, but the files stay until it is lifted.
    """
    at = at or timezone.now()
    if User.objects.get(pk=account.pk).status != Status.TERMINATED:  # it was lifted in the meantime
        return
    returning.remember(account, _voiceprints(account), at=at)
    for voice in account.voices.exclude(status=Voice.Status.DELETED):
        with suppress(VoiceEnded):
            services.revoke(voice, by=Revocation.By.SANCTION, actor=None, reason="the account was terminated", at=at)
    stored = Output.objects.filter(request__account=account, deleted_at=None)
    for voice in Voice.objects.filter(speech_requests__output__in=stored).distinct():
        synthesis.end_outputs(voice, after=at)
    if not sanctions.on_hold(at=at).filter(account=account).exists():
        for output in stored:
            synthesis.delete_output(output, reason="the account was terminated", at=at)


def _voiceprints(account: User) -> list[Embedding]:
    """Return what the holder of an account would be met by if they came back; nothing where their voice is gone."""
    found: list[Embedding] = []
    for sample in voices.own_samples(account):
        with suppress(vault.KeyDestroyed, TooLittleSpeech):
            found += nogo_voices.voiceprints_of(voices.load_audio(sample))
    return found


@transaction.atomic
def refer_to_police(account: User, *, decision: Decision, draft: PoliceReferral | None = None) -> PoliceReferral:
    """Write the file of facts down and put a legal hold on the records it lists; a draft that is there becomes it."""
    given: dict[str, Any] = {
        "section": decision.section_id,
        "reason": decision.reason,
        "actor": decision.decided_by,
        "decision_id": decision.pk,
    }
    sanctions.note(account, kind=Sanction.Kind.HOLD, secret=True, **given)
    sanctions.note(account, kind=Sanction.Kind.POLICE, secret=True, **given)
    facts = facts_about(account)
    digest = hashlib.sha256(canonical(facts).encode("ascii")).hexdigest()
    made: dict[str, Any] = {
        "decision_id": decision.pk,
        "made_at": timezone.now(),
        "facts": facts,
        "sha256": digest,
    }
    if draft is not None and draft.status == PoliceReferral.Status.DRAFT:
        referral = draft
        move(referral, PoliceReferral.Status.MADE, actor=decision.decided_by, data={"sha256": digest}, **made)
    else:
        referral = PoliceReferral.objects.create(account=account, **made)
    audit.record("takedowns.referral.made", actor=decision.decided_by, subject=referral, data={"sha256": digest})
    return referral


def facts_about(account: User) -> dict[str, Any]:
    """List the records there are of an account, by id and digest; the content is produced against a legal request."""
    requests = SpeechRequest.objects.filter(account=account).order_by("requested_at")
    outputs = Output.objects.filter(request__account=account).order_by("released_at")
    recordings = Recording.objects.filter(voice__account=account).order_by("received_at")
    decisions = Decision.objects.filter(case__about=account).order_by("decided_at")
    return {
        "account": str(account.pk),
        "voices": _ids(Voice.objects.filter(account=account).order_by("created_at")),
        "consents": _ids(ConsentRecord.objects.filter(voice__account=account).order_by("given_at")),
        "documents": [
            {"id": str(pk), "sha256": sha256}
            for pk, sha256 in Document.objects.filter(voice__account=account).values_list("pk", "sha256")
        ],
        "forbidden_attempts": _ids(account.forbidden_attempts.order_by("attempted_at")),
        "recordings": [{"id": str(pk), "sha256": sha256} for pk, sha256 in recordings.values_list("pk", "sha256")],
        "speech": _ids(requests),
        "outputs": [
            {"id": str(pk), "sha256": sha256, "mark": payload}
            for pk, sha256, payload in outputs.values_list("pk", "sha256", "payload")
        ],
        "sanctions": _ids(account.sanctions.order_by("starts_at")),
        "strikes": _ids(account.strikes.order_by("given_at")),
        "decisions": _ids(decisions),
        "credit_entries": list(CreditEntry.objects.filter(user=account).order_by("pk").values_list("pk", flat=True)),
    }


def undo(decision_id: UUID, *, actor: User, reason: str) -> None:
    """Lift all that was imposed by a decision, as far as that is possible: what was deleted stays deleted."""
    sanctions.undo(decision_id, actor=actor, reason=reason)


def _ids(rows: Any) -> list[str]:
    return [str(pk) for pk in rows.values_list("pk", flat=True)]
