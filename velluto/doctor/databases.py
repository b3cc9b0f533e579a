"""Both databases, the audit, the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from velluto.audit import triggers
from velluto.audit.chain import digest_of
from velluto.audit.checkpoints import kept_in
from velluto.audit.models import AuditEvent, AuditHead, canonical
from velluto.doctor.findings import Finding, fail, ok, warn
from velluto.jobs.models import Job

WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
TAIL = 1000  # rows of the audit that a quick look verifies
CHECKPOINT_AGE = timedelta(days=1)
LATE = timedelta(minutes=2)
SKEW = 5.0  # seconds between the clocks


def reachable() -> Iterator[Finding]:
    for alias in connections:
        variable = "DATABASE_URL" if alias == "default" else "KEYS_DATABASE_URL"
        try:
            plan = MigrationExecutor(connections[alias])
            todo = plan.migration_plan(plan.loader.graph.leaf_nodes())
        except DatabaseError as error:
            mend = f"Start it, or mend {variable}; on SQLite see that the file and its folder may be written."
            yield fail("database", f"The database “{alias}” cannot be used ({type(error).__name__}).", mend)
            continue
        if todo:
            option = "" if alias == "default" else f" --database {alias}"
            sentence = f"The database “{alias}” lacks {len(todo)} migrations."
            yield fail("migrations", sentence, f"Run manage.py migrate{option}.")
        else:
            yield ok("database", f"The database “{alias}” answers and is up to date ({connections[alias].vendor}).")


def pragmas() -> Iterator[Finding]:
    for alias in connections:
        if connections[alias].vendor != "sqlite":
            continue
        with connections[alias].cursor() as cursor:
            found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in WANTED}
        wrong = [f"{name}={value}" for name, value in found.items() if value != WANTED[name]]
        if connections[alias].settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
            wrong.append("transactions are not IMMEDIATE")
        if wrong:
            mend = "Leave OPTIONS of DATABASES as velluto/settings.py has them, on a disk of this machine."
            yield fail("pragmas", f"SQLite “{alias}” is not set as it must be: {', '.join(wrong)}.", mend)
        else:
            yield ok("pragmas", f"SQLite “{alias}” writes ahead, flushes, and queues its writers.")


def clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        else:
            cursor.execute("SELECT strftime('%s', 'now')")
        skew = abs(float(cursor.fetchone()[0]) - timezone.now().timestamp())
    last = AuditEvent.objects.order_by("-id").values_list("at", flat=True).first()
    if skew > SKEW:
        mend = "Switch on time synchronisation (chrony, systemd-timesyncd) on both machines."
        yield fail("clock", f"The clocks of the database and of this machine differ by {skew:.0f} seconds.", mend)
    elif last and last > timezone.now() + timedelta(seconds=SKEW):
        mend = "Switch on time synchronisation; deadlines and captchas go by this clock."
        yield fail("clock", "The newest row of the audit lies in the future: the clock was set back.", mend)
    else:
        yield ok("clock", "The clocks agree.")


def audit() -> Iterator[Finding]:
    for problem in triggers.problems(connection):
        mend = "Find out who removed it (manage.py verify_audit); manage.py migrate puts it back."
        yield fail("triggers", f"The audit is not protected: the trigger {problem}.", mend)
    head = AuditHead.objects.filter(pk=1).first()
    rows = list(AuditEvent.objects.order_by("-id")[: TAIL + 1])[::-1]
    mend = "Stop, keep a copy of everything, and run manage.py verify_audit."
    if head is None or (rows[-1].digest if rows else "0" * 64) != head.digest:
        yield fail("audit", "The end of the audit is not where its head says.", mend)
        return
    for before, row in pairwise(rows):
        facts = (row.pk, row.at, row.event, row.actor, row.subject_type, row.subject_id, row.reason)
        if row.previous != before.digest or digest_of(*facts, canonical(row.data), row.previous) != row.digest:
            yield fail("audit", f"Row {row.pk} of the audit is not what was recorded.", mend)
            return
    yield ok("audit", f"The last {len(rows)} rows of the audit hold; manage.py verify_audit reads all.")


def checkpoints() -> Iterator[Finding]:
    mend = "The worker signs one every hour: start it, see Jobs in the admin, or run manage.py checkpoint_audit."
    kept = [one for one in kept_in(settings.AUDIT_CHECKPOINT_DIR) if not isinstance(one, str)]
    if not kept:
        yield warn("checkpoints", "No checkpoint of the audit was ever signed.", mend)
        return
    last = max(kept, key=lambda one: one.number)
    age = timezone.now() - datetime.fromisoformat(last.at).astimezone(UTC)
    found = AuditEvent.objects.filter(pk=last.number).values_list("digest", flat=True).first()
    if found != last.digest:
        mend = "Stop, keep a copy of everything, and run manage.py verify_audit."
        yield fail("checkpoints", f"The audit is not the one that was signed at row {last.number}.", mend)
    elif age > CHECKPOINT_AGE:
        yield warn("checkpoints", f"The last checkpoint is {age.days} days old.", mend)
    else:
        yield ok("checkpoints", f"The last checkpoint was signed at row {last.number}.")


def jobs() -> Iterator[Finding]:
    now = timezone.now()
    late = Job.objects.due(now - LATE).count()
    lost = Job.objects.filter(status=Job.Status.RUNNING, lease_until__lt=now - LATE).count()
    if late or lost:
        sentence = f"{late + lost} jobs wait for a worker that does not come."
        yield fail("worker", sentence, "Start it: manage.py worker (manage.py up starts it with the pages).")
    else:
        yield ok("worker", "No job waits for a worker.")
    if dead := Job.objects.filter(status=Job.Status.DEAD).count():
        mend = "Open Jobs in the admin, filter “given up”, and try them again once the cause is mended."
        yield warn("dead_jobs", f"{dead} jobs were given up.", mend)


EXAMINATIONS = (reachable, pragmas, clock, audit, checkpoints, jobs)
