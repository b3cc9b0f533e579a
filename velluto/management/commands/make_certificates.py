"""`manage.py make_certificates`: see that outputs can be signed, and say with what."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from velluto.engines import certificates


class Command(BaseCommand):
    help = "Make the development certificates for provenance if none are configured; say which certificate signs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            leaf = certificates.chain().leaf
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        days = (leaf.not_valid_after_utc - timezone.now()).days
        if days < 0:
            raise CommandError(
                f"The certificate “{leaf.subject.rfc4514_string()}” has expired; see docs/provenance.md."
            )
        self.stdout.write(f"Outputs are signed by “{leaf.subject.rfc4514_string()}”, for {days} more days.")
