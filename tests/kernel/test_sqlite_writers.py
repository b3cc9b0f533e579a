"""Writers on SQLite come to their turn, and nothing is done twice for it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import OperationalError

from velluto.settings import SQLITE_OPTIONS
from velluto.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db  # of which only the permission to open a database is used


def wrapper(path: Path, **options: object) -> DatabaseWrapper:
    database = {**connections["default"].settings_dict, "NAME": str(path), "CONN_HEALTH_CHECKS": False}
    return DatabaseWrapper({**database, "OPTIONS": {**SQLITE_OPTIONS, **options}}, "other")


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    path = tmp_path / "counter.sqlite3"
    database = wrapper(path)
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (writer INTEGER)")
    database.close()
    return path


def rows(path: Path) -> int:
    database = wrapper(path)
    with database.cursor() as cursor:
        count = cursor.execute("SELECT count(*) FROM counter").fetchone()[0]
    database.close()
    return count


def test_sqlite_is_configured_to_use_it():
    vendors = {database["ENGINE"] for database in settings.DATABASES.values() if "sqlite3" in database["ENGINE"]}
    assert vendors <= {"velluto.sqlite3"}


def test_eight_writers_all_come_to_their_turn_and_every_row_is_written_once(counter: Path):
    failed: list[Exception] = []

    def write(number: int) -> None:
        database = wrapper(counter)
        try:
            for turn in range(20):
                with database.cursor() as cursor:
                    if turn % 2:  # without a transaction
                        cursor.execute("INSERT INTO counter VALUES (%s)", [number])
                        continue
                    cursor.execute("BEGIN IMMEDIATE")
                    cursor.execute("INSERT INTO counter VALUES (%s)", [number])
                    cursor.execute("COMMIT")
        except Exception as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(counter) == 8 * 20


def test_who_waits_longer_than_agreed_is_told_so_and_has_written_nothing(counter: Path):
    holder, other = wrapper(counter), wrapper(counter, timeout=0.05)
    with holder.cursor() as held, other.cursor() as waiting:
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            waiting.execute("INSERT INTO counter VALUES (1)")
        held.execute("COMMIT")
        waiting.execute("INSERT INTO counter VALUES (1)")
    holder.close()
    other.close()
    assert rows(counter) == 1


def test_a_statement_inside_a_transaction_is_never_tried_again(counter: Path):
    holder, other = wrapper(counter), wrapper(counter)
    with holder.cursor() as held, other.cursor() as reader:
        reader.execute("BEGIN DEFERRED")
        reader.execute("SELECT * FROM counter").fetchall()
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):  # at once, though the wait is twenty seconds
            reader.execute("INSERT INTO counter VALUES (1)")
        reader.execute("ROLLBACK")
        held.execute("ROLLBACK")
    holder.close()
    other.close()
    assert rows(counter) == 0
