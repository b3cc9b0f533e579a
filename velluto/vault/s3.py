"""The vault on S3: uploads in parts, of which one is in memory; reads by ranges, so that playing costs what is played.

Needs `pip install -r requirements-s3.txt`. The bucket sees ciphertext only, so it needs no encryption of its own.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

PART = 5 * 1024 * 1024  # the least that S3 takes; 10,000 of them are 50 GB
WINDOW = 1024 * 1024


class VaultS3Storage(S3Storage):
    """Keep the vault's files in a bucket. An upload that fails is aborted, and leaves no object and no parts."""

    def get_default_settings(self) -> dict[str, Any]:
        # Checksums of the newest kind are unknown to many servers but Amazon's, and every segment carries its own.
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=10,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
        )
        # Threads would read ahead: ten parts in memory instead of one.
        transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        return {**super().get_default_settings(), "client_config": config, "transfer_config": transfer}

    def _open(self, name: str, mode: str = "rb") -> Ranges:
        return Ranges(self.bucket.Object(self._normalize_name(name)))

    def abort_uploads(self, *, before: datetime) -> int:
        """Abort the uploads in parts that a killed process left open; return how many."""
        stale = [
            upload for upload in self.bucket.multipart_uploads.filter(Prefix=self.location) if upload.initiated < before
        ]
        for upload in stale:
            upload.abort()
        return len(stale)


class Ranges(io.BufferedReader):
    """Read an object in windows of 1 MiB, each asked for when it is needed. Raises FileNotFoundError."""

    def __init__(self, stored: Any) -> None:
        raw = _Windows(stored)
        super().__init__(raw, WINDOW)
        self.size = raw.size


class _Windows(io.RawIOBase):
    def __init__(self, stored: Any) -> None:
        self._stored = stored
        self._position = 0
        self._first = b""
        self.size = 0
        # The first window says how long the whole is: a short object costs one request.
        try:
            answer = stored.get(Range=f"bytes=0-{WINDOW - 1}")
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                raise FileNotFoundError(stored.key) from None
            if status != 416:  # which an empty object answers
                raise
        else:
            self._first = answer["Body"].read()
            self.size = int(answer.get("ContentRange", f"/{answer['ContentLength']}").rpartition("/")[2])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start, end = self._position, min(self._position + len(buffer), self.size)
        if start >= end:
            return 0
        if start < len(self._first):
            piece = self._first[start:end]
        else:
            piece = self._stored.get(Range=f"bytes={start}-{end - 1}")["Body"].read()
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
