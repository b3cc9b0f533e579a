"""Kill each kind of process many times, idle and busy, and count what is lost, done twice or left behind.

    python -m tests.faults.sweep --kills 200

SQLite always; PostgreSQL too where DATABASE_URL names a server. The last line printed is a JSON object with one result
per database. The exit status is 0 only where everything was broken that was to be broken (each role idle and at work,
PostgreSQL itself where POSTGRESQL_RESTART says how), nothing was lost, done twice or left behind, recovery was in time,
and what kills or hangs its process was given up after exactly its attempts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.house import ROLES, ROOT

RECOVERY = 65.0  # seconds: Q_CLUSTER's `retry` and five more
DEAD_LETTERS = {
    "faults.die": ["dead", 2, "job_worker_lost"],
    "faults.hang": ["dead", 2, "job_too_long"],
    "faults.leave": ["dead", 2, "job_worker_lost"],
    "faults.unwritable": ["dead", 2, "job_worker_lost"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--hangs", type=int, default=1, help="processes that are stopped instead of killed")
    parser.add_argument("--restarts", type=int, default=10, help="of PostgreSQL, where POSTGRESQL_RESTART says how")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="only this one: sqlite or postgresql")
    chosen = parser.parse_args()
    if os.environ.get("DJANGO_SETTINGS_MODULE") == "tests.faults.settings":
        import django

        django.setup()
        from tests.faults.breaking import break_everything

        result = break_everything(kills=chosen.kills, hangs=chosen.hangs, restarts=chosen.restarts, seed=chosen.seed)
        print(json.dumps(result))
        return 0
    results = {}
    server = os.environ.get("DATABASE_URL", "")
    if chosen.database in ("", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            results["sqlite"] = run_on(f"sqlite:///{folder}/velluto.sqlite3", folder, chosen, restarts=0)
    if server.startswith("postgres") and chosen.database in ("", "postgresql"):
        restarts = chosen.restarts if os.environ.get("POSTGRESQL_RESTART") else 0
        with tempfile.TemporaryDirectory() as folder, Throwaway(server) as url:
            results["postgresql"] = run_on(url, folder, chosen, restarts=restarts)
    for database, result in results.items():
        for complaint in result["complaints"]:
            print(f"{database}: {complaint}", file=sys.stderr)
    print(json.dumps(results))
    return 0 if results and not any(result["complaints"] for result in results.values()) else 1


def complaints(result: dict[str, Any], *, kills: int, hangs: int, restarts: int) -> list[str]:
    """Return what is wrong with one database's result: [] where all that was to be shown was shown."""
    wrong = [f"{result[name]} {name}" for name in ("lost", "doubled", "orphans", "late") if result[name]]
    wanted = {"key changed": 1, "kill": kills, "hang": hangs, "unreadable message": 1, "database restarted": restarts}
    if result["faults"] != {fault: times for fault, times in wanted.items() if times}:
        wrong.append(f"not all faults were made: {result['faults']}")
    if result["kills"] != planned(kills):
        wrong.append(f"not each role was killed idle and at work: {result['kills']}")
    busy = sum(times for name, times in planned(kills).items() if name.endswith("busy"))
    if result["cut_short"] * 2 < busy:
        wrong.append(f"only {result['cut_short']} of {busy} kills at work cut a job short")
    if result["crashed_at_work"] * 2 < restarts:
        wrong.append(f"only {result['crashed_at_work']} of {restarts} crashes of the database met work")
    if result["dead_letters"] != DEAD_LETTERS:
        wrong.append(f"harmful jobs ended otherwise: {result['dead_letters']}")
    return wrong


def planned(kills: int) -> dict[str, int]:
    """Return how often each role is killed: one after another idle, then one after another at work, and so on."""
    turns = [f"{role} {state}" for state in ("idle", "busy") for role in ROLES]
    return dict(Counter(turns[number % len(turns)] for number in range(kills)))


def run_on(url: str, folder: str, chosen: argparse.Namespace, *, restarts: int) -> dict[str, Any]:
    """Run the sweep in a process whose settings name this database, and judge what came of it."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "VELLUTO_DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    }
    environment.pop("KEYS_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.sweep", *arguments(chosen, restarts)],
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
    result = json.loads(done.stdout.splitlines()[-1])
    return {**result, "complaints": complaints(result, kills=chosen.kills, hangs=chosen.hangs, restarts=restarts)}


def arguments(chosen: argparse.Namespace, restarts: int) -> list[str]:
    values = {"--kills": chosen.kills, "--hangs": chosen.hangs, "--restarts": restarts, "--seed": chosen.seed}
    return [text for name, value in values.items() for text in (name, str(value))]


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


if __name__ == "__main__":
    sys.exit(main())
