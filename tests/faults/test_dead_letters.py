"""A real worker over the databases of the tests: what harms it, what it cannot spoil, and who finds it in the admin."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module, reload
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.accounts.factories import make_user
from tests.databases import address
from tests.faults.house import House, until
from tests.faults.models import Effect
from velluto import jobs
from velluto.audit.models import AuditEvent
from velluto.jobs import Job, registry
from velluto.jobs.sweep import rescue_expired

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[House]:
    """A worker on the databases of the tests, with jobs that harm it."""
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))
    reload(import_module("tests.faults.jobs"))  # its jobs register themselves, for this test alone

    environment = {"DATABASE_URL": address("default"), "KEYS_DATABASE_URL": address("keys")}
    house = House(tmp_path, {**environment, "DJANGO_SETTINGS_MODULE": "tests.faults.settings"})
    with connection.schema_editor() as editor:
        editor.create_model(Effect)
    yield house
    house.abandon()
    gone = until(lambda: not house.processes(), 10)
    with connection.schema_editor() as editor:
        editor.delete_model(Effect)
    assert gone


def given_up(*harmful: Job) -> bool:
    return not Job.objects.filter(pk__in=[job.pk for job in harmful]).exclude(status=Job.Status.DEAD).exists()


def test_what_kills_or_hangs_a_worker_is_found_in_the_admin_and_tried_again_from_there(house, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    killer, hanging = jobs.enqueue("faults.die", "a"), jobs.enqueue("faults.hang", "b")
    house.start()
    assert until(lambda: given_up(killer, hanging), 120), house.log.read_text()
    client = Client()
    client.force_login(make_user(superuser=True))
    page = client.get(reverse("admin:velluto_job_changelist"), {"status__exact": "dead"}).content.decode()
    assert page.count("2 of 2") == 2
    assert "The process that did the work ended before it was done." in page
    assert "The work took longer than it may and was ended." in page
    form = client.get(reverse("admin:velluto_job_change", args=[killer.pk])).content.decode()
    again = reverse("admin:velluto_job_retry", args=[killer.pk])
    assert f'action="{again}"' in form
    assert "it is queued again" in client.post(again, follow=True).content.decode()
    assert until(lambda: given_up(killer), 120), house.log.read_text()
    killer.refresh_from_db()
    assert (killer.attempts, killer.token, killer.error_code) == (2, 4, "job_worker_lost")  # twice two attempts
    assert AuditEvent.objects.get(event="velluto.job.retried").subject_id == str(killer.pk)
    hanging.refresh_from_db()
    assert (hanging.attempts, hanging.token) == (2, 2)
    assert until(lambda: Client().get("/healthz").status_code == 200, 60), Client().get("/healthz").json()
    assert house.stop() == 0


def test_a_worker_that_was_thought_dead_wakes_up_and_commits_nothing(house: House) -> None:
    job = jobs.enqueue("faults.late", "a")
    house.start()
    running = Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING)
    assert until(running.exists, 60), house.log.read_text()
    frozen = house.in_cluster("worker", running.get().worker)
    house.kill("worker", frozen, signal.SIGSTOP)
    assert running.filter(token=1).update(lease_until=timezone.now() - timedelta(seconds=1))
    rescue_expired()
    done = Job.objects.filter(pk=job.pk, status=Job.Status.DONE)
    assert until(done.exists, 60), house.log.read_text()
    assert done.get().token == 2
    house.kill("worker", frozen, signal.SIGCONT)
    assert until(lambda: "attempt 1 came too late and wrote nothing" in house.log.read_text(), 60), (
        house.log.read_text()
    )
    assert [effect.job for effect in Effect.objects.all()] == [job.pk]
    assert done.get().token == 2
    assert house.stop() == 0
