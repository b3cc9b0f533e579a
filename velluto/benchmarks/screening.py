"""How many forbidden scripts are stopped, and how many others pass (docs/benchmarks/screening.md)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from synthesis.screening import ALLOWED, Verdict, judge
from velluto import engines


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled script."""

    text: str
    label: str
    language: str
    hard: bool
    disguised: bool


@dataclass(frozen=True, slots=True)
class Answer:
    line: Line
    verdict: Verdict

    @property
    def right(self) -> bool:
        return (self.verdict.kind == "allow") == (self.line.label == ALLOWED)


def run(*, file: Path, tell: Callable[[str], None], limit: int = 0) -> dict[str, object]:
    """Screen labelled lines and judge them as the product does."""
    lines = list(_read(file))[: limit or None]
    screener = engines.screening()
    screener.screen("Warm up.")
    started = time.process_time()
    answers = [Answer(line, judge(screener.screen(line.text))) for line in lines]
    cpu = time.process_time() - started
    forbidden = [answer for answer in answers if answer.line.label != ALLOWED]
    allowed = [answer for answer in answers if answer.line.label == ALLOWED]
    tell(f"{len(forbidden)} forbidden lines, {len(allowed)} allowed ones")
    peer = _peer(lines)
    return {
        **({"peer_alt_profanity_check": peer} if peer else {}),
        "engine": f"{screener.name} {screener.version}",
        "caught": _share(forbidden),
        "passed": _share(allowed),
        "ms_per_script": 1000 * cpu / len(lines) if lines else None,
        "blocked": _of(forbidden, lambda answer: answer.verdict.kind == "block"),
        "wrongly_blocked": _of(allowed, lambda answer: answer.verdict.kind == "block"),
        "category_right": _of(
            [answer for answer in forbidden if answer.verdict.category],
            lambda answer: answer.verdict.category is not None and answer.verdict.category.code == answer.line.label,
        ),
        "by_category": {
            label: _share([answer for answer in forbidden if answer.line.label == label])
            for label in sorted({answer.line.label for answer in forbidden})
        },
        "by_language": {
            language: {
                "caught": _share([answer for answer in forbidden if answer.line.language == language]),
                "passed": _share([answer for answer in allowed if answer.line.language == language]),
            }
            for language in sorted({line.language for line in lines})
        },
        "hard": {
            "caught": _share([answer for answer in forbidden if answer.line.hard]),
            "passed": _share([answer for answer in allowed if answer.line.hard]),
        },
        "disguised_caught": _share([answer for answer in forbidden if answer.line.disguised]),
        "lines": {"forbidden": len(forbidden), "allowed": len(allowed)},
    }


def _peer(lines: list[Line]) -> dict[str, float | None] | None:
    """Return the same shares for a public classifier of offensive words, where alt-profanity-check is installed."""
    try:
        from profanity_check import predict
    except ImportError:
        return None
    found = list(zip(lines, map(bool, predict([line.text for line in lines])), strict=True))
    forbidden = [held for line, held in found if line.label != ALLOWED]
    allowed = [not held for line, held in found if line.label == ALLOWED]
    return {
        "caught": round(sum(forbidden) / len(forbidden), 4) if forbidden else None,
        "passed": round(sum(allowed) / len(allowed), 4) if allowed else None,
    }


def _read(file: Path) -> Iterable[Line]:
    for row in file.read_text(encoding="utf-8").splitlines():
        if row.strip():
            entry = json.loads(row)
            yield Line(
                entry["text"],
                entry["label"],
                entry.get("lang", ""),
                bool(entry.get("hard")),
                bool(entry.get("obfuscated")),
            )


def _share(answers: list[Answer]) -> float | None:
    return _of(answers, lambda answer: answer.right)


def _of(answers: list[Answer], counts: Callable[[Answer], bool]) -> float | None:
    return round(sum(map(counts, answers)) / len(answers), 4) if answers else None
