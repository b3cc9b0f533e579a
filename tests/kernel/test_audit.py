from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.models.signals import post_migrate

from velluto import audit
from velluto.audit import triggers
from velluto.audit.models import AppendOnlyError
from velluto.models import AuditCheckpoint, AuditEvent, AuditHead

pytestmark = pytest.mark.django_db

TABLE = AuditEvent._meta.db_table


def write(count: int = 5) -> None:
    with transaction.atomic():
        for number in range(1, count + 1):
            audit.record("test.happened", actor="alice", data={"number": number})


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def behind_the_triggers(statement: str, *values: object) -> None:
    triggers.remove(connection)
    run(statement, *values)
    triggers.install(connection)


def codes(report: audit.Report) -> set[str]:
    return {finding.code for finding in report.findings}


# ------------------------------------------------------------------------------------------------ recording
def test_a_row_says_who_did_what_to_which_and_why():
    user = get_user_model()(pk=7)
    subject = AuditHead(pk=1)
    row = audit.record(
        "test.happened", actor=user, subject=subject, reason="because", data={"b": [1, 2.5, None], "a": "è"}
    )
    stored = AuditEvent.objects.get()
    assert stored.pk == row.pk == 1
    assert (stored.event, stored.actor, stored.reason) == ("test.happened", "account:7", "because")
    assert (stored.subject_type, stored.subject_id) == ("velluto.audithead", "1")
    assert stored.data == row.data == {"b": [1, 2.5, None], "a": "è"}
    assert stored.at == row.at
    assert audit.verify().intact


def test_the_system_and_a_voice_owner_are_actors_too_and_a_nameless_person_is_not():
    assert audit.record("test.happened").actor == "system"
    assert audit.record("test.happened", actor="voice-owner:12").actor == "voice-owner:12"
    with pytest.raises(ValueError, match="signed in"):
        audit.record("test.happened", actor=get_user_model()(pk=None))


def test_numbers_and_texts_that_databases_rewrite_keep_their_digest():
    audit.record(
        "test.happened",
        data={"large": 1e16, "small": 1e-7, "zero": -0.0, "whole": 5.0, "odd": "\0é😀", "deep": {"x": [[]]}},
    )
    audit.record("test.happened", reason="  two\r\nlines “quoted” \t", data={})
    assert audit.verify().intact
    assert AuditEvent.objects.get(pk=1).data["odd"] == "\0é😀"


def test_data_that_is_too_large_or_no_json_is_refused():
    for data in ({"text": "x" * 9000}, {"number": float("nan")}, {"thing": object()}):
        with pytest.raises((ValueError, TypeError)):
            audit.record("test.happened", data=data)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_outside_a_transaction_is_refused():
    with pytest.raises(audit.OutsideTransaction):
        audit.record("test.happened")


@pytest.mark.django_db(transaction=True)
def test_a_row_is_rolled_back_with_its_action_and_leaves_no_gap():
    write(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record("test.undone")
        raise RuntimeError
    write(1)
    assert list(AuditEvent.objects.values_list("id", "event")) == [(1, "test.happened"), (2, "test.happened")]
    assert audit.verify().intact


@pytest.mark.django_db(transaction=True)
def test_eight_writers_make_one_chain():
    errors = []

    def writer(which: int) -> None:
        try:
            for _ in range(25):
                with transaction.atomic():
                    audit.record("test.happened", actor=f"writer:{which}")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=writer, args=(which,)) for which in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    report = audit.verify()
    assert report.intact
    assert report.rows == AuditHead.objects.get().number == 200


