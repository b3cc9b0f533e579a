"""`manage.py reconcile`: delete the voices whose key was destroyed, where a restored copy still shows them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from consent import services
from velluto import vault
from velluto.vault.models import DataKey
from voices.models import Voice


class Command(BaseCommand):
    help = "Withdraw the consent of voices whose key was destroyed, and delete them; restore does this by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--unreadable",
            action="store_true",
            help="delete also voices whose key is missing; there is no way back",
        )

    def handle(self, *args: Any, unreadable: bool, **options: Any) -> None:
        known = set(DataKey.objects.values_list("owner", flat=True))
        count = 0
        for voice in Voice.objects.exclude(status=Voice.Status.DELETED).select_related("owner"):
            owner = voice.owner.vault_owner
            kept = voice.recordings.exists() or voice.artefact
            if vault.is_destroyed(owner) or (unreadable and kept and owner not in known):
                services.withdraw(voice, actor=None, reason="its key was destroyed; a restored copy still showed it")
                self.stdout.write(str(voice))
                count += 1
        self.stdout.write(f"{count} voices deleted.")
