"""Jobs to kill, and jobs that kill."""

from __future__ import annotations

import ctypes
import os
import signal
import time

from tests.faults.models import Effect
from velluto.jobs import Run, job

MANY = 500  # attempts: a sweep may hit the same job again and again


@job("faults.cpu", queue="cpu", attempts=MANY, timeout=30)
def on_cpu(run: Run, subject: str) -> None:
    write_slowly(run)


@job("faults.gpu", queue="gpu", attempts=MANY, timeout=30)
def on_gpu(run: Run, subject: str) -> None:
    write_slowly(run)


def write_slowly(run: Run) -> None:
    """Take a third of a second, then write one effect."""
    for step in range(3):
        time.sleep(0.1)
        run.progress(step + 1, 3)
    with run.commit() as job:
        Effect.objects.create(job=job.pk)


@job("faults.late", timeout=120)
def late(run: Run, subject: str) -> None:
    """Do nothing for long enough to be frozen in it, then write one effect."""
    time.sleep(3)
    with run.commit() as job:
        Effect.objects.create(job=job.pk)


@job("faults.die", attempts=2)
def die(run: Run, subject: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("faults.leave", attempts=2)
def leave(run: Run, subject: str) -> None:
    os._exit(0)


@job("faults.hang", attempts=2, timeout=2)
def hang(run: Run, subject: str) -> None:
    ctypes.PyDLL(None).sleep(600)  # in C, and without giving the interpreter back


@job("faults.unwritable", attempts=2)
def unwritable(run: Run, subject: str) -> None:
    """Write an effect, then fail before its transaction ends."""
    with run.commit() as job:
        Effect.objects.create(job=job.pk)
        os.kill(os.getpid(), signal.SIGKILL)
