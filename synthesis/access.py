"""Which voices an account may make speak: the one place that asks, at the request, at each step, and at the release."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from consent import services as consent
from consent.models import ConsentRecord
from synthesis.freezes import services as freezes
from velluto import engines
from voices import refusals
from voices import services as voices
from voices.models import Voice
from voices.models import VoiceQuerySet as Voices


def voices_of(account: User) -> Voices:
    """Return the voices that this account may choose from now."""
    listed = Voice.objects.listed(on=timezone.localdate()).filter(acceptances__account=account).distinct()
    usable = [voice.pk for voice in listed if voices.accepted(account, voice)]
    paused = ConsentRecord.objects.filter(status=ConsentRecord.Status.PAUSED)
    speaking = Voice.objects.active().exclude(pk__in=paused.values("voice"))
    return speaking.filter(
        Q(account=account) | Q(pk__in=Voice.objects.shared_with(account).values("pk")) | Q(pk__in=usable)
    )


def shared(account: User, voice: Voice) -> bool:
    """Tell whether somebody speaks with another person's personal voice."""
    return voice.kind == Voice.Kind.PERSONAL and voice.account_id != account.pk


def ask(account: User, voice: Voice) -> None:
    """Raise VoiceUnknown or LicenceNotAccepted where a voice is not this account's to ask for."""
    if voice.kind == Voice.Kind.CURATED:
        if not voices.accepted(account, voice):
            listed = Voice.objects.listed(on=timezone.localdate()).filter(pk=voice.pk).exists()
            raise refusals.LicenceNotAccepted() if listed else refusals.VoiceUnknown()
    elif not voices.may_use(account, voice):
        raise refusals.VoiceUnknown()


def require(
    account: User, voice: Voice, *, purpose: str, language: str, lock: bool = False, asked_at: datetime | None = None
) -> None:
    """Raise ConsentEnded, OutsideScope, ShareEnded, RightsEnded or SpeechFrozen unless this account may do that now.

    A personal voice needs a person's consent, a curated one rights. With `lock` (inside a transaction) whatever would
    end that waits until the caller has committed, or the caller sees it. `asked_at` is when it was asked for: what
    the Voice Owner paused meanwhile is not made up for.
    """
    freezes.require_none(account=account, voice=voice, engine=engines.speech().name)
    if voice.kind == Voice.Kind.CURATED:
        voices.require_published(voice, lock=lock)
        return
    consent.require_use(voice, purpose=purpose, language=language, lock=lock, asked_at=asked_at)
    if not voices.may_use(account, voice, lock=lock):
        raise refusals.ShareEnded()


def standing(voice: Voice) -> str:
    """Return whether what a voice was made under still stands: "in_force", "paused" or "withdrawn"."""
    if voice.kind == Voice.Kind.CURATED:
        stands = voice.status != Voice.Status.DELETED and voices.rights_of(voice) is not None
        return "in_force" if stands else "withdrawn"
    known = (ConsentRecord.Status.IN_FORCE, ConsentRecord.Status.PAUSED)
    record = ConsentRecord.objects.filter(voice=voice, status__in=known).first()
    return str(record.status) if record else "withdrawn"
