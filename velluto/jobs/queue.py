"""The verbs on a job's row: enqueue, claim, close, give up, rescue.

A django-q2 message is nothing but a wake-up call: it names no job. Whoever gets one claims the oldest job that is due.
A message that is lost, doubled or signed with a forgotten key therefore never decides about a job: `velluto.jobs.sweep`
sends another, and a superfluous one finds nothing to do.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_q.tasks import async_task

from velluto import audit
from velluto.errors import Refusal
from velluto.jobs import registry
from velluto.jobs.models import Job

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)  # how long a job stays with a worker nobody has heard of
DEADLINE_MARGIN = timedelta(seconds=10)  # past the timeout, for the watchdog in the worker to act first
KEPT_DAYS = 90  # after a job ended; what was given up stays until somebody tries it again
LONGEST_PAUSE = 60  # seconds between two attempts
ENDING = ("status", "finished_at", "lease_until", "deadline_at", "error_code", "error")
WAKE_UP = "velluto.jobs.running.work"


class NotDead(Refusal):
    code: ClassVar[str] = "job_not_dead"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This job is {status}; only one that was given up can be tried again."
    next_step: ClassVar[str] = "Choose a job that was given up."


class AlreadyQueued(Refusal):
    code: ClassVar[str] = "job_already_queued"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "The same work is already waiting or running."
    next_step: ClassVar[str] = "Wait for it to end."


def enqueue(name: str, subject: str, *, key: str = "", actor: Any = None) -> Job:
    """Queue the job `name` for `subject` in the caller's transaction, and return its row.

    With a `key`, a job of this name and key that is still waiting or running is returned instead of a second one.
    """
    handler = registry.handler(name)
    with transaction.atomic():
        for _ in range(5):
            if key and (same := Job.objects.live().filter(name=name, key=key).first()):
                return same
            try:
                with transaction.atomic():
                    job = Job.objects.create(
                        name=name,
                        queue=handler.queue,
                        subject=subject,
                        key=key,
                        max_attempts=handler.attempts,
                        asked_by="" if actor is None else str(getattr(actor, "pk", actor)),
                    )
            except IntegrityError:
                if not key:
                    raise
                continue  # another transaction queued the same key first: look again
            wake(handler.queue)
            return job
    raise AlreadyQueued


def wake(queue: str) -> None:
    """Send one worker of `queue` to look for work, as part of the current transaction."""
    async_task(WAKE_UP, q_options={"cluster": queue, "timeout": -1})


def cancel(job: Job) -> bool:
    """End a waiting or running job without its effect; return whether it was still live.

    A running one learns of it at its next `progress`, `check` or `commit`. Whoever cancels puts the subject right in
    the same transaction: `on_failure` is not called. Cancel before locking rows that the job locks in its commit.
    """
    ended = (
        Job.objects.live()
        .filter(pk=job.pk)
        .update(status=Job.Status.CANCELLED, finished_at=timezone.now(), lease_until=None, deadline_at=None)
    )
    job.refresh_from_db()
    return bool(ended)


def retry(job: Job, *, actor: Any) -> Job:
    """Give a job that was given up its attempts again; raise NotDead or AlreadyQueued."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                revived = Job.objects.filter(pk=job.pk, status=Job.Status.DEAD).update(
                    status=Job.Status.QUEUED,
                    attempts=0,
                    due_at=timezone.now(),
                    finished_at=None,
                    error="",
                    error_code="",
                    asked_by=str(actor.pk),
                )
        except IntegrityError:
            raise AlreadyQueued from None
        job.refresh_from_db()
        if not revived:
            raise NotDead(status=job.get_status_display())
        wake(job.queue)
        audit.record("velluto.job.retried", actor=actor, subject=job, data={"name": job.name})
    return job


def claim(queue: str, worker: str) -> Job | None:
    """Take the oldest due job of `queue` for `worker`, its attempt counted and committed; None where nothing is due."""
    now = timezone.now()
    if not Job.objects.due(now).filter(queue=queue).exists():
        return None  # spares SQLite a write lock
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        job = Job.objects.select_for_update(skip_locked=skip).due(now).filter(queue=queue).first()
        if job is None:
            return None
        try:
            allowed = registry.handler(job.name).timeout
        except registry.UnknownJob:
            allowed = 1  # whoever runs it will give it up at once
        job.status = Job.Status.RUNNING
        job.attempts += 1
        job.token += 1
        job.worker = worker
        job.started_at = now
        job.lease_until = now + LEASE
        job.deadline_at = now + timedelta(seconds=allowed) + DEADLINE_MARGIN
        job.done = job.total = 0
        job.note = ""
        job.save()
    return job


