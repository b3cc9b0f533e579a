"""What the worker does for the house unasked, so that no operator needs cron for it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone

from velluto import audit, jobs, vault
from velluto.audit import triggers
from velluto.jobs import Job, registry
from velluto.jobs.sweep import sweep
from velluto.vault.models import DataKey

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def checkpoints(settings, tmp_path: Path) -> Path:
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    with transaction.atomic():
        audit.record("house.tested")
    return settings.AUDIT_CHECKPOINT_DIR


def an_hour_later() -> None:
    """Let the last starts of periodic jobs be an hour ago, and do what is due then."""
    Job.objects.update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    sweep()
    jobs.drain()


def ended(name: str) -> list[str]:
    return list(Job.objects.filter(name=name).order_by("created_at").values_list("status", flat=True))


def test_vault_and_audit_are_cared_for_every_hour_and_not_more_often(checkpoints: Path) -> None:
    for name in ("velluto.sweep_vault", "velluto.checkpoint_audit"):
        assert registry.handler(name).every == 3600
    sweep()
    jobs.drain()
    sweep()
    assert jobs.drain() == 0
    assert ended("velluto.checkpoint_audit") == ended("velluto.sweep_vault") == ["done"]
    with transaction.atomic():
        audit.record("house.tested")
    an_hour_later()
    assert ended("velluto.checkpoint_audit") == ended("velluto.sweep_vault") == ["done", "done"]
    assert len(list(checkpoints.glob("audit-*.json"))) == 2
    assert audit.verify(checkpoints).intact


def test_the_vault_is_swept(settings, checkpoints: Path, tmp_path: Path) -> None:
    place = {**settings.STORAGES["vault"], "OPTIONS": {"location": tmp_path / "vault"}}
    settings.STORAGES = {**settings.STORAGES, "vault": place}
    vault.seal("account:1", "script", "a", b"something under a key")
    with transaction.atomic():
        audit.record("vault.key_destroyed", subject=DataKey(owner="account:1"))  # and then the process was killed
    storages["vault"].save("ab/abandoned", ContentFile(b"of a transaction that rolled back"))
    long_ago = (timezone.now() - timedelta(days=1)).timestamp()
    os.utime(tmp_path / "vault" / "ab" / "abandoned", (long_ago, long_ago))
    sweep()
    jobs.drain()
    assert DataKey.objects.get().destroyed_at is not None
    assert not storages["vault"].exists("ab/abandoned")


def test_an_audit_that_is_not_intact_is_not_signed_and_somebody_is_told(checkpoints: Path) -> None:
    triggers.remove(connection)
    try:
        for _ in range(3):
            sweep()
            Job.objects.filter(status=Job.Status.QUEUED).update(due_at=timezone.now())
            jobs.drain()
    finally:
        triggers.install(connection)
    job = Job.objects.get(name="velluto.checkpoint_audit")
    assert (job.status, job.error) == ("dead", "The work stopped with an internal error (AuditBroken).")
    assert not checkpoints.exists()


def test_where_nobody_wants_checkpoints_none_are_made(settings, checkpoints: Path) -> None:
    settings.AUDIT_CHECKPOINT_DIR = None
    sweep()
    jobs.drain()
    assert ended("velluto.checkpoint_audit") == ["done"]
    assert not checkpoints.exists()


def test_a_vault_beside_the_wrong_database_is_not_emptied_unasked(settings, checkpoints: Path, tmp_path: Path) -> None:
    place = {**settings.STORAGES["vault"], "OPTIONS": {"location": tmp_path / "vault"}}
    settings.STORAGES = {**settings.STORAGES, "vault": place}
    long_ago = (timezone.now() - timedelta(days=1)).timestamp()
    for number in range(21):
        storages["vault"].save(f"ab/{number}", ContentFile(b"named in another database"))
        os.utime(tmp_path / "vault" / "ab" / str(number), (long_ago, long_ago))
    sweep()
    for _ in range(3):
        Job.objects.filter(status=Job.Status.QUEUED).update(due_at=timezone.now())
        jobs.drain()
    job = Job.objects.get(name="velluto.sweep_vault")
    assert (job.status, job.error) == ("dead", "The work stopped with an internal error (ForeignFiles).")
    assert len(storages["vault"].listdir("ab")[1]) == 21
    assert vault.sweep().files == 21  # somebody looked, and meant it
