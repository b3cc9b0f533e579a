"""What only a bucket can get wrong: keys, plaintext on somebody else's disk, uploads in parts, reads by ranges.

All of tests/kernel/test_vault.py runs on the same server as well.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import connection
from django.test import override_settings

from tests.kernel.swift import BUCKET, Swift, in_a_bucket, storage_of
from velluto import settings as house
from velluto import vault
from velluto.models import VaultObject
from velluto.vault.stream import MAGIC, SEGMENT

pytestmark = [
    pytest.mark.django_db(databases=["default", "keys"]),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the database has no part in this: run once, on SQLite"),
]

ALICE = "account:alice"
PART = 5 * 1024 * 1024


def content(size: int) -> bytes:
    """Return bytes of which no two windows are alike."""
    return b"".join(b"plaintext %010d|" % number for number in range(size // 21 + 1))[:size]


@pytest.fixture(autouse=True)
def bucket(swift: Swift) -> Iterator[None]:
    with in_a_bucket(swift):
        yield


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what is asked of the server from now on: operation and range."""
    seen: list[tuple[str, str]] = []
    client = storages["vault"].connection.meta.client

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen.append((model.name, params["headers"].get("Range", "")))

    client.meta.events.register("before-call.s3", note)
    return seen


def everything(swift: Swift) -> dict[str, bytes]:
    """Return every object of the bucket and of Swift's own containers for parts, as S3 gives them out."""
    client = storage_of(swift).connection.meta.client
    return {
        f"{bucket['Name']}/{entry['Key']}": client.get_object(Bucket=bucket["Name"], Key=entry["Key"])["Body"].read()
        for bucket in client.list_buckets()["Buckets"]
        for page in client.get_paginator("list_objects").paginate(Bucket=bucket["Name"])
        for entry in page.get("Contents", ())
    }


def uploads(swift: Swift) -> list[Any]:
    return list(storage_of(swift).bucket.multipart_uploads.all())


def test_a_wrong_secret_an_unknown_key_and_a_spoiled_or_missing_signature_are_refused(swift):
    from botocore.exceptions import ClientError

    name = vault.put(ALICE, "recording", b"x")
    for different in ({"secret_key": "wrong"}, {"access_key": "house:nobody"}):
        stranger = {"BACKEND": "velluto.vault.s3.VaultS3Storage", "OPTIONS": swift.options(**different)}
        with override_settings(STORAGES={**house.STORAGES, "vault": stranger}):
            for attempt in (
                lambda: vault.read(name, owner=ALICE, purpose="recording"),
                lambda: vault.put(ALICE, "recording", b"y"),
            ):
                with pytest.raises(ClientError) as refusal:
                    attempt()
                assert refusal.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    signed = storages["vault"].url(name)
    with urlopen(signed) as answer:
        assert answer.read().startswith(MAGIC)
    for spoiled in (signed.replace(name, name[:-1] + "g"), signed[:-1] + ("0" if signed[-1] != "0" else "1")):
        with pytest.raises(HTTPError, match="403"):
            urlopen(spoiled)
    with pytest.raises(HTTPError, match=r"4\d\d"):
        urlopen(signed.partition("?")[0])
    assert VaultObject.objects.count() == 1
    assert vault.read(name, owner=ALICE, purpose="recording") == b"x"


def test_the_bucket_and_the_disk_below_it_hold_ciphertext_only(swift):
    data = content(2 * PART + 1234)
    name = vault.put(ALICE, "recording", data)
    vault.put(ALICE, "recording", data[:5000])
    storage_of(swift).connection.meta.client.put_object(Bucket=BUCKET, Key="control", Body=b"plaintext of a stranger")

    given = everything(swift)
    assert given.pop(f"{BUCKET}/control") == b"plaintext of a stranger"
    assert sum(map(len, given.values())) > len(data)
    assert any(key.endswith(name) for key in given)
    assert not [key for key, whole in given.items() if b"plaintext" in whole]
    on_disk = [path.read_bytes() for path in swift.disks.rglob("*") if path.is_file()]
    assert sum(map(len, on_disk)) > len(data)
    assert [b"plaintext of a stranger" in whole for whole in on_disk].count(True) == 1  # the search does find
    assert not [whole for whole in on_disk if b"plaintext 0" in whole]


