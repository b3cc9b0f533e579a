"""The policy as it was published, one file per version; a published file never changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_SECTION = re.compile(r"^(\d+)\. (.+)$")
_CLAUSE = re.compile(r"^(\d+\.\d+)\.? (.*)$")
_TITLE = re.compile(r"[^.:(]{3,80}?(?=\s*[.:(]|$)")  # a clause is called by how it begins


def sections(version: str) -> Iterator[tuple[str, str, str]]:
    """Yield (code, title, text) of each section and numbered clause of a published version, in order."""
    code, title = "", ""
    body: list[str] = []
    for line in (Path(__file__).parent / f"{version}.md").read_text(encoding="utf-8").splitlines():
        section, clause = _SECTION.match(line), _CLAUSE.match(line)
        if section or clause:
            if code:
                yield code, title, "\n".join(body).strip()
            if section:
                code, title, body = section[1], section[2], []
            else:
                assert clause is not None
                begins = _TITLE.match(clause[2])
                code, title, body = clause[1], begins[0] if begins else "", [clause[2]]
        else:
            body.append(line)
    if code:
        yield code, title, "\n".join(body).strip()
