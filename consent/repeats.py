"""Look for the recording that one handed in is a copy of: replayed, cut, or encoded again. Runs in a worker.

A copy holds the same voice. So it is compared with the phrases and statements of voices that sound like it, under
whatever account, and with all recordings of its own account's voices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from consent import policies
from consent.models import Attempt
from velluto import vault
from velluto.audio.fingerprint import CHANCE, Fingerprint, sameness
from velluto.engines.base import Embedding
from voices import likeness
from voices import services as voices
from voices.models import Recording, Voice

READ_ALOUD = (Recording.Purpose.CAPTCHA, Recording.Purpose.STATEMENT)


@dataclass(frozen=True, slots=True)
class Repeat:
    """How much a recording is one that came before (0.5 by chance, 1.0 the same), and which it is closest to."""

    sameness: float
    recording: UUID | None


def none_before(*recording: object) -> Repeat:
    """Say that nothing came before: for recordings that are kept no longer than their check, or stand alone."""
    return Repeat(CHANCE, None)


def closest(attempt: Attempt, mine: Fingerprint, voiceprint: Embedding) -> Repeat:
    """Return the earlier recording that the one handed in is most like."""
    best = Repeat(CHANCE, None)
    for recording in _earlier(attempt, voiceprint):
        for kept in _fingerprint(recording):
            value = sameness(mine, kept)
            if value > best.sameness:
                best = Repeat(value, recording.pk)
    return best


def _earlier(attempt: Attempt, voiceprint: Embedding) -> QuerySet[Recording]:
    """Return what came before; not what we failed to check, for that we asked to be sent again."""
    own = list(Voice.objects.filter(account=attempt.voice.account_id).values_list("pk", flat=True))
    alike = likeness.find(voiceprint, limit=policies.REPEAT_VOICES, threshold=policies.REPEAT_ALIKE, exclude=own)
    others = Q(voice__in=[one.voice_id for one in alike], purpose__in=READ_ALOUD)
    return (
        Recording.objects.filter(Q(voice__in=own) | others, received_at__lt=attempt.recording.received_at)
        .exclude(attempt__checks__code="engine_failed")
        .exclude(voice__status=Voice.Status.DELETED)
        .select_related("voice__owner", "fingerprint")
        .order_by("received_at")
    )


def _fingerprint(recording: Recording) -> Iterator[Fingerprint]:
    """Yield the fingerprint of a recording; nothing where its owner's key is destroyed, or it was never checked."""
    try:
        if hasattr(recording, "fingerprint"):
            yield voices.load_fingerprint(recording.fingerprint)
    except vault.KeyDestroyed:
        return
