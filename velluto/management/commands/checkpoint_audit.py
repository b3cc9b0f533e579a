"""`manage.py checkpoint_audit`: sign the end of the audit and write the signature where the operator keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import audit


class Command(BaseCommand):
    help = "Write a signed checkpoint of the audit into a directory; refused where the audit is not intact."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, metavar="DIR", help="by default AUDIT_CHECKPOINT_DIR")

    def handle(self, *args: Any, to: Path | None, **options: Any) -> None:
        try:
            path = audit.verify_and_sign(to or settings.AUDIT_CHECKPOINT_DIR)
        except audit.AuditBroken as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(str(path) if path else "The audit is still empty; nothing was signed.")
