"""Withdraw or pause a consent, end a share, or unpublish a voice at each step of a synthesis elsewhere; see who won.

    DATABASE_URL=postgres://... python -m tests.faults.interleavings --rounds 500 [--ending pause|unshare|unpublish]

PostgreSQL only: SQLite lets one writer in at a time, which hides races. Works in a database of its own and drops it.
The last line printed is a JSON object; the exit status is 0 only where no invariant was broken and each step reached.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

from tests.faults.house import ROOT, manage
from tests.faults.sweep import Throwaway

SETTINGS = "tests.faults.speaking"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ending", choices=["withdraw", "pause", "unshare", "unpublish"], default="withdraw")
    chosen = parser.parse_args()
    if os.environ.get("DJANGO_SETTINGS_MODULE") == SETTINGS:
        import django

        django.setup()
        manage("migrate", "-v0")
        manage("migrate", "--database", "keys", "-v0")
        from tests.faults.racing import race

        result = race(rounds=chosen.rounds, seed=chosen.seed, ending=chosen.ending)
        print(json.dumps(result))
        return 0 if not result["broken"] else 1
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        raise SystemExit("DATABASE_URL must name a PostgreSQL server.")
    with tempfile.TemporaryDirectory() as folder, Throwaway(server) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VELLUTO_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        environment.pop("KEYS_DATABASE_URL", None)
        command = [sys.executable, "-m", "tests.faults.interleavings", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
