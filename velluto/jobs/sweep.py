"""What nobody's message does: rescue lost jobs, replace lost wake-up calls, start periodic jobs, forget old ones."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from velluto.jobs import queue, registry
from velluto.jobs.models import Job

WAKE_UPS_AT_ONCE = 50
KEPT_RUNS = 24  # of a periodic job: an hourly one remembers a day


def sweep() -> None:
    """Do the housekeeping once; any number of workers may do it at the same time."""
    rescue_expired()
    start_periodic()
    replace_wake_ups()


def rescue_expired() -> None:
    """Rescue the jobs whose lease has run out: whoever worked on them has not been heard of."""
    for job in Job.objects.filter(status=Job.Status.RUNNING, lease_until__lt=timezone.now()):
        queue.rescue(job)


def start_periodic() -> None:
    """Enqueue each periodic job whose last start is long enough ago, and forget runs of long ago."""
    now = timezone.now()
    for handler in registry.periodic():
        assert handler.every
        runs = Job.objects.filter(name=handler.name, key="periodic")
        if runs.filter(created_at__gt=now - timedelta(seconds=handler.every)).exists() or runs.live().exists():
            continue
        with transaction.atomic():
            queue.enqueue(handler.name, "", key="periodic")
            forgotten = now - timedelta(seconds=KEPT_RUNS * handler.every)
            runs.filter(status=Job.Status.DONE, finished_at__lt=forgotten).delete()


def replace_wake_ups() -> None:
    """Wake the queues where jobs are due and no message is left that a free worker could take."""
    now = timezone.now()
    for name in registry.QUEUES:
        due = Job.objects.due(now).filter(queue=name)[:WAKE_UPS_AT_ONCE].count()
        if due and not OrmQ.objects.filter(key=name, lock__lte=now).exists():
            for _ in range(due):
                queue.wake(name)
