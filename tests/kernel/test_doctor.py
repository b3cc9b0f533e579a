"""Each thing is broken, and the doctor names it and says how to mend it."""

from __future__ import annotations

import io
import json
import shutil
import smtplib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from velluto import audit, doctor, engines, space, vault
from velluto.audit import triggers
from velluto.doctor import Finding, Level, databases, house, keys
from velluto.doctor import engines as engine_room
from velluto.engines import certificates
from velluto.jobs.models import Job
from velluto.vault.models import DataKey, VaultObject

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    return tmp_path


def named(look: Callable[[], Iterator[Finding]], code: str, level: Level = Level.FAIL) -> Finding:
    """Return the finding of this code; it must be as bad as expected and say how to mend it."""
    found = next(finding for finding in look() if finding.code == code and finding.level != Level.OK)
    assert (found.level, bool(found.sentence), bool(found.mend)) == (level, True, True)
    return found


def well(look: Callable[[], Iterator[Finding]]) -> bool:
    return all(finding.level == Level.OK for finding in look())


def record(count: int = 1) -> None:
    for _ in range(count):
        with transaction.atomic():
            audit.record("test.event")


def test_what_is_well_is_called_well(settings, folder: Path):
    settings.DEBUG = True
    space.keep_reserve()
    record(2)
    audit.checkpoint(folder / "checkpoints")
    vault.put("account:1", "recording", b"sound")
    for look in (house.python, house.disk, house.storage, house.mail, house.address, *databases.EXAMINATIONS):
        assert well(look), list(look())
    for look in (keys.files, keys.opens, keys.settings_keys, keys.certificate):
        assert well(look), list(look())


def test_it_exits_with_one_where_something_fails_and_not_where_something_is_only_noteworthy(monkeypatch):
    for level, exits in ((Level.WARN, False), (Level.FAIL, True)):
        monkeypatch.setattr(doctor, "EXAMINATIONS", [lambda level=level: iter([Finding("x", level, "So.", "Do.")])])
        said = io.StringIO()
        if exits:
            with pytest.raises(SystemExit) as end:
                call_command("doctor", "--json", stdout=said)
            assert end.value.code == 1
        else:
            call_command("doctor", "--json", stdout=said)
        assert json.loads(said.getvalue())[level] == 1


def test_an_examination_that_breaks_down_is_named_without_its_message(monkeypatch):
    def reachable() -> Iterator[Finding]:
        raise DatabaseError("password=secret")

    monkeypatch.setattr(doctor, "EXAMINATIONS", [reachable])
    (found,) = doctor.examine()
    assert found.level == Level.FAIL
    assert "DatabaseError" in found.sentence and "secret" not in found.sentence


def test_another_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    assert "3.12.1" in named(house.python, "python").sentence


def test_a_missing_package(monkeypatch):
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(house, "version", version)
    named(house.packages, "packages")


def test_a_full_disk_and_a_missing_reserve(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=space.FLOOR - 1))
    named(house.disk, "disk")
    named(house.disk, "reserve", Level.WARN)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=space.FLOOR + 1))
    named(house.disk, "disk", Level.WARN)


def test_a_storage_that_cannot_be_written(settings, folder: Path):
    (folder / "file").write_text("in the way")
    settings.STORAGES = {**settings.STORAGES, "vault": at(folder / "file")}
    named(house.storage, "storage")


def test_files_of_the_vault_that_are_gone(settings, folder: Path):
    vault.put("account:1", "recording", b"sound")
    settings.STORAGES = {**settings.STORAGES, "vault": at(folder / "another disk")}
    assert "1 of the newest" in named(house.storage, "storage").sentence
    VaultObject.objects.all().delete()
    assert well(house.storage)


def at(place: Path) -> dict[str, object]:
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": place}}


