"""A short sample of the race between a withdrawal or an unsharing and a synthesis; `make faults` is the long one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.house import ROOT

ROUNDS = 28  # each step twice


CODES = {"withdraw": "consent_ended", "pause": "consent_paused", "unshare": "share_ended"}


@pytest.fixture(scope="module", params=CODES)
def outcome(request: pytest.FixtureRequest) -> dict:
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("PostgreSQL only: SQLite lets one writer in at a time")
    race = [sys.executable, "-m", "tests.faults.interleavings", "--rounds", str(ROUNDS), "--seed", "2"]
    race += ["--ending", request.param]
    done = subprocess.run(race, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_after_a_withdrawal_or_the_end_of_a_share_nothing_is_published_and_credits_come_back_once(outcome) -> None:
    assert outcome["broken"] == []
    assert outcome["published"] + outcome["prevented"] == ROUNDS


def test_whoever_locks_first_wins(outcome) -> None:
    for step, endings in outcome["steps"].items():
        if "publishing" in step and step != "before the publishing":
            assert endings == {"done": 2}, step
        elif step == "before the request":
            assert endings == {"refused": 2}
        elif step != "at any moment":
            assert endings == {f"failed:{CODES[outcome['ending']]}": 2}, step
