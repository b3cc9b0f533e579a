"""What is unhealthy is seen: by /healthz, /readyz and /metrics, each from where it may be asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from django.core.files.storage import storages
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from velluto import health, jobs, vault, watching
from velluto.audit import triggers
from velluto.jobs import Job, queue
from velluto.jobs.house import CANARY_EVERY, canary
from velluto.jobs.sweep import sweep

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    watching._readiness.cache_clear()
    yield
    watching._readiness.cache_clear()


@pytest.fixture
def served() -> None:
    """Let the worker's sweep start what is periodic, and somebody do it."""
    sweep()
    jobs.drain()


def ask(path: str, **headers: str) -> HttpResponse:
    return Client().get(path, **headers)


def with_own_connections(do: Callable[[], Result]) -> Result:
    """Do something in a thread, which opens its databases anew."""

    def alone() -> Result:
        try:
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def lose(alias: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a database be where none is."""
    where = connections.settings[alias]
    monkeypatch.setitem(where, "NAME", "/nowhere/at/all.sqlite3")
    monkeypatch.setitem(where, "HOST", "127.0.0.1")
    monkeypatch.setitem(where, "PORT", "1")


# ------------------------------------------------------------------------------------------------ /healthz


def test_a_house_whose_queues_are_served_is_healthy(served: None) -> None:
    answer = ask("/healthz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"web": "ok", "database": "ok", "cpu": "ok", "gpu": "ok"}
    assert all(0 <= answer.json()["canary_age_seconds"][name] < health.STALE.total_seconds() for name in jobs.QUEUES)


def test_a_house_that_no_worker_ever_served_is_not(db: None) -> None:
    answer = ask("/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["gpu"] == "stale"
    assert answer.json()["canary_age_seconds"] == {"cpu": None, "gpu": None}


def test_a_worker_that_is_gone_is_missed_after_three_minutes(served: None) -> None:
    now = timezone.now()
    assert set(health.health(now + timedelta(seconds=170)).values()) == {"ok"}
    later = now + timedelta(seconds=190)
    assert health.health(later) == {"database": "ok", "cpu": "stale", "gpu": "stale"}
    Job.objects.update(finished_at=now - timedelta(seconds=190))
    assert ask("/healthz").status_code == 503


def test_one_queue_without_a_worker_is_enough(served: None) -> None:
    Job.objects.filter(name=canary("gpu")).update(finished_at=timezone.now() - timedelta(hours=1))
    answer = ask("/healthz")
    assert (answer.status_code, answer.json()["checks"]["cpu"], answer.json()["checks"]["gpu"]) == (503, "ok", "stale")


def test_a_canary_that_waits_behind_long_work_is_no_alarm_until_the_lease_runs_out(served: None) -> None:
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    jobs.enqueue(canary("gpu"), "long work")
    held = queue.claim("gpu", "worker one")
    assert held and held.lease_until
    now = timezone.now()
    assert health.health(now)["gpu"] == "busy"
    assert health.health(held.lease_until + timedelta(seconds=1))["gpu"] == "stale"


def test_the_worker_starts_a_canary_for_each_queue_every_minute_and_few_are_kept(served: None) -> None:
    for name in jobs.QUEUES:
        assert Job.objects.get(name=canary(name)).queue == name
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.filter(name=canary("cpu")).update(created_at=long_ago, finished_at=long_ago)
    sweep()
    sweep()
    assert [job.status for job in Job.objects.filter(name=canary("cpu"))] == ["queued"]
    assert health.STALE.total_seconds() == CANARY_EVERY * 3


def test_a_database_that_is_away_is_said_and_not_thrown(monkeypatch: pytest.MonkeyPatch) -> None:
    lose("default", monkeypatch)
    answer = with_own_connections(lambda: ask("/healthz"))
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "failing",
        "checks": {"web": "ok", "database": "unreachable"},
        "canary_age_seconds": {},
    }


# ------------------------------------------------------------------------------------------------ /readyz


def failing(answer: HttpResponse) -> dict[str, str]:
    """Return what is not ready, of an answer that says so."""
    assert answer.status_code == 503
    return {name: found for name, found in answer.json()["checks"].items() if found != "ok"}


def test_a_whole_house_is_ready(db: None) -> None:
    vault.seal("account:1", "script", "a", b"something under a key")
    answer = ask("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["checks"]) == {"database", "keys", "migrations", "vault", "audit"}
    assert set(answer.json()["checks"].values()) == {"ok"}
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_lost_database_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lose("default", monkeypatch)
    found = failing(with_own_connections(lambda: ask("/readyz")))
    assert found == {"database": "unreachable", "migrations": "unreachable", "audit": "unreachable"}


def test_a_lost_database_of_keys_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lose("keys", monkeypatch)
    found = failing(with_own_connections(lambda: ask("/readyz")))
    assert found == {"keys": "unreachable", "migrations": "unreachable"}


def test_keys_that_nobody_can_unwrap_are_seen(settings) -> None:
    vault.seal("account:1", "script", "a", b"something under a key")
    settings.VAULT_KEK = "A" * 43 + "="
    assert failing(ask("/readyz")) == {"keys": "locked"}


@pytest.mark.parametrize("alias", ["default", "keys"])
def test_a_migration_that_was_not_run_is_seen(alias: str) -> None:
    MigrationRecorder(connections[alias]).migration_qs.filter(app="velluto").latest("name").delete()
    assert failing(ask("/readyz")) == {"migrations": "pending"}


def test_a_vault_that_cannot_be_written_is_seen(settings, tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    vault_settings = {**settings.STORAGES["vault"], "OPTIONS": {"location": tmp_path / "full" / "vault"}}
    settings.STORAGES = {**settings.STORAGES, "vault": vault_settings}
    assert failing(ask("/readyz")) == {"vault": "not writable"}


def test_asking_leaves_nothing_in_the_vault(db: None) -> None:
    vault = storages["vault"]
    before = {folder: vault.listdir(folder)[1] for folder in vault.listdir("")[0]}
    health.readiness()
    after = {folder: vault.listdir(folder)[1] for folder in vault.listdir("")[0]}
    assert {folder: files for folder, files in after.items() if files} == {f: n for f, n in before.items() if n}


def test_a_missing_trigger_of_the_audit_is_seen(db: None) -> None:
    triggers.remove(connection)
    try:
        assert failing(ask("/readyz")) == {"audit": "unguarded"}
    finally:
        triggers.install(connection)


def test_many_questions_at_once_write_to_the_vault_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "REMEMBERED", 1e9)
    ask("/readyz")
    triggers.remove(connection)
    assert ask("/readyz").status_code == 200
    triggers.install(connection)


# ------------------------------------------------------------------------------------------------ /metrics


def numbers() -> dict[str, float]:
    """Return the samples of /metrics, each line of it being one or a comment."""
    lines = ask("/metrics").content.decode().splitlines()
    samples = [re.fullmatch(r'([a-z_]+(?:\{[a-z]+="\w+"(?:,[a-z]+="\w+")*\})?) (\S+)', line) for line in lines]
    assert all(sample or line.startswith("# ") for sample, line in zip(samples, lines, strict=True))
    return {sample[1]: float(sample[2]) for sample in samples if sample}


def test_the_metrics_tell_what_waits_what_was_given_up_and_since_when(db: None) -> None:
    assert numbers()['velluto_canary_age_seconds{queue="gpu"}'] == float("inf")
    sweep()
    jobs.drain()
    jobs.enqueue(canary("gpu"), "waits")
    dead = jobs.enqueue(canary("cpu"), "dead")
    Job.objects.filter(pk=dead.pk).update(status=Job.Status.DEAD)
    Job.objects.filter(subject="waits").update(due_at=timezone.now() - timedelta(seconds=500))
    found = numbers()
    assert found['velluto_jobs{queue="gpu",status="queued"}'] == 1
    assert found['velluto_jobs{queue="gpu",status="dead"}'] == 0
    assert found['velluto_jobs{queue="cpu",status="dead"}'] == 1
    assert 500 <= found['velluto_oldest_due_job_age_seconds{queue="gpu"}'] < 560
    assert found['velluto_oldest_due_job_age_seconds{queue="cpu"}'] == 0
    assert 0 <= found['velluto_canary_age_seconds{queue="gpu"}'] < 60
    assert found["velluto_audit_rows"] == 0
    jobs.retry(Job.objects.get(pk=dead.pk), actor=dead)
    assert numbers()["velluto_audit_rows"] == 1


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.1"}, 404),
        ({"REMOTE_ADDR": ""}, 404),  # a socket of this machine, behind which is a proxy
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
def test_without_a_token_the_metrics_are_for_this_machine(asked: dict[str, str], status: int) -> None:
    assert ask("/metrics", **asked).status_code == status


@pytest.mark.parametrize(
    ("header", "status"),
    [({"HTTP_AUTHORIZATION": "Bearer s3cret"}, 200), ({"HTTP_AUTHORIZATION": "Bearer other"}, 404), ({}, 404)],
)
def test_with_a_token_the_metrics_are_for_whoever_has_it(settings, header: dict[str, str], status: int) -> None:
    settings.METRICS_TOKEN = "s3cret"
    assert ask("/metrics", **header).status_code == status
    assert ask("/metrics", REMOTE_ADDR="10.0.0.7", **header).status_code == status


def test_who_watches_is_not_led_to_https_and_gets_no_cookie(settings, served: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = ask(path)
        assert answer.status_code == 200
        assert not answer.cookies
    assert Client().post("/healthz").status_code == 405
