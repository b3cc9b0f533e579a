"""Limits hold across processes, and no header lifts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connections

from accounts import checks, keys
from accounts.models import ApiKey
from tests.accounts.factories import make_user


def start(how: str, times: int, value: str, **environment: str) -> subprocess.Popen[str]:
    """Let a process of its own ask, on the databases of this test."""
    databases = {}
    for alias, variable in (("default", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
        name = connections[alias].settings_dict["NAME"]
        base = os.environ.get(variable, "").rpartition("/")[0]
        databases[variable] = f"sqlite:///{name}" if connections[alias].vendor == "sqlite" else f"{base}/{name}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.doors.asking", how, str(times), value],
        env={**os.environ, **databases, "VELLUTO_DEBUG": "true", "ALLOWED_HOSTS": "testserver", **environment},
        cwd=django_settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )


def taken(*processes: subprocess.Popen[str]) -> list[int]:
    """Return how many questions of each process were answered."""
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [sum(json.loads(line)) for line in said]


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_failed_sign_ins_count_across_processes_whatever_address_they_claim():
    """The library's limits: five tries for one name in five minutes, ten for one address in a minute."""
    anna = make_user()
    assert taken(start("sign-in", 3, anna.email)) == [3]
    assert taken(start("sign-in", 4, anna.email)) == [2]
    assert sum(taken(start("sign-in", 4, ""), start("sign-in", 4, ""))) == 10 - 3 - 4


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_calls_with_one_key_count_across_processes_that_call_at_once():
    secret = keys.create(make_user(), id=uuid4(), name="x", scopes=[ApiKey.Scope.ACCOUNT], days=1)
    limit = {"VELLUTO_API_CALLS_PER_MINUTE": "7"}
    answered = sum(taken(*(start("call", 10, secret, **limit) for _ in range(2))))
    assert answered in (7, 14)  # 14 only where a minute ends in between


@pytest.mark.parametrize("backend", sorted(checks.NOT_SHARED))
def test_a_cache_that_processes_do_not_share_is_refused(settings, backend: str):
    assert checks.rate_limits_count_in_one_place(None) == []
    settings.CACHES = {"default": {"BACKEND": backend}}
    assert [error.id for error in checks.rate_limits_count_in_one_place(None)] == ["accounts.E002"]
