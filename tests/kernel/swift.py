"""A real S3 server for the tests: Debian's OpenStack Swift, which checks the signature of every request."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

PYTHON = "/usr/bin/python3"  # Debian's: Swift is a package of the system, not of this project
SERVER = Path(__file__).with_name("swift_server.py")
BUCKET = "velluto-vault"
_numbers = count()


@dataclass(frozen=True)
class Swift:
    url: str
    disks: Path
    access_key: str = "house:vault"
    secret_key: str = "a-secret-of-the-tests"

    def options(self, **different: Any) -> dict[str, Any]:
        """Return what the storage is set up with."""
        return {
            "bucket_name": BUCKET,
            "endpoint_url": self.url,
            "region_name": "us-east-1",
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            **different,
        }


@contextmanager
def serving(folder: Path) -> Iterator[Swift]:
    """Start the server in a folder, make its bucket, and end it afterwards; skip where it is not installed."""
    if find_spec("boto3") is None:
        pytest.skip("S3 IS NOT TESTED: pip install -r requirements-s3.txt")
    if subprocess.run([PYTHON, "-I", "-c", "import swift"], capture_output=True, check=False).returncode:
        pytest.skip("S3 IS NOT TESTED: apt install python3-swift")
    try:
        os.setxattr(folder, "user.velluto", b"1")
    except OSError:
        pytest.skip(f"S3 IS NOT TESTED: {folder} lies on a file system without extended attributes; set TMPDIR")
    wanted = Swift("", folder / "disks")
    command = [PYTHON, "-I", str(SERVER), str(folder), wanted.access_key, wanted.secret_key]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    assert process.stdin and process.stdout
    try:
        port = process.stdout.readline().decode().strip()
        assert port, (folder / "log").read_text()
        swift = Swift(f"http://127.0.0.1:{port}", wanted.disks)
        storage_of(swift).connection.create_bucket(Bucket=BUCKET)
        yield swift
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=30)


def storage_of(swift: Swift, **different: Any) -> Any:
    from velluto.vault.s3 import VaultS3Storage

    return VaultS3Storage(**swift.options(**different))


@contextmanager
def in_a_bucket(swift: Swift) -> Iterator[None]:
    """Keep the vault in the bucket, below a prefix that no other test uses."""
    options = swift.options(location=f"test-{next(_numbers)}")
    vault = {"BACKEND": "velluto.vault.s3.VaultS3Storage", "OPTIONS": options}
    with override_settings(STORAGES={**settings.STORAGES, "vault": vault}):
        yield
