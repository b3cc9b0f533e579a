"""A file sent whole, or the part of it that a player asks for (RFC 9110, section 14).

Without parts a player cannot seek, and Safari does not play at all.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def send(
    request: HttpRequest, content: BinaryIO, size: int, content_type: str, *, name: str = "", save: bool = False
) -> HttpResponseBase:
    """Answer with `content` (seekable, `size` bytes; closed in the end), never kept by a cache.

    `name` is what the file is called where it is saved; `save` asks the browser to save it. What is not one range of
    bytes is answered with the whole, as the RFC has it.
    """
    response: HttpResponseBase
    asked = wanted(request.headers.get("Range", ""), size)
    if asked is None:
        response = FileResponse(content, as_attachment=save, filename=name, content_type=content_type)
        response["Content-Length"] = size
    elif not asked:
        content.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        with content:
            content.seek(asked.start)
            response = HttpResponse(content.read(len(asked)), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def wanted(header: str, size: int) -> range | None:
    """Return the bytes that a Range header asks for: None for the whole, an empty range for what is not there."""
    asked = _ONE_RANGE.fullmatch(header.strip())
    if not asked or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else size, size))
