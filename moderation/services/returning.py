"""Notice a terminated person by their voice: a voiceprint on the No-Go list, under a key of its own, for a time.

The voice itself is destroyed with the account. What stays is a voiceprint, of the account holder's own voice alone:
nobody else's voice was their wrong. It is destroyed when its time is over, or the termination is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import Sanction, Status, User
from moderation.models import NoGoEntry, NoGoVoiceprint
from moderation.nogo_index import seal_details
from moderation.services import nogo
from velluto import audit, vault
from velluto.engines.base import Embedding
from velluto.transitions import move


@transaction.atomic
def remember(account: User, voices: Sequence[Embedding], *, at: datetime) -> NoGoEntry | None:
    """Keep a terminated account holder's voiceprints for a time; None where there are none, or none are to be kept.

    Done again, it changes nothing: the voices may be gone by then.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if there := NoGoEntry.objects.filter(former=account, status=NoGoEntry.Status.LISTED).first():
        return there
    lasts = timedelta(days=settings.FORMER_VOICEPRINT_DAYS)
    if not voices or not lasts or account.status != Status.TERMINATED:
        return None
    by = Sanction.objects.filter(account=account, kind=Sanction.Kind.TERMINATION, lifted_at=None).latest("starts_at")
    entry = NoGoEntry(
        source=NoGoEntry.Source.RETURN,
        review_on=(at + lasts).date(),
        former=account,
        expires_at=at + lasts,
        added_by=by.imposed_by,
    )
    entry.sealed = seal_details(entry, [], f"account {account.pk}")
    entry.save(force_insert=True)
    for voice in voices:
        nogo.keep_voiceprint(entry, voice)
    nogo.changed()
    data = {"source": entry.source, "names": 0, "voiceprints": len(voices), "until": (at + lasts).isoformat()}
    audit.record("moderation.nogo.added", subject=entry, data=data)
    return entry


def expire(*, at: datetime) -> int:
    """Destroy what was kept of voices whose time is over, or whose termination was lifted; return of how many."""
    listed = NoGoEntry.objects.filter(source=NoGoEntry.Source.RETURN, former__isnull=False)
    over = listed.filter(Q(expires_at__lte=at) | ~Q(former__status=Status.TERMINATED))
    for entry in over:
        with transaction.atomic():
            vault.destroy(entry.vault_owner, actor=None, reason="a terminated account's voiceprint is kept no longer")
            NoGoVoiceprint.objects.filter(entry=entry).delete()
            NoGoEntry.objects.filter(pk=entry.pk).update(former=None)
            nogo.changed()
            move(entry, NoGoEntry.Status.RETIRED, actor=None, reason="kept no longer", stamp=uuid4())
    return len(over)
