"""Keep the No-Go list, compare with it, and settle what it met. Every look at it by staff is on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from moderation import refusals
from moderation.models import Case, NoGoEntry, NoGoMatch, NoGoRevision, NoGoScreening, NoGoVoiceprint
from moderation.models.queue import CUSTODIAL
from moderation.names import SCORE_HELD, similarity
from moderation.nogo_index import Found, details_of, index, names_of, seal_details, seal_vector, stamp_now
from moderation.services import queue
from velluto import audit, vault
from velluto.engines.base import Embedding
from velluto.transitions import move

KIND = CUSTODIAL
PROBING = f"{CUSTODIAL}_probing"
DUE = timedelta(days=1)


# ---------------------------------------------------------------------------------------------------- the list


def add_entry(
    *, names: list[str], source: str, review_on: date, actor: User, note: str = "", voices: tuple[Embedding, ...] = ()
) -> NoGoEntry:
    """Put a person on the list, under all the names given; what is here already is compared with it soon."""
    names = [" ".join(name.split()) for name in names if name.strip()]
    if not names:
        raise refusals.NoGoNameless()
    entry = NoGoEntry(source=source, review_on=review_on, added_by=actor)
    with transaction.atomic():
        entry.sealed = seal_details(entry, names, note)
        entry.save(force_insert=True)
        for voice in voices:
            keep_voiceprint(entry, voice)
        changed()
        data = {"source": source, "names": len(names), "voiceprints": len(voices)}
        audit.record("moderation.nogo.added", actor=actor, subject=entry, data=data)
    return entry


def add_voiceprints(entry: NoGoEntry, voices: Iterable[Embedding], *, actor: User) -> None:
    """Let an entry be met by voice as well."""
    with transaction.atomic():
        for voice in voices:
            keep_voiceprint(entry, voice)
        NoGoEntry.objects.filter(pk=entry.pk).update(stamp=uuid4())
        changed()
        audit.record("moderation.nogo.voiceprint_added", actor=actor, subject=entry)


def retire(entry: NoGoEntry, *, actor: User, reason: str) -> None:
    """Take a person off the list: nothing new meets the entry; what it met stays as it is."""
    with transaction.atomic():
        changed()
        move(entry, NoGoEntry.Status.RETIRED, actor=actor, reason=reason, stamp=uuid4())


def read(entry: NoGoEntry, *, actor: User) -> dict[str, Any]:
    """Return the names and the note of an entry. No row, no look."""
    with transaction.atomic():
        audit.record("moderation.nogo.read", actor=actor, subject=entry)
    try:
        return details_of(entry)
    except vault.KeyDestroyed:
        return {"names": [], "note": "What was sealed here was kept for its time, and is destroyed."}


def look_up(name: str, *, actor: User) -> list[tuple[NoGoEntry, float]]:
    """Return the listed entries that a name meets; that somebody looked is on record, the name is not."""
    met = []
    for entry in NoGoEntry.objects.filter(status=NoGoEntry.Status.LISTED).iterator():
        score = max((similarity(listed, name) for listed in names_of(entry)), default=0.0)
        if score >= SCORE_HELD:
            met.append((entry, score))
    with transaction.atomic():
        audit.record("moderation.nogo.looked_up", actor=actor, data={"met": [str(entry.pk) for entry, _ in met]})
    return sorted(met, key=lambda one: -one[1])


# ---------------------------------------------------------------------------------------------------- comparing


def ask(subject: models.Model) -> None:
    """Note that something is to be compared with the list; until that is done nobody may approve it."""
    NoGoScreening.objects.update_or_create(**_is(subject), defaults={"screened_with": None, "asked_at": timezone.now()})


def search(name: str, voice: Embedding | None) -> tuple[UUID, list[Found]]:
    """Compare a name and a voice with the list as it is now; return the list's stamp and what was met."""
    return index.refresh(), index.search(name, voice)


def keep(subject: models.Model, *, stamp: UUID, found: list[Found], evidence: Mapping[str, str]) -> list[NoGoMatch]:
    """Write down that something was compared, and what it met; return what waits for a custodian.

    `evidence` says for each kind of match what met the entry. A pair that was released is not met again.
    """
    with transaction.atomic():
        made = []
        for one in found:
            match, new = NoGoMatch.objects.get_or_create(
                entry_id=one.entry, kind=one.kind, evidence=evidence[one.kind], **_is(subject),
                defaults={"score": round(one.score, 4)},
            )  # fmt: skip
            made += [match] if new else []
        NoGoScreening.objects.filter(**_is(subject)).update(screened_with=stamp)
        for match in made:
            audit.record("moderation.nogo.met", subject=match, data={"entry": str(match.entry_id), "kind": match.kind})
        return list(NoGoMatch.objects.filter(**_is(subject), status=NoGoMatch.Status.PENDING))


