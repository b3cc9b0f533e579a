"""`manage.py verify_audit`: say whether the audit is as it was written, and where it is not."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import audit


class Command(BaseCommand):
    help = "Check every row of the audit, its triggers and its signed checkpoints; name the first broken row."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoints",
            type=Path,
            metavar="DIR",
            help="where the signed checkpoints are kept (by default AUDIT_CHECKPOINT_DIR, where that exists)",
        )
        parser.add_argument(
            "--public-key",
            action="append",
            metavar="HEX",
            help="count only checkpoints signed by this key (by default those of the settings); may be repeated",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, checkpoints: Path | None, public_key: list[str] | None, **options: Any) -> None:
        if checkpoints is None and settings.AUDIT_CHECKPOINT_DIR.is_dir():
            checkpoints = settings.AUDIT_CHECKPOINT_DIR
        report = audit.verify(checkpoints, trusted=set(public_key) if public_key else None)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report) | {"first_broken": report.first_broken}, sort_keys=True))
        else:
            for finding in report.findings:
                self.stdout.write(self.style.ERROR(f"{finding.code}: {finding.sentence}"))
            self.stdout.write(f"{report.rows} rows and {report.checkpoints} checkpoints hold.")
        if not report.intact:
            broken = f"first broken row: {report.first_broken}" if report.first_broken else "no row is broken"
            raise CommandError(f"The audit is not intact; {broken}.")
