"""What has to exist in every database before anybody can sign in."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.dispatch import receiver


@receiver(post_migrate, dispatch_uid="accounts.make_cache_table")
def make_cache_table(sender: Any, using: str, **kwargs: Any) -> None:
    """Create the table that rate limits count in; it holds across processes, which memory of one process does not."""
    if sender.name == "accounts" and using == "default":
        call_command("createcachetable", database=using, verbosity=0)
