"""Write the transparency report of a period."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moderation import transparency
from moderation.figures import Period


class Command(BaseCommand):
    help = "Write the transparency report of a period, counted from the records, as HTML and CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="YYYY-MM-DD, included")
        parser.add_argument("--out", type=Path, required=True, help="a folder; it is made where it is missing")

    def handle(self, *args: Any, first: date, last: date, out: Path, **options: Any) -> None:
        if last < first:
            raise CommandError("The first day comes before the last.")
        for path in transparency.write(Period(first, last), out):
            self.stdout.write(str(path))
