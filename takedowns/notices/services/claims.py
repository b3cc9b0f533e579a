"""Which voices a notice is about: found, put before a moderator, and held while that is verified."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from moderation.models import Case, Decision, NoGoMatch
from takedowns.deadlines import policies as clocks
from takedowns.deadlines import services as deadlines
from takedowns.models import Claim, Notice, NotifierBar
from takedowns.notices import policies, refusals
from takedowns.notices.searching import Found, of_outputs
from takedowns.notices.services import asked, referring, words
from velluto import audit
from velluto.engines.base import Embedding
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice

PENDING = "a takedown notice, pending verification"


def lock(voices: Iterable[UUID]) -> None:
    """Lock voices, always in one order, before anything about them moves."""
    list(Voice.objects.filter(pk__in=list(voices)).order_by("pk").select_for_update(no_key=True))


def place(notice: Notice, found: Iterable[Found], *, at: datetime, alike: dict[UUID, float] | None = None) -> None:
    """Write down which voices were found, ask a moderator about those that are meant, and hold what is credible.

    Where none is meant, the notice itself goes before a moderator. The caller has locked the voices.
    """
    alike = alike or {}
    ways = dict(found)
    for voice in [*ways, *(voice for voice in alike if voice not in ways)]:
        how, score = ways.get(voice, policies.VOICE), alike.get(voice)
        claim, new = Claim.objects.get_or_create(
            notice=notice, voice_id=voice, defaults={"how": how, "score": score, "found_at": at}
        )
        if not new:
            claim.how = policies.better(claim.how, how)
            claim.score = claim.score if score is None else score
            claim.save(update_fields=["how", "score"])
        if claim.status == Claim.Status.CANDIDATE and policies.asks_a_person(claim.how, claim.score):
            _open(claim, notice, at=at)
    weigh(notice, at=at)
    if not notice.claims.exclude(status=Claim.Status.CANDIDATE).exists():
        asked.ask_about_notice(notice, reason="no voice was found", at=at)


def examined(
    notice: Notice,
    *,
    voiceprint: Embedding | None,
    unusable: bool,
    alike: dict[UUID, float],
    at: datetime | None = None,
) -> None:
    """Keep what a worker found: the claimant's voiceprint, and the voices that sound like it (cosine)."""
    at = at or timezone.now()
    with transaction.atomic():
        outputs = [
            output for file in words.files(notice) if file.detection is not None for output in file.detection.outputs
        ]
        found = of_outputs(outputs)
        lock([*(voice for voice, _ in found), *alike, *notice.claims.values_list("voice", flat=True)])
        kept = asked.lock(notice)
        kept.examined_at, kept.sample_unusable = at, unusable
        if voiceprint is not None:
            kept.print_engine, kept.print_version = voiceprint.engine, voiceprint.version
            kept.print_sealed = words.seal_voiceprint(kept, voiceprint)
        kept.save()
        audit.record("takedowns.notice.examined", subject=kept, data={"alike": len(alike), "outputs": len(outputs)})
        if kept.status == Notice.Status.OPEN:
            place(kept, found, at=at, alike=alike)


def weigh(notice: Notice, *, at: datetime) -> None:
    """Ask the policy about each claim that is being verified, and hold the voices of those that are credible."""
    barred = NotifierBar.objects.filter(notifier=notice.notifier, lifted_at=None, until__gt=at).exists()
    past = Claim.objects.filter(notice__notifier=notice.notifier).exclude(notice=notice)
    upheld = past.filter(status=Claim.Status.UPHELD).count()
    rejected = rejected_of(notice)
    for claim in notice.claims.filter(status=Claim.Status.OPEN).select_related("voice__account", "notice"):
        verdict = policies.credible(
            policies.Facts(
                how=claim.how,
                score=claim.score,
                confirmed=notice.verified_at is not None,
                trusted=notice.trusted,
                barred=barred,
                upheld=upheld,
                rejected=rejected,
            )
        )
        if claim.why != verdict.why and not claim.credible:
            claim.why = verdict.why
            claim.save(update_fields=["why"])
            asked.ask_about(claim, reason=verdict.why, at=at)
        if verdict.credible and not claim.credible:
            hold(claim, actor=None, at=at)


def hold(claim: Claim, *, actor: User | None, at: datetime | None = None) -> None:
    """Suspend the voice of a claim until it is decided; a voice that cannot speak yet is suspended once it could."""
    at = at or timezone.now()
    with transaction.atomic():
        lock([claim.voice_id])
        claim.refresh_from_db(
            from_queryset=Claim.objects.select_related("voice", "notice").select_for_update(of=("self",))
        )
        if claim.status != Claim.Status.OPEN:
            raise refusals.NoticeClosed()
        claim.credible = True
        if claim.voice.status == Voice.Status.ACTIVE:
            voices.suspend(claim.voice, actor=actor, reason=PENDING)
            claim.suspended_at = at
            if claim.told_at is None:
                claim.told_at = at
                words.tell_uploader(claim, "suspended")
            words.tell_claimant(claim.notice, "suspended")
        claim.save(update_fields=["credible", "suspended_at", "told_at"])
        audit.record(
            "takedowns.claim.held",
            actor=actor,
            subject=claim,
            data={"voice": str(claim.voice_id), "why": claim.why if actor is None else "a moderator"},
        )


