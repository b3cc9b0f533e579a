"""What a Voice Owner does with a consent that is given: pause it, let it go on, take back a part, allow more.

To end it for good is `consent.services.withdraw`. Whoever calls vouches that it is the owner who asks: `actor` is their
account, or "voice-owner:<id>" where they came by a link.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent import invitations, policies, refusals
from consent.models import ConsentRecord, Invitation, Narrowing, OwnerConsent, OwnerLink
from consent.policies import Scope
from consent.services import Actor
from velluto import audit, jobs, space
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice, VoiceShare

PAUSED = "consent.paused"  # the job that ends what waits or is spoken, done by whichever app knows of that


@space.even_when_full
def pause(voice: Voice, *, actor: Actor, at: datetime | None = None) -> None:
    """Silence a voice from this moment on, until the same owner lets it go on; what was asked for stays unsaid."""
    with transaction.atomic():
        record = _locked(voice, ConsentRecord.Status.IN_FORCE)
        jobs.enqueue(PAUSED, str(voice.pk))
        move(record, ConsentRecord.Status.PAUSED, actor=actor, reason="paused", paused_at=at or timezone.now())


def resume(voice: Voice, *, actor: Actor) -> None:
    """Let a paused voice speak again; what suspends it besides is not lifted."""
    with transaction.atomic():
        record = _locked(voice, ConsentRecord.Status.PAUSED)
        move(record, ConsentRecord.Status.IN_FORCE, actor=actor, reason="the Voice Owner lets it go on")


@space.even_when_full
def narrow(voice: Voice, *, scope: Scope, actor: Actor, at: datetime | None = None) -> Narrowing:
    """Take back a part of what was allowed, at once and without a signature; without sharing, shares end."""
    with transaction.atomic():
        ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
        invitation, signed, granted = _granted(voice)
        if scope == granted or not policies.no_more_than(scope, granted):
            raise refusals.ScopeNotNarrower()
        shares = list(VoiceShare.objects.standing().filter(voice=voice).select_for_update(no_key=True))
        narrowing = Narrowing.objects.create(consent=signed, made_at=at or timezone.now(), **invitations._fields(scope))
        for share in () if scope.sharing else shares:
            voices.unshare(share, actor=actor, reason="the Voice Owner took sharing back")
        audit.record(
            "consent.scope.narrowed",
            actor=actor,
            subject=invitation,
            data={"narrowing": str(narrowing.pk), "voice": str(voice.pk), **invitations._facts(scope)},
        )
        return narrowing


def widen(
    voice: Voice,
    *,
    scope: Scope,
    agreed: bool,
    signature: str,
    shown_sha256: str,
    actor: Actor,
    ip_address: str | None,
    user_agent: str,
    at: datetime | None = None,
) -> OwnerConsent:
    """Allow something else, or more, within what was asked for: signed anew, beside the consents before it."""
    at = at or timezone.now()
    with transaction.atomic():
        ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
        invitation, signed, _ = _granted(voice)
        consent = invitations._signed(
            invitation,
            scope=scope,
            agreed=agreed,
            signature=signature,
            shown_sha256=shown_sha256,
            ip_address=ip_address,
            user_agent=user_agent,
            at=max(at, signed.signed_at),
        )
        shares = list(VoiceShare.objects.standing().filter(voice=voice).select_for_update(no_key=True))
        for share in () if scope.sharing else shares:
            voices.unshare(share, actor=actor, reason="the Voice Owner took sharing back")
        audit.record(
            "consent.scope.signed_anew",
            actor=actor,
            subject=invitation,
            data={
                "consent": str(consent.pk),
                "voice": str(voice.pk),
                "text_sha256": consent.text_sha256,
                **invitations._facts(scope),
            },
        )
        return consent


def close_links(voice: Voice, *, actor: Actor | None, reason: str) -> None:
    """Let no link that was sent before lead to this voice any more: somebody else turned out to be its owner."""
    with transaction.atomic():
        live = OwnerLink.objects.filter(invitation__voice=voice, status=OwnerLink.Status.LIVE)
        for link in live.select_for_update(no_key=True, of=("self",)):
            move(link, OwnerLink.Status.REVOKED, actor=actor, reason=reason, sealed=b"")


def _locked(voice: Voice, status: str) -> ConsentRecord:
    record = ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
    if record is None or record.status != status:
        raise refusals.NothingToPause()
    return record


def _granted(voice: Voice) -> tuple[Invitation, OwnerConsent, Scope]:
    """Return the invitation of a living voice, the consent signed last, and what it allows now."""
    invitation = Invitation.objects.select_for_update(no_key=True).filter(voice=voice).first()
    signed, granted = (invitation.consent, invitation.granted) if invitation else (None, None)
    ended = Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED
    if invitation is None or signed is None or granted is None or ended:
        raise refusals.NothingToPause()
    return invitation, signed, granted
