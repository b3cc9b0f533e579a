"""`manage.py doctor`: say what is wrong with this installation and how to mend it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from velluto import doctor
from velluto.doctor import Level


class Command(BaseCommand):
    help = "Look at everything this installation needs; exit with 1 where something fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        styles = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        found = []
        for finding in doctor.examine():
            found.append(finding)
            if not options["json"]:
                self.stdout.write(
                    f"{styles[finding.level](f'{finding.level:4}')}  {finding.sentence} {finding.mend}".rstrip()
                )
        if options["json"]:
            counts = {str(level): sum(one.level == level for one in found) for level in Level}
            self.stdout.write(json.dumps({**counts, "findings": [asdict(one) for one in found]}))
        if any(one.level == Level.FAIL for one in found):
            sys.exit(1)
