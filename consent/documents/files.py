"""Recognise a document by its content, never by its name or declared type; nothing in it is decoded or run.

A file is walked from its first byte to its last, so that one that was cut, or that something else hangs on, is told
from a whole one. What it shows is for the person who reads it.
"""

from __future__ import annotations

import zlib

from consent.documents.refusals import DocumentBroken, DocumentTypeUnknown

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
END_WINDOW = 2_048  # bytes before the end in which a PDF says that it ends


def recognise(content: bytes) -> str:
    """Return "pdf", "png" or "jpg"; raise DocumentTypeUnknown, and DocumentBroken where the file is not whole."""
    for start, type_, is_whole in (
        (b"%PDF-", "pdf", _whole_pdf),
        (PNG, "png", _whole_png),
        (JPEG, "jpg", _whole_jpeg),
    ):
        if content.startswith(start):
            if not is_whole(content):
                raise DocumentBroken()
            return type_
    raise DocumentTypeUnknown()


def _whole_pdf(content: bytes) -> bool:
    end = content[-END_WINDOW:]
    return content[5:6].isdigit() and b"%%EOF" in end and b"startxref" in end and b" obj" in content


def _whole_png(content: bytes) -> bool:
    """Walk the chunks (PNG, section 5.3): header first, each with its checksum, and nothing after the end."""
    at, first = len(PNG), True
    while True:
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        body_end = at + 8 + length
        if len(content) < body_end + 4 or (kind == b"IHDR") != first:
            return False
        if zlib.crc32(content[at + 4 : body_end]) != int.from_bytes(content[body_end : body_end + 4]):
            return False
        at, first = body_end + 4, False
        if kind == b"IEND":
            return at == len(content)


def _whole_jpeg(content: bytes) -> bool:
    """Walk the segments (ITU T.81, annex B) to the picture, and ask for its end; a phone may write more after that."""
    at, has_frame = 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        length = int.from_bytes(content[at + 2 : at + 4])
        if length < 2 or marker in (0x00, 0x01, 0xD8, 0xD9):
            return False
        has_frame = has_frame or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        at += 2 + length
        if marker == 0xDA:  # the picture's data follow
            return has_frame and content.find(b"\xff\xd9", at) >= 0
    return False
