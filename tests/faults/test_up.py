"""The whole of Velluto by one command: it serves, it says why it cannot, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.faults.house import ROOT, House, until


def up(port: int, data: Path) -> subprocess.Popen[str]:
    """Start `manage.py up` over a data folder of its own."""
    environment = {**os.environ, "VELLUTO_DATA_DIR": str(data), "VELLUTO_DEBUG": "true"}
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL"):
        environment.pop(name, None)
    command = [sys.executable, "manage.py", "up", "--port", str(port)]
    with (data / "up.log").open("w") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serving(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Velluto, once it says where it is."""
    process = up(port, tmp_path)
    log = tmp_path / "up.log"
    try:
        said = until(lambda: "Velluto is at" in log.read_text() or process.poll() is not None, 90)
        assert said and process.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_serves_pages_and_names_the_demo_logins(serving, port: int, tmp_path: Path) -> None:
    with urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
        assert page.status == 200
    said = (tmp_path / "up.log").read_text()
    assert f"http://localhost:{port}" in said
    assert "moderator@example.org" in said
    other = tmp_path / "other"
    other.mkdir()
    assert up(port, other).wait(timeout=60) == 1
    assert f"PORT={port + 1}" in (other / "up.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_of_it_stays(serving, tmp_path: Path, number: int) -> None:
    house = House(tmp_path)
    assert len(house.processes()) >= 12  # itself, three of the web, eight of the worker
    serving.send_signal(number)
    assert serving.wait(timeout=30) == (0 if number == signal.SIGINT else -signal.SIGKILL)
    assert until(lambda: not house.processes(), 10), house.processes()
