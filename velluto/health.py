"""Measure whether Velluto works: what `velluto.watching` serves and docs/operations.md explains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import DEFAULT_DB_ALIAS, connections
from django.db import Error as DatabaseFailure
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count

from velluto.audit import triggers
from velluto.audit.models import AuditHead
from velluto.jobs import QUEUES, Job
from velluto.jobs.house import canary
from velluto.vault.keys import key_encryption_keys
from velluto.vault.models import DataKey
from velluto.vault.objects import storage
from velluto.vault.router import KEYS

OK, BUSY = "ok", "busy"
STALE = timedelta(minutes=3)  # three canaries that did not come


def canary_age(queue: str, now: datetime) -> float | None:
    """Return the seconds since a queue's canary was last done, or None where it never was."""
    sung = Job.objects.filter(name=canary(queue), status=Job.Status.DONE).order_by("-finished_at").first()
    return (now - sung.finished_at).total_seconds() if sung and sung.finished_at else None


def queue_health(queue: str, now: datetime) -> str:
    """Return "ok", "stale", or "busy" where the canary waits behind work that is really being done."""
    age = canary_age(queue, now)
    if age is not None and age <= STALE.total_seconds():
        return OK
    jobs = Job.objects.filter(queue=queue)
    held = jobs.filter(status=Job.Status.RUNNING, lease_until__gt=now)
    ended = jobs.filter(status=Job.Status.DONE, finished_at__gt=now - STALE)
    return BUSY if held.exists() or ended.exists() else "stale"


def health(now: datetime) -> dict[str, str]:
    """Return what is found alive: the database, and a worker for each queue."""
    try:
        return {"database": OK, **{queue: queue_health(queue, now) for queue in QUEUES}}
    except DatabaseFailure:
        return {"database": "unreachable"}


def readiness() -> dict[str, str]:
    """Return what this process needs to serve, each thing tried here and now."""
    checks: dict[str, Callable[[], str]] = {
        "database": lambda: _answers(DEFAULT_DB_ALIAS),
        "keys": _keys,
        "migrations": _migrations,
        "vault": _vault,
        "audit": lambda: "unguarded" if triggers.problems(connections[DEFAULT_DB_ALIAS]) else OK,
    }
    return {name: _tried(check) for name, check in checks.items()}


def _tried(check: Callable[[], str]) -> str:
    try:
        return check()
    except DatabaseFailure:
        return "unreachable"


def _answers(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _keys() -> str:
    in_use = DataKey.objects.filter(destroyed_at=None)
    return "locked" if in_use.exclude(kek_id__in=key_encryption_keys()).exists() else OK


def _migrations() -> str:
    for alias in (DEFAULT_DB_ALIAS, KEYS):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "pending"
    return OK


def _vault() -> str:
    """Write and remove a small file; what a crash leaves of it, the vault's sweep removes."""
    try:
        storage().delete(storage().save(f"00/{uuid4().hex}", ContentFile(b"ready?")))
    except Exception:  # each kind of storage fails in its own way
        return "not writable"
    return OK


def metrics(now: datetime) -> str:
    """Return the state of queues and audit in Prometheus' text format, read from the database now.

    So all processes tell the same, on all machines, and none has to be asked apart.
    """
    return "".join(f"{line}\n" for line in _metrics(now))


_more: list[Callable[[datetime], Iterator[str]]] = []


def measured(lines: Callable[[datetime], Iterator[str]]) -> Callable[[datetime], Iterator[str]]:
    """Let an app add its lines to /metrics; it gives numbers, and nothing that tells about people."""
    _more.append(lines)
    return lines


def _metrics(now: datetime) -> Iterator[str]:
    counted = {
        (queue, status): count
        for queue, status, count in Job.objects.order_by().values_list("queue", "status").annotate(Count("pk"))
    }
    yield from about("velluto_jobs", "Jobs by queue and status; a dead one waits for somebody in the admin.")
    for queue in QUEUES:
        for status in Job.Status:
            yield f'velluto_jobs{{queue="{queue}",status="{status}"}} {counted.get((queue, status), 0)}'
    yield from about("velluto_oldest_due_job_age_seconds", "How long the oldest waiting job could have started.")
    for queue in QUEUES:
        oldest = Job.objects.due(now).filter(queue=queue).first()
        age = (now - oldest.due_at).total_seconds() if oldest else 0.0
        yield f'velluto_oldest_due_job_age_seconds{{queue="{queue}"}} {age:.3f}'
    yield from about("velluto_canary_age_seconds", "Since a worker last did the canary of a queue; +Inf before that.")
    for queue in QUEUES:
        sung = canary_age(queue, now)
        yield f'velluto_canary_age_seconds{{queue="{queue}"}} {"+Inf" if sung is None else f"{sung:.3f}"}'
    yield from about("velluto_audit_rows", "Rows of the audit; this never falls.")
    head = AuditHead.objects.filter(pk=1).first()
    yield f"velluto_audit_rows {head.number if head else 0}"
    for lines in _more:
        yield from lines(now)


def about(name: str, what: str) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"
