"""The policy as it was published, one file per version; a published file never changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_SECTION = re.compile(r"^(\d+)\. (.+)$")
_CLAUSE = re.compile(r"^(\d+\.\d+)\.? (?:([^.]{3,60})\. )?(.*)$")


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
                above = title
            else:
                assert clause is not None
                code, title, body = clause[1], clause[2] or above, [clause[3]]
        else:
            body.append(line)
    if code:
        yield code, title, "\n".join(body).strip()
