"""`manage.py rotate_second_factors`: encrypt the secrets of second factors under the newest secret key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    help = (
        "Encrypt what authenticator apps and recovery codes stand on under SECRET_KEY; run it until it says 0, then "
        "the former key may leave SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.rotate_second_factors()} second factors encrypted anew.")
