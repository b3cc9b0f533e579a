"""Putting content into the vault and taking it out."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from velluto import space
from velluto.vault.errors import ObjectMissing, Tampered, VaultError, WrongContext
from velluto.vault.keys import finish_destructions, key_for
from velluto.vault.models import DataKey, VaultObject
from velluto.vault.stream import Context, Decrypting, Encrypting, Key, plain_size

ORPHAN_AGE = timedelta(hours=6)  # no transaction that put a file lasts that long
FEW = 20  # files without a row, which a small house may have after some crashes


def storage() -> Storage:
    return storages["vault"]


def put(owner: str, purpose: str, content: bytes | BinaryIO) -> str:
    """Encrypt content, given whole or as a stream, into the vault and return the name of the new object.

    Call it inside the transaction that keeps the name: where that rolls back, the object is gone with it (its file,
    which no longer opens, is swept later). A put that fails leaves nothing behind. Raises KeyDestroyed, and StorageFull
    before the disk's last megabytes are taken: they are kept for what must still be written, a withdrawal above all.
    """
    space.require_room()
    name = _new_name()
    source = io.BytesIO(content) if isinstance(content, bytes | bytearray | memoryview) else content
    encrypted = Encrypting(source, key_for(owner, create=True), Context(owner, purpose, name))
    try:
        # Where a storage renames what it is given, the name inside the ciphertext would no longer be the file's.
        if storage().save(name, cast(File, encrypted)) != name:
            raise VaultError
        if plain_size(storage().size(name)) != encrypted.size:  # a storage that keeps half is found out now
            raise VaultError
        _flush_to_disk(name)
        VaultObject.objects.create(
            name=name, owner=owner, purpose=purpose, size=encrypted.size, created_at=timezone.now()
        )
    except BaseException as error:
        storage().delete(name)
        if isinstance(error, OSError) and space.is_full(error):
            raise space.StorageFull from error
        raise
    return name


def open(name: str, *, owner: str, purpose: str) -> BinaryIO:
    """Return a reader of an object's content; seeking is cheap. Raises the vault's errors, here or while reading."""
    key = _existing_key(owner)
    row = _row(name, owner, purpose)
    try:
        stored = storage().open(name, "rb")
    except FileNotFoundError:
        raise ObjectMissing from None
    try:
        if plain_size(stored.size) != row.size:
            raise Tampered
        reader = Decrypting(cast(BinaryIO, stored), stored.size, key, Context(owner, purpose, name))
    except WrongContext:
        stored.close()
        raise Tampered from None  # the row says the context is right, so the file is not this object
    except BaseException:
        stored.close()
        raise
    return io.BufferedReader(reader, 64 * 1024)


def read(name: str, *, owner: str, purpose: str) -> bytes:
    """Return an object's whole content."""
    with open(name, owner=owner, purpose=purpose) as reader:
        return reader.read()


def size(name: str, *, owner: str, purpose: str) -> int:
    """Return the number of bytes of an object's content, without reading it."""
    return _row(name, owner, purpose).size


def delete(name: str) -> None:
    """Remove an object: its row in the caller's transaction, its file when that commits. Twice is harmless."""
    with transaction.atomic():
        VaultObject.objects.filter(name=name).delete()
        transaction.on_commit(lambda: storage().delete(name))


def clear(owner: str) -> int:
    """Remove every object of an owner; return how many there were. Twice is harmless."""
    names = list(VaultObject.objects.filter(owner=owner).values_list("name", flat=True))
    for name in names:
        delete(name)
    return len(names)


def seal(owner: str, purpose: str, context: str, data: bytes) -> bytes:
    """Encrypt a small value for a BinaryField; `context` says which ("request:<id>.text"). Raises KeyDestroyed."""
    return Encrypting(io.BytesIO(data), key_for(owner, create=True), _sealed(owner, purpose, context)).read()


def unseal(owner: str, purpose: str, context: str, data: bytes) -> bytes:
    """Return what `seal` was given. Raises the vault's errors."""
    stored = bytes(data)
    reader = Decrypting(io.BytesIO(stored), len(stored), _existing_key(owner), _sealed(owner, purpose, context))
    return reader.read()


class Swept(NamedTuple):
    """How many keys a sweep destroyed, and how many files it removed."""

    keys: int
    files: int


class ForeignFiles(RuntimeError):
    """More files lie in the vault that no row names than crashes leave: are database and storage of one house?"""


def sweep(*, older_than: timedelta = ORPHAN_AGE, unattended: bool = False) -> Swept:
    """Finish what a crash interrupted, and remove what is of no use: files that no row names, or no key opens.

    `older_than` spares the files of transactions that still run. `unattended` raises ForeignFiles, and removes none of
    them, where they are so many that a wrong or restored database is the likelier reason.
    """
    keys = finish_destructions()
    before = timezone.now() - older_than
    removed = 0
    for owner in DataKey.objects.exclude(destroyed_at=None).values_list("owner", flat=True).iterator():
        for name in VaultObject.objects.filter(owner=owner).values_list("name", flat=True):
            delete(name)
            removed += 1
    strays = [name for name in _unnamed() if storage().get_modified_time(name) < before]
    if unattended and len(strays) > max(FEW, VaultObject.objects.count()):
        raise ForeignFiles
    for name in strays:
        storage().delete(name)
    removed += len(strays)
    if abort := getattr(storage(), "abort_uploads", None):
        removed += abort(before=before)
    return Swept(keys, removed)


def _new_name() -> str:
    digits = uuid4().hex
    return f"{digits[:2]}/{digits}"  # 256 folders, so that none grows too long to list


def _row(name: str, owner: str, purpose: str) -> VaultObject:
    row = VaultObject.objects.filter(name=name).first()
    if row is None:
        raise ObjectMissing
    if (row.owner, row.purpose) != (owner, purpose):
        raise WrongContext
    return row


def _existing_key(owner: str) -> Key:
    try:
        return key_for(owner)
    except DataKey.DoesNotExist:
        raise WrongContext from None


def _sealed(owner: str, purpose: str, context: str) -> Context:
    return Context(owner, purpose, f"sealed:{context}")  # no object's name has a colon, so the two never meet


def _files() -> Iterator[str]:
    try:
        folders, _ = storage().listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        for file in storage().listdir(folder)[1]:
            yield f"{folder}/{file}"


def _unnamed() -> Iterator[str]:
    """Yield the files that no row names, asking for a few hundred at a time."""
    files = _files()
    while some := list(islice(files, 500)):
        named = set(VaultObject.objects.filter(name__in=some).values_list("name", flat=True))
        yield from (name for name in some if name not in named)


def _flush_to_disk(name: str) -> None:
    """Make a local file survive a power cut, as the row that names it does."""
    try:
        path = Path(storage().path(name))
    except NotImplementedError:  # not a local storage: what it acknowledged is kept
        return
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
