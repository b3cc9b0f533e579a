"""Whose key was destroyed is gone from every copy: old copies of the database and the files, restored, say nothing.

Real voices, recordings, voiceprints, models, scripts and outputs; the copies are those an operator makes. The keys are
not restored: docs/kernel.md says to back them up apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection

from accounts.models import User
from consent import services as consent
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from tests import factories
from tests.accounts.factories import make_user
from velluto import jobs, vault
from velluto.audit.models import AuditEvent
from velluto.jobs import Job
from velluto.models import DataKey, VaultObject
from velluto.vault.stream import MAGIC
from voices import services as voices
from voices.models import Recording, Voice, Voiceprint

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SCRIPT = (
    "The cormorant keeps its secret under the ninth plank of the pier, and nobody but me has ever lifted that plank."
)
WINDOW = 48  # bytes: long enough that chance finds none


def spoken_by(voice: Voice) -> SpeechRequest:
    request = synthesis.request_speech(account=voice.account, voice=voice, text=SCRIPT)
    for _ in range(3):
        Job.objects.filter(status="queued").update(due_at=request.requested_at)
        jobs.drain()
    request.refresh_from_db()
    assert request.status == SpeechRequest.Status.DONE, request.error
    return request


def readers(account: User) -> dict[str, Callable[[], bytes]]:
    """Return every way to read what the house holds of an account and its voices, by what it is."""
    found: dict[str, Callable[[], bytes]] = {}
    for recording in Recording.objects.filter(voice__account=account):
        found[f"recording {recording.purpose}"] = lambda one=recording: voices.recording_bytes(one)
        found[f"sound {recording.purpose}"] = lambda one=recording: voices.load_audio(one).samples.tobytes()
    for print_ in Voiceprint.objects.filter(recording__voice__account=account):
        found[f"voiceprint {print_.recording.purpose}"] = lambda one=print_: voices.load_voiceprint(
            one
        ).vector.tobytes()
    for voice in Voice.objects.filter(account=account).exclude(artefact=""):
        found["artefact"] = lambda one=voice: voices.load_artefact(one).data
    for request in account.speech_requests.all():
        found["script"] = lambda one=request: synthesis.script_of(one).encode()
        found["output"] = lambda one=request: synthesis.open_output(one.output, actor=account).read()
    return found


def windows(plain: bytes) -> list[bytes]:
    """Return pieces from all over a content; those of one byte repeated (silence) say nothing."""
    starts = range(0, max(1, len(plain) - WINDOW), max(1, len(plain) // 40))
    return [piece for start in starts if len(set(piece := plain[start : start + WINDOW])) > 8]


def pcm(account: User) -> list[bytes]:
    """Return pieces of the sound as samples of 16 bits, as a decoder or a WAV file holds it."""
    found = []
    for recording in Recording.objects.filter(voice__account=account):
        found += windows((voices.load_audio(recording).samples * 32767).astype("<i2").tobytes())
    return found


class Copies:
    """What an operator copies every night: the database and the folder of the vault, without the keys."""

    def __init__(self, folder: Path) -> None:
        self.files, self.data = folder / "vault", folder / "data"
        self.vault = Path(storages["vault"].path(""))
        shutil.copytree(self.vault, self.files)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            shutil.copy(connection.settings_dict["NAME"], self.data)
        else:
            self._postgresql("pg_dump", "--format=custom", "--compress=0", f"--file={self.data}")

    def restore(self) -> None:
        shutil.rmtree(self.vault)
        shutil.copytree(self.files, self.vault)
        connection.close()
        if connection.vendor == "sqlite":
            place = Path(connection.settings_dict["NAME"])
            for rest in place.parent.glob(place.name + "-*"):
                rest.unlink()
            shutil.copy(self.data, place)
        else:
            self._postgresql("pg_restore", "--clean", "--if-exists", "--single-transaction", str(self.data))

    def holds(self, piece: bytes) -> bool:
        """Tell whether any file of the copies holds these bytes, as they are or in the hexadecimal of a dump."""
        return any(piece in whole or piece.hex().encode() in whole for whole in self._all)

    def read_raw(self) -> None:
        self._all = [path.read_bytes() for path in (self.data, *self.files.rglob("*")) if path.is_file()]

    def _postgresql(self, program: str, *options: str) -> None:
        database = connection.get_connection_params()
        if shutil.which(program) is None:
            pytest.skip(f"no {program} on this machine")
        environment = {
            "PG" + key.upper(): str(database[key]) for key in ("host", "port", "user", "password") if database.get(key)
        }
        name = ["--dbname", database["dbname"]]
        subprocess.run([program, *name, *options], check=True, env={**os.environ, **environment}, capture_output=True)


def test_old_copies_of_database_and_files_hold_nothing_readable_of_whose_key_was_destroyed(tmp_path):
    voice = factories.active_voice(make_user(full_name="Alice Baker"))
    alice, owner = voice.account, voice.owner.vault_owner
    spoken_by(voice)
    bob = make_user(full_name="Bob Carter")
    factories.voice_at("representations", bob)
    plain = {what: read() for what, read in readers(alice).items()}
    kinds = {what.split()[0] for what in plain}
    assert kinds == {"recording", "sound", "voiceprint", "artefact", "script", "output"}
    assert all(plain.values())
    pieces = [piece for content in plain.values() for piece in windows(content)] + pcm(alice)
    pieces += [SCRIPT.encode(), SCRIPT.encode("utf-16-le"), SCRIPT[:WINDOW].encode()]
    kept = set(VaultObject.objects.values_list("name", flat=True))
    copies = Copies(tmp_path)

    consent.withdraw(voice, actor=alice, reason="asked for it")
    jobs.drain()
    vault.destroy(alice.vault_owner, actor=alice, reason="asked for it")
    assert not VaultObject.objects.filter(owner=owner).exists()
    copies.restore()

    # The copies are whole, and from before: they know of no destruction, and the files are back.
    assert not AuditEvent.objects.filter(event="vault.key_destroyed").exists()
    assert set(VaultObject.objects.values_list("name", flat=True)) == kept
    assert all(storages["vault"].exists(name) for name in kept)
    assert all(read() for read in readers(bob).values())
    assert readers(alice).keys() == plain.keys()

    readable = 0
    for what, read in readers(alice).items():
        with pytest.raises(vault.KeyDestroyed):
            readable += len(read())
        assert readable == 0, what
    assert [bytes(key.wrapped) for key in DataKey.objects.filter(owner__in=[owner, alice.vault_owner])] == [b"", b""]

    copies.read_raw()
    assert copies.holds(MAGIC)
    assert copies.holds(alice.email.encode())  # what is not secret is found: the search works
    assert len(pieces) > 200
    assert [piece for piece in pieces if copies.holds(piece)] == []

    hers = VaultObject.objects.filter(owner__in=[owner, alice.vault_owner])
    names = list(hers.values_list("name", flat=True))
    vault.sweep()
    assert not hers.exists()
    assert not any(storages["vault"].exists(name) for name in names)
    assert all(read() for read in readers(bob).values())
