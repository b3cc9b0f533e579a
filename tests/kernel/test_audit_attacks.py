"""Somebody owns the database, but neither the signing key nor the directory of checkpoints: what is named, and how."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_migrate

from tests.kernel.test_audit import TABLE, codes, run, write
from velluto import audit, signals
from velluto.audit import triggers
from velluto.audit.chain import GENESIS, digest_of
from velluto.models import AuditCheckpoint, AuditEvent

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL only")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite only")
GUARD = f"{TABLE}_update_guard"


def found(directory: Path | None = None) -> set[tuple[str, int | None]]:
    return {(finding.code, finding.number) for finding in audit.verify(directory).findings}


def warned() -> set[str]:
    return {one.id for one in checks.run_checks(databases=["default"]) if str(one.id).startswith("velluto.W00")}


# ------------------------------------------------------------------------------------------------ past the triggers
@on_postgresql
def test_the_triggers_fire_for_a_replica_too():
    write()
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(f"UPDATE {TABLE} SET actor = 'mallory' WHERE id = 2")
        run("SET LOCAL session_replication_role = DEFAULT")


@on_postgresql
@pytest.mark.parametrize(
    "attack",
    [
        f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL",
        f"ALTER TABLE {TABLE} ENABLE REPLICA TRIGGER {GUARD}",
        f"ALTER FUNCTION {GUARD}() SET search_path = elsewhere",
        f"DROP TRIGGER {GUARD} ON {TABLE}; CREATE TRIGGER {GUARD} BEFORE UPDATE OF at ON {TABLE} FOR EACH ROW "
        f"EXECUTE FUNCTION {GUARD}(); ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {GUARD}",
        f"DROP TRIGGER {GUARD} ON {TABLE}; CREATE TRIGGER {GUARD} BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (false) "
        f"EXECUTE FUNCTION {GUARD}(); ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {GUARD}",
        f"ALTER TABLE {TABLE} RENAME TO away; CREATE TABLE {TABLE} AS TABLE away",
    ],
)
def test_a_trigger_that_is_there_and_does_not_guard_is_seen(attack):
    write()
    run(attack)
    assert ("trigger", None) in found()
    assert "velluto.W001" in warned()


def swallow() -> None:
    if connection.vendor == "sqlite":
        run(f"CREATE TRIGGER swallow BEFORE INSERT ON {TABLE} BEGIN SELECT RAISE(IGNORE); END")
    else:
        run("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        run(f"CREATE TRIGGER swallow BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION swallow()")


def test_a_trigger_that_swallows_rows_is_named_and_stops_every_action():
    write()
    swallow()
    with pytest.raises(audit.AuditBroken), transaction.atomic():
        audit.record("test.happened")
    report = audit.verify()
    assert [finding.sentence for finding in report.findings] == ["The trigger swallow is none of ours."]
    assert warned() == {"velluto.W001"}
    assert report.rows == 5


@on_postgresql
@pytest.mark.parametrize(
    "attack",
    [
        f"CREATE RULE divert AS ON UPDATE TO {TABLE} DO INSTEAD NOTHING",
        f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY",
        f"CREATE TABLE child () INHERITS ({TABLE})",
        f"CREATE TEMP TABLE {TABLE} (LIKE {TABLE} INCLUDING ALL)",
        f"CREATE SCHEMA shadow; CREATE TABLE shadow.{TABLE} (LIKE {TABLE} INCLUDING ALL)",
        f"CREATE SCHEMA shadow; CREATE TABLE shadow.{TABLE} (LIKE {TABLE}); SET LOCAL search_path = shadow, public",
        f"ALTER TABLE {TABLE} RENAME TO away; CREATE VIEW {TABLE} AS SELECT * FROM away",
    ],
)
def test_what_hides_diverts_or_adds_rows_is_seen(attack):
    write()
    run(attack)
    assert ("table", None) in found()
    assert "velluto.W002" in warned()


@on_sqlite
@pytest.mark.parametrize(
    "attack",
    [
        [f"ALTER TABLE {TABLE} RENAME TO away", f"CREATE VIEW {TABLE} AS SELECT * FROM away"],
        [f"CREATE TEMP TABLE {TABLE} AS SELECT * FROM {TABLE}"],
    ],
)
def test_a_view_or_a_table_of_one_connection_in_its_place_is_seen(attack):
    write()
    for statement in attack:
        run(statement)
    try:
        assert ("table", None) in found()
        assert "velluto.W002" in warned()
    finally:
        run(f"DROP {'TABLE temp.' if len(attack) == 1 else 'VIEW '}{TABLE}")


def test_a_table_that_is_gone_is_named():
    triggers.remove(connection)
    run("DROP TABLE velluto_auditcheckpoint")
    assert ("table", None) in found()


# ------------------------------------------------------------------------------------------------ past the chain
def test_a_row_slipped_in_before_the_first_is_named():
    write()
    triggers.remove(connection)
    run(
        f"INSERT INTO {TABLE} SELECT 0, at, event, 'mallory', subject_type, subject_id, reason, data, previous, digest "
        f"FROM {TABLE} WHERE id = 1"
    )
    triggers.install(connection)
    assert found() == {("row_added", 0)}


@on_postgresql
def test_a_number_given_twice_is_named():
    write()
    triggers.remove(connection)
    run(f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey")
    run(f"INSERT INTO {TABLE} SELECT * FROM {TABLE} WHERE id = 3")
    triggers.install(connection)
    assert found() == {("row_added", 3)}


def rewrite_all(actor: str) -> None:
    """Write the whole history anew, each digest right."""
    triggers.remove(connection)
    previous = GENESIS
    for row in AuditEvent.objects.order_by("pk"):
        facts = audit.models.canonical(row.data)
        of = (row.pk, row.at, row.event, actor, row.subject_type, row.subject_id, row.reason, facts, previous)
        digest = digest_of(*of)
        run(f"UPDATE {TABLE} SET actor = %s, previous = %s, digest = %s WHERE id = %s", actor, previous, digest, row.pk)
        previous = digest
    run("UPDATE velluto_audithead SET digest = %s", previous)
    triggers.install(connection)


def test_a_history_rewritten_with_good_digests_is_named(tmp_path):
    write()
    audit.checkpoint(tmp_path)
    rewrite_all("mallory")
    assert found(tmp_path) == {("history_rewritten", 5)}


def test_a_history_rewritten_together_with_the_copies_of_its_checkpoints_is_named(tmp_path):
    write()
    audit.checkpoint(tmp_path)
    rewrite_all("mallory")
    triggers.remove(connection)
    run("DELETE FROM velluto_auditcheckpoint")
    triggers.install(connection)
    assert found() == set(), "nothing in the database can show this"
    assert found(tmp_path) == {("history_rewritten", 5), ("checkpoint_missing", None)}


# ------------------------------------------------------------------------------------------------ at the checkpoints
@pytest.fixture
def three(tmp_path) -> list[Path]:
    paths = []
    for _ in range(3):
        write(2)
        paths.append(audit.checkpoint(tmp_path))
    return paths


def test_checkpoint_files_that_were_removed_are_each_named(three, tmp_path):
    assert found(tmp_path) == set()
    three[0].unlink()
    three[2].unlink()
    sentences = [finding.sentence for finding in audit.verify(tmp_path).findings]
    assert sentences == [f"Of the checkpoint at {number} there is no file (any more)." for number in (2, 6)]


def test_checkpoints_deleted_from_the_database_are_named_and_the_rows_are_signed_on(three, tmp_path, capsys):
    triggers.remove(connection)
    run("DELETE FROM velluto_auditcheckpoint WHERE number > 2")
    triggers.install(connection)
    assert found(tmp_path) == {("checkpoint_missing", None)}
    assert len(audit.verify(tmp_path).findings) == 2
    write(1)
    call_command("checkpoint_audit", to=tmp_path)
    assert AuditCheckpoint.last().number == 7


def test_a_checkpoint_signed_with_another_key_is_named_wherever_it_lies(tmp_path, settings):
    write()
    own = settings.AUDIT_SIGNING_KEY
    settings.AUDIT_SIGNING_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    audit.checkpoint(tmp_path)
    settings.AUDIT_SIGNING_KEY = own
    assert codes(audit.verify()) == {"checkpoint_forged"}
    assert codes(audit.verify(tmp_path)) == {"checkpoint_forged"}


# ------------------------------------------------------------------------------------------------ an older copy
@pytest.mark.django_db(transaction=True)
def test_an_older_copy_put_back_is_named(tmp_path):
    write(3)
    audit.checkpoint(tmp_path / "kept")
    put_back = copy(tmp_path / "copy")
    write(2)
    audit.checkpoint(tmp_path / "kept")
    put_back()
    assert AuditEvent.objects.count() == 3
    assert found() == set(), "nothing in the database can show this"
    assert found(tmp_path / "kept") == {("tail_cut", 5), ("checkpoint_missing", None)}
    write(4)
    assert found(tmp_path / "kept") == {("history_rewritten", 5), ("checkpoint_missing", None)}


def copy(place: Path):
    """Copy the audit as it is now; return what puts the copy back: the file, or all rows of its tables."""
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        run("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(file, place)

        def put_back() -> None:
            connection.close()
            for rest in ("-wal", "-shm"):
                Path(f"{file}{rest}").unlink(missing_ok=True)
            shutil.copy(place, file)
    else:
        tables = triggers.EVENTS, triggers.HEAD, triggers.CHECKPOINTS
        with connection.cursor() as cursor:
            rows = {}
            for table in tables:
                cursor.execute(f"SELECT * FROM {table}")
                rows[table] = cursor.fetchall()

        def put_back() -> None:
            triggers.remove(connection)
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {', '.join(tables)}")
                for table, old in rows.items():
                    if old:
                        cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(old[0]))})", old)
            triggers.install(connection)

    return put_back


# ------------------------------------------------------------------------------------------------ by a migration
MIGRATIONS = {
    "remakes the table": """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("velluto", "{last}")]
    operations = [migrations.AlterField("auditevent", "event", models.CharField(max_length=300, db_index=True))]
