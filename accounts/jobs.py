"""Background work on accounts: suspensions end by themselves."""

from __future__ import annotations

from accounts import sanctions
from velluto.jobs import Run, job


@job("accounts.expire_sanctions", queue="cpu", attempts=3, timeout=60, every=60)
def expire_sanctions(run: Run, subject: str) -> None:
    """Open the accounts whose suspensions are over."""
    sanctions.expire()
