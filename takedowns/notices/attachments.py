"""Recognise a document by its content, never by its name or declared type. Nothing is rendered here."""

from __future__ import annotations

from typing import BinaryIO

from takedowns.notices.refusals import DocumentRefused, DocumentTooLarge

LARGEST = 10_000_000  # bytes
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg"}
ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile")  # of a PDF: things that do something


def read(content: BinaryIO) -> tuple[bytes, str]:
    """Return a document and its content type; raise DocumentTooLarge, DocumentRefused."""
    data = content.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise DocumentTooLarge(megabytes=LARGEST // 1_000_000)
    return data, recognise(data)


def recognise(data: bytes) -> str:
    """Return the content type of a whole document: it begins and ends as its kind does, and holds no program."""
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise DocumentRefused(why="the PDF is cut off")
        if any(word in data for word in ACTIVE):
            raise DocumentRefused(why="the PDF holds a program or another file")
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        if data[12:16] != b"IHDR" or not data.endswith(b"IEND\xae\x42\x60\x82"):
            raise DocumentRefused(why="the picture is damaged or cut off")
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        if b"\xff\xd9" not in data[-1024:]:
            raise DocumentRefused(why="the picture is damaged or cut off")
        return JPEG
    raise DocumentRefused(why="it is another kind of file" if data else "it is empty")
