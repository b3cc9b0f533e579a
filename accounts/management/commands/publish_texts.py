"""Publish the operator's texts where templates or settings have changed since; every earlier version stays readable."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.texts import services


class Command(BaseCommand):
    help = "Publish new versions of the terms and policies that changed; accounts are asked to accept them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="name what would change; publish nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            changed = services.outdated()
        else:
            changed = [str(text) for text in services.publish(actor="operator:publish_texts")]
        self.stdout.write("\n".join(changed) or "Everything is published as it stands.")
