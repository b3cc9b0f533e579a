"""Start clocks, stop them, and record once which were missed. The only writer of deadlines."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from takedowns.deadlines import policies
from takedowns.models import Deadline
from velluto import audit

BATCH = 100  # breaches in one commit: whoever else writes an audit row waits for no more than these


@transaction.atomic
def start(subject: models.Model, *, kind: str, received_at: datetime) -> Deadline:
    """Start a clock in the transaction that takes the subject in; one that runs already is left as it is."""
    found, _ = Deadline.objects.get_or_create(
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        kind=kind,
        defaults={"received_at": received_at, "due_at": policies.due(kind, received_at)},
    )
    return found


@transaction.atomic
def meet(subject: models.Model, *, kind: str, actor: models.Model | str | None, at: datetime | None = None) -> None:
    """Stop a clock, once; where it had run out before, that is recorded with it. Without such a clock do nothing."""
    at = at or timezone.now()
    running = Deadline.objects.of(subject).running().filter(kind=kind)
    deadline = running.select_for_update(no_key=True).first()
    if deadline is None:
        return
    deadline.met_at = at
    unseen = at > deadline.due_at and deadline.breached_at is None
    if unseen:
        deadline.breached_at = at
    deadline.save(update_fields=["met_at", "breached_at"])
    if unseen:
        _record_breach(deadline)
    audit.record("takedowns.deadline.met", actor=actor, subject=deadline, data={"kind": kind})


def sweep(*, at: datetime | None = None) -> int:
    """Record each deadline that was missed, once, however often and by how many this is asked; return how many."""
    at, found = at or timezone.now(), 0
    while True:
        with transaction.atomic():
            # Of two who sweep at once, one waits here, and finds no more of what the other has recorded.
            missed = list(Deadline.objects.missed(at).select_for_update(no_key=True)[:BATCH])
            for deadline in missed:
                deadline.breached_at = at
            Deadline.objects.bulk_update(missed, ["breached_at"])
            for deadline in missed:
                _record_breach(deadline)
        found += len(missed)
        if not missed:
            return found


def _record_breach(deadline: Deadline) -> None:
    audit.record(
        "takedowns.deadline.breached",
        subject=deadline,
        data={
            "kind": deadline.kind,
            "of": deadline.subject_type,
            "id": deadline.subject_id,
            "due": deadline.due_at.isoformat(),
        },
    )
