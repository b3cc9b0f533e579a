"""Let a named account speak with a personal voice, and end that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Status, User
from accounts.policies import require_active
from velluto import audit, jobs, space
from velluto.transitions import move
from voices import policies, refusals, scope
from voices.models import Voice, VoiceShare


def may_use(account: User, voice: Voice, *, lock: bool = False) -> bool:
    """Tell whether this account may speak with this personal voice: its own, or one that is shared with it now.

    With `lock` (inside a transaction, after consent and voice) an end of the share waits until the caller has
    committed, or the caller sees it.
    """
    if voice.account_id == account.pk:
        return True
    shares = VoiceShare.objects.filter(voice=voice, account=account)
    if lock:  # the row alone, by itself: what it refers to comes later in the order of locks
        list(shares.standing().select_for_update(no_key=True))
    return shares.usable().exists()


def share(voice: Voice, *, email: str, agreed: bool, actor: User, at: datetime | None = None) -> VoiceShare:
    """Let the account with this address speak with a voice of the actor's own; the person is told by e-mail."""
    if voice.account_id != actor.pk:
        raise refusals.VoiceUnknown()
    if not agreed:
        raise refusals.ShareNotAgreed()
    with transaction.atomic():
        voice = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
        require_active(User.objects.get(pk=actor.pk).status)
        if voice.status != Voice.Status.ACTIVE:
            raise refusals.VoiceUnknown()
        if not policies.consent_covers_sharing(voice.whose, scope.of(voice)):
            raise refusals.SharingNotCovered()
        account = User.objects.filter(email=email.strip().lower(), status=Status.ACTIVE).exclude(pk=actor.pk).first()
        if account is None:
            raise refusals.ShareAccountUnknown()
        standing = VoiceShare.objects.standing().filter(voice=voice)
        if standing.filter(account=account).exists():
            raise refusals.SharedAlready()
        if standing.count() >= policies.SHARES_AT_ONCE:
            raise refusals.SharesTooMany(most=policies.SHARES_AT_ONCE)
        share = VoiceShare.objects.create(
            voice=voice,
            account=account,
            agreement=policies.agreement(voice.whose),
            shared_at=at or timezone.now(),
        )
        jobs.enqueue("voices.tell_shared", str(share.pk), key=f"voices.tell_shared:{share.pk}", actor=actor)
        audit.record(
            "voices.voiceshare.shared",
            actor=actor,
            subject=share,
            data={"voice": str(voice.pk), "account": str(account.pk)},
        )
        return share


@space.even_when_full
def unshare(share: VoiceShare, *, actor: User | str | None, reason: str = "") -> None:
    """End a share at once: what is queued or running under it is never released. Safe to repeat."""
    with transaction.atomic():
        share = VoiceShare.objects.select_for_update(no_key=True).get(pk=share.pk)
        if share.status == VoiceShare.Status.SHARED:
            move(share, VoiceShare.Status.ENDED, actor=actor, reason=reason, ended_at=timezone.now())
