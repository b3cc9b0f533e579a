"""How long moderators wait for a page of the queue when very many cases are in it; docs/benchmarks.md says more.

The cases are written by SQL into a database of its own beside the configured one, which is dropped afterwards.
The pages are asked for as a browser asks, through the whole stack of the house but for the network.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from moderation import registry
from moderation.models import Case
from velluto.benchmarks.audit import throwaway_database

ACCOUNTS, STAFF = 2_000, 20
ROUNDS = 12  # of each way to look at the queue
NEXT = 40  # times the button "Next case" is pressed
# Of a hundred cases 60 are decided, 38 wait, one is claimed and one proposed; nine of ten are of the first kind.
_FILL = """
INSERT INTO moderation_case (id, kind, title, subject_type, subject_id, about_id, severity, credibility, status,
                             opened_at, due_at, claimed_by_id, claimed_at, claim_ends_at, decided_at)
SELECT gen_random_uuid(),
       CASE WHEN g %% 10 = 3 THEN %(other)s ELSE %(kind)s END,
       'A case of the benchmark', 'voices.voice', gen_random_uuid()::text,
       (%(accounts)s::uuid[])[1 + floor(random() * %(account_count)s)::int],
       CASE WHEN random() < 0.85 THEN 1 WHEN random() < 0.8 THEN 2 ELSE 3 END,
       floor(random() * 101)::int,
       CASE WHEN g %% 100 < 60 THEN 'decided' WHEN g %% 100 < 98 THEN 'open'
            WHEN g %% 100 < 99 THEN 'claimed' ELSE 'proposed' END,
       %(now)s::timestamptz - random() * CASE WHEN g %% 100 < 60 THEN interval '730 days' ELSE interval '12 days' END,
       %(now)s::timestamptz + (random() * 15 - 5) * interval '1 day',
       CASE WHEN g %% 100 = 98 THEN (%(staff)s::uuid[])[1 + floor(random() * %(staff_count)s)::int] END,
       CASE WHEN g %% 100 = 98 THEN %(now)s::timestamptz END,
       CASE WHEN g %% 100 = 98 THEN %(now)s::timestamptz + interval '10 minutes' END,
       CASE WHEN g %% 100 < 60 THEN %(now)s::timestamptz - random() * interval '730 days' END
FROM generate_series(1, %(cases)s) AS g
"""


def run(*, tell: Callable[[str], Any], cases: int = 1_000_000) -> dict[str, Any]:
    """Return the 95th percentile, in ms, of asking for a page of a queue with so many cases."""
    if connection.vendor != "postgresql":
        raise CommandError("A queue of this length is measured on PostgreSQL: see DATABASE_URL.")
    with ExitStack() as stack:
        try:
            stack.enter_context(throwaway_database())
        except SystemExit as error:
            raise CommandError("No database could be made to measure in, so nothing was measured.") from error
        stack.enter_context(
            override_settings(ADMIN_REQUIRES_MFA=False, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False)
        )
        reader = _fill(cases, tell)
        views = _views(reader)
        client = Client()
        client.force_login(reader)
        for query in views.values():  # once to warm up
            _ask(client, query)
        load = os.getloadavg()[0]
        took = {name: [_ask(client, query) for _ in range(ROUNDS)] for name, query in views.items()}
        next_case = [_take(client) for _ in range(NEXT)]
        every = [one for some in took.values() for one, _ in some]
        return {
            "benchmark": "queue",
            "database": connection.vendor,
            "cases": Case.objects.count(),
            "waiting": Case.objects.waiting().count(),
            "requests": len(every),
            "p50_ms": _percentile(every, 50),
            "p95_ms": _percentile(every, 95),
            "cpu_p95_ms": _percentile([cpu for some in took.values() for _, cpu in some], 95),
            "p95_ms_of": {name: _percentile([one for one, _ in some], 95) for name, some in took.items()},
            "next_case_p95_ms": _percentile(next_case, 95),
            "load_before": round(load, 1),
        }


def _fill(cases: int, tell: Callable[[str], Any]) -> User:
    """Write accounts and cases; return a moderator who holds some of them."""
    tell(f"{cases:,} cases are written into {settings.DATABASES['default']['NAME']}")
    accounts = User.objects.bulk_create(
        User(email=f"p{n}@bench.example", full_name="Somebody") for n in range(ACCOUNTS)
    )
    staff = User.objects.bulk_create(
        User(email=f"s{n}@bench.example", full_name="A moderator", is_staff=True, is_superuser=True)
        for n in range(STAFF)
    )
    kinds = [question.kind for question in registry.questions()]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            _FILL,
            {
                "kind": kinds[0],
                "other": kinds[-1],
                "accounts": [user.pk for user in accounts],
                "account_count": ACCOUNTS,
                "staff": [user.pk for user in staff],
                "staff_count": STAFF,
                "cases": cases,
                "now": timezone.now(),
            },
        )
        cursor.execute("VACUUM ANALYZE moderation_case")
    return staff[0]


def _views(reader: User) -> dict[str, str]:
    """Return the ways in which the queue is looked at."""
    case = Case.objects.waiting()[500]
    kinds = [question.kind for question in registry.questions()]
    return {
        "waiting": "",
        "a common kind": f"kind={kinds[0]}",
        "a rare kind": f"kind={kinds[-1]}",
        "grave": "severity=3",
        "grave, of a rare kind": f"severity=3&kind={kinds[-1]}",
        "overdue": "due=over",
        "due within a day": "due=day",
        "older than a week": "age=7",
        "overdue, grave, old": "due=over&severity=3&age=3",
        "claimed by me": "state=mine",
        "for a second person": "state=second",
        "decided": "state=decided",
        "decided, grave": "state=decided&severity=3",
        "all": "state=all",
        "all, of a rare kind": f"state=all&kind={kinds[-1]}",
        "a late page": "p=60",
        "an id": f"q={case.pk}",
        "the beginning of an id": f"q={str(case.pk)[:8]}",
        "a subject": f"q={case.subject_id}",
        "an e-mail address": f"q={case.about.email if case.about else reader.email}",
    }


def _ask(client: Client, query: str) -> tuple[float, float]:
    """Ask for a page; return how many ms it took, and how many of them this process worked."""
    begun, worked = time.perf_counter(), time.process_time()
    answer = client.get(f"{reverse('admin:moderation_case_changelist')}?{query}")
    took = time.perf_counter() - begun, time.process_time() - worked
    if answer.status_code != 200:
        raise CommandError(f"?{query} answered {answer.status_code}.")
    return took[0] * 1000, took[1] * 1000


def _take(client: Client) -> float:
    """Press "Next case"; return how many ms it took until a case was claimed."""
    begun = time.perf_counter()
    answer = client.post(reverse("admin:moderation_case_next"))
    took = time.perf_counter() - begun
    if not answer["Location"].endswith("/change/"):
        raise CommandError("No case was to be had.")
    return took * 1000


def _percentile(values: list[float], share: float) -> float:
    return round(float(np.percentile(values, share)), 1)