# ------------------------------------------------------------------------------------------------ triggers
INSERT = (
    f"INSERT INTO {TABLE} (id, at, event, actor, subject_type, subject_id, reason, data, previous, digest) "
    f"SELECT {{id}}, at, 'forged', actor, subject_type, subject_id, reason, data, {{previous}}, digest "
    f"FROM {TABLE} WHERE id = 3"
)
REFUSED = {
    "update": f"UPDATE {TABLE} SET actor = 'mallory' WHERE id = 2",
    "delete": f"DELETE FROM {TABLE} WHERE id = 2",
    "insert out of turn": INSERT.format(id=9, previous="previous"),
    "insert beside the chain": INSERT.format(id=6, previous="previous"),
    "insert at the end twice": INSERT.format(id=5, previous="(SELECT digest FROM velluto_audithead LIMIT 1)"),
    "head moved back": "UPDATE velluto_audithead SET number = 4",
    "head moved on by two": "UPDATE velluto_audithead SET number = 7",
    "head deleted": "DELETE FROM velluto_audithead",
    "second head": f"INSERT INTO velluto_audithead (id, number, digest) VALUES (2, 0, '{'0' * 64}')",
    "checkpoint changed": "UPDATE velluto_auditcheckpoint SET number = 1",
    "checkpoint deleted": "DELETE FROM velluto_auditcheckpoint",
}
ONLY_ON = {
    "replace": ("sqlite", INSERT.format(id=2, previous="previous").replace("INSERT", "INSERT OR REPLACE")),
    "replace the head": (
        "sqlite",
        f"INSERT OR REPLACE INTO velluto_audithead (id, number, digest) VALUES (1, 0, '{'0' * 64}')",
    ),
    "upsert": (
        "postgresql",
        INSERT.format(id=2, previous="previous") + " ON CONFLICT (id) DO UPDATE SET event = 'forged'",
    ),
    "truncate": ("postgresql", f"TRUNCATE {TABLE}"),
    "truncate by cascade": ("postgresql", "TRUNCATE velluto_audithead CASCADE"),
}


@pytest.mark.parametrize("what", [*REFUSED, *ONLY_ON])
def test_the_database_itself_refuses(what, tmp_path):
    vendor, statement = ONLY_ON.get(what, (connection.vendor, REFUSED.get(what)))
    if vendor != connection.vendor:
        pytest.skip(f"{vendor} only")
    write()
    audit.checkpoint(tmp_path)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)
    assert audit.verify(tmp_path).intact


def test_replace_is_refused_even_where_recursive_triggers_are_off():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    write()
    run("PRAGMA recursive_triggers=OFF")
    try:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(ONLY_ON["replace"][1])
    finally:
        run("PRAGMA recursive_triggers=ON")


def test_python_refuses_before_the_database_does():
    write(1)
    row = AuditEvent.objects.get()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()


def _messages() -> list[str]:
    return [message.msg for message in checks.run_checks(databases=["default"]) if message.id == "velluto.W001"]


def test_a_missing_trigger_is_seen_by_the_system_check_and_by_verification():
    assert _messages() == []
    triggers.remove(connection)
    wanted = 9 if connection.vendor == "sqlite" else 12
    assert len(_messages()) == wanted
    assert codes(audit.verify()) == {"trigger"}
    triggers.install(connection)
    assert _messages() == []
    assert audit.verify().intact


