"""What a job promises, whatever becomes of its messages and its worker."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from velluto import jobs
from velluto.errors import Refusal
from velluto.jobs import Cancelled, Job, Run, Stale, checks, queue, registry
from velluto.jobs.running import perform
from velluto.jobs.sweep import sweep

pytestmark = pytest.mark.django_db


class TooQuiet(Refusal):
    code = "too-quiet"
    message = "The recording is too quiet."
    next_step = "Come closer to the microphone."


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test register jobs that are forgotten after it."""
    monkeypatch.setattr(registry, "_handlers", {})


@pytest.fixture
def told() -> list[str]:
    """Register a job `tell` that writes down its subject."""
    heard: list[str] = []

    @jobs.job("tell")
    def tell(run: Run, subject: str) -> None:
        heard.append(subject)

    return heard


def claimed(name: str = "tell", subject: str = "a") -> Job:
    """Enqueue and claim one job, as a worker would."""
    jobs.enqueue(name, subject)
    job = queue.claim(registry.handler(name).queue, "worker one")
    assert job is not None
    return job


def lapse(job: Job) -> None:
    """Let the lease of a job run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def make_due() -> None:
    """Let the pause before the next attempt be over."""
    Job.objects.filter(status=Job.Status.QUEUED).update(due_at=timezone.now())


# ------------------------------------------------------------------------------------------------ asking for work


def test_a_job_is_done_and_says_when(told: list[str]) -> None:
    job = jobs.enqueue("tell", "a")
    assert jobs.drain() == 1
    job.refresh_from_db()
    assert (told, job.status, job.attempts) == (["a"], "done", 1)
    assert job.finished_at is not None and job.lease_until is None


def test_jobs_are_done_oldest_first(told: list[str]) -> None:
    for subject in "abc":
        jobs.enqueue("tell", subject)
    jobs.drain()
    assert told == ["a", "b", "c"]


def test_asking_sends_a_wake_up_that_names_nothing(told: list[str]) -> None:
    jobs.enqueue("tell", "a")
    message = OrmQ.objects.get()
    assert message.key == "cpu"
    assert (message.func(), message.args(), message.kwargs()) == ("velluto.jobs.running.work", (), {})


def test_a_rollback_takes_the_job_and_its_message_back(told: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue("tell", "a")
        raise ZeroDivisionError
    assert not Job.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_key_gives_the_live_job_back_instead_of_a_second_one(told: list[str]) -> None:
    first = jobs.enqueue("tell", "a", key="k")
    assert jobs.enqueue("tell", "a", key="k") == first
    jobs.drain()
    assert jobs.enqueue("tell", "a", key="k") != first
    assert told == ["a"]


def test_jobs_of_other_names_do_not_share_a_key(told: list[str]) -> None:
    @jobs.job("whisper")
    def whisper(run: Run, subject: str) -> None: ...

    assert jobs.enqueue("tell", "a", key="k") != jobs.enqueue("whisper", "a", key="k")


def test_an_unknown_name_is_refused_when_asked_for(told: list[str]) -> None:
    with pytest.raises(jobs.UnknownJob):
        jobs.enqueue("sing", "a")


def test_a_queue_that_nobody_serves_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        jobs.job("tell", queue="tpu")


def test_two_functions_cannot_have_one_name(told: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured):

        @jobs.job("tell")
        def other(run: Run, subject: str) -> None: ...


# ------------------------------------------------------------------------------------------------ doing it


def test_progress_is_kept_for_whoever_waits() -> None:
    seen: list[tuple[int, int, str]] = []

    @jobs.job("steps")
    def steps(run: Run, subject: str) -> None:
        run.progress(1, 3, "Listening")
        row = Job.objects.get(pk=run.job.pk)
        seen.append((row.done, row.total, row.note))

    jobs.enqueue("steps", "")
    jobs.drain()
    assert seen == [(1, 3, "Listening")]


def test_an_effect_and_its_done_mark_are_one_commit(told: list[str]) -> None:
    job = claimed()
    with pytest.raises(ZeroDivisionError), Run(job).commit():
        jobs.enqueue("tell", "effect")
        raise ZeroDivisionError
    job.refresh_from_db()
    assert job.status == "running"
    assert not Job.objects.filter(subject="effect").exists()
    with Run(job).commit():
        jobs.enqueue("tell", "effect")
    job.refresh_from_db()
    assert job.status == "done"
    assert Job.objects.filter(subject="effect").exists()


def test_an_attempt_is_counted_before_the_work_starts() -> None:
    seen: list[int] = []

    @jobs.job("look")
    def look(run: Run, subject: str) -> None:
        seen.append(Job.objects.get(pk=run.job.pk).attempts)

    jobs.enqueue("look", "")
    jobs.drain()
    assert seen == [1]


def test_a_stale_attempt_cannot_commit_tell_progress_or_go_on(told: list[str]) -> None:
    stale = claimed()
    lapse(stale)
    sweep()
    make_due()
    fresh = queue.claim("cpu", "worker two")
    assert fresh is not None and fresh.token > stale.token
    with pytest.raises(Stale), Run(stale).commit():
        pytest.fail("a stale attempt got into its commit")
    with pytest.raises(Stale):
        Run(stale).progress(1, 2)
    with pytest.raises(Stale):
        Run(stale).check()
    with Run(fresh).commit():
        jobs.enqueue("tell", "effect")
    fresh.refresh_from_db()
    assert fresh.status == "done"


def test_what_a_stale_attempt_ends_in_changes_nothing(told: list[str]) -> None:
    stale = claimed()
    lapse(stale)
    sweep()
    make_due()
    fresh = queue.claim("cpu", "worker two")
    assert fresh is not None
    perform(stale)
    queue.attempt_failed(stale.pk, stale.token, code="job_crashed", sentence="Late.")
    queue.refuse(stale.pk, stale.token, TooQuiet())
    fresh.refresh_from_db()
    assert (fresh.status, fresh.worker, fresh.error_code) == ("running", "worker two", "job_worker_lost")


# ------------------------------------------------------------------------------------------------ cancelling


def test_a_waiting_job_that_is_cancelled_never_runs(told: list[str]) -> None:
    job = jobs.enqueue("tell", "a")
    assert jobs.cancel(job)
    assert jobs.drain() == 0
    assert (told, job.status) == ([], "cancelled")
    assert not jobs.cancel(job)


def test_a_running_job_learns_that_it_was_cancelled_and_writes_nothing(told: list[str]) -> None:
    job = claimed()
    jobs.cancel(Job.objects.get(pk=job.pk))
    for use in (lambda: Run(job).progress(1, 2), lambda: Run(job).check(), lambda: Run(job).commit().__enter__()):
        with pytest.raises(Cancelled):
            use()
    perform(job)
    job.refresh_from_db()
    assert job.status == "cancelled"


def test_a_job_that_is_done_cannot_be_cancelled(told: list[str]) -> None:
    job = jobs.enqueue("tell", "a")
    jobs.drain()
    assert not jobs.cancel(job)
    assert job.status == "done"


# ------------------------------------------------------------------------------------------------ failing


def test_a_refusal_ends_the_job_at_once_with_its_code_and_sentence() -> None:
    put_right: list[str] = []

    @jobs.job("listen", on_failure=lambda job: put_right.append(job.status))
    def listen(run: Run, subject: str) -> None:
        raise TooQuiet

    job = jobs.enqueue("listen", "")
    jobs.drain()
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error_code) == ("failed", 1, "too-quiet")
    assert job.error == "The recording is too quiet. Come closer to the microphone."
    assert put_right == ["failed"]


def test_an_error_is_tried_again_and_dead_lettered_after_exactly_its_attempts() -> None:
    tries: list[int] = []
    put_right: list[str] = []

    @jobs.job("break", attempts=2, on_failure=lambda job: put_right.append(job.status))
    def break_it(run: Run, subject: str) -> None:
        tries.append(run.job.attempts)
        raise ValueError("what somebody typed")

    job = jobs.enqueue("break", "")
    for _ in range(4):
        jobs.drain()
        make_due()
    job.refresh_from_db()
    assert (tries, job.status, put_right) == ([1, 2], "dead", ["dead"])
    assert job.error == "The work stopped with an internal error (ValueError)."


def test_the_message_of_an_exception_is_kept_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    @jobs.job("break", attempts=1)
    def break_it(run: Run, subject: str) -> None:
        raise ValueError("what somebody typed")

    job = jobs.enqueue("break", "")
    jobs.drain()
    job.refresh_from_db()
    assert "ValueError" in caplog.text
    assert "typed" not in caplog.text.replace('raise ValueError("what somebody typed")', "")
    assert "typed" not in job.error


def test_there_is_a_pause_before_the_next_attempt() -> None:
    @jobs.job("break")
    def break_it(run: Run, subject: str) -> None:
        raise ValueError

    job = jobs.enqueue("break", "")
    jobs.drain()
    job.refresh_from_db()
    assert job.status == "queued"
    assert job.due_at > timezone.now()


def test_a_clean_up_that_fails_does_not_keep_the_job_alive() -> None:
    def clean_up(job: Job) -> None:
        jobs.enqueue("listen", "half a clean-up")
        raise ZeroDivisionError

    @jobs.job("listen", on_failure=clean_up)
    def listen(run: Run, subject: str) -> None:
        raise TooQuiet

    job = jobs.enqueue("listen", "")
    jobs.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("dead", "clean-up-failed")
    assert Job.objects.count() == 1


def test_a_job_that_no_app_does_any_more_is_given_up_at_once(told: list[str]) -> None:
    job = jobs.enqueue("tell", "a")
    registry._handlers.clear()
    jobs.drain()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("dead", "job_unknown")


def dead() -> Job:
    @jobs.job("break", attempts=1)
    def break_it(run: Run, subject: str) -> None:
        raise ValueError

    job = jobs.enqueue("break", "a", key="k")
    jobs.drain()
    job.refresh_from_db()
    return job


def test_a_dead_job_can_be_given_its_attempts_again() -> None:
    job = dead()
    before = job.token
    jobs.retry(job, actor=SimpleNamespace(pk=7))
    assert (job.status, job.attempts, job.error, job.asked_by) == ("queued", 0, "", "7")
    assert jobs.drain() == 1
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("dead", 1)
    assert job.token > before


def test_only_a_dead_job_can_be_retried(told: list[str]) -> None:
    job = jobs.enqueue("tell", "a")
    with pytest.raises(jobs.NotDead):
        jobs.retry(job, actor=SimpleNamespace(pk=7))


def test_a_dead_job_is_not_retried_while_the_same_work_is_queued() -> None:
    job = dead()
    jobs.enqueue("break", "a", key="k")
    with pytest.raises(jobs.AlreadyQueued):
        jobs.retry(job, actor=SimpleNamespace(pk=7))


# ------------------------------------------------------------------------------------------------ losing the worker


def test_a_job_whose_worker_is_not_heard_of_is_dead_lettered_after_exactly_its_attempts(told: list[str]) -> None:
    jobs.enqueue("tell", "a")
    for attempt in (1, 2, 3):
        job = queue.claim("cpu", "worker one")
        assert job is not None and job.attempts == attempt
        lapse(job)
        sweep()
        make_due()
    assert queue.claim("cpu", "worker one") is None
    job.refresh_from_db()
    assert (job.status, job.error_code, told) == ("dead", "job_worker_lost", [])


def test_a_live_lease_is_left_alone(told: list[str]) -> None:
    job = claimed()
    sweep()
    job.refresh_from_db()
    assert (job.status, job.token) == ("running", 1)


def test_a_worker_known_to_be_gone_gives_its_jobs_back_at_once(told: list[str]) -> None:
    mine, other = claimed(), claimed(subject="b")
    Job.objects.filter(pk=other.pk).update(worker="worker two")
    queue.release("worker one")
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, mine.error_code, other.status) == ("queued", "job_worker_lost", "running")


def test_an_attempt_that_was_stopped_on_purpose_does_not_count(told: list[str]) -> None:
    job = claimed()
    queue.release("worker one", blameless=True)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error_code) == ("queued", 0, "")


def test_a_job_that_took_too_long_says_so(told: list[str]) -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now())
    queue.release("worker one")
    job.refresh_from_db()
    assert job.error_code == "job_too_long"


def test_a_lost_message_is_replaced_and_a_present_one_is_not_doubled(told: list[str]) -> None:
    jobs.enqueue("tell", "a")
    sweep()
    assert OrmQ.objects.count() == 1
    OrmQ.objects.all().delete()
    sweep()
    assert OrmQ.objects.count() == 1


def test_a_message_that_a_busy_worker_holds_does_not_keep_a_job_from_a_free_one(told: list[str]) -> None:
    jobs.enqueue("tell", "a")
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=60))
    sweep()
    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1


# ------------------------------------------------------------------------------------------------ periodic jobs


def test_a_periodic_job_is_started_once_in_its_time() -> None:
    @jobs.job("clean", every=60)
    def clean(run: Run, subject: str) -> None: ...

    sweep()
    sweep()
    assert jobs.drain() == 1
    sweep()
    assert jobs.drain() == 0
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    sweep()
    assert jobs.drain() == 1


def test_the_runs_of_former_days_are_forgotten_but_not_the_dead_ones() -> None:
    @jobs.job("clean", every=60)
    def clean(run: Run, subject: str) -> None: ...

    long_ago = timezone.now() - timedelta(days=3)
    for status in (Job.Status.DONE, Job.Status.DEAD):
        Job.objects.create(
            name="clean",
            queue="cpu",
            key="periodic",
            max_attempts=1,
            status=status,
            created_at=long_ago,
            finished_at=long_ago,
        )
    sweep()
    assert list(Job.objects.order_by("created_at").values_list("status", flat=True)) == ["dead", "queued"]


# ------------------------------------------------------------------------------------------------ settings


def test_the_settings_as_they_are_pass_the_check() -> None:
    assert checks.check_queue() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"redis": {"host": "localhost"}}, "velluto.E101"),
        ({"orm": None}, "velluto.E101"),
        ({"broker_class": "a.B"}, "velluto.E101"),
        ({"workers": 4}, "velluto.E102"),
        ({"ack_failures": True}, "velluto.E102"),
        ({"ALT_CLUSTERS": {}}, "velluto.E103"),
    ],
)
def test_a_setting_that_loses_jobs_is_refused(settings, change: dict[str, object], code: str) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}
    assert [error.id for error in checks.check_queue()] == [code]
