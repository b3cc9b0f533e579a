"""A copy that opens only with its keys, and a way back that forgets no withdrawal."""

from __future__ import annotations

import io
import json
import shutil
import threading
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from consent import services as consent
from consent.models import ConsentRecord
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from tests import factories
from tests.accounts.factories import make_user
from velluto import audit, backups, jobs, vault
from velluto.benchmarks.writers import voice_past_the_gate
from velluto.vault.models import DataKey, VaultObject
from voices.models import Voice

pytestmark = [
    pytest.mark.django_db(databases=["default", "keys"], transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and shutil.which("pg_dump") is None, reason="needs PostgreSQL's programs"
    ),
]


@pytest.fixture(autouse=True)
def checkpoints(settings, tmp_path: Path) -> Path:
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    return settings.AUDIT_CHECKPOINT_DIR


def say(*command: str) -> str:
    said = io.StringIO()
    call_command(*command, stdout=said)
    return said.getvalue()


def test_a_restored_voice_speaks_and_a_withdrawal_since_the_backup_stays(tmp_path: Path, checkpoints: Path):
    with factories.measured_once():
        voice = factories.active_voice()
    request = synthesis.request_speech(account=voice.account, voice=voice, text="The sea is calm tonight, my friend.")
    jobs.drain()
    sound = synthesis.open_output(request.output, actor=voice.account).read()
    other = Voice.objects.get(pk=voice_past_the_gate(make_user(), ready=True))
    say("backup", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"))

    consent.withdraw(other, actor=other.account, reason="withdrawn")
    jobs.drain()
    audit.checkpoint(checkpoints)
    storages["vault"].delete(request.output.object)
    with pytest.raises(CommandError, match="not empty"):
        say("restore", str(tmp_path / "data"))
    assert say("restore", str(tmp_path / "data"), "--replace").count("destroyed since") == 1
    withdrawn_is_withdrawn(other)

    # The keys as well, from a copy in which that key still lives.
    assert say("restore", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--replace").count("since") == 1
    withdrawn_is_withdrawn(other)
    assert DataKey.objects.get(owner=other.owner.vault_owner).destroyed_at is not None

    request = SpeechRequest.objects.get(pk=request.pk)
    assert synthesis.open_output(request.output, actor=voice.account).read() == sound
    again = synthesis.request_speech(account=voice.account, voice=voice, text="And so is the wind.")
    jobs.drain()
    again.refresh_from_db()
    assert again.status == SpeechRequest.Status.DONE, again.error
    audit.checkpoint(checkpoints)
    assert audit.verify(checkpoints).findings == []
    assert len(list(checkpoints.glob("before-restore-*/audit-*.json"))) >= 1


def withdrawn_is_withdrawn(voice: Voice) -> None:
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED
    assert ConsentRecord.objects.get(voice=voice).status == ConsentRecord.Status.WITHDRAWN
    with pytest.raises(vault.KeyDestroyed):
        vault.read(voice.artefact, owner=voice.owner.vault_owner, purpose="voice.artefact")


def test_a_withdrawal_whose_key_was_not_yet_destroyed_is_remembered_too(tmp_path: Path):
    voice = Voice.objects.get(pk=voice_past_the_gate(make_user(), ready=True))
    backups.backup(tmp_path / "data", keys=tmp_path / "keys")
    consent.withdraw(voice, actor=voice.account, reason="withdrawn")  # and the worker never came to it
    backups.restore(tmp_path / "data", keys=tmp_path / "keys", replace=True)
    withdrawn_is_withdrawn(voice)


def test_every_row_of_a_copy_made_under_writes_has_its_file(tmp_path: Path):
    stop, failed = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                names = [vault.put("account:1", "recording", b"sound" * 1000) for _ in range(3)]
                vault.delete(names[0])
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            made = backups.backup(tmp_path / f"data{number}", keys=tmp_path / f"keys{number}")
            assert made["missing"] == []
            assert len(made["files"]) == made["objects"] + 1
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert failed == []
    backups.restore(tmp_path / "data2", keys=None, replace=True)
    for row in VaultObject.objects.all():
        assert vault.read(row.name, owner=row.owner, purpose=row.purpose) == b"sound" * 1000


def test_data_and_keys_are_never_put_into_one_place(tmp_path: Path):
    for data, keys in (("a", "a"), ("a", "a/keys"), ("keys/a", "keys")):
        with pytest.raises(backups.BackupError, match="another place"):
            backups.backup(tmp_path / data, keys=tmp_path / keys)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_forged_or_unfinished_copy_is_refused_and_nothing_is_changed(tmp_path: Path):
    name = vault.put("account:1", "recording", b"sound")
    backups.backup(tmp_path / "data", keys=tmp_path / "keys")
    vault.put("account:1", "recording", b"more")
    manifest = tmp_path / "data/manifest.json"
    right = manifest.read_text()

    stored = tmp_path / "data/vault" / name
    stored.write_bytes(stored.read_bytes() + b"x")
    refused(tmp_path, "damaged")
    stored.write_bytes(stored.read_bytes()[:-1])
    manifest.write_text(json.dumps({**json.loads(right), "missing": ["x"]}))
    refused(tmp_path, "not what was signed")
    manifest.write_text(json.dumps({**json.loads(right), "public_key": "00" * 32}))
    refused(tmp_path, "does not trust")
    manifest.unlink()
    refused(tmp_path, "no finished backup")
    assert VaultObject.objects.count() == 2


def refused(place: Path, why: str) -> None:
    with pytest.raises(backups.BackupError, match=why):
        backups.restore(place / "data", keys=None, replace=True)


def test_a_copy_holds_no_secret_and_its_data_alone_opens_nothing(tmp_path: Path, settings):
    vault.put("account:1", "recording", b"sound")
    backups.backup(tmp_path / "data", keys=tmp_path / "keys")
    copied = b"".join(path.read_bytes() for path in tmp_path.glob("*/**/*") if path.is_file())
    for secret in (settings.VAULT_KEK, settings.AUDIT_SIGNING_KEY, settings.WATERMARK_KEY):
        assert secret.encode() not in copied
    wrapped = bytes(DataKey.objects.get().wrapped)
    data = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert wrapped not in data
    DataKey.objects.all().delete()
    with pytest.raises(backups.BackupError, match="no keys here"):
        backups.restore(tmp_path / "data", keys=None, replace=True)
