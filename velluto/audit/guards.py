"""What the database's catalogues say about the audit's tables: their triggers, and what may hide or divert rows."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS, HEAD, CHECKPOINTS = TABLES = ("velluto_auditevent", "velluto_audithead", "velluto_auditcheckpoint")
_IN = f"({', '.join(repr(table) for table in TABLES)})"


def on_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the triggers on the audit's tables, name to text; those of this connection alone too."""
    return _pairs(
        connection,
        "SELECT name, sql FROM (SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master) "  # noqa: S608
        f"WHERE type = 'trigger' AND lower(tbl_name) IN {_IN}",
    )


def on_postgresql(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the triggers on the audit's tables: when enabled, table, kind, language and body; else what is odd."""
    return _pairs(
        connection,
        "SELECT t.tgname, CASE WHEN t.tgqual IS NULL AND t.tgattr = '' AND p.proconfig IS NULL "  # noqa: S608
        "THEN concat_ws(' ', t.tgenabled, c.relname, t.tgtype, l.lanname, p.prosrc) ELSE 'conditional' END "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_language l ON l.oid = p.prolang "
        f"WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND c.relname IN {_IN}",
    )


def diversions(connection: BaseDatabaseWrapper) -> list[str]:
    """Return what stands between a statement and the audit's tables, or could show other rows than theirs."""
    if connection.vendor == "postgresql":
        found = _pairs(connection, _VISIBLE)
        kinds = {name: kind for name, kind in found.items() if kind != "ordinary"}
        others = _pairs(connection, _OTHERS)
    else:
        found = _pairs(connection, f"SELECT name, type FROM sqlite_master WHERE name IN {_IN}")  # noqa: S608
        kinds = {name: kind for name, kind in found.items() if kind != "table"}
        others = _pairs(
            connection,
            "SELECT type || ' ' || name, 'this connection alone' FROM sqlite_temp_master "  # noqa: S608
            f"WHERE type <> 'trigger' AND lower(name) IN {_IN}",
        )
    return [
        *(f"The table {name} is missing." for name in TABLES if name not in found),
        *(f"The table {name} is no ordinary table: {kind}." for name, kind in kinds.items()),
        *(f"There is a {name} in {place} as well." for name, place in others.items()),
    ]


def missing(connection: BaseDatabaseWrapper) -> set[str]:
    """Return which of the audit's tables are not there, be it as something that can be read like a table."""
    with connection.cursor() as cursor:
        return {*TABLES} - {one.name for one in connection.introspection.get_table_list(cursor)}


_VISIBLE = f"""
SELECT relname, CASE
    WHEN relkind <> 'r' THEN 'a view, or parts of a table'
    WHEN relrowsecurity OR relforcerowsecurity THEN 'row security hides rows'
    WHEN EXISTS (SELECT 1 FROM pg_rewrite WHERE ev_class = c.oid) THEN 'a rule diverts statements'
    WHEN EXISTS (SELECT 1 FROM pg_inherits WHERE c.oid IN (inhparent, inhrelid)) THEN 'another table adds rows'
    ELSE 'ordinary' END
FROM pg_class c WHERE relname IN {_IN} AND pg_table_is_visible(oid)
"""  # noqa: S608
_OTHERS = f"""
SELECT 'table ' || c.relname, 'the schema ' || n.nspname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname IN {_IN} AND NOT pg_table_is_visible(c.oid)
"""  # noqa: S608


def _pairs(connection: BaseDatabaseWrapper, query: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())
