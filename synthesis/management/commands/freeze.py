"""Stop speech at once, from the machine it runs on; two people lift it again, in the admin."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from synthesis.freezes import services
from synthesis.freezes.forms import subject_of
from synthesis.models import Freeze
from velluto.errors import Refusal


class Command(BaseCommand):
    help = "Stop all speech, or that of one account (a partner is an account), voice or engine. Without options: list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--everything", action="store_true")
        what.add_argument("--account", metavar="EMAIL")
        what.add_argument("--voice", metavar="ID")
        what.add_argument("--engine", metavar="NAME")
        parser.add_argument("--reason", default="", help="for those who read it later; no names of people")
        parser.add_argument("--by", default="operator", help="who does it, for the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = next((scope for scope in Freeze.Scope.values if options[scope]), None)
        if scope is None:
            for one in Freeze.objects.standing():
                self.stdout.write(f"{one.placed_at:%Y-%m-%d %H:%M}Z  {one}  ({one.get_status_display()})")
            return
        try:
            named = "" if scope == Freeze.Scope.EVERYTHING else options[scope]
            subject = subject_of(scope, named)
            services.freeze(scope=scope, subject=subject, actor=f"operator:{options['by']}", reason=options["reason"])
        except (Refusal, ValidationError) as refusal:
            raise CommandError("; ".join(getattr(refusal, "messages", [str(refusal)]))) from refusal
        self.stdout.write("Frozen. Two people lift it: Admin, Freezes.")
