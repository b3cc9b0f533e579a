"""`manage.py reconcile`: end voices and accounts whose key was destroyed, where a restored copy still shows them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.models import Status, User
from accounts.services import close, erase
from consent import forgetting, services
from moderation import services as moderation
from velluto import vault
from velluto.vault.models import DataKey
from voices.models import Voice

BROUGHT_BACK = "its key was destroyed; a restored copy still showed it"


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
        accounts = [one for one in User.objects.exclude(status=Status.ERASED) if vault.is_destroyed(one.vault_owner)]
        for account in accounts:
            self._erase(account)
        self.stdout.write(f"{len(accounts)} accounts erased.")

    @transaction.atomic
    def _erase(self, account: User) -> None:
        """Take the names out again that the copy brought back; all else lay under the key."""
        for voice in Voice.objects.select_related("owner").filter(account=account, status=Voice.Status.DELETED):
            forgetting.seal_names(voice)
        for statement in account.statements_of_reasons.exclude(body=""):
            moderation.forget_statement(statement, reason=BROUGHT_BACK)
        close(account, actor=None, reason=BROUGHT_BACK)
        erase(account)
