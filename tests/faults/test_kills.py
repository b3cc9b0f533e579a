"""A short sample of the kill sweep, on the database that the suite runs on; `make faults` is the long one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.house import ROOT
from tests.faults.sweep import DEAD_LETTERS, RECOVERY


@pytest.fixture(scope="module")
def outcome() -> dict[str, object]:
    """Kill each kind of process, spoil a message, and return what came of it."""
    vendor = "postgresql" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"
    sweep = [
        sys.executable,
        "-m",
        "tests.faults.sweep",
        "--kills",
        "6",
        "--hangs",
        "0",
        "--restarts",
        "0",
        "--database",
        vendor,
    ]
    done = subprocess.run(sweep, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])[vendor]


def test_no_job_is_lost_and_none_is_done_twice(outcome) -> None:
    assert outcome["jobs"] >= 12
    assert (outcome["lost"], outcome["doubled"]) == (0, 0)


def test_work_goes_on_after_any_process_was_killed(outcome) -> None:
    assert outcome["kills"].keys() >= {f"{role} idle" for role in ("worker", "pusher", "monitor", "sentinel", "main")}
    assert outcome["faults"] == {"kill": 6, "unreadable message": 1}
    assert max(took["max"] for took in outcome["recovery_s"].values()) <= RECOVERY


def test_nothing_outlives_the_worker(outcome) -> None:
    assert outcome["orphans"] == 0


def test_a_job_that_kills_or_hangs_its_process_is_given_up_after_exactly_its_attempts(outcome) -> None:
    assert outcome["dead_letters"] == DEAD_LETTERS
