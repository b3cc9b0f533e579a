"""See what is over, destroy it, warn before it; the only writer of what the sweep destroyed and whom it warned."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from takedowns import certificates
from takedowns.models import Destruction, InactivityNotice
from takedowns.retention import policies, refusals
from takedowns.retention.kinds import voices as of_voices
from takedowns.retention.registry import Kind, kind, kinds
from velluto import audit, jobs
from velluto.audit.models import AuditEvent
from voices.models import Voice

logger = logging.getLogger(__name__)

BATCH = 50  # objects in one commit, which is also what one certificate lists


@dataclass(frozen=True)
class Line:
    """What would go, or would go but for a hold."""

    kind: str
    id: str
    because: str
    goes: bool


def plan(*, at: datetime | None = None) -> Iterator[Line]:
    """Say what a sweep would destroy now and why, and what a legal hold alone keeps: ids and kinds, nothing else."""
    at = at or timezone.now()
    for one in kinds():
        if one.due is None or one.facts is None:
            continue
        for pk in one.due(at):
            facts = one.facts(pk, at)
            if facts is None:
                continue
            clock = policies.clock(one.rule, facts)
            held = clock.because == policies.Because.HOLD
            if held or clock.over(at):
                yield Line(one.code, str(pk), clock.because, goes=not held)


def sweep(*, at: datetime | None = None, tell: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Destroy what is over, kind by kind, in commits of a few objects each; return how many of each kind.

    Each object is judged again in its own commit, so that a hold that came in between counts. What cannot be destroyed
    keeps nobody else waiting: the sweep goes through, and then raises SweepIncomplete.
    """
    at = at or timezone.now()
    done: dict[str, int] = {}
    failed: list[UUID] = []
    for one in kinds():
        if one.due is None or one.destroy is None:
            continue
        ids, count = list(one.due(at)), 0
        for start in range(0, len(ids), BATCH):
            tell()
            count += len(_destroy(one, ids[start : start + BATCH], at, failed))
        if count:
            done[one.code] = count
    call_command("clearsessions")
    jobs.forget(at=at)
    if failed:
        raise refusals.SweepIncomplete(count=len(failed))
    return done


def _destroy(one: Kind, ids: list[UUID], at: datetime, failed: list[UUID]) -> list[str]:
    """Destroy a few objects of a kind in one commit, with one certificate; return which."""
    gone: list[str] = []
    with transaction.atomic():
        before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for pk in ids:
            try:
                with transaction.atomic():
                    if _over(one, pk, at) and one.destroy is not None:
                        one.destroy(pk, at)
                        gone.append(str(pk))
            except DatabaseError:  # then nothing else succeeds either
                raise
            except Exception as error:  # one object that cannot be destroyed must not keep all the others
                failed.append(pk)
                logger.error("Retention could not destroy %s %s (%s).", one.code, pk, type(error).__name__)
        if gone and not one.certified_there:
            _certify(one, gone, at, since=before)
    return gone


def _over(one: Kind, pk: UUID, at: datetime) -> bool:
    """Judge an object under the lock of its account: a hold comes before this, or after the destruction."""
    assert one.facts is not None
    facts = one.facts(pk, at)
    if facts is None or not policies.clock(one.rule, facts).over(at):
        return False
    if facts.account is None or one.certified_there:  # a revocation looks for holds before each of its steps
        return True
    User.objects.select_for_update(no_key=True).filter(pk=facts.account).first()
    facts = one.facts(pk, at)
    return facts is not None and policies.clock(one.rule, facts).over(at)


def _certify(one: Kind, gone: list[str], at: datetime, *, since: int) -> None:
    events = AuditEvent.objects.filter(pk__gt=since).order_by("pk")
    certificate = certificates.sign(
        {
            "kind": one.code,
            "rule": one.rule.words,
            "destroyed_at": at.isoformat(),
            "objects": gone,
            "audit": [certificates.told_by(event) for event in events if event.subject_id.rpartition(":")[2] in gone],
        }
    )
    destruction = Destruction.objects.create(kind=one.code, destroyed_at=at, count=len(gone), certificate=certificate)
    audit.record(
        "takedowns.destruction.certified",
        subject=destruction,
        data={"kind": one.code, "count": len(gone), "sha256": certificates.digest(certificate)},
    )


# ------------------------------------------------------------------------------------------------- before a voice goes


def warn(*, at: datetime | None = None) -> int:
    """Tell those who were not here for almost three years that their voices go, 30 days before; return how many."""
    at, told = at or timezone.now(), 0
    for voice in of_voices.unseen(at):
        until = policies.biometric_limit(of_voices.last_seen(voice))
        if not at < until <= at + policies.WARNING:
            continue
        with transaction.atomic():
            notice, new = InactivityNotice.objects.get_or_create(voice=voice, until=until, defaults={"told_at": at})
            if new:
                jobs.enqueue("takedowns.tell_inactive", str(notice.pk), key=f"takedowns.tell_inactive:{notice.pk}")
                audit.record("takedowns.inactivitynotice.sent", subject=notice, data={"voice": str(voice.pk)})
                told += 1
    return told


@transaction.atomic
def keep(notice: InactivityNotice, *, at: datetime | None = None) -> None:
    """Count the answer to a notice as a visit: the limit runs anew. Raise NothingToKeep where it is too late."""
    at = at or timezone.now()
    voice = Voice.objects.select_for_update(no_key=True).get(pk=notice.voice_id)
    if voice.status == Voice.Status.DELETED:
        raise refusals.NothingToKeep()
    if InactivityNotice.objects.filter(pk=notice.pk, kept_at=None).update(kept_at=at):
        audit.record(
            "takedowns.inactivitynotice.answered",
            actor=voice.owner.account or voice.owner.vault_owner,
            subject=notice,
            data={"voice": str(voice.pk)},
        )


def schedule() -> tuple[Kind, ...]:
    """Return the kinds as they are published."""
    return kinds()


def held_of(account: User) -> Iterator[tuple[Kind, int]]:
    """Yield each kind that there is something of an account, and how much."""
    for one in kinds():
        if one.of is not None and (count := one.of(account)):
            yield one, count


__all__ = ["held_of", "keep", "kind", "plan", "schedule", "sweep", "warn"]
