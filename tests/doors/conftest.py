from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.doors.house import House


@pytest.fixture
def house(db, settings) -> Iterator[House]:
    settings.ADMIN_REQUIRES_MFA = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.WARNING)  # a line for each refusal would bury what a test has to say
    yield House()
    logging.disable(logging.NOTSET)
