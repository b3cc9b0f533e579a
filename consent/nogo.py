"""Compare a voice at the gate with the No-Go list and with other accounts' voices; do what custodians decide.

Whoever makes the voice learns nothing of it: every voice is compared, every voice waits, and a refusal that follows
from the list is made in the ordinary case, in ordinary words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from consent import refusals
from consent.models import Attempt
from moderation import policies as moderation_policies
from moderation import services as moderation
from moderation.models import Case, NoGoMatch
from moderation.nogo_index import Found
from moderation.refusals import NotSettledNow
from moderation.services import nogo
from velluto import jobs
from velluto.engines.base import Embedding
from velluto.jobs import Run
from velluto.transitions import move
from voices import likeness, policies
from voices import services as voices
from voices.models import Recording, Voice, VoiceOwner

NEUTRAL = "We could not establish that this voice may be cloned under our policy."
SECTION = "2"
CASE_KIND = "consent.voice"
SUSPENSION = "consent.suspension"
BEFORE_A_CUSTODIAN = (Voice.Status.REVIEW, Voice.Status.BUILDING, Voice.Status.BUILD_FAILED, Voice.Status.ACTIVE)


def require_few_names(account: User, name: str, *, at: datetime | None = None) -> None:
    """Refuse name after name from one account, whatever the names are, and tell the custodians."""
    since = (at or timezone.now()) - timedelta(days=1)
    owners = VoiceOwner.objects.filter(voice__account=account, voice__created_at__gt=since)
    declared = {owner.casefold() for owner in owners.values_list("name", flat=True)}
    if not moderation_policies.may_declare(name.strip().casefold(), declared):
        nogo.report_probing(account, names=len(declared) + 1)
        raise refusals.TooManyNames()


def ask(voice: Voice) -> None:
    """Have a voice compared with the list, in the caller's transaction."""
    nogo.ask(voice)
    jobs.enqueue("consent.screen", str(voice.pk), key=f"consent.screen:{voice.pk}")


def ask_for_all(run: Run) -> None:
    """Queue a comparison for every voice that was not compared with the list as it is now."""
    run.check()
    alive = Voice.objects.alive().filter(pk__in=nogo.waiting(Voice._meta.label_lower)).values_list("pk", flat=True)
    for pk in alive.iterator():
        jobs.enqueue("consent.screen", str(pk), key=f"consent.screen:{pk}")


def screen(run: Run, voice: Voice) -> None:
    """Compare the declared name and the sample's voiceprint with the list; what is met goes before a custodian."""
    sample = _sample(voice)
    print_ = voices.load_voiceprint(sample.voiceprint) if sample and hasattr(sample, "voiceprint") else None
    stamp, found = nogo.search(voice.owner.name, print_)
    alike = _alike(voice, print_) if print_ else {}
    evidence = {"name": str(voice.owner_id), "voice": str(sample.pk) if sample else ""}
    with run.commit():
        locked = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
        if _sample(locked) != sample:  # another sample came in between; it was asked for again as well
            return
        _keep(locked, stamp, found, evidence)
        _note(locked, alike)


def require_screened(voice: Voice) -> None:
    """Refuse what was not compared with the list as it is now, and what met it."""
    nogo.require_screened(voice)


def require_unmet(voice: Voice) -> None:
    """Refuse what met the list and was not released."""
    nogo.require_unmet(voice)


def look_again(voice: Voice, *, actor: User | None, reason: str) -> None:
    """Have settled anew what a voice met: the refusal that followed is undone."""
    nogo.reopen(voice, actor=actor, reason=reason)


def close_cases(voice: Voice, *, actor: User | str | None) -> None:
    """Close what custodians were asked about a voice that is gone; its rows are locked by the caller."""
    nogo.forget(voice)
    for case in nogo.cases_about(voice):
        moderation.withdraw_case(case, actor=actor, reason="the voice is gone")


# ---------------------------------------------------------------------------------------------------- settling


def lock(case: Case) -> None:
    """Lock the voice that a match is about, and its ordinary case, before what a custodian decides moves them."""
    voice = Voice.objects.select_for_update(no_key=True).get(pk=match_of(case).subject_id)
    list(Case.objects.about(voice).waiting().select_for_update(no_key=True))


def match_of(case: Case) -> NoGoMatch:
    return NoGoMatch.objects.select_related("entry").get(pk=case.subject_id)


def confirm(match: NoGoMatch, *, actor: User, at: datetime) -> None:
    """Refuse the voice in its ordinary case, or suspend it where it speaks already; what it met stays unsaid."""
    voice = Voice.objects.select_related("owner", "account").get(pk=match.subject_id)
    if voice.status in (Voice.Status.DRAFT, Voice.Status.BUILDING):
        raise NotSettledNow()
    nogo.confirm(match, actor=actor, at=at)
    if voice.status == Voice.Status.REVIEW:
        case = Case.objects.about(voice).waiting().get(kind=CASE_KIND)
        moderation.follow(case, choice="reject", section=SECTION, reason=NEUTRAL, actor=actor, at=at)
    elif voice.status == Voice.Status.ACTIVE:
        case = moderation.open_case(
            kind=SUSPENSION, subject=voice, title="A voice to suspend", about=voice.account, due_at=at
        )
        moderation.follow(case, choice="suspend", section=SECTION, reason=NEUTRAL, actor=actor, at=at)


def suspend(voice: Voice, *, actor: User, reason: str) -> None:
    """Let a voice speak no more, until somebody decides otherwise."""
    move(voice, Voice.Status.SUSPENDED, actor=actor, reason=reason)


def lift(voice: Voice, *, actor: User, reason: str) -> None:
    """Let a suspended voice speak again; what it met is settled anew."""
    with transaction.atomic():
        nogo.reopen(voice, actor=actor, reason=reason)
        move(voice, Voice.Status.ACTIVE, actor=actor, reason=reason)
        ask(voice)


# ---------------------------------------------------------------------------------------------------- helpers


def _sample(voice: Voice) -> Recording | None:
    passed = voice.attempts.filter(step=Attempt.Step.SAMPLE, status=Attempt.Status.PASSED).select_related("recording")
    attempt = passed.first()
    return attempt.recording if attempt else None


def _alike(voice: Voice, voiceprint: Embedding) -> dict[UUID, float]:
    """Return the voices of other accounts that sound like this one, and how much."""
    own = Voice.objects.filter(account=voice.account_id).values_list("pk", flat=True)
    found = likeness.find(voiceprint, limit=policies.ALIKE_SHOWN, threshold=policies.ALIKE, exclude=[voice.pk, *own])
    return {one.voice_id: one.score for one in found}


def _note(voice: Voice, alike: dict[UUID, float]) -> None:
    """Keep what a voice sounds like; a moderator who has it sees that, sooner than the others."""
    voices.keep_resemblances(voice, alike, at=timezone.now())
    case = Case.objects.about(voice).waiting().filter(kind=CASE_KIND).first()
    if alike and case and case.severity < Case.Severity.RAISED:
        moderation.open_case(
            kind=CASE_KIND, subject=voice, title=case.title, about=voice.account, due_at=case.due_at,
            severity=Case.Severity.RAISED, reason="it sounds like a voice of another account",
        )  # fmt: skip


def _keep(voice: Voice, stamp: UUID, found: list[Found], evidence: dict[str, str]) -> None:
    matches = nogo.keep(voice, stamp=stamp, found=found, evidence=evidence)
    if voice.status in BEFORE_A_CUSTODIAN:
        for match in matches:
            if not Case.every.about(match).waiting().exists():
                nogo.open_case(match, barred=tuple(filter(None, (voice.account,))))