def test_a_trigger_replaced_by_one_that_does_nothing_is_seen():
    name = f"{TABLE}_update_guard"
    if connection.vendor == "sqlite":
        run(f"DROP TRIGGER {name}")
        run(f"CREATE TRIGGER {name} BEFORE UPDATE ON {TABLE} FOR EACH ROW BEGIN SELECT 1; END")
    else:
        run(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    assert triggers.problems(connection) == [f"{name} is altered or disabled"]
    triggers.install(connection)
    assert triggers.problems(connection) == []


def test_a_disabled_trigger_is_seen():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    run(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_update_guard")
    assert triggers.problems(connection) == [f"{TABLE}_update_guard is altered or disabled"]


@pytest.mark.django_db(transaction=True)
def test_triggers_that_a_migration_drops_are_put_back_after_it():
    write()
    if connection.vendor == "sqlite":
        wider = models.CharField(max_length=300)
        wider.set_attributes_from_name("event")
        wider.model = AuditEvent
        with connection.schema_editor() as editor:  # rebuilds the table, and its triggers are gone with the old one
            editor.alter_field(AuditEvent, AuditEvent._meta.get_field("event"), wider, strict=True)
    else:
        run(f"DROP TRIGGER {TABLE}_update_guard ON {TABLE}")
    assert f"{TABLE}_update_guard is missing" in triggers.problems(connection)
    call_command("migrate", verbosity=0, skip_checks=True)
    assert triggers.problems(connection) == []
    assert audit.verify().intact


# ------------------------------------------------------------------------------------------------ verification
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "'else'"),
        ("actor", "'mallory'"),
        ("subject_type", "'x.y'"),
        ("subject_id", "'1'"),
        ("reason", "'other'"),
        ("data", "'{\"number\":4}'"),
        ("data", "'{\"number\": 3}'"),
        ("data", "'no json'"),
        ("at", "'2020-01-01 00:00:00+00:00'"),
        ("digest", f"'{'f' * 64}'"),
    ],
)
def test_an_edited_row_is_named(column, value):
    write()
    behind_the_triggers(f"UPDATE {TABLE} SET {column} = {value} WHERE id = 3")
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"row_changed"}, 3)


def test_a_row_whose_value_cannot_be_read_is_named():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes no such value")
    write()
    behind_the_triggers(f"UPDATE {TABLE} SET at = 'yesterday' WHERE id = 3")
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"row_changed"}, 3)


def test_an_edited_row_with_a_digest_to_match_breaks_the_next_link():
    write()
    row = AuditEvent.objects.get(pk=3)
    forged = audit.chain.digest_of(
        3, row.at, row.event, "mallory", row.subject_type, row.subject_id, row.reason, '{"number":3}', row.previous
    )
    behind_the_triggers(f"UPDATE {TABLE} SET actor = 'mallory', digest = %s WHERE id = 3", forged)
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"row_unlinked"}, 4)


def test_a_deleted_row_is_named():
    write()
    behind_the_triggers(f"DELETE FROM {TABLE} WHERE id = 2")
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"row_missing"}, 2)


def test_a_tail_cut_without_its_head_is_named():
    write()
    behind_the_triggers(f"DELETE FROM {TABLE} WHERE id > 3")
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"tail_cut"}, 4)


def test_a_row_beyond_the_head_is_named():
    write()
    digest = AuditEvent.objects.get(pk=4).digest
    behind_the_triggers("UPDATE velluto_audithead SET number = 4, digest = %s", digest)
    report = audit.verify()
    assert (codes(report), report.first_broken) == ({"head_behind"}, 5)


def test_without_its_head_nothing_can_be_recorded_and_migrating_does_not_hide_it():
    write()
    behind_the_triggers("DELETE FROM velluto_audithead")
    post_migrate.send(sender=_kernel(), using="default", app_config=_kernel(), verbosity=0, interactive=False, plan=[])
    with pytest.raises(audit.AuditBroken):
        audit.record("test.happened")
    assert codes(audit.verify()) == {"head_missing"}


def _kernel():
    from django.apps import apps

    return apps.get_app_config("velluto")


# ------------------------------------------------------------------------------------------------ checkpoints
def _cut_after(number: int) -> None:
    """Cut the tail as somebody who owns the database would: rows, head, and the checkpoints kept beside them."""
    digest = AuditEvent.objects.get(pk=number).digest
    triggers.remove(connection)
    run(f"DELETE FROM {TABLE} WHERE id > %s", number)
    run("DELETE FROM velluto_auditcheckpoint WHERE number > %s", number)
    run("UPDATE velluto_audithead SET number = %s, digest = %s", number, digest)
    triggers.install(connection)