""",
    "drops a trigger": """
from django.db import migrations
def drop(apps, schema_editor):
    on = " ON velluto_auditevent" if schema_editor.connection.vendor == "postgresql" else ""
    if schema_editor.connection.alias == "default":
        schema_editor.execute("DROP TRIGGER velluto_auditevent_update_guard" + on)
class Migration(migrations.Migration):
    dependencies = [("velluto", "{last}")]
    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
""",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", MIGRATIONS)
def test_a_migration_that_takes_triggers_away_is_named_until_the_end_of_migrating_puts_them_back(
    what, tmp_path, monkeypatch, settings
):
    write()
    package = f"with_one_that_{what.replace(' ', '_')}"
    copied = shutil.copytree(Path(import_module("velluto.migrations").__file__).parent, tmp_path / package)
    last = max(path.stem for path in copied.glob("0*.py"))
    (copied / "9001_attack.py").write_text(MIGRATIONS[what].replace("{last}", last))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"velluto": package}
    post_migrate.disconnect(signals.guard_the_audit, sender=_kernel())
    try:
        call_command("migrate", "velluto", verbosity=0, skip_checks=True)
        if what == "remakes the table" and connection.vendor == "postgresql":
            assert triggers.problems(connection) == [], "PostgreSQL changes the column in place"
        else:
            assert f"{GUARD} is missing" in triggers.problems(connection)
            assert found() == {("trigger", None)}
            assert warned() == {"velluto.W001"}
    finally:
        post_migrate.connect(signals.guard_the_audit, sender=_kernel())
        call_command("migrate", "velluto", last, verbosity=0, skip_checks=True)
    assert triggers.problems(connection) == []
    assert found() == set()


def _kernel():
    from django.apps import apps

    return apps.get_app_config("velluto")