def waiting(subject_type: str) -> list[str]:
    """Return the ids of what was asked for and was not compared with the list as it is now."""
    return list(
        NoGoScreening.objects.filter(subject_type=subject_type)
        .exclude(screened_with=stamp_now())
        .order_by("asked_at")
        .values_list("subject_id", flat=True)
    )


def forget(subject: models.Model) -> None:
    """Compare something no longer: it is gone."""
    NoGoScreening.objects.filter(**_is(subject)).delete()


def require_screened(subject: models.Model) -> None:
    """Refuse, in the same words, what was not compared with the list as it is now, and what met it."""
    screened = NoGoScreening.objects.filter(**_is(subject), screened_with=stamp_now()).exists()
    if not screened:
        raise refusals.CheckPending()
    require_unmet(subject)


def require_unmet(subject: models.Model) -> None:
    """Refuse what met the list and was not released."""
    if NoGoMatch.objects.filter(**_is(subject)).exclude(status=NoGoMatch.Status.RELEASED).exists():
        raise refusals.CheckPending()


# ---------------------------------------------------------------------------------------------------- settling


def open_case(match: NoGoMatch, *, barred: tuple[User, ...]) -> Case:
    """Put a match before the custodians. It is nobody's case by name: who it is about is told nothing of it."""
    returned = match.entry.source == NoGoEntry.Source.RETURN
    return queue.open_case(
        kind=KIND,
        subject=match,
        title="The voice of a terminated account" if returned else f"No-Go, {match.get_kind_display().lower()}",
        about=None,
        due_at=timezone.now() + DUE,
        severity=Case.Severity.GRAVE if match.kind == NoGoMatch.Kind.VOICE else Case.Severity.RAISED,
        credibility=round(100 * match.score),
        barred=barred,
    )


def report_probing(account: User, *, names: int) -> Case:
    """Tell the custodians that somebody declares name after name."""
    return queue.open_case(
        kind=PROBING,
        subject=account,
        title="Many names from one account",
        about=None,
        due_at=timezone.now() + DUE,
        severity=Case.Severity.RAISED,
        barred=(account,),
        reason=f"{names} names within a day",
    )


def confirm(match: NoGoMatch, *, actor: User, at: datetime) -> None:
    """Say that it is the listed person."""
    move(match, NoGoMatch.Status.CONFIRMED, actor=actor, settled_by=actor, settled_at=at)


def release(match: NoGoMatch, *, actor: User, at: datetime) -> None:
    """Say that it is somebody else; the pair is not met again."""
    move(match, NoGoMatch.Status.RELEASED, actor=actor, settled_by=actor, settled_at=at)


def reopen(subject: models.Model, *, actor: User | None, reason: str) -> None:
    """Let what was confirmed be settled anew: an appeal against what followed from it succeeded."""
    for match in NoGoMatch.objects.filter(**_is(subject), status=NoGoMatch.Status.CONFIRMED):
        move(match, NoGoMatch.Status.PENDING, actor=actor, reason=reason, settled_by=None, settled_at=None)


def cases_about(subject: models.Model) -> models.QuerySet[Case]:
    """Return the custodians' cases about something that are not decided."""
    matches = [str(pk) for pk in NoGoMatch.objects.filter(**_is(subject)).values_list("pk", flat=True)]
    return Case.every.filter(kind=KIND, subject_id__in=matches).exclude(status=Case.Status.DECIDED)


def _is(subject: models.Model) -> dict[str, Any]:
    return {"subject_type": subject._meta.label_lower, "subject_id": str(subject.pk)}


def keep_voiceprint(entry: NoGoEntry, voice: Embedding) -> NoGoVoiceprint:
    """Seal a voiceprint under the entry's key."""
    voiceprint = NoGoVoiceprint(entry=entry, engine=voice.engine, version=voice.version)
    voiceprint.sealed = seal_vector(voiceprint, voice.vector)
    voiceprint.save(force_insert=True)
    return voiceprint


def changed() -> None:
    """Give the list a new stamp: everything is compared with it again."""
    NoGoRevision.objects.update_or_create(pk=1, defaults={"stamp": uuid4()})


def match_kind(case: Case) -> str:
    """Return whether a custodians' case is about a name or a voice."""
    return NoGoMatch.objects.values_list("kind", flat=True).get(pk=case.subject_id)
