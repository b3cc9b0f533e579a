"""`manage.py verify_certificate FILE [--public-key HEX]`: is this certificate as it was signed?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from takedowns import certificates
from velluto.audit.checkpoints import trusted_keys


class Command(BaseCommand):
    help = "Verify the signature of a certificate of destruction; no database is asked."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--public-key", help="trust this key (hex) instead of the installation's own")

    def handle(self, *args: Any, file: Path, public_key: str | None, **options: Any) -> None:
        try:
            certificate = json.loads(file.read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read as JSON.") from error
        trusted = {public_key} if public_key else trusted_keys()
        if not isinstance(certificate, dict) or not certificates.is_genuine(certificate, trusted=trusted):
            raise CommandError("This certificate was changed, or signed by somebody else.")
        self.stdout.write(f"Genuine. {len(certificate['objects'])} objects destroyed at {certificate['destroyed_at']}.")
