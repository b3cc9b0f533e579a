"""What a Voice Owner gets of their recordings while the voice goes on. To end a voice: `takedowns.services.revoke`."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.models import OwnerLink
from consent.owning import services as owning
from consent.services import Actor
from takedowns import services
from takedowns.models import OwnerRequest, PortalLink
from takedowns.owners import refusals
from velluto import audit, vault
from velluto.transitions import move
from voices.models import Voice

PORTAL = "owner.portal"


def copy(voice: Voice, *, actor: Actor) -> bytes:
    """Return what was recorded of the owner's voice as one archive, on record; nothing ends by it (F1c)."""
    if voice.status == Voice.Status.DELETED or not voice.recordings.exists():
        raise refusals.NoRecordingsLeft()
    try:
        content = services.archive(voice)
    except vault.VaultError as error:  # it ended in this moment
        raise refusals.NoRecordingsLeft() from error
    with transaction.atomic():
        data = {"sha256": hashlib.sha256(content).hexdigest(), "recordings": voice.recordings.count()}
        audit.record("takedowns.owner_copy.given", actor=actor, subject=voice, data=data)
    return content


def give_portal(voice: Voice, *, request: OwnerRequest, token: str, at: datetime | None = None) -> PortalLink:
    """Give whoever a human confirmed as the owner a lasting link, and close the links that others had."""
    with transaction.atomic():
        reason = "a human confirmed who the owner is"
        Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
        list(OwnerLink.objects.filter(invitation__voice=voice).select_for_update(no_key=True, of=("self",)))
        former = PortalLink.objects.filter(voice=voice, status=PortalLink.Status.LIVE).select_for_update(no_key=True)
        for link in list(former):
            move(link, PortalLink.Status.CLOSED, actor=None, reason=reason, sealed=b"")
        owning.close_links(voice, actor=None, reason=reason)
        link = PortalLink(
            voice=voice,
            request=request,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            made_at=at or timezone.now(),
        )
        link.sealed = vault.seal(request.vault_owner, PORTAL, str(link.pk), token.encode())
        link.save(force_insert=True)
        data = {"voice": str(voice.pk), "request": str(request.pk)}
        audit.record("takedowns.portal.given", subject=link, data=data)
        return link