def held(job_id: UUID, token: int) -> Job | None:
    """Lock and return the job where this attempt still holds it, else None; to be called inside a transaction."""
    return Job.objects.select_for_update().filter(pk=job_id, token=token, status=Job.Status.RUNNING).first()


def close(job: Job, status: Job.Status, *, code: str = "", sentence: str = "") -> None:
    """End a job that the caller has locked with `held`."""
    job.status = status
    job.finished_at = timezone.now()
    job.lease_until = job.deadline_at = None
    job.error_code, job.error = code[:60], sentence[:500]
    job.save(update_fields=ENDING)


def give_up(job: Job, status: Job.Status, *, code: str, sentence: str) -> None:
    """End a locked job without its effect and let its owner put things right in the same transaction."""
    close(job, status, code=code, sentence=sentence)
    try:
        on_failure = registry.handler(job.name).on_failure
    except registry.UnknownJob:
        return
    if on_failure is None:
        return
    try:
        with transaction.atomic():
            on_failure(job)
    except Exception as error:  # the job must end even so: a clean-up that fails would be tried for ever
        logger.error("The clean-up of job %s (%s) failed with %s.", job.pk, job.name, type(error).__name__)
        close(job, Job.Status.DEAD, code="clean-up-failed", sentence=f"{sentence} Its clean-up failed as well.")


def refuse(job_id: UUID, token: int, refusal: Refusal) -> None:
    """End a job whose work was refused: another attempt would be refused too."""
    with transaction.atomic():
        if job := held(job_id, token):
            give_up(job, Job.Status.FAILED, code=refusal.code, sentence=str(refusal))


def attempt_failed(job_id: UUID, token: int, *, code: str, sentence: str, last: bool = False) -> None:
    """Put the job back for its next attempt, or give it up after its last one."""
    with transaction.atomic():
        job = held(job_id, token)
        if job is None:
            return
        if last or job.attempts >= job.max_attempts:
            give_up(job, Job.Status.DEAD, code=code, sentence=sentence)
            return
        pause = min(2**job.attempts, LONGEST_PAUSE)
        _put_back(job, due_at=timezone.now() + timedelta(seconds=pause), code=code, sentence=sentence)


def _put_back(job: Job, *, due_at: datetime, code: str = "", sentence: str = "") -> None:
    job.status = Job.Status.QUEUED
    job.due_at = due_at
    job.lease_until = job.deadline_at = None
    job.error_code, job.error = code, sentence
    job.save(update_fields=[*ENDING, "due_at", "attempts"])


def rescue(job: Job) -> None:
    """Count the attempt of a job whose worker is gone or overdue as failed."""
    if job.deadline_at and job.deadline_at - DEADLINE_MARGIN <= timezone.now():
        code, sentence = "job_too_long", "The work took longer than it may and was ended."
    else:
        code, sentence = "job_worker_lost", "The process that did the work ended before it was done."
    attempt_failed(job.pk, job.token, code=code, sentence=sentence)


def release(worker: str, *, blameless: bool = False) -> None:
    """Put back or give up the jobs of a worker that is known to have ended.

    `blameless`: it was stopped on purpose, so the attempt does not count.
    """
    for job in Job.objects.filter(status=Job.Status.RUNNING, worker=worker):
        if not blameless:
            rescue(job)
            continue
        with transaction.atomic():
            if locked := held(job.pk, job.token):
                locked.attempts -= 1
                _put_back(locked, due_at=timezone.now())


def latest(name: str, subject: str) -> Job | None:
    """Return the newest job of this name about this subject, or None."""
    return Job.objects.filter(name=name, subject=subject).order_by("-created_at").first()


def forget(*, at: datetime) -> int:
    """Delete the jobs that ended long ago; return how many. Those that were given up stay for somebody to look at."""
    ended = Job.objects.exclude(status__in=[*Job.LIVE, Job.Status.DEAD])
    return ended.filter(finished_at__lte=at - timedelta(days=KEPT_DAYS)).delete()[0]