def test_a_mail_server_that_does_not_answer(settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    def refuse(*args: object, **options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    monkeypatch.setattr(smtplib, "SMTP_SSL", refuse)
    named(house.mail, "mail")


def test_mails_that_nobody_gets(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.DEBUG = False
    named(house.mail, "mail", Level.WARN)


def test_an_address_without_a_microphone_and_a_host_that_is_not_allowed(settings):
    settings.PUBLIC_URL = "http://velluto.example"
    named(house.address, "address")
    settings.PUBLIC_URL, settings.DEBUG, settings.ALLOWED_HOSTS = "https://velluto.example", False, ["other.example"]
    assert "ALLOWED_HOSTS" in named(house.address, "address").sentence


def test_a_database_that_cannot_be_reached(monkeypatch):
    def refuse(*args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(databases, "MigrationExecutor", refuse)
    named(databases.reachable, "database")


def test_a_migration_that_was_not_applied():
    MigrationRecorder(connection).migration_qs.filter(app="synthesis").delete()
    named(databases.reachable, "migrations")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own settings")
def test_a_pragma_that_is_not_as_it_must_be():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
    try:
        assert "recursive_triggers=0" in named(databases.pragmas, "pragmas").sentence
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")


def test_clocks_that_differ(monkeypatch):
    monkeypatch.setattr(databases.timezone, "now", lambda: datetime.now(UTC) - timedelta(hours=1))
    named(databases.clock, "clock")


def test_missing_triggers_and_a_changed_row():
    record(3)
    triggers.remove(connection)
    assert "missing" in named(databases.audit, "triggers").sentence
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE velluto_auditevent SET actor = 'nobody' WHERE id = (SELECT max(id) FROM velluto_auditevent)"
        )
    named(databases.audit, "audit")


def test_no_old_and_contradicting_checkpoints(folder: Path, monkeypatch):
    named(databases.checkpoints, "checkpoints", Level.WARN)
    record()
    path = audit.checkpoint(folder / "checkpoints")
    monkeypatch.setattr(databases, "CHECKPOINT_AGE", timedelta(0))
    named(databases.checkpoints, "checkpoints", Level.WARN)
    path.write_text(path.read_text().replace(json.loads(path.read_text())["digest"], "0" * 64))
    named(databases.checkpoints, "checkpoints")


def test_jobs_without_a_worker_and_jobs_that_were_given_up():
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.create(name="x", queue="cpu", max_attempts=1, due_at=long_ago)
    named(databases.jobs, "worker")
    Job.objects.update(status=Job.Status.DEAD)
    named(databases.jobs, "dead_jobs", Level.WARN)


def test_a_key_file_that_others_may_read(folder: Path):
    path = folder / "keys/vault.key"
    path.parent.mkdir(mode=0o700)
    path.write_text("key")
    path.chmod(0o644)
    assert str(path) in named(keys.files, "key_files").mend


def test_a_key_encryption_key_that_does_not_fit(settings):
    vault.seal("account:1", "script", "x", b"words")
    settings.VAULT_KEK = "A" * 43 + "="
    named(keys.opens, "kek")
    DataKey.objects.all().delete()
    assert well(keys.opens)
    settings.VAULT_KEK = "short"
    named(keys.settings_keys, "keys")


def test_a_certificate_that_ends(monkeypatch):
    for days, level in ((5, Level.WARN), (-5, Level.FAIL)):
        leaf = SimpleNamespace(not_valid_after_utc=timezone.now() + timedelta(days=days))
        monkeypatch.setattr(certificates, "chain", lambda leaf=leaf: SimpleNamespace(leaf=leaf))
        named(keys.certificate, "certificate", level)


@pytest.mark.parametrize("name", ["speaker", "activity", "transcriber", "speech", "watermark", "provenance"])
def test_an_engine_that_does_not_load(settings, monkeypatch, name: str):
    class Silent:
        def __getattr__(self, attribute: str) -> object:
            return lambda *args: {"en": "English"}

        languages = {"en": "English"}

    def get(capability: str) -> object:
        if capability == name:
            raise ImportError("no weights")
        return Silent()

    monkeypatch.setattr(engines, "get", get)
    monkeypatch.setattr(engine_room.MadeUpSpeaker, "read", lambda *texts: None)
    named(engine_room.answer, f"engine_{name}")


def test_a_speech_library_that_does_not_load(monkeypatch):
    def fail(*texts: object) -> None:
        raise OSError("no library")

    monkeypatch.setattr(engine_room.MadeUpSpeaker, "read", fail)
    assert "eSpeak" in named(engine_room.answer, "speech").sentence
