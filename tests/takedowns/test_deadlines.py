"""A deadline runs from receipt, never pauses, and is breached once, whoever looks and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from moderation import figures
from takedowns.deadlines import policies, services
from takedowns.models import Deadline
from tests.accounts.factories import make_user
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
RECEIVED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def subject(db) -> User:
    return make_user()


def clock(subject: User, kind: str = policies.ACKNOWLEDGE) -> Deadline:
    return services.start(subject, kind=kind, received_at=RECEIVED)


def breaches() -> int:
    return AuditEvent.objects.filter(event="takedowns.deadline.breached").count()


@pytest.mark.parametrize(
    ("kind", "length"),
    [("acknowledge", timedelta(hours=72)), ("resolve", timedelta(days=30)), ("intimate", timedelta(hours=48))],
)
def test_it_is_missed_a_second_after_it_was_due_and_not_before(subject: User, kind: str, length: timedelta):
    clock(subject, kind)
    assert services.sweep(at=RECEIVED + length) == 0
    assert services.sweep(at=RECEIVED + length + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 31, 13, tzinfo=BERLIN)),  # an hour is skipped
        (datetime(2026, 10, 24, 12, tzinfo=BERLIN), datetime(2026, 10, 27, 11, tzinfo=BERLIN)),  # an hour comes twice
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0), datetime(2026, 10, 28, 1, 30, tzinfo=BERLIN)),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), datetime(2026, 10, 28, 2, 30, tzinfo=BERLIN)),
    ],
)
def test_daylight_saving_changes_nothing(received: datetime, due: datetime):
    found = policies.due("acknowledge", received)
    assert found == due.astimezone(UTC)
    assert found - received.astimezone(UTC) == timedelta(hours=72)


def test_a_time_without_a_zone_starts_no_clock():
    with pytest.raises(ValueError, match="without a zone"):
        policies.due("resolve", RECEIVED.replace(tzinfo=None))


def test_a_breach_is_recorded_once_however_often_one_sweeps(subject: User):
    clock(subject)
    late = RECEIVED + timedelta(hours=73)
    assert [services.sweep(at=late + timedelta(hours=hours)) for hours in range(3)] == [1, 0, 0]
    assert Deadline.objects.get().breached_at == late
    assert breaches() == 1


def test_a_breach_stays_on_record_after_it_was_met_and_is_not_recorded_again(subject: User):
    clock(subject)
    services.sweep(at=RECEIVED + timedelta(hours=73))
    services.meet(subject, kind="acknowledge", actor=None, at=RECEIVED + timedelta(hours=80))
    services.sweep(at=RECEIVED + timedelta(hours=90))
    found = Deadline.objects.get()
    assert (found.breached_at, found.met_at) == (RECEIVED + timedelta(hours=73), RECEIVED + timedelta(hours=80))
    assert breaches() == 1


def test_what_is_met_too_late_before_any_sweep_is_a_breach_all_the_same(subject: User):
    clock(subject)
    services.meet(subject, kind="acknowledge", actor=None, at=RECEIVED + timedelta(hours=72, minutes=1))
    assert breaches() == 1
    assert services.sweep(at=RECEIVED + timedelta(days=9)) == 0


def test_what_is_met_in_time_is_never_breached_and_met_once(subject: User):
    clock(subject)
    at = RECEIVED + timedelta(hours=71, minutes=59)
    services.meet(subject, kind="acknowledge", actor=None, at=at)
    services.meet(subject, kind="acknowledge", actor=None, at=at + timedelta(days=1))
    assert services.sweep(at=RECEIVED + timedelta(days=9)) == 0
    assert Deadline.objects.get().met_at == at
    assert AuditEvent.objects.filter(event="takedowns.deadline.met").count() == 1


def test_started_again_it_runs_as_it_ran(subject: User):
    first = clock(subject)
    again = services.start(subject, kind="acknowledge", received_at=RECEIVED + timedelta(days=2))
    assert (again.pk, again.due_at) == (first.pk, first.due_at)


def test_more_than_one_commit_holds_are_all_found(subject: User):
    many = services.BATCH + 3
    Deadline.objects.bulk_create(
        Deadline(
            subject_type="x",
            subject_id=str(n),
            kind="resolve",
            received_at=RECEIVED,
            due_at=policies.due("resolve", RECEIVED),
        )
        for n in range(many)
    )
    assert services.sweep(at=RECEIVED + timedelta(days=31)) == many
    assert breaches() == many


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_of_four_who_sweep_at_once_each_breach_is_recorded_by_one():
    subjects = [make_user() for _ in range(12)]
    for one in subjects:
        clock(one)

    def sweep(_: int) -> int:
        try:
            return services.sweep(at=RECEIVED + timedelta(days=4))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as people:
        assert sum(people.map(sweep, range(4))) == len(subjects)
    assert breaches() == len(subjects)


def test_figures_and_metrics_count_them(subject: User):
    clock(subject)
    clock(make_user(), "resolve")
    services.sweep(at=RECEIVED + timedelta(hours=73))
    period = figures.Period((RECEIVED + timedelta(days=1)).date(), (RECEIVED + timedelta(days=5)).date())
    table = next(table for table in figures.tables(period) if table.code == "deadlines")
    assert ("Acknowledged within 72 hours", 1, 0, 0, 1) in table.rows
    assert ("Resolved within 30 days", 0, 0, 0, 0) in table.rows
    lines = Client().get("/metrics").content.decode().splitlines()
    assert 'velluto_deadlines_running{kind="resolve"} 1' in lines
    assert 'velluto_deadlines_breached{kind="acknowledge"} 1' in lines
