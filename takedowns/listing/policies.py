"""The rules of asking to be listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from consent import policies
from consent.policies import Finding

LASTS = timedelta(days=7)  # of the link in the mail
DUE = timedelta(days=7)  # for a custodian's answer
PER_DAY = 3  # from one network address, and to one e-mail address
PHRASES = 12  # shown for one request
TRIES = 3  # then a custodian looks, whatever the machine found


def proven(findings: Mapping[str, Sequence[Finding]]) -> bool:
    """A voice is proven where the sample and the phrase pass what the gate asks of them."""
    return all(policies.passed(step, found) for step, found in findings.items())


def review_on(today: date) -> date:
    """Return the day on which a custodian asks whether the entry is still right: in three years."""
    return policies.retain_until(today)
