from __future__ import annotations

import io
import threading
import tracemalloc
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection, connections, transaction

from tests.kernel.swift import in_a_bucket
from velluto import vault
from velluto.models import AuditEvent, DataKey, VaultObject
from velluto.vault import objects
from velluto.vault.stream import HEADER, SEGMENT, TAG

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

ALICE, BOB = "account:alice", "voice-owner:bob"
SIZES = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 17]


def content(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


@pytest.fixture(autouse=True, params=["folder", "s3"] if connection.vendor == "sqlite" else ["folder"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run every test on a local folder and, once, on a real S3 server."""
    if request.param == "folder":
        yield "folder"
    else:
        with in_a_bucket(request.getfixturevalue("swift")):
            yield "s3"


def stored(name: str) -> bytes:
    with storages["vault"].open(name) as file:
        return file.read()


def overwrite(name: str, data: bytes) -> None:
    storages["vault"].delete(name)
    storages["vault"].save(name, ContentFile(data))


def exists(name: str) -> bool:
    return storages["vault"].exists(name)


def read(name: str, owner: str = ALICE) -> bytes:
    return vault.read(name, owner=owner, purpose="recording")


def files() -> set[str]:
    return set(objects._files())


# ------------------------------------------------------------------------------------------------ putting and reading
@pytest.mark.parametrize("size", SIZES)
def test_what_is_put_is_read_back_and_is_not_what_is_stored(size):
    data = content(size)
    name = vault.put(ALICE, "recording", data)
    assert read(name) == data
    assert vault.size(name, owner=ALICE, purpose="recording") == size
    kept = stored(name)
    assert len(kept) == HEADER.size + size + TAG * max(1, -(-size // SEGMENT))
    assert size < 16 or data[:16] not in kept


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_that_hands_out_little_at_a_time_is_put_whole(size):
    class Trickle(io.BytesIO):
        def read(self, count=-1):
            return super().read(min(count, 1000))

    assert read(vault.put(ALICE, "recording", Trickle(content(size)))) == content(size)


def test_a_reader_seeks_and_decrypts_only_what_it_needs(monkeypatch):
    data = content(40 * SEGMENT + 5)
    name = vault.put(ALICE, "recording", data)
    from velluto.vault.stream import Decrypting

    decrypted = []
    honest = Decrypting._segment
    monkeypatch.setattr(Decrypting, "_segment", lambda self, number: decrypted.append(number) or honest(self, number))
    with vault.open(name, owner=ALICE, purpose="recording") as reader:
        reader.seek(20 * SEGMENT + 100)
        assert reader.read(50) == data[20 * SEGMENT + 100 :][:50]
        reader.seek(-3, io.SEEK_END)
        assert reader.read() == data[-3:]
        assert reader.seek(7) == reader.tell() == 7
        assert reader.read(2) == data[7:9]
    assert set(decrypted) <= {20, 21, 40, 0, 1}


def test_two_objects_of_the_same_content_have_nothing_in_common():
    one, other = (stored(vault.put(ALICE, "recording", b"x" * 1000)) for _ in range(2))
    assert one[HEADER.size :] != other[HEADER.size :]


def test_a_deleted_object_is_gone_with_its_file(django_capture_on_commit_callbacks):
    name = vault.put(ALICE, "recording", b"x")
    with django_capture_on_commit_callbacks(execute=True):
        vault.delete(name)
        vault.delete(name)
    assert not exists(name)
    with pytest.raises(vault.ObjectMissing) as refusal:
        read(name)
    assert refusal.value.code == "vault_missing"


def test_an_object_whose_file_is_gone_is_missing():
    name = vault.put(ALICE, "recording", b"x")
    storages["vault"].delete(name)
    with pytest.raises(vault.ObjectMissing):
        read(name)


def test_a_put_whose_source_fails_leaves_nothing_behind():
    class Broken(io.BytesIO):
        def read(self, count=-1):
            if self.tell() >= 3 * SEGMENT:
                raise ConnectionResetError
            return super().read(count)

    before = files()
    with pytest.raises(ConnectionResetError):
        vault.put(ALICE, "recording", Broken(content(5 * SEGMENT)))
    assert files() == before
    assert not VaultObject.objects.exists()


def test_a_large_stream_goes_through_little_memory(place):
    class Endless(io.RawIOBase):
        left = {"folder": 24, "s3": 48}[place] * 1024 * 1024

        def read(self, count=-1):
            count = min(count, self.left)
            self.left -= count
            return b"\x55" * count

    tracemalloc.start()
    try:
        name = vault.put(ALICE, "recording", Endless())
        with vault.open(name, owner=ALICE, purpose="recording") as reader:
            while piece := reader.read(100_000):
                assert piece.count(0x55) == len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < {"folder": 4, "s3": 32}[place] * 1024 * 1024


# ------------------------------------------------------------------------------------------------ hostile hands
def test_another_owner_or_purpose_is_refused():
    name = vault.put(ALICE, "recording", b"x")
    vault.put(BOB, "recording", b"y")
    for owner, purpose in [(BOB, "recording"), (ALICE, "output"), ("account:nobody", "recording")]:
        with pytest.raises(vault.WrongContext) as refusal:
            vault.read(name, owner=owner, purpose=purpose)
        assert refusal.value.code == "vault_context"


def test_a_row_rewritten_to_another_owner_opens_nothing():
    name = vault.put(ALICE, "recording", b"x")
    vault.put(BOB, "recording", b"y")
    VaultObject.objects.filter(name=name).update(owner=BOB)
    with pytest.raises(vault.Tampered):
        read(name, owner=BOB)


def test_two_files_of_one_owner_cannot_be_swapped():
    one, other = vault.put(ALICE, "recording", b"one"), vault.put(ALICE, "recording", b"two")
    first, second = stored(one), stored(other)
    overwrite(one, second)
    overwrite(other, first)
    for name in (one, other):
        with pytest.raises(vault.Tampered) as refusal:
            read(name)
        assert refusal.value.code == "vault_tampered"


@pytest.mark.parametrize("size", [0, 1, 300, SEGMENT])
def test_no_bit_of_a_file_can_be_flipped(size):
    name = vault.put(ALICE, "recording", content(size))
    honest = stored(name)
    for spot in {0, HEADER.size - 1, HEADER.size, len(honest) // 2, len(honest) - 1}:  # test_vault_stream tries all
        overwrite(name, honest[:spot] + bytes([honest[spot] ^ 1]) + honest[spot + 1 :])
        with pytest.raises(vault.Tampered):
            read(name)


def _segments(whole: bytes) -> list[bytes]:
    body = whole[HEADER.size :]
    return [body[start : start + SEGMENT + TAG] for start in range(0, len(body), SEGMENT + TAG)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:-1],
        lambda parts: parts[:1],
        lambda parts: [],
        lambda parts: [parts[1], parts[0], *parts[2:]],
        lambda parts: [*parts, parts[-1]],
        lambda parts: [*parts[:-1], parts[-1][:-1]],
        lambda parts: [*parts[:-1], parts[-1] + b"\0"],
        lambda parts: parts[1:],
    ],
    ids=["last cut", "all but one cut", "all cut", "swapped", "repeated", "a byte less", "a byte more", "first cut"],
)
@pytest.mark.parametrize("the_row_lies_too", [False, True])
def test_no_segment_can_be_cut_swapped_or_added(spoil, the_row_lies_too):
    name = vault.put(ALICE, "recording", content(3 * SEGMENT + 99))
    honest = stored(name)
    spoiled = honest[: HEADER.size] + b"".join(spoil(_segments(honest)))
    overwrite(name, spoiled)
    if the_row_lies_too:
        body = len(spoiled) - HEADER.size
        VaultObject.objects.filter(name=name).update(size=body - TAG * max(1, -(-body // (SEGMENT + TAG))))
    with pytest.raises(vault.Tampered):
        read(name)


# ------------------------------------------------------------------------------------------------ small values
def test_a_sealed_value_opens_only_in_its_own_place():
    sealed = vault.seal(ALICE, "script", "request:1.text", b"ciao")
    assert b"ciao" not in sealed
    assert vault.unseal(ALICE, "script", "request:1.text", sealed) == b"ciao"
    assert vault.unseal(ALICE, "script", "request:1.text", memoryview(sealed)) == b"ciao"
    for elsewhere in [(BOB, "script", "request:1.text"), (ALICE, "name", "request:1.text"), (ALICE, "script", "2")]:
        with pytest.raises(vault.WrongContext):
            vault.unseal(*elsewhere, sealed)
    for spoiled in [sealed[:-1] + b"\0", sealed[:-1], sealed + b"\0", sealed[:20], b""]:
        with pytest.raises(vault.Tampered):
            vault.unseal(ALICE, "script", "request:1.text", spoiled)


# ------------------------------------------------------------------------------------------------ keys
def test_keys_live_in_their_own_database_and_nothing_else_does():
    vault.put(ALICE, "recording", b"x")
    assert DataKey.objects.db == "keys"
    tables = {alias: set(connections[alias].introspection.table_names()) for alias in ("default", "keys")}
    assert tables["keys"] == {"velluto_datakey", "django_migrations"}
    assert "velluto_datakey" not in tables["default"]
    assert "velluto_auditevent" in tables["default"]


def test_destroying_a_key_ends_everything_of_that_owner_and_nothing_else(django_capture_on_commit_callbacks):
    mine, theirs = vault.put(ALICE, "recording", b"x"), vault.put(BOB, "recording", b"y")
    sealed = vault.seal(ALICE, "script", "1", b"z")
    with django_capture_on_commit_callbacks(execute=True):
        vault.destroy(ALICE, actor="moderator", reason="revoked")
        vault.destroy(ALICE, actor="moderator", reason="revoked")

    for attempt in (
        lambda: vault.open(mine, owner=ALICE, purpose="recording"),
        lambda: read(mine),
        lambda: vault.unseal(ALICE, "script", "1", sealed),
        lambda: vault.put(ALICE, "recording", b"again"),
        lambda: vault.seal(ALICE, "script", "1", b"again"),
    ):
        with pytest.raises(vault.KeyDestroyed) as refusal:
            attempt()
        assert refusal.value.code == "vault_key_destroyed"
    assert read(theirs, BOB) == b"y"
    row = AuditEvent.objects.get()
    assert (row.event, row.subject_id, row.reason) == ("vault.key_destroyed", ALICE, "revoked")
    key = DataKey.objects.get(owner=ALICE)
    assert bytes(key.wrapped) == b""
    assert key.destroyed_at


def test_the_vault_closes_for_an_owner_before_the_destruction_commits():
    name = vault.put(ALICE, "recording", b"x")
    vault.destroy(ALICE, actor=None, reason="revoked")
    with pytest.raises(vault.KeyDestroyed):
        read(name)


def test_an_owner_who_never_had_a_key_gets_none_after_destruction(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        vault.destroy(BOB, actor=None, reason="asked")
    assert DataKey.objects.get(owner=BOB).destroyed_at
    with pytest.raises(vault.KeyDestroyed):
        vault.put(BOB, "recording", b"x")


def test_restored_keys_stay_closed_and_are_destroyed_again_by_the_sweep(django_capture_on_commit_callbacks):
    name = vault.put(ALICE, "recording", b"x")
    backup = DataKey.objects.get(owner=ALICE)
    with django_capture_on_commit_callbacks(execute=True):
        vault.destroy(ALICE, actor=None, reason="revoked")
    backup.save()

    with pytest.raises(vault.KeyDestroyed):
        read(name)
    assert vault.sweep().keys == 1
    assert bytes(DataKey.objects.get(owner=ALICE).wrapped) == b""


def test_restored_data_and_files_open_nothing_while_the_keys_know(django_capture_on_commit_callbacks, monkeypatch):
    name = vault.put(ALICE, "recording", b"x")
    with django_capture_on_commit_callbacks(execute=True):
        vault.destroy(ALICE, actor=None, reason="revoked")
    monkeypatch.setattr("velluto.vault.keys.DESTROYED", "an audit from before the destruction knows no such event")
    with pytest.raises(vault.KeyDestroyed):
        read(name)


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_the_sweep_removes_what_no_key_opens_any_more():
    mine, theirs = vault.put(ALICE, "recording", b"x"), vault.put(BOB, "recording", b"y")
    vault.destroy(ALICE, actor=None, reason="revoked")
    assert vault.sweep().files == 1
    assert not exists(mine)
    assert read(theirs, BOB) == b"y"
    with pytest.raises(vault.KeyDestroyed):
        read(mine)


def _kek(letter: bytes) -> str:
    return urlsafe_b64encode(letter * 32).decode()


def test_key_encryption_keys_rotate_without_touching_what_is_stored(settings):
    settings.VAULT_KEK, settings.VAULT_KEK_FALLBACKS = _kek(b"a"), []
    name = vault.put(ALICE, "recording", b"x")
    kept = stored(name)
    settings.VAULT_KEK, settings.VAULT_KEK_FALLBACKS = _kek(b"b"), [_kek(b"a")]
    assert read(name) == b"x"

    assert (vault.rotate(), vault.rotate()) == (1, 0)

    settings.VAULT_KEK_FALLBACKS = []
    assert read(name) == b"x"
    assert stored(name) == kept
    settings.VAULT_KEK = _kek(b"a")
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEK_FALLBACKS"):
        read(name)


def test_a_key_that_is_none_is_seen_at_the_start(settings):
    assert not [message for message in checks.run_checks() if message.id == "velluto.E001"]
    settings.VAULT_KEK_FALLBACKS, settings.AUDIT_SIGNING_KEY = [urlsafe_b64encode(b"short").decode()], "no base64"
    assert len([message for message in checks.run_checks() if message.id == "velluto.E001"]) == 2


def test_a_rotation_does_not_revive_a_key_destroyed_meanwhile(
    settings, monkeypatch, django_capture_on_commit_callbacks
):
    from velluto.vault import keys

    settings.VAULT_KEK, settings.VAULT_KEK_FALLBACKS = _kek(b"a"), []
    vault.put(ALICE, "recording", b"x")
    settings.VAULT_KEK, settings.VAULT_KEK_FALLBACKS = _kek(b"b"), [_kek(b"a")]
    honest = keys._wrap

    def destroy_first(*args):
        with django_capture_on_commit_callbacks(execute=True):
            vault.destroy(ALICE, actor=None, reason="revoked")
        return honest(*args)

    monkeypatch.setattr(keys, "_wrap", destroy_first)
    assert vault.rotate() == 0
    assert bytes(DataKey.objects.get(owner=ALICE).wrapped) == b""


def test_a_wrapped_key_moved_to_another_owner_does_not_open():
    vault.put(ALICE, "recording", b"x")
    name = vault.put(BOB, "recording", b"y")
    alices = DataKey.objects.get(owner=ALICE)
    DataKey.objects.filter(owner=BOB).update(wrapped=alices.wrapped)
    with pytest.raises(vault.Tampered):
        read(name, BOB)


# ----------------------------------------------------------------------------------------------- transactions and races
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_put_that_is_rolled_back_does_not_open_and_its_file_is_swept():
    names = []
    with pytest.raises(RuntimeError), transaction.atomic():
        names.append(vault.put(ALICE, "recording", b"x"))
        raise RuntimeError
    kept = vault.put(ALICE, "recording", b"kept")

    with pytest.raises(vault.ObjectMissing):
        read(names[0])
    assert vault.sweep().files == 0, "a file this young may belong to a transaction still running"
    vault.sweep(older_than=timedelta(seconds=-2))  # a storage may know whole seconds only
    assert not exists(names[0])
    assert read(kept) == b"kept"


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_destruction_that_is_rolled_back_destroys_nothing():
    name = vault.put(ALICE, "recording", b"x")
    with pytest.raises(RuntimeError), transaction.atomic():
        vault.destroy(ALICE, actor=None, reason="revoked")
        raise RuntimeError
    assert read(name) == b"x"


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_destruction_leaves_no_trace_of_the_key_in_the_keys_database_files():
    vault.put(ALICE, "recording", b"x")
    wrapped = bytes(DataKey.objects.get(owner=ALICE).wrapped)
    vault.destroy(ALICE, actor=None, reason="revoked")
    assert bytes(DataKey.objects.get(owner=ALICE).wrapped) == b""
    if connections["keys"].vendor == "sqlite":
        place = Path(connections["keys"].settings_dict["NAME"])
        for file in place.parent.glob(place.name + "*"):
            assert wrapped not in file.read_bytes()


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_destruction_interrupted_after_its_commit_is_finished_by_the_sweep(monkeypatch, capsys):
    name = vault.put(ALICE, "recording", b"x")
    with monkeypatch.context() as crash:

        def die(owner):
            raise ConnectionError

        crash.setattr("velluto.vault.keys._burn", die)
        with pytest.raises(ConnectionError):
            vault.destroy(ALICE, actor=None, reason="revoked")
    with pytest.raises(vault.KeyDestroyed):
        read(name)
    call_command("sweep_vault")
    assert "1 keys destroyed" in capsys.readouterr().out
    assert bytes(DataKey.objects.get(owner=ALICE).wrapped) == b""


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_first_puts_of_one_owner_at_once_end_with_one_key():
    start, names, errors = threading.Barrier(8), [], []

    def first():
        start.wait()
        try:
            names.append(vault.put(ALICE, "recording", b"x"))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert DataKey.objects.count() == 1
    assert [read(name) for name in names] == [b"x"] * 8
