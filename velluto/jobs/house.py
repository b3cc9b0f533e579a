"""The jobs of the kernel itself: a sign of life from each queue, and the hourly care of vault and audit."""

from __future__ import annotations

from django.conf import settings

from velluto import audit, vault
from velluto.jobs.registry import QUEUES, job
from velluto.jobs.running import Run

CANARY_EVERY = 60
HOUR = 3600


def canary(queue: str) -> str:
    """Return the name of the job whose last end tells when a queue was last served."""
    return f"velluto.canary_{queue}"


def sing(run: Run, subject: str) -> None:
    """Do nothing but get done: by then a worker was woken, was given a job and could commit."""


for _queue in QUEUES:
    job(canary(_queue), queue=_queue, timeout=30, every=CANARY_EVERY)(sing)


@job("velluto.sweep_vault", timeout=3000, every=HOUR)
def sweep_vault(run: Run, subject: str) -> None:
    vault.sweep(unattended=True)


@job("velluto.checkpoint_audit", timeout=3000, every=HOUR)
def checkpoint_audit(run: Run, subject: str) -> None:
    if settings.AUDIT_CHECKPOINT_DIR:
        audit.verify_and_sign(settings.AUDIT_CHECKPOINT_DIR)
