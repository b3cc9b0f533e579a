"""Kill each kind of process many times, idle and busy, and count what is lost, done twice or left behind.

    python -m tests.faults.sweep --kills 200

SQLite always; PostgreSQL too where DATABASE_URL names a server. The last line printed is a JSON object with one result
per database. The exit status is 0 only where nothing was lost, done twice or left behind, and recovery was in time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.house import ROLES, ROOT, House, manage, until

RECOVERY = 65.0  # seconds: Q_CLUSTER's `retry` and five more
SETTLE = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--hangs", type=int, default=1, help="processes that are stopped instead of killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="only this one: sqlite or postgresql")
    chosen = parser.parse_args()
    if os.environ.get("DJANGO_SETTINGS_MODULE") == "tests.faults.settings":
        print(json.dumps(one_database(chosen.kills, chosen.hangs, random.Random(chosen.seed))))
        return 0
    results = {}
    server = os.environ.get("DATABASE_URL", "")
    if chosen.database in ("", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            results["sqlite"] = run_on(f"sqlite:///{folder}/velluto.sqlite3", folder)
    if server.startswith("postgres") and chosen.database in ("", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, Throwaway(server) as url:
            results["postgresql"] = run_on(url, folder)
    print(json.dumps(results))
    return 0 if results and all(passed(result) for result in results.values()) else 1


def passed(result: dict[str, Any]) -> bool:
    """Judge one database's result."""
    nothing = not any(result[name] for name in ("lost", "doubled", "orphans", "late"))
    return nothing and result["dead_letters"] == DEAD_LETTERS


def run_on(url: str, folder: str) -> dict[str, Any]:
    """Run the same sweep in a process whose settings name this database."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "VELLUTO_DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    }
    environment.pop("KEYS_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.sweep", *sys.argv[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        log = Path(folder, "worker.log")
        raise SystemExit(
            f"The sweep itself failed on {url.partition(':')[0]}:\n{log.read_text() if log.exists() else ''}"
        )
    return json.loads(done.stdout.splitlines()[-1])


class Throwaway:
    """A database of PostgreSQL that is dropped at the end."""

    def __init__(self, url: str) -> None:
        self.server = url.rpartition("/")[0]
        self.name = f"velluto_faults_{os.getpid()}"

    def __enter__(self) -> str:
        self._say(f"CREATE DATABASE {self.name}")
        return f"{self.server}/{self.name}"

    def __exit__(self, *_: object) -> None:
        self._say(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as server:
            server.execute(statement)


# ------------------------------------------------------------------------------------------------ on one database

DEAD_LETTERS = {
    "faults.die": ["dead", 2, "job-worker-lost"],
    "faults.hang": ["dead", 2, "job-too-long"],
    "faults.leave": ["dead", 2, "job-worker-lost"],
    "faults.unwritable": ["dead", 2, "job-worker-lost"],
}


def one_database(kills: int, hangs: int, chance: random.Random) -> dict[str, Any]:
    """Break one worker `kills` times and return what came of it."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction
    from django.db.models import QuerySet
    from django_q.models import OrmQ

    from tests.faults.models import Effect
    from velluto import jobs
    from velluto.jobs import Job

    manage("migrate", "--run-syncdb", "-v0")
    manage("migrate", "--database", "keys", "-v0")
    house = House(Path(settings.DATA_DIR))
    house.start()
    recoveries: list[float] = []
    counts = dict.fromkeys([f"{role} {state}" for role in ROLES for state in ("idle", "busy")], 0)

    def live() -> bool:
        return Job.objects.live().exists()

    def running() -> QuerySet[Job]:
        return Job.objects.filter(status=Job.Status.RUNNING)

    def ended(*asked: Job) -> bool:
        return not Job.objects.live().filter(pk__in=[job.pk for job in asked]).exists()

    def recover() -> None:
        """Time how long everything takes from now on: what was interrupted, and new work on each queue."""
        start = time.monotonic()
        jobs.enqueue("faults.cpu", "")
        jobs.enqueue("faults.gpu", "")
        until(lambda: not live(), 2 * RECOVERY)
        recoveries.append(time.monotonic() - start)

    try:
        until(house.is_whole, 60)
        for number in range(kills):
            role, busy = ROLES[number % len(ROLES)], bool(number // len(ROLES) % 2)
            if not until(lambda: house.is_whole() and not live(), SETTLE):
                raise AssertionError("The worker did not become whole again.")
            if busy:
                for _ in range(3):
                    jobs.enqueue("faults.cpu", "")
                    jobs.enqueue("faults.gpu", "")
                until(running().exists, 30)
                time.sleep(chance.uniform(0, 0.35))
                busy_one = running().order_by("?").values_list("worker", flat=True).first() or ""
                house.kill(role, house.in_cluster(role, busy_one))
            else:
                time.sleep(chance.uniform(0, 0.5))
                house.kill(role, chance.choice(house.pids(role)))
            counts[f"{role} {'busy' if busy else 'idle'}"] += 1
            recover()
            print(f"{number + 1:4} {role:<9} {'busy' if busy else 'idle'} {recoveries[-1]:6.1f} s", file=sys.stderr)
        for _ in range(hangs):
            until(house.is_whole, SETTLE)
            for pid in house.pids("pusher"):
                house.kill("pusher", pid, signal.SIGSTOP)
            recover()
            print(f"     pushers stopped {recoveries[-1]:6.1f} s", file=sys.stderr)
        with transaction.atomic():
            jobs.enqueue("faults.cpu", "")
            OrmQ.objects.update(payload="signed with a forgotten key")
        recover()
        print(f"     message unreadable {recoveries[-1]:6.1f} s", file=sys.stderr)
        harmful = [jobs.enqueue(name, "") for name in DEAD_LETTERS]
        until(lambda: ended(*harmful), SETTLE)
        until(lambda: not live(), SETTLE)
        status = house.stop()
        until(lambda: not house.processes(), 10)
        orphans = len(house.processes())
    finally:
        if house.main and house.main.poll() is None:
            house.main.kill()

    gentle = Job.objects.filter(name__in=["faults.cpu", "faults.gpu"])
    effects = list(Effect.objects.values_list("job", flat=True))
    return {
        "kills": {name: count for name, count in counts.items() if count},
        "hangs": hangs,
        "jobs": gentle.count(),
        "attempts": sum(gentle.values_list("attempts", flat=True)),
        "lost": gentle.exclude(pk__in=effects).count() + gentle.exclude(status=Job.Status.DONE).count(),
        "doubled": len(effects) - len(set(effects)),
        "orphans": orphans + (status != 0),
        "late": sum(recovery > RECOVERY for recovery in recoveries),
        "recovery_s": {"median": round(median(recoveries), 1), "max": round(max(recoveries), 1)},
        "dead_letters": {
            job.name: [job.status, job.attempts, job.error_code] for job in harmful if not job.refresh_from_db()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
