"""A short sample of the kill sweep, on the database that the suite runs on; `make faults` is the long one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.house import ROLES, ROOT
from tests.faults.sweep import DEAD_LETTERS, RECOVERY, complaints, planned

pytestmark = pytest.mark.over_database


@pytest.fixture(scope="module")
def outcome() -> dict[str, object]:
    """Kill each kind of process, idle and at work, spoil a message, change the key, and return what came of it."""
    vendor = "postgresql" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"
    sweep = [
        sys.executable,
        "-m",
        "tests.faults.sweep",
        "--kills",
        "10",
        "--hangs",
        "0",
        "--restarts",
        "0",
        "--database",
        vendor,
    ]
    done = subprocess.run(sweep, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])[vendor]
    assert (done.returncode, result["complaints"]) == (0, []), done.stderr
    return result


def test_no_job_is_lost_and_none_is_done_twice(outcome) -> None:
    assert outcome["jobs"] >= 12
    assert (outcome["lost"], outcome["doubled"]) == (0, 0)


def test_work_goes_on_after_any_process_was_killed(outcome) -> None:
    roles = ("worker", "pusher", "monitor", "sentinel", "main")
    assert outcome["kills"] == {f"{role} {state}": 1 for role in roles for state in ("idle", "busy")}
    assert outcome["faults"] == {"key changed": 1, "kill": 10, "unreadable message": 1}
    assert outcome["cut_short"] >= 3
    assert max(took["max"] for took in outcome["recovery_s"].values()) <= RECOVERY


def test_nothing_outlives_the_worker(outcome) -> None:
    assert outcome["orphans"] == 0


def test_a_job_that_kills_or_hangs_its_process_is_given_up_after_exactly_its_attempts(outcome) -> None:
    assert outcome["dead_letters"] == DEAD_LETTERS


GOOD = {
    **dict.fromkeys(("lost", "doubled", "orphans", "late"), 0),
    "kills": planned(200),
    "faults": {"key changed": 1, "kill": 200, "hang": 1, "unreadable message": 1, "database restarted": 10},
    "cut_short": 90,
    "crashed_at_work": 9,
    "dead_letters": DEAD_LETTERS,
}


@pytest.mark.parametrize(
    "change",
    [
        {"lost": 1},
        {"doubled": 1},
        {"orphans": 1},
        {"late": 1},
        {"kills": {**planned(200), "pusher busy": 19}},
        {"kills": planned(5)},
        {"faults": {"key changed": 1, "kill": 200, "hang": 1, "unreadable message": 1}},
        {"cut_short": 10},
        {"crashed_at_work": 4},
        {"dead_letters": {**DEAD_LETTERS, "faults.die": ["dead", 3, "job_worker_lost"]}},
    ],
)
def test_a_sweep_that_saw_anything_wrong_or_too_little_says_so(change: dict[str, object]) -> None:
    assert complaints(GOOD, kills=200, hangs=1, restarts=10) == []
    assert len(complaints({**GOOD, **change}, kills=200, hangs=1, restarts=10)) == 1


def test_the_sweep_kills_each_role_idle_and_at_work_equally_often() -> None:
    assert planned(200) == {f"{role} {state}": 20 for role in ROLES for state in ("idle", "busy")}
