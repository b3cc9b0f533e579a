"""The shape of what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: a stable code, how bad, one sentence, and how to mend it ("" where all is well)."""

    code: str
    level: Level
    sentence: str
    mend: str = ""


def ok(code: str, sentence: str) -> Finding:
    return Finding(code, Level.OK, sentence)


def warn(code: str, sentence: str, mend: str) -> Finding:
    return Finding(code, Level.WARN, sentence, mend)


def fail(code: str, sentence: str, mend: str) -> Finding:
    return Finding(code, Level.FAIL, sentence, mend)
