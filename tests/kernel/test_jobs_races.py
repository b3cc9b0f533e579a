"""Workers, callers and cancellations that meet, on whichever database the suite runs on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TypeVar

import pytest
from django.db import connections, transaction
from django.utils import timezone

from velluto import jobs
from velluto.jobs import Cancelled, Job, Run, Stale, queue, registry
from velluto.jobs.sweep import sweep

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8
Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})

    @jobs.job("tell")
    def tell(run: Run, subject: str) -> None: ...


def together(what: Callable[[int], Result]) -> list[Result]:
    """Do the same thing in many threads that start at the same moment."""
    gate = Barrier(MANY)

    def one(number: int) -> Result:
        try:
            gate.wait()
            return what(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def test_no_two_workers_are_given_the_same_job() -> None:
    for number in range(20):
        jobs.enqueue("tell", str(number))

    def take_all(number: int) -> list[str]:
        taken = []
        while job := queue.claim("cpu", f"worker {number}"):
            taken.append(job.subject)
        return taken

    taken = [subject for some in together(take_all) for subject in some]
    assert sorted(taken, key=int) == [str(number) for number in range(20)]
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_callers_who_ask_for_the_same_work_at_once_share_one_job() -> None:
    asked = together(lambda number: jobs.enqueue("tell", "a", key="k").pk)
    assert len(set(asked)) == 1
    assert Job.objects.count() == 1


def test_sweeps_at_the_same_moment_count_a_lost_attempt_once() -> None:
    jobs.enqueue("tell", "a")
    job = queue.claim("cpu", "worker one")
    assert job
    Job.objects.update(lease_until=job.created_at)
    together(lambda number: sweep())
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 1)


def test_a_cancellation_waits_for_a_commit_and_comes_too_late() -> None:
    jobs.enqueue("tell", "a")
    job = queue.claim("cpu", "worker one")
    assert job
    inside = Event()

    def cancel() -> bool:
        try:
            inside.wait()
            return jobs.cancel(Job.objects.get(pk=job.pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with Run(job).commit():
            cancelled = pool.submit(cancel)
            inside.set()
            jobs.enqueue("tell", "effect")
        assert cancelled.result() is False
    job.refresh_from_db()
    assert job.status == "done"
    assert Job.objects.filter(subject="effect").exists()


def test_a_commit_waits_for_a_cancellation_and_writes_nothing() -> None:
    jobs.enqueue("tell", "a")
    job = queue.claim("cpu", "worker one")
    assert job
    cancelling = Event()

    def commit() -> None:
        try:
            cancelling.wait()
            with Run(job).commit():
                jobs.enqueue("tell", "effect")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            jobs.cancel(Job.objects.get(pk=job.pk))
            committed = pool.submit(commit)
            cancelling.set()
        with pytest.raises(Cancelled):
            committed.result()
    assert not Job.objects.filter(subject="effect").exists()


def test_a_stale_commit_waits_for_whoever_takes_the_job_away_and_writes_nothing() -> None:
    jobs.enqueue("tell", "a")
    stale = queue.claim("cpu", "worker one")
    assert stale
    taking = Event()

    def commit() -> None:
        try:
            taking.wait()
            with Run(stale).commit():
                jobs.enqueue("tell", "effect")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            queue.rescue(stale)
            committed = pool.submit(commit)
            taking.set()
        with pytest.raises(Stale):
            committed.result()
    assert not Job.objects.filter(subject="effect").exists()
    stale.refresh_from_db()
    assert (stale.status, stale.attempts) == ("queued", 1)


def test_whoever_would_take_a_job_away_waits_for_its_commit_and_takes_nothing() -> None:
    jobs.enqueue("tell", "a")
    job = queue.claim("cpu", "worker one")
    assert job
    inside = Event()

    def rescue() -> None:
        try:
            inside.wait()
            queue.rescue(job)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with Run(job).commit():
            rescued = pool.submit(rescue)
            inside.set()
            jobs.enqueue("tell", "effect")
        rescued.result()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 1)
    assert Job.objects.filter(subject="effect").count() == 1


def test_of_many_attempts_at_one_job_only_the_last_one_commits() -> None:
    jobs.enqueue("tell", "a")
    attempts = []
    for number in range(MANY):
        Job.objects.update(status=Job.Status.QUEUED, due_at=timezone.now())
        attempts.append(queue.claim("cpu", f"worker {number}"))

    def commit(number: int) -> bool:
        try:
            with Run(attempts[number]).commit():
                jobs.enqueue("tell", "effect")
        except Stale:
            return False
        return True

    assert together(commit) == [False] * (MANY - 1) + [True]
    assert Job.objects.filter(subject="effect").count() == 1