def test_what_is_large_goes_up_in_parts_and_comes_back_whole(swift, requests):
    data = content(2 * PART + 99)
    name = vault.put(ALICE, "recording", io.BytesIO(data))
    assert [operation for operation, _ in requests].count("UploadPart") == 3
    assert vault.read(name, owner=ALICE, purpose="recording") == data
    assert uploads(swift) == []


def test_a_put_that_fails_half_way_leaves_no_object_and_no_parts(swift, requests):
    class Broken(io.BytesIO):
        def read(self, count=-1):
            if self.tell() >= PART + 3 * SEGMENT:
                raise ConnectionResetError
            return super().read(count)

    before = everything(swift)
    with pytest.raises(ConnectionResetError):
        vault.put(ALICE, "recording", Broken(content(3 * PART)))
    assert "UploadPart" in [operation for operation, _ in requests]
    assert uploads(swift) == []
    assert everything(swift) == before
    assert not VaultObject.objects.exists()


def test_parts_that_a_killed_process_left_are_swept(swift):
    storage = storages["vault"]
    upload = storage.bucket.Object(f"{storage.location}/ab/left").initiate_multipart_upload()
    upload.Part(1).upload(Body=b"x" * PART)
    assert storage.abort_uploads(before=datetime.now(UTC) - timedelta(hours=6)) == 0, "this one may still run"
    assert len(uploads(swift)) == 1
    assert storage.abort_uploads(before=datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert uploads(swift) == []


def test_a_short_object_costs_one_request_and_a_range_of_a_long_one_what_it_is_long(requests):
    data = content(2 * PART)
    short, long = vault.put(ALICE, "output", data[:1000]), vault.put(ALICE, "output", data)
    requests.clear()
    assert vault.read(short, owner=ALICE, purpose="output") == data[:1000]
    assert [operation for operation, _ in requests] == ["GetObject"]

    requests.clear()
    with vault.open(long, owner=ALICE, purpose="output") as reader:
        reader.seek(PART + 17)
        assert reader.read(1000) == data[PART + 17 :][:1000]
        assert len(requests) == 2
        reader.seek(-5, io.SEEK_END)
        assert reader.read() == data[-5:]
    fetched = [[int(edge) for edge in asked.removeprefix("bytes=").split("-")] for _, asked in requests]
    assert {operation for operation, _ in requests} == {"GetObject"}
    assert sum(end - start + 1 for start, end in fetched) < 3 * 1024 * 1024


def test_a_storage_that_keeps_less_than_it_was_given_is_found_out_at_once(monkeypatch):
    from velluto.vault.s3 import VaultS3Storage

    honest = VaultS3Storage._save
    monkeypatch.setattr(
        VaultS3Storage, "_save", lambda self, name, data: honest(self, name, io.BytesIO(data.read()[:-1]))
    )
    with pytest.raises(vault.VaultError):
        vault.put(ALICE, "recording", content(3 * SEGMENT))
    assert not VaultObject.objects.exists()
    assert next(iter(storages["vault"].listdir("")[0]), None) is None


def test_the_environment_switches_the_vault_to_a_bucket(monkeypatch):
    assert house._vault()["BACKEND"].endswith("FileSystemStorage")
    monkeypatch.setenv("VAULT_S3_BUCKET", "voices")
    monkeypatch.setenv("VAULT_S3_ENDPOINT", "https://s3.example")
    monkeypatch.setenv("VAULT_S3_ACCESS_KEY", "key")
    with pytest.raises(ImproperlyConfigured, match="go together"):
        house._vault()
    monkeypatch.setenv("VAULT_S3_SECRET_KEY", "secret")
    with override_settings(STORAGES={**house.STORAGES, "vault": house._vault()}):
        storage = storages["vault"]
        assert (storage.bucket_name, storage.endpoint_url) == ("voices", "https://s3.example")
        assert (storage.access_key, storage.secret_key) == ("key", "secret")
