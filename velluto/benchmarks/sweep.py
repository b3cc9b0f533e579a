"""How long the sweep of deadlines takes over many late takedown notices, and their pages; docs/benchmarks.md says more.

The rows are written into a database of its own beside the configured one, which is dropped afterwards. Nothing is
sealed: no page that is asked for here opens what a claimant wrote.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.models import Attestation
from moderation.models import Case
from takedowns.deadlines import policies
from takedowns.deadlines import services as deadlines
from takedowns.models import Claim, Deadline, Notice
from takedowns.notices import links
from takedowns.notices import services as of_notices
from velluto.audit.models import AuditEvent
from velluto.benchmarks.audit import throwaway_database
from voices.models import Voice, VoiceOwner

ACCOUNTS = 200
ROUNDS = 200  # status pages that are asked for
LISTS = 60  # times the list of the desk is
KIND = "takedowns.notice"
CLOCKS = (policies.ACKNOWLEDGE, policies.RESOLVE)


def run(*, tell: Callable[[str], Any], notices: int = 10_000) -> dict[str, Any]:
    """Return the seconds that a sweep takes in which every clock of so many notices is missed, and the pages' times."""
    with ExitStack() as stack:
        try:
            stack.enter_context(throwaway_database())
        except SystemExit as error:
            raise CommandError("No database could be made to measure in, so nothing was measured.") from error
        stack.enter_context(
            override_settings(ADMIN_REQUIRES_MFA=False, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False)
        )
        now = timezone.now()
        tell(f"{notices:,} notices are written")
        reader, given = _fill(notices, received_at=now - timedelta(days=31))
        load = os.getloadavg()[0]
        tell("all their clocks are missed: sweeping")
        first, breaches = _timed(lambda: deadlines.sweep(at=now))
        again, more = _timed(lambda: deadlines.sweep(at=now + timedelta(minutes=1)))
        rest, _ = _timed(_rest_of_the_sweep)
        if more or AuditEvent.objects.filter(event="takedowns.deadline.breached").count() != breaches:
            raise CommandError("A breach was recorded twice.")
        client, desk = Client(), Client()
        desk.force_login(reader)
        pages = [reverse("takedowns:notice", args=[links.status(one).split("/")[-2]]) for one in given]
        queue = reverse("admin:moderation_case_changelist")
        queries = ("", f"kind={KIND}", "due=over", f"kind={KIND}&severity=3", "p=20")
        for page in pages[:5]:
            _ask(client, page)
        for query in queries:
            _ask(desk, f"{queue}?{query}")
        status = [_ask(client, random.choice(pages)) for _ in range(ROUNDS)]
        lists = [_ask(desk, f"{queue}?{queries[number % len(queries)]}") for number in range(LISTS)]
        return {
            "benchmark": "sweep",
            "database": connection.vendor,
            "notices": notices,
            "breaches": breaches,
            "sweep_s": round(first, 2),
            "sweep_again_s": round(again, 4),
            "other_sweeps_s": round(rest, 4),
            "status_page_p95_ms": _percentile(status, 95),
            "desk_list_p95_ms": _percentile(lists, 95),
            "load_before": round(load, 1),
        }


def _fill(count: int, *, received_at: datetime) -> tuple[User, list[Notice]]:
    """Write voices, notices, their claims, cases and clocks; return who reads the desk, and the notices."""
    users = User.objects.bulk_create(
        User(email=f"p{number}@bench.example", full_name="Somebody") for number in range(ACCOUNTS)
    )
    reader = User.objects.create(email="s@bench.example", full_name="S", is_staff=True, is_superuser=True)
    owners = VoiceOwner.objects.bulk_create(VoiceOwner(name="Somebody") for _ in range(count))
    voices = Voice.objects.bulk_create(
        Voice(account=users[number % ACCOUNTS], owner=owner, whose="self", name="A voice", status="review")
        for number, owner in enumerate(owners)
    )
    text = Attestation.objects.filter(kind=Attestation.Kind.NOTICE)[0]
    made = Notice.objects.bulk_create(
        Notice(
            capacity="owner",
            issue="unauthorised_clone",
            sealed=b"",
            notifier=f"n{number}",
            client="c",
            person=f"p{number}",
            attestation=text,
            text_sha256=text.sha256,
            sworn_at=received_at,
            received_at=received_at,
            examined_at=received_at,
        )
        for number in range(count)
    )
    claims = Claim.objects.bulk_create(
        Claim(notice=notice, voice=voice, how="named", status="open", found_at=received_at)
        for notice, voice in zip(made, voices, strict=True)
    )
    Case.objects.bulk_create(
        Case(
            kind=KIND,
            title="Notice",
            subject_type=Claim._meta.label_lower,
            subject_id=str(claim.pk),
            about=claim.voice.account,
            severity=1 + number % 3,
            due_at=received_at + timedelta(minutes=number),
        )
        for number, claim in enumerate(claims)
    )
    Deadline.objects.bulk_create(
        Deadline(
            subject_type=Notice._meta.label_lower,
            subject_id=str(notice.pk),
            kind=kind,
            received_at=received_at,
            due_at=policies.due(kind, received_at),
        )
        for notice in made
        for kind in CLOCKS
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return reader, made


def _rest_of_the_sweep() -> None:
    """Do what each minute's sweep of notices does besides."""
    of_notices.keep_held()
    of_notices.go_on_without()
    of_notices.forget_files()


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _ask(client: Client, path: str) -> float:
    """Ask for a page; return how many ms it took."""
    begun = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200:
        raise CommandError(f"{path} answered {answer.status_code}.")
    return took


def _percentile(values: list[float], share: float) -> float:
    return round(float(np.percentile(values, share)), 1)