def keep_held(*, at: datetime | None = None) -> int:
    """Suspend voices that became able to speak while a credible notice about them is verified; return how many."""
    speaking = Claim.objects.filter(
        status=Claim.Status.OPEN, credible=True, voice__status=Voice.Status.ACTIVE
    ).select_related("notice", "voice")
    held = list(speaking)
    for claim in held:
        with suppress(refusals.NoticeClosed):  # it was decided at this moment
            hold(claim, actor=None, at=at)
    return len(held)


def let_go(claim: Claim, *, actor: User | str | None, reason: str) -> bool:
    """Let the voice of a claim speak again, unless something else holds it; return whether it does.

    The caller has locked the voice, and moved the claim.
    """
    voice = Voice.objects.get(pk=claim.voice_id)
    ours = Claim.objects.filter(voice=voice, suspended_at__isnull=False).exists()
    if voice.status != Voice.Status.SUSPENDED or not ours or _held_otherwise(voice):
        return False
    move(voice, Voice.Status.ACTIVE, actor=actor, reason=reason)
    return True


def take_up(claim: Claim, *, actor: User, at: datetime | None = None) -> None:
    """Ask about a candidate that nobody was asked about yet."""
    at = at or timezone.now()
    with transaction.atomic():
        lock([claim.voice_id])
        notice = asked.lock(claim.notice)
        claim.refresh_from_db(from_queryset=Claim.objects.select_for_update(no_key=True))
        if notice.status != Notice.Status.OPEN or claim.status != Claim.Status.CANDIDATE:
            raise refusals.NoticeClosed()
        _open(claim, notice, at=at, actor=actor)
        weigh(notice, at=at)


def name_voice(notice: Notice, voice_id: UUID, *, actor: User, at: datetime | None = None) -> Claim:
    """Let a moderator say which voice is meant."""
    at = at or timezone.now()
    voice = Voice.objects.exclude(status=Voice.Status.DELETED).filter(pk=voice_id).first()
    if voice is None or notice.claims.filter(voice=voice).exclude(status=Claim.Status.CANDIDATE).exists():
        raise refusals.VoiceNotClaimed()
    with transaction.atomic():
        claim, _ = Claim.objects.get_or_create(
            notice=notice, voice=voice, defaults={"how": policies.STAFF, "found_at": at}
        )
        take_up(claim, actor=actor, at=at)
        return claim


def acknowledge(notice: Notice, *, actor: User, at: datetime | None = None) -> None:
    """Tell the claimant that a person has read the notice and verifies it; once."""
    at = at or timezone.now()
    with transaction.atomic():
        kept = asked.lock(notice)
        if kept.acknowledged_at is not None:
            return
        kept.acknowledged_at = at
        kept.save(update_fields=["acknowledged_at"])
        deadlines.meet(kept, kind=clocks.ACKNOWLEDGE, actor=actor, at=at)
        if kept.status == Notice.Status.OPEN:
            words.tell_claimant(kept, "acknowledged")
            asked.redate(kept, actor=actor, at=at)
        audit.record("takedowns.notice.acknowledged", actor=actor, subject=kept)


def rejected_of(notice: Notice) -> int:
    """Return how many other notices of the same notifier were rejected, and stand so."""
    others = Notice.objects.filter(notifier=notice.notifier, status=Notice.Status.RESOLVED).exclude(pk=notice.pk)
    return others.exclude(claims__status=Claim.Status.UPHELD).count()


def _open(claim: Claim, notice: Notice, *, at: datetime, actor: User | None = None) -> None:
    move(claim, Claim.Status.OPEN, actor=actor, data={"how": claim.how, "voice": str(claim.voice_id)})
    if notice.is_grave:
        referring.draft(notice, account=claim.voice.account)
    asked.ask_about(claim, reason=f"found: {claim.how}", at=at)
    asked.close_unplaced(notice, actor=actor, reason="a voice was found")


def _held_otherwise(voice: Voice) -> bool:
    """Tell whether another notice, a decision, or the No-Go list keeps a voice suspended."""
    if Claim.objects.filter(voice=voice, status=Claim.Status.OPEN, credible=True).exists():
        return True
    about = Case.every.about(voice)
    if Decision.every.filter(case__in=about, choice="suspend", status=Decision.Status.MADE).exists():
        return True
    met = NoGoMatch.objects.filter(subject_type=voice._meta.label_lower, subject_id=str(voice.pk))
    return met.exclude(status=NoGoMatch.Status.RELEASED).exists()
