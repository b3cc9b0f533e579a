"""What a human finds about a request, and what follows: the portal, the pause, the end; or reasons."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentRecord
from consent.owning import services as owning
from moderation.models import Case, Decision
from moderation.services.queue import require_held
from takedowns import services as endings
from takedowns.deadlines import policies as clocks
from takedowns.deadlines import services as deadlines
from takedowns.models import OwnerMatch, OwnerRequest, Revocation
from takedowns.owners import services as owners
from takedowns.refusals import VoiceEnded
from takedowns.requests import policies, refusals
from takedowns.requests.services import taking
from velluto import audit, jobs, vault
from velluto.transitions import move
from voices.models import Voice

Status = OwnerRequest.Status


def choose(request: OwnerRequest, *, voice: Voice, chosen: bool, actor: User) -> OwnerMatch:
    """Say of a voice whether it is theirs, as whoever holds the case; also of one that no likeness found."""
    with transaction.atomic():
        case = Case.objects.about(request).waiting().select_for_update(no_key=True, of=("self",)).first()
        if case is None or request.status != Status.REVIEW:
            raise refusals.RequestStepClosed()
        require_held(case, actor)
        if voice.kind != Voice.Kind.PERSONAL or voice.account_id == actor.pk:
            raise refusals.VoiceNotNamed()
        match, _ = OwnerMatch.objects.get_or_create(request=request, voice=voice)
        match.chosen, match.chosen_by = chosen, actor
        match.save(update_fields=["chosen", "chosen_by"])
        data = {"voice": str(voice.pk), "theirs": chosen}
        audit.record("takedowns.owner_request.voice_judged", actor=actor, subject=request, data=data)
        return match


def confirm(request: OwnerRequest, *, actor: User, reason: str, at: datetime) -> None:
    """Find that the chosen voices are theirs; what they asked for is carried out by a job, at once."""
    with transaction.atomic():
        if not request.matches.filter(chosen=True).exists():
            raise refusals.VoiceNotNamed()
        jobs.enqueue("takedowns.honour_owner", str(request.pk), actor=actor)
        move(request, Status.CONFIRMED, actor=actor, reason=reason, decided_at=at)


def refuse(request: OwnerRequest, *, actor: User, reason: str, at: datetime) -> None:
    """Find that it could not be established; they get the reasons and may appeal."""
    with transaction.atomic():
        taking.tell(request, "refused")
        deadlines.meet(request, kind=clocks.RESOLVE, actor=actor, at=at)
        move(request, Status.REFUSED, actor=actor, reason=reason, decided_at=at)


def look_again(request: OwnerRequest, *, actor: User, reason: str, barred: tuple[User, ...]) -> None:
    """Put a refused request before somebody else."""
    with transaction.atomic():
        taking.tell(request, "again")
        move(request, Status.REVIEW, actor=actor, reason=reason, decided_at=None)
        taking.open_case(request, reason=reason, barred=barred)


def honour(match: OwnerMatch, *, at: datetime | None = None) -> None:
    """Do for one voice what its owner asked for, and give them its portal. Whatever dies in between is done again."""
    request, voice = match.request, match.voice
    at = at or timezone.now()
    contact = taking.person_of(request)["email"]
    if not request.links.filter(voice=voice).exists():
        owners.give_portal(voice, request=request, token=secrets.token_urlsafe(32), at=at)
    if request.delete_model:
        _end(request, voice, contact, at)
    elif request.cease:
        record = ConsentRecord.objects.filter(voice=voice).first()
        if record is not None and record.status == ConsentRecord.Status.IN_FORCE:
            owning.pause(voice, actor=voice.owner.vault_owner, at=at)
        elif record is None or record.status == ConsentRecord.Status.GIVEN:
            _end(request, voice, contact, at)  # it is not in use yet, and would be: there is nothing to pause
    with transaction.atomic():
        match = OwnerMatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=match.pk)
        if match.honoured_at:
            return
        match.honoured_at = at
        match.save(update_fields=["honoured_at"])
        audit.record("takedowns.owner_request.honoured", subject=request, data={"voice": str(voice.pk)})


def finish(request: OwnerRequest, *, at: datetime | None = None) -> None:
    """End a request whose every voice was dealt with: the recordings go, and the letter brings the links."""
    with transaction.atomic():
        taking.tell(request, "confirmed")
        _forget_recordings(request)
        deadlines.meet(request, kind=clocks.RESOLVE, actor=None, at=at)
        move(request, Status.DONE, actor=None)


def lapse(*, at: datetime | None = None) -> int:
    """End the requests of which nothing more can come, and destroy what was given with them; return how many."""
    at, ended = at or timezone.now(), 0
    for request in OwnerRequest.objects.filter(status__in=[Status.ASKED, Status.REFUSED]):
        if not policies.lapses(request.status, request.received_at, request.decided_at, at):
            continue
        with transaction.atomic():
            _forget_recordings(request)
            deadlines.meet(request, kind=clocks.RESOLVE, actor=None, at=at)
            vault.destroy(request.vault_owner, actor=None, reason="nothing more comes of the request")
            move(request, Status.LAPSED, actor=None, reason="its time is over")
            ended += 1
    return ended


def decision_of(request: OwnerRequest) -> Decision | None:
    """Return what a human decided last about a request."""
    made = Decision.objects.filter(case__in=Case.objects.about(request), status=Decision.Status.MADE)
    return made.select_related("case", "section").order_by("-decided_at").first()


def _end(request: OwnerRequest, voice: Voice, contact: str, at: datetime) -> None:
    with suppress(VoiceEnded):  # by this job before it died, or by somebody else
        endings.revoke(
            voice,
            by=Revocation.By.VOICE_OWNER,
            actor=None,
            reason="asked for by the Voice Owner, whom a human confirmed",
            copy=request.copy,
            contact=contact,
            at=at,
        )


def _forget_recordings(request: OwnerRequest) -> None:
    for recording in request.recordings.all():
        vault.delete(recording.object)
    request.recordings.update(voiceprint=b"")