def test_a_cut_tail_is_seen_only_with_a_checkpoint(tmp_path):
    write()
    audit.checkpoint(tmp_path)
    _cut_after(3)
    assert audit.verify().intact, "nothing in the database can show this"
    report = audit.verify(tmp_path)
    assert (codes(report), report.first_broken) == ({"tail_cut", "checkpoint_missing"}, 5)


def test_an_older_copy_that_was_written_on_is_seen(tmp_path):
    write()
    audit.checkpoint(tmp_path)
    _cut_after(3)
    write(4)
    report = audit.verify(tmp_path)
    assert (codes(report), report.first_broken) == ({"history_rewritten", "checkpoint_missing"}, 5)


def test_the_checkpoints_in_the_database_see_a_cut_that_forgot_them(tmp_path):
    write()
    audit.checkpoint(tmp_path)
    digest = AuditEvent.objects.get(pk=3).digest
    triggers.remove(connection)
    run(f"DELETE FROM {TABLE} WHERE id > 3")
    run("UPDATE velluto_audithead SET number = 3, digest = %s", digest)
    triggers.install(connection)
    assert codes(audit.verify()) == {"tail_cut"}


@pytest.mark.parametrize("field", ["number", "digest", "at", "public_key", "signature"])
def test_a_forged_checkpoint_is_seen(tmp_path, field):
    write()
    path = audit.checkpoint(tmp_path)
    content = json.loads(path.read_text())
    content[field] = {"number": 4, "at": "2020-01-01T00:00:00+00:00"}.get(field, "0" * len(str(content[field])))
    path.write_text(json.dumps(content))
    assert codes(audit.verify(tmp_path)) - {"checkpoint_missing"} == {"checkpoint_forged"}


def test_checkpoints_that_are_gone_or_cannot_be_read_are_seen(tmp_path):
    write()
    assert codes(audit.verify(tmp_path)) == {"checkpoints_missing"}
    (tmp_path / "audit-000000000001-00000000.json").write_text("half")
    assert codes(audit.verify(tmp_path)) == {"checkpoint_unreadable"}


def test_checkpoints_of_an_earlier_key_count_while_its_public_half_is_named(tmp_path, settings):
    write()
    public = json.loads(audit.checkpoint(tmp_path).read_text())["public_key"]
    settings.AUDIT_SIGNING_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    assert codes(audit.verify(tmp_path)) == {"checkpoint_forged"}
    settings.AUDIT_PUBLIC_KEYS = [public]
    assert audit.verify(tmp_path).intact


def test_an_empty_chain_has_nothing_to_sign_and_an_end_is_signed_once(tmp_path):
    assert audit.checkpoint(tmp_path) is None
    write()
    assert audit.checkpoint(tmp_path) == audit.checkpoint(tmp_path)
    assert AuditCheckpoint.objects.count() == 1


# ------------------------------------------------------------------------------------------------ commands
def test_the_commands_sign_verify_and_name_the_first_broken_row(tmp_path, capsys):
    write()
    call_command("checkpoint_audit", to=tmp_path)
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == tmp_path
    assert datetime.fromisoformat(json.loads(path.read_text())["at"]).tzinfo == UTC
    call_command("verify_audit", checkpoints=tmp_path)
    assert "5 rows and 2 checkpoints hold" in capsys.readouterr().out

    behind_the_triggers(f"UPDATE {TABLE} SET actor = 'mallory' WHERE id = 2")
    with pytest.raises(CommandError, match="first broken row: 2"):
        call_command("verify_audit", checkpoints=tmp_path)
    assert "row_changed: Row 2 is not what was recorded." in capsys.readouterr().out
    with pytest.raises(CommandError, match="not signed"):
        call_command("checkpoint_audit", to=tmp_path)
    with pytest.raises(CommandError):
        call_command("verify_audit", checkpoints=tmp_path, json=True)
    assert json.loads(capsys.readouterr().out)["first_broken"] == 2
