"""A database at one moment: copied while others go on writing, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from velluto import space
from velluto.backups.errors import BackupError
from velluto.vault.models import VaultObject

FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
# pg_restore's own --clean would leave behind what a newer version added.
EMPTY = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', one.tablename);
  END LOOP;
  FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p
      WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'velluto\\_%' LOOP
    EXECUTE format('DROP FUNCTION %s', one.name);
  END LOOP;
END $$;
"""


def file_name(alias: str) -> str:
    return FILES[connections[alias].vendor]


class Moment:
    """One database as it was at one moment; until `thaw` nobody can put anything into the vault or delete it."""

    def __init__(self, alias: str, cursor: Any, held: ExitStack, snapshot: str = "") -> None:
        self.alias, self.cursor, self.held, self.snapshot = alias, cursor, held, snapshot

    def rows(self, query: str) -> list[tuple]:
        return list(self.cursor.execute(query).fetchall())

    def thaw(self) -> None:
        """Let others write again; this moment stays readable."""
        self.held.close()

    def write(self, path: Path) -> None:
        """Write the moment into a file."""
        if self.snapshot:
            options = ("-Fc", "--no-owner", "--no-acl", f"--exclude-table={space.TABLE}")
            _pg(self.alias, "pg_dump", *options, f"--snapshot={self.snapshot}", "-f", str(path))
            return
        with closing(sqlite3.connect(path)) as target:
            self.cursor.connection.backup(target)


@contextmanager
def moment(alias: str) -> Iterator[Moment]:
    """Hold a database still for as long as it takes to begin reading, and yield the moment."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        tool("pg_dump")
    with ExitStack() as held, ExitStack() as reading:
        held.enter_context(transaction.atomic(using=alias))  # on SQLite that alone keeps all other writers out
        if connection.vendor == "sqlite":
            reader = reading.enter_context(closing(sqlite3.connect(connection.settings_dict["NAME"])))
            reader.isolation_level = None
            reader.execute("BEGIN")
            reader.execute("SELECT 1 FROM sqlite_master").fetchall()  # the snapshot is taken by the first read
            yield Moment(alias, reader.cursor(), held)
            return
        if alias == "default":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {VaultObject._meta.db_table} IN SHARE MODE")
        other: Any = connection.copy()
        reading.callback(other.close)
        cursor = reading.enter_context(other.cursor())
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        raw = cursor.cursor.connection.cursor()
        yield Moment(alias, raw, held, cursor.fetchone()[0])


def put_back(alias: str, path: Path) -> None:
    """Replace a database by the copy in a file; on PostgreSQL in one transaction."""
    connection = connections[alias]
    connection.close()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(connection.settings_dict["NAME"])) as to:
            source.backup(to)
        return
    tool("psql")
    script = subprocess.run([tool("pg_restore"), "--no-owner", "--no-acl", "-f", "-", str(path)], capture_output=True)
    if script.returncode:
        raise BackupError(f"{path} cannot be read: {script.stderr.decode()[-500:]}")
    _pg(alias, "psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-f", "-", given=EMPTY.encode() + script.stdout)


def tool(name: str) -> str:
    """Return where a program of PostgreSQL's is; raise BackupError where it is not installed."""
    if found := shutil.which(name):
        return found
    raise BackupError(f"{name} is not installed here. On Debian 12: apt install postgresql-client")


def _pg(alias: str, name: str, *arguments: str, given: bytes = b"") -> None:
    database = connections[alias].settings_dict
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    environment = {variable: str(database[part]) for part, variable in names.items() if database[part]}
    if mode := database["OPTIONS"].get("sslmode"):
        environment["PGSSLMODE"] = mode
    done = subprocess.run([tool(name), *arguments], input=given, capture_output=True, env={**os.environ, **environment})
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
