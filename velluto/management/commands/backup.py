"""`manage.py backup DIR --keys DIR`: copy the data, and apart from it the wrapped keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import backups


class Command(BaseCommand):
    help = "Copy database, encrypted files and, into another place, the wrapped keys; the system may go on working."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="a new directory for the data")
        parser.add_argument("--keys", type=Path, required=True, help="a new directory elsewhere, for the wrapped keys")

    def handle(self, *args: Any, directory: Path, keys: Path, **options: Any) -> None:
        try:
            made = backups.backup(directory, keys=keys)
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows, objects, missing = made["audit"]["number"], made["objects"], len(made["missing"])
        self.stdout.write(f"Copied: {objects} objects of the vault, the audit up to row {rows}.")
        if made["files_elsewhere"]:
            self.stdout.write("The files lie in a bucket and were not copied: switch on the bucket's own versioning.")
        if missing:
            self.stdout.write(self.style.WARNING(f"{missing} files are missing here already: manage.py doctor"))
        self.stdout.write(
            "Not copied: SECRET_KEY, VAULT_KEK, AUDIT_SIGNING_KEY, WATERMARK_KEY. Keep them in a safe place, apart."
        )
