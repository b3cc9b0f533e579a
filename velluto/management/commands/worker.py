"""`manage.py worker`: do background jobs until told to stop."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from velluto.jobs import QUEUES


class Command(BaseCommand):
    help = "Do background jobs until SIGTERM or Ctrl-C (see docs/jobs.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", action="append", choices=QUEUES, help="serve this queue only (may be repeated)")
        parser.add_argument("--grace", type=float, default=20, help="seconds a running job gets when told to stop")
        parser.add_argument("--cluster", choices=QUEUES, help=argparse.SUPPRESS)  # how the supervisor starts a cluster

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"]:
            from velluto.jobs.cluster import serve

            serve(options["cluster"])
        from velluto.jobs.supervisor import Supervisor

        clusters = {name: settings.WORKER_CLUSTERS[name] for name in options["queue"] or QUEUES}
        if not any(clusters.values()):
            raise CommandError(
                "Every queue has 0 clusters: set VELLUTO_CPU_WORKERS or VELLUTO_GPU_WORKERS to 1 or more."
            )
        self.stderr.write("Doing jobs: " + ", ".join(f"{name} × {count}" for name, count in clusters.items() if count))
        Supervisor(clusters, grace=options["grace"]).run()
