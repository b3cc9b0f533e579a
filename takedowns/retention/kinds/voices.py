"""What is made of people's voices, and the evidence that they agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, QuerySet

from accounts import sanctions
from accounts.models import User
from consent import forgetting
from consent.models import Challenge, ConsentRecord, OwnerConsent
from moderation.models import Case
from moderation.policies import APPEAL_WITHIN
from takedowns import services
from takedowns.models import InactivityNotice, Revocation
from takedowns.refusals import VoiceEnded
from takedowns.retention.policies import BIOMETRIC_YEARS, WARNING, Facts, Rule, years_before
from takedowns.retention.registry import Kind
from voices.models import Recording, Voice

DRAFTS = Rule("its last step, where it is never finished", days=90, biometric=True)
REFUSED = Rule("the decision, which is how long it can be appealed against", days=APPEAL_WITHIN.days, biometric=True)
SPEAKING = Rule("the consent ends", biometric=True)
EVIDENCE = Rule("the voice ended", years=3, evidence=True)
V = Voice.Status


def personal() -> QuerySet[Voice]:
    return Voice.objects.filter(kind=Voice.Kind.PERSONAL).select_related("owner", "account")


def last_step(voice: Voice) -> datetime:
    """Return when somebody last did something at the gate."""
    return max(
        filter(
            None,
            (
                voice.created_at,
                Recording.objects.filter(voice=voice).aggregate(at=Max("received_at"))["at"],
                Challenge.objects.filter(voice=voice).aggregate(at=Max("shown_at"))["at"],
                OwnerConsent.objects.filter(invitation__voice=voice).aggregate(at=Max("signed_at"))["at"],
                ConsentRecord.objects.filter(voice=voice).aggregate(at=Max("given_at"))["at"],
            ),
        )
    )


def last_seen(voice: Voice) -> datetime:
    """Return when the person whose voice it is was last here; of a Voice Owner without an account, at the gate."""
    seen = [last_step(voice), *InactivityNotice.objects.filter(voice=voice).values_list("kept_at", flat=True)]
    if voice.owner.account_id is not None:
        account = User.objects.get(pk=voice.owner.account_id)
        seen += [
            account.last_login,
            account.speech_requests.aggregate(at=Max("requested_at"))["at"],
            account.api_keys.aggregate(at=Max("last_used_at"))["at"],
        ]
    return max(filter(None, seen))


def facts_of(voice: Voice, ended_at: datetime | None, at: datetime) -> Facts:
    revocation = Revocation.objects.filter(voice=voice).first()
    return Facts(
        ended_at=ended_at,
        seen_at=last_seen(voice),
        copy_until=revocation.copy_until if revocation else None,
        on_hold=sanctions.on_hold(at=at).filter(account=voice.account_id).exists(),
        account=voice.account_id,
    )


def _draft(pk: UUID, at: datetime) -> Facts | None:
    voice = personal().filter(pk=pk, status=V.DRAFT).first()
    if voice is None:
        return None
    return facts_of(voice, last_step(voice), at)


def _refused(pk: UUID, at: datetime) -> Facts | None:
    voice = personal().filter(pk=pk, status=V.REFUSED).first()
    if voice is None:
        return None
    waits = Case.every.filter(about=voice.account).exclude(status=Case.Status.DECIDED).exists()
    return facts_of(voice, None if waits else voice.status_changed_at, at)


def _speaking(pk: UUID, at: datetime) -> Facts | None:
    voice = personal().filter(pk=pk).exclude(status__in=[V.DRAFT, V.REFUSED, V.DELETED]).first()
    if voice is None:
        return None
    return facts_of(voice, None, at)


def _older(at: datetime, days: int, *statuses: str) -> Iterable[UUID]:
    return (
        personal().filter(status__in=statuses, created_at__lte=at - timedelta(days=days)).values_list("pk", flat=True)
    )


def unseen(at: datetime) -> QuerySet[Voice]:
    """Return the voices that are old enough for the limit to be near; `last_seen` says whether it is."""
    return personal().exclude(status=V.DELETED).filter(created_at__lte=years_before(at + WARNING, BIOMETRIC_YEARS))


def _end(because: str) -> Callable[[UUID, datetime], None]:
    def destroy(pk: UUID, at: datetime) -> None:
        with suppress(VoiceEnded):
            services.revoke(Voice.objects.get(pk=pk), by=Revocation.By.RETENTION, actor=None, reason=because, at=at)

    return destroy


def _evidence(pk: UUID, at: datetime) -> Facts | None:
    voice = personal().filter(pk=pk, status=V.DELETED).first()
    if voice is None or not forgetting.there(voice):
        return None
    under_way = Revocation.objects.filter(voice=voice).exclude(status=Revocation.Status.DONE).exists()
    return Facts(
        ended_at=None if under_way else voice.status_changed_at,
        evidence_until=forgetting.last_day(voice),
        on_hold=sanctions.on_hold(at=at).filter(account=voice.account_id).exists(),
        account=voice.account_id,
    )


def _evidence_due(at: datetime) -> Iterable[UUID]:
    ended = personal().filter(status=V.DELETED, status_changed_at__lte=years_before(at, EVIDENCE.years))
    return [voice.pk for voice in ended.iterator() if forgetting.there(voice)]


def _forget_evidence(pk: UUID, at: datetime) -> None:
    forgetting.forget_evidence(personal().get(pk=pk), at=at)


KINDS = (
    Kind(
        "voices",
        "Recordings, voiceprints and voice models",
        "To check that you agreed and that it is you, and to speak with your voice.",
        SPEAKING,
        by="Destroyed at once, with their key, and you are told 30 days before that limit; a copy that you asked for "
        "waits for you up to 29 days",
        due=lambda at: unseen(at).values_list("pk", flat=True),
        facts=_speaking,
        destroy=_end("the person was not here for three years"),
        of=lambda account: Recording.objects.filter(voice__account=account).exclude(voice__status=V.DELETED).count(),
        certified_there=True,
        tables="voices.Recording voices.Voiceprint voices.Voice voices.VoiceOwner voices.VoiceShare "
        "voices.RecordingFingerprint voices.Resemblance takedowns.InactivityNotice",
    ),
    Kind(
        "drafts",
        "Recordings of a voice that was begun",
        "To go on where you stopped.",
        DRAFTS,
        due=lambda at: _older(at, DRAFTS.days, V.DRAFT),
        facts=_draft,
        destroy=_end("it was begun and never finished"),
        of=lambda account: account.voices.filter(status=V.DRAFT).count(),
        certified_there=True,
    ),
    Kind(
        "refused",
        "Recordings of a voice that was refused",
        "So that an appeal can be decided on what was heard.",
        REFUSED,
        due=lambda at: _older(at, REFUSED.days, V.REFUSED),
        facts=_refused,
        destroy=_end("the time to appeal is over"),
        of=lambda account: account.voices.filter(status=V.REFUSED).count(),
        certified_there=True,
    ),
    Kind(
        "evidence",
        "Evidence of consent: what was agreed and signed, by whom, when, what was measured. It holds no sound",
        "To prove that nobody's voice was cloned without their consent.",
        EVIDENCE,
        due=_evidence_due,
        facts=_evidence,
        destroy=_forget_evidence,
        of=lambda account: ConsentRecord.objects.filter(account=account).count(),
        tables="consent.ConsentRecord consent.OwnerConsent consent.OwnerLink consent.Invitation consent.Attempt "
        "consent.Challenge consent.Statement consent.Check consent.Document consent.Declaration consent.Narrowing",
    ),
    Kind(
        "catalogue",
        "Voices of the catalogue: recordings, rights, terms, and who accepted them",
        "To offer them, and to prove that we may.",
        Rule("As long as the rights to the voice last, and as the proof of them after that", ends=False),
        by="Taken out of the catalogue in the moment in which the rights end",
        of=lambda account: account.licences.count(),
        tables="voices.CatalogueEntry voices.Licence voices.LicenceAcceptance voices.RightsRecord synthesis.Preview",
    ),
)
