"""Kill each kind of process many times, idle and busy, and count what is lost, done twice or left behind.

    python -m tests.faults.sweep --kills 200

SQLite always; PostgreSQL too where DATABASE_URL names a server. The last line printed is a JSON object with one result
per database. The exit status is 0 only where nothing was lost, done twice or left behind, and recovery was in time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.faults.house import ROOT

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


if __name__ == "__main__":
    sys.exit(main())
