"""How uploads come in: in memory, because a voice must not lie unencrypted on a disk, and under a limit."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from velluto.audio.intake import LARGEST


class InMemory(FileUploadHandler):
    """Keep a file in memory, at most one byte more of it than the intake takes: by that byte it knows, and says so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.content.write(raw_data[: max(0, LARGEST + 1 - start)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content,
            self.field_name,
            self.file_name or "",
            self.content_type,
            min(file_size, LARGEST + 1),
            self.charset,
            self.content_type_extra,
        )
