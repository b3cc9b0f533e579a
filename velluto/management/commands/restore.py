"""`manage.py restore DIR [--keys DIR] [--replace]`: put a copy back; what was destroyed since stays destroyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto import backups


class Command(BaseCommand):
    help = "Verify a copy and put it back, then destroy again what was destroyed after it was made. Stop Velluto first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--keys", type=Path, help="the copy of the keys; without it those that are here stay")
        parser.add_argument("--replace", action="store_true", help="put the copy in the place of what is here")

    def handle(self, *args: Any, directory: Path, keys: Path | None, replace: bool, **options: Any) -> None:
        try:
            done = backups.restore(directory, keys=keys, replace=replace)
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored up to row {done.number} of the audit. Everybody has to sign in anew.")
        if done.set_aside:
            self.stdout.write(f"{done.set_aside} later checkpoints were set aside: what they signed is lost.")
        if done.missing:
            self.stdout.write(f"{done.missing} files were missing already when the copy was made.")
        for owner in done.destroyed:
            self.stdout.write(f"destroyed since, and again: {owner}")
        for owner in done.without_key:
            self.stdout.write(self.style.WARNING(f"no key opens what belongs to {owner}: restore newer keys"))
