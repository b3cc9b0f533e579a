"""Doing one job: the handle its function gets, and what becomes of the ways it can end."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from velluto import space
from velluto.errors import Refusal
from velluto.jobs import queue, registry
from velluto.jobs.models import Job

logger = logging.getLogger(__name__)


class Stale(Exception):
    """This attempt no longer holds its job: another one was given it. Nothing may be written."""


class Cancelled(Exception):
    """The job was cancelled. Nothing may be written."""


class Run:
    """One attempt at one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._token = job.token
        self._committed = False

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Tell how far the work is; raise Cancelled or Stale where it should end."""
        mine = Job.objects.filter(pk=self.job.pk, token=self._token, status=Job.Status.RUNNING)
        if not mine.update(done=done, total=total, note=note[:200]):
            raise self._ended()
        self.job.done, self.job.total, self.job.note = done, total, note[:200]

    def check(self) -> None:
        """Raise Cancelled or Stale where this attempt no longer holds its job."""
        if not Job.objects.filter(pk=self.job.pk, token=self._token, status=Job.Status.RUNNING).exists():
            raise self._ended()

    @contextmanager
    def commit(self) -> Iterator[Job]:
        """Open the transaction that writes the effect; leaving it marks the job done in the same commit.

        The job's row is locked first, so a cancellation either came before (Cancelled is raised and nothing is written)
        or finds the job done. Raise Stale where another attempt holds the job.
        """
        with transaction.atomic():
            job = queue.held(self.job.pk, self._token)
            if job is None:
                raise self._ended()
            yield job
            queue.close(job, Job.Status.DONE)
        self._committed = True
        self.job = job

    def finish(self) -> None:
        """Mark the job done where its function wrote no effect of its own."""
        if not self._committed:
            with self.commit():
                pass

    def _ended(self) -> Stale | Cancelled:
        if Job.objects.filter(pk=self.job.pk, token=self._token, status=Job.Status.CANCELLED).exists():
            return Cancelled(f"Job {self.job.pk} was cancelled.")
        return Stale(f"Job {self.job.pk} is no longer held by attempt {self._token}.")


def perform(job: Job) -> None:
    """Do a claimed job and write down how it ended; raise only where that cannot be written."""
    run = Run(job)
    try:
        handler = registry.handler(job.name)
    except registry.UnknownJob:
        queue.attempt_failed(job.pk, job.token, code="job_unknown", sentence="No app does this kind of job.", last=True)
        return
    try:
        handler.function(run, job.subject)
        run.finish()
    except Cancelled:
        logger.info("Job %s (%s) ended: it was cancelled.", job.pk, job.name)
    except Stale:
        logger.warning("Job %s (%s): attempt %s came too late and wrote nothing.", job.pk, job.name, job.attempts)
    except Refusal as refusal:
        queue.refuse(job.pk, job.token, refusal)
    except Exception as error:
        # Class and place only: the message of an exception may quote what somebody said or typed.
        place = "".join(traceback.format_tb(error.__traceback__)[-5:])
        kind = type(error).__name__
        full = space.is_full(error)
        logger.error("Job %s (%s), attempt %s: %s at\n%s", job.pk, job.name, job.attempts, kind, place)
        queue.attempt_failed(
            job.pk,
            job.token,
            code=space.StorageFull.code if full else "job_crashed",
            sentence=str(space.StorageFull()) if full else f"The work stopped with an internal error ({kind}).",
        )


def work() -> None:
    """Do the oldest due job of this worker's queue: what a wake-up message makes a worker process do.

    A watchdog in C ends the process when the attempt's time is over, even where it hangs in native code holding the
    interpreter; the supervisor then counts the attempt. The process ends as well where the outcome cannot be written.
    """
    name, worker = os.environ["Q_CLUSTER_NAME"], os.environ["VELLUTO_WORKER"]
    try:
        job = queue.claim(name, worker)
        if job is None:
            return
        faulthandler.dump_traceback_later(_timeout(job), exit=True)
        try:
            perform(job)
        finally:
            faulthandler.cancel_dump_traceback_later()
    except Exception as error:
        logger.error("The outcome of a job cannot be written (%s): this worker ends.", type(error).__name__)
        sys.exit(1)


def _timeout(job: Job) -> int:
    try:
        return registry.handler(job.name).timeout
    except registry.UnknownJob:
        return 1


def drain(*, limit: int = 1000) -> int:
    """Do everything that is due here and now, in this process, and return how many attempts that took."""
    for count in range(limit):
        claimed = next(filter(None, (queue.claim(name, "here") for name in registry.QUEUES)), None)
        if claimed is None:
            return count
        perform(claimed)
    raise RuntimeError(f"Still not done after {limit} jobs.")
