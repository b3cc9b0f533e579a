"""How the services of deadlines are recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from takedowns.deadlines import services
from tests.accounts.factories import make_user

Action = Callable[[], object]


def meet() -> Action:
    subject = make_user()
    services.start(subject, kind="resolve", received_at=timezone.now())
    return lambda: services.meet(subject, kind="resolve", actor=None)


def sweep() -> Action:
    services.start(make_user(), kind="resolve", received_at=timezone.now() - timedelta(days=31))
    return lambda: services.sweep()


ACTIONS = {"takedowns.deadlines.services.meet": meet, "takedowns.deadlines.services.sweep": sweep}
PARTS = {"takedowns.deadlines.services.start": "the service that takes the subject in"}
READS: set[str] = set()
