"""`manage.py bench NAME [--corpus DIR] [--json]`: measure one thing on the data that is given to it."""

from __future__ import annotations

import json
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import benchmarks
from velluto.benchmarks.corpus import Corpus, CorpusMissing


def names() -> list[str]:
    """Return the benchmarks there are: modules of velluto/benchmarks with a function `run`."""
    modules = [module.name for module in iter_modules(benchmarks.__path__)]
    return [name for name in modules if hasattr(import_module(f"velluto.benchmarks.{name}"), "run")]


class Command(BaseCommand):
    help = "Measure one thing; the last line is a JSON object (see docs/benchmarks.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=names())
        parser.add_argument("--corpus", type=Path, help="folder with manifest.csv and the recordings")
        parser.add_argument("--file", type=Path, help="labelled lines, one JSON object each")
        parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
        parser.add_argument("--cases", type=int, help="how many cases there are in the queue")
        parser.add_argument("--limit", type=int, help="use at most N trials, or MB (a quick look; without: all)")
        parser.add_argument("--notices", type=int, help="how many takedown notices there are")
        parser.add_argument("--writers", type=int, help="how many people write at once")
        parser.add_argument("--transactions", type=int, help="how many forms they send")
        parser.add_argument("--pairs", type=Path, help="names: CSV with listed, declared, same, kind")
        parser.add_argument("--ordinary", type=Path, help="names: ordinary names, one a line (without: made up)")
        parser.add_argument("--voiceprints", type=int, help="nogo: how many entries the list has")

    def handle(self, *args: Any, name: str, corpus: Path | None, **options: Any) -> None:
        tell = (lambda line: None) if options["json"] else self.stderr.write
        measure = import_module(f"velluto.benchmarks.{name}").run
        wanted = signature(measure).parameters
        given = {key: value for key, value in options.items() if key in wanted and value is not None}
        if "corpus" in wanted:
            given["corpus"] = _opened(corpus)
        for key, parameter in wanted.items():
            if parameter.default is Parameter.empty and key not in {*given, "tell"}:
                raise CommandError(f"{name} needs --{key}.")
        self.stdout.write(json.dumps(measure(tell=tell, **given), sort_keys=True, allow_nan=False))


def _opened(folder: Path | None) -> Corpus:
    if folder is None:
        raise CommandError("This is measured on recordings: say with --corpus where they are.")
    try:
        return Corpus.open(folder)
    except CorpusMissing as error:
        raise CommandError(str(error)) from error
