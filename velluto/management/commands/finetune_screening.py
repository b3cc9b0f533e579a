"""`manage.py finetune_screening --to FOLDER`: teach a classifier for TransformersScreener on labelled lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto.engines.base import EngineError
from velluto.engines.transformers_training import finetune


class Command(BaseCommand):
    help = "Teach a transformers classifier on the built-in text and on your own labelled lines (docs/screening.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, help="folder that the classifier is written into")
        parser.add_argument(
            "--base", type=Path, help="folder with a pretrained model (without: a small one from nothing)"
        )
        parser.add_argument("--file", type=Path, help="more lines: one JSON object each, with `text` and `label`")
        parser.add_argument("--only-file", action="store_true", help="leave the built-in text out")
        parser.add_argument("--rounds", type=int, help="how often each line is read (without: 4; from nothing: 12)")

    def handle(
        self, *args: Any, to: Path, base: Path | None, file: Path | None, only_file: bool, rounds: int | None, **_: Any
    ) -> None:
        from velluto.engines.screener import training

        lines = [] if only_file else list(training.read())
        if file:
            lines += _labelled(file)
        if len({line.label for line in lines}) < 2:
            raise CommandError("Lines of two labels at least are needed to tell them apart.")
        rate = 5e-5 if base else 5e-4
        try:
            finetune(lines, to, base=base, rounds=rounds or (4 if base else 12), rate=rate, tell=self.stderr.write)
        except (EngineError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(lines)} lines learnt; {to} can be named in ENGINES.")


def _labelled(file: Path) -> list[Any]:
    from velluto.engines.screener.training import LABELS, Line

    found = []
    for number, row in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if row.strip():
            entry = json.loads(row)
            if entry.get("label") not in LABELS or not entry.get("text"):
                raise CommandError(f"Line {number}: `text`, and as `label` one of {', '.join(LABELS)}.")
            found.append(Line(entry["label"], entry.get("lang", ""), entry["text"]))
    return found
