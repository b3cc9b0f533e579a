"""Background work: a row per job, woken through django-q2, its effect and its done mark in one commit.

    @job("voices.build", queue="cpu", attempts=3, timeout=300)
    def build(run: Run, subject: str) -> None:
        ...
        run.progress(1, 2, "Listening")
        with run.commit():
            services.publish(...)

See docs/jobs.md for what is promised and how to use it.
"""

from velluto.jobs.models import Job
from velluto.jobs.queue import KEPT_DAYS, AlreadyQueued, NotDead, cancel, enqueue, forget, latest, retry
from velluto.jobs.registry import QUEUES, UnknownJob, job
from velluto.jobs.running import Cancelled, Run, Stale, drain

__all__ = [
    "KEPT_DAYS",
    "QUEUES",
    "AlreadyQueued",
    "Cancelled",
    "Job",
    "NotDead",
    "Run",
    "Stale",
    "UnknownJob",
    "cancel",
    "drain",
    "enqueue",
    "forget",
    "job",
    "latest",
    "retry",
]
