"""A process of its own that knocks again and again: `python -m tests.doors.asking HOW TIMES [WITH]`; prints answers."""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "velluto.settings")
django.setup()

from django.test import Client  # noqa: E402


def sign_in(number: int, email: str) -> bool:
    """Try a wrong password, each time as if from behind another proxy; tell whether the try was taken at all."""
    answer = Client().post(
        "/account/login/",
        {"login": email or f"nobody-{os.getpid()}-{number}@example.org", "password": "wrong"},
        headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
    )
    return answer.status_code == 200 and "Too many" not in answer.content.decode()


def call(number: int, secret: str) -> bool:
    headers = {"Authorization": f"Bearer {secret}", "X-Forwarded-For": f"198.51.100.{number}"}
    return Client().get("/api/v1/me", headers=headers).status_code == 200


how, times, value = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ask = {"sign-in": sign_in, "call": call}[how]
print(json.dumps([ask(number, value) for number in range(times)]))
