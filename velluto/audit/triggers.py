"""Triggers that keep the audit append-only: no update, delete, replace or truncate, and no row out of turn.

They are created by the first migration and again after every `migrate`, because SQLite drops a table's triggers when a
migration rebuilds it. `problems` compares what the database holds with what it should hold, body and all; guards.py
reads that from the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from velluto.audit import guards
from velluto.audit.guards import CHECKPOINTS, EVENTS, HEAD

# Only the next row may come, and it must follow from the last; that also stops REPLACE, which names an id in use.
# No condition looks at another table: SQLite could not rebuild that table in a migration while a trigger names it.
_NEXT_EVENT = (
    f"NEW.id = (SELECT COALESCE(MAX(id), 0) + 1 FROM {EVENTS}) AND "  # noqa: S608  (constants alone)
    f"NEW.previous = COALESCE((SELECT digest FROM {EVENTS} WHERE id = NEW.id - 1), '{'0' * 64}')"
)
_FIRST_HEAD = f"NEW.id = 1 AND NOT EXISTS (SELECT 1 FROM {HEAD})"  # noqa: S608
_NEXT_HEAD = "NEW.id = OLD.id AND NEW.number = OLD.number + 1"
_NEXT_CHECKPOINT = f"NOT EXISTS (SELECT 1 FROM {CHECKPOINTS} WHERE id = NEW.id)"  # noqa: S608

# (table, operation, condition under which it is allowed, "" for never)
_RULES = [
    (EVENTS, "INSERT", _NEXT_EVENT),
    (EVENTS, "UPDATE", ""),
    (EVENTS, "DELETE", ""),
    (HEAD, "INSERT", _FIRST_HEAD),
    (HEAD, "UPDATE", _NEXT_HEAD),
    (HEAD, "DELETE", ""),
    (CHECKPOINTS, "INSERT", _NEXT_CHECKPOINT),
    (CHECKPOINTS, "UPDATE", ""),
    (CHECKPOINTS, "DELETE", ""),
]
_TRUNCATE = [(table, "TRUNCATE", "") for table in (EVENTS, HEAD, CHECKPOINTS)]


def _name(table: str, operation: str) -> str:
    return f"{table}_{operation.lower()}_guard"


def _sqlite(table: str, operation: str, allowed: str) -> tuple[str, str]:
    condition = f" WHEN NOT COALESCE({allowed}, 0)" if allowed else ""
    name = _name(table, operation)
    body = f"SELECT RAISE(ABORT, 'the audit is append-only: {operation} on {table} refused');"
    return name, f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH ROW{condition} BEGIN {body} END"


def _postgresql(table: str, operation: str, allowed: str) -> tuple[str, str, str]:
    name = _name(table, operation)
    refuse = f"RAISE EXCEPTION 'the audit is append-only: {operation} on {table} refused';"
    body = (
        f"BEGIN IF COALESCE({allowed}, FALSE) THEN RETURN NEW; END IF; {refuse} END"
        if allowed
        else f"BEGIN {refuse} END"
    )
    each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
    return name, body, f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"


def _tables(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor)) & {EVENTS, HEAD, CHECKPOINTS}


def _same(one: str, other: str) -> bool:
    return re.sub(r"\s+", " ", one).strip() == re.sub(r"\s+", " ", other).strip()


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Return what is wrong with the triggers: "NAME is missing", "... altered or disabled", "... none of ours"."""
    wanted = dict(_wanted(connection, _tables(connection)))
    found = guards.on_postgresql(connection) if connection.vendor == "postgresql" else guards.on_sqlite(connection)
    return [
        f"{name} is {'altered or disabled' if name in found else 'missing'}"
        for name, text in wanted.items()
        if not _same(found.get(name, ""), text)
    ] + [f"{name} is none of ours" for name in found if name not in wanted]


def _wanted(connection: BaseDatabaseWrapper, tables: set[str]) -> Iterator[tuple[str, str]]:
    if connection.vendor == "postgresql":
        for table, operation, allowed in _RULES + _TRUNCATE:
            name, body, _ = _postgresql(table, operation, allowed)
            if table in tables:
                yield name, f"A {table} {_type(operation)} plpgsql {body}"
    else:
        for table, operation, allowed in _RULES:
            if table in tables:
                yield _sqlite(table, operation, allowed)


def _type(operation: str) -> int:
    """Return pg_trigger.tgtype of a BEFORE trigger: row 1, before 2, insert 4, delete 8, update 16, truncate 32."""
    return {"INSERT": 1 | 2 | 4, "DELETE": 1 | 2 | 8, "UPDATE": 1 | 2 | 16, "TRUNCATE": 2 | 32}[operation]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create what is missing or altered; touch nothing that is right."""
    broken = {line.split()[0] for line in problems(connection)}
    with connection.cursor() as cursor:
        for table, operation, allowed in _RULES + _TRUNCATE * (connection.vendor == "postgresql"):
            if _name(table, operation) not in broken:
                continue
            if connection.vendor == "postgresql":
                name, body, create = _postgresql(table, operation, allowed)
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                # No parameters are passed, so the body needs no escaping of percent signs.
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
                )
            else:
                name, create = _sqlite(table, operation, allowed)
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(create)
            if connection.vendor == "postgresql":  # also where session_replication_role says that none should fire
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: before the tables are dropped, or a test database is flushed, and never else."""
    tables = _tables(connection)
    with connection.cursor() as cursor:
        for table, operation, _ in _RULES + _TRUNCATE:
            name = _name(table, operation)
            if connection.vendor == "postgresql":
                if table in tables:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
