"""What has to exist in every database before anybody can sign in; who confirms an address that is known."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts import sanctions


@receiver(post_migrate, dispatch_uid="accounts.make_cache_table")
def make_cache_table(sender: Any, using: str, **kwargs: Any) -> None:
    """Create the table that rate limits count in; it holds across processes, which memory of one process does not."""
    if sender.name == "accounts" and using == "default":
        call_command("createcachetable", database=using, verbosity=0)


@receiver(email_confirmed, dispatch_uid="accounts.watch_for_return")
def watch_for_return(email_address: EmailAddress, **kwargs: Any) -> None:
    """Look at an address that is added later as at one that somebody signs up with."""
    sanctions.watch_for_return(email_address.user)
