"""`manage.py bench NAME`: measure one thing on data given to it; the last line printed is one JSON object."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto.benchmarks.corpus import Corpus, CorpusMissing

ON_RECORDINGS = ("speaker", "captcha", "speech", "watermark")
NAMES = (*ON_RECORDINGS, "vault")


class Command(BaseCommand):
    help = "Measure one engine on a corpus of recordings, or the vault (see docs/benchmarks.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=NAMES)
        parser.add_argument("--corpus", type=Path, help="folder with manifest.csv and the recordings")
        parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
        parser.add_argument("--limit", type=int, default=0, help="use at most N trials, or MB (a quick look; 0: all)")

    def handle(self, *args: Any, name: str, corpus: Path | None, limit: int, **options: Any) -> None:
        data = {}
        if name in ON_RECORDINGS:
            if corpus is None:
                raise CommandError(f"{name} is measured on recordings: --corpus FOLDER")
            try:
                data["corpus"] = Corpus.open(corpus)
            except CorpusMissing as error:
                raise CommandError(str(error)) from error
        tell = (lambda line: None) if options["json"] else self.stderr.write
        result = import_module(f"velluto.benchmarks.{name}").run(**data, tell=tell, limit=limit)
        self.stdout.write(json.dumps(result, sort_keys=True, allow_nan=False))
