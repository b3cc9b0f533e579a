"""A player gets the part of a sound that it asks for."""

from __future__ import annotations

import io

import pytest
from django.test import RequestFactory

from velluto import parts

CONTENT = bytes(range(200))


def ask(header: str | None):
    headers = {"Range": header} if header else {}
    request = RequestFactory().get("/", headers=headers)
    return parts.send(request, io.BytesIO(CONTENT), len(CONTENT), "audio/flac", name="a.flac")


@pytest.mark.parametrize("header", [None, "bytes=0-1,5-6", "seconds=0-1", "bytes=-", "bytes=9-3", "nonsense"])
def test_the_whole_is_sent_where_no_single_part_is_asked_for(header: str | None) -> None:
    response = ask(header)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == CONTENT
    assert (response["Content-Length"], response["Accept-Ranges"]) == ("200", "bytes")
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-", 0, 199), ("bytes=10-19", 10, 19), ("bytes=190-999", 190, 199), ("bytes=-5", 195, 199)],
)
def test_a_part_is_sent_with_where_it_lies(header: str, first: int, last: int) -> None:
    response = ask(header)
    assert response.status_code == 206
    assert response.content == CONTENT[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/200"
    assert response["Content-Type"] == "audio/flac"


@pytest.mark.parametrize("header", ["bytes=200-", "bytes=500-600", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(header: str) -> None:
    response = ask(header)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */200"
