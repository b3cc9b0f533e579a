"""`manage.py retention [--dry-run]`: destroy now what the sweep at night would, or list it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from takedowns.retention import services


class Command(BaseCommand):
    help = (
        "Destroy what is kept no longer, as the schedule on /retention/ says; --dry-run lists it and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list kind, id and reason of what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            services.warn()
            for kind, count in services.sweep().items():
                self.stdout.write(f"{kind}: {count} destroyed")
            return
        lines = list(services.plan())
        for line in lines:
            self.stdout.write(f"{line.kind} {line.id}: {'goes' if line.goes else 'stays'}, {line.because}")
        self.stdout.write(
            f"{sum(line.goes for line in lines)} would go, {sum(not line.goes for line in lines)} are held."
        )
