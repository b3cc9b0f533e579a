"""`manage.py sweep_vault`: finish in the vault what a crash or a rolled-back transaction left undone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from velluto import vault


class Command(BaseCommand):
    help = "Destroy keys that the audit calls destroyed, and remove files that no object names."

    def handle(self, *args: Any, **options: Any) -> None:
        done = vault.sweep()
        self.stdout.write(f"{done.keys} keys destroyed, {done.files} files removed.")
