"""Which names on the No-Go list are found again however they are written, and how many ordinary names are held."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moderation.names import SCORE_HELD, NameIndex, similarity
from velluto.benchmarks.ordinary_names import ordinary_names

ORDINARY = 10_000


def run(*, tell: Callable[[str], Any], pairs: Path, ordinary: Path | None = None) -> dict[str, Any]:
    """Return recall over the pairs that are one person's, false matches among the others, and ordinary names held.

    `pairs` is a CSV with the columns listed, declared, same (1 or 0) and kind. `ordinary` holds a name a line; without
    it, 10,000 are made up. An ordinary name is held where any of the listed ones meets it.
    """
    with pairs.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ordinary.read_text("utf-8").split("\n") if ordinary else list(ordinary_names(ORDINARY))
    names = [name.strip() for name in names if name.strip()]
    listed = sorted({row["listed"] for row in rows})
    same = [row for row in rows if row["same"].strip() == "1"]
    others = [row for row in rows if row["same"].strip() != "1"]
    missed = [row for row in same if similarity(row["listed"], row["declared"]) < SCORE_HELD]
    wrong = [row for row in others if similarity(row["listed"], row["declared"]) >= SCORE_HELD]
    for row in (*missed, *wrong):
        tell(f"{'missed' if row in missed else 'wrongly met'} ({row['kind']}): {row['listed']} | {row['declared']}")
    index: NameIndex[str] = NameIndex()
    for name in listed:
        index.put(name, [name])
    found_by_index = [row for row in same if row["listed"] in dict(index.search(row["declared"]))]
    begun = time.process_time()
    held = [name for name in names if index.search(name)]
    took = time.process_time() - begun
    for name in held[:50]:
        tell(f"held: {name} | {index.search(name)[0][0]}")
    return {
        "benchmark": "names",
        "pairs": len(rows),
        "listed": len(listed),
        "recall": round(len(found_by_index) / max(1, len(same)), 4),
        "missed_by_kind": _by_kind([row for row in same if row not in found_by_index]),
        "missed_by_the_comparison": len(missed),
        "false_matches": len(wrong),
        "others": len(others),
        "ordinary": len(names),
        "false_holds": len(held),
        "false_hold_share": round(len(held) / max(1, len(names)), 5),
        "cpu_ms_per_name": round(took * 1000 / max(1, len(names)), 3),
    }


def _by_kind(rows: list[dict[str, str]]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
    return kinds
