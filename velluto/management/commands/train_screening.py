"""`manage.py train_screening`: make the model of the embedded screener anew from the text it is learnt from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from velluto.engines.screener.engine import WEIGHTS


class Command(BaseCommand):
    help = "Learn the embedded screener's model from velluto/engines/screener/text (a few minutes)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from velluto.engines.screener import training

        lines = list(training.read())
        model = training.train(lines)
        with WEIGHTS.open("wb") as file:
            model.save(file)
        self.stdout.write(f"{len(lines)} lines learnt; {WEIGHTS.name} has {WEIGHTS.stat().st_size:,} bytes.")
