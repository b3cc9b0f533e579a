"""`manage.py rotate_vault`: wrap every data key under the newest key-encryption key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from velluto import vault


class Command(BaseCommand):
    help = (
        "Wrap every data key under VAULT_KEK; afterwards VAULT_KEK_FALLBACKS may be emptied and the old key destroyed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{vault.rotate()} keys wrapped anew.")
