"""A disk without room: refused in words, nothing hurt, and a withdrawal goes through."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError

from tests.faults.house import ROOT, postgresql_tool
from velluto import space, vault
from velluto.vault.models import VaultObject

MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


def seen_on(engine: str, folder: Path) -> dict[str, object]:
    command = [*MOUNTS, sys.executable, "-m", "tests.faults.filling", str(folder), engine]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "VELLUTO_DEBUG": "1"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


mounts = pytest.mark.skipif(not may_mount(), reason="this machine does not let a test mount a file system of its own")
ON_BOTH = {
    "reserve_made": True,
    "speech_half_way": [302, True],
    "declaration": [507, "storage_full"],
    "speech": [507, "storage_full"],
    "audit_intact": True,
    "rows_of_what_was_taken": True,
    "reserve_before_the_withdrawal": True,
    "withdrawal": [302, ""],
    "consent": "withdrawn",
    "key_destroyed": True,
    "speech_afterwards": 404,
    "reserve_made_again": True,
    "page_after_a_restart": 200,
    "upload_afterwards": "taken",
    "audit_intact_afterwards": True,
}


@mounts
def test_on_a_full_disk_all_is_refused_in_words_but_a_withdrawal(tmp_path: Path):
    assert seen_on("sqlite", tmp_path) == {
        **ON_BOTH,
        "upload_half_way": ["storage_full", True],
        "upload_before_the_last_megabytes": "storage_full",
    }


@mounts
@pytest.mark.skipif(not postgresql_tool("initdb"), reason="PostgreSQL's server is not installed here")
def test_the_same_where_postgresql_has_a_disk_of_its_own(tmp_path: Path):
    assert seen_on("postgresql", tmp_path) == {
        **ON_BOTH,
        "server_stopped": True,
        "readyz_meanwhile": 503,
        "audit_intact_after_the_restart": True,
        "nothing_lost": True,
    }


def test_sqlite_that_may_not_grow_is_known_as_full(tmp_path: Path):
    database = sqlite3.connect(tmp_path / "small.sqlite3")
    database.execute("CREATE TABLE big (content BLOB)")
    database.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO big VALUES (zeroblob(100000))")
    wrapped = DatabaseError()
    wrapped.__cause__ = full.value
    assert space.is_full(wrapped)
    database.close()


def test_other_errors_are_not_taken_for_a_full_disk():
    assert space.is_full(OSError(errno.ENOSPC, "no space"))
    assert not space.is_full(OSError(errno.EACCES, "denied"))
    assert not space.is_full(sqlite3.OperationalError("database is locked"))
    assert not space.is_full(ValueError())


@pytest.mark.django_db(databases=["default", "keys"])
def test_recordings_leave_the_last_megabytes_to_withdrawals(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=space.FLOOR - 1))
    with pytest.raises(space.StorageFull):
        vault.put("account:1", "recording", b"sound")
    assert not VaultObject.objects.exists()


def test_the_reserve_is_made_only_where_there_is_room(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings.DATA_DIR = tmp_path
    free = SimpleNamespace(free=space.FLOOR + space.RESERVE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    assert not space.keep_reserve()
    free.free += 1
    assert space.keep_reserve()
    assert space.reserve().stat().st_size == space.RESERVE
    assert space.release_reserve()
    assert not space.release_reserve()
