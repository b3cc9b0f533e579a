"""A worker of its own over a database of its own, with its processes in view."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("worker", "pusher", "monitor", "sentinel", "main")
NAMES = {"worker": "velluto-worker", "pusher": "velluto-pusher", "monitor": "velluto-monitor"}


def postgresql_tool(name: str) -> str:
    """Return where a program of PostgreSQL's server lies, empty where there is none."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(places[-1]) if places else "")


def manage(*arguments: str) -> None:
    """Run a management command in a process of its own."""
    subprocess.run([sys.executable, "manage.py", *arguments, "--skip-checks"], cwd=ROOT, check=True)


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Wait for a condition; return whether it came true in time."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.02)
    return True


class House:
    """`manage.py worker`, started again when it is killed, as a service manager would."""

    def __init__(self, data: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.environment = {**os.environ, **(environment or {}), "VELLUTO_DATA_DIR": str(data)}
        self.log = data / "worker.log"
        self.main: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        command = [sys.executable, "manage.py", "worker", "--skip-checks", "--grace", "10"]
        told = {**self.environment, **environment}
        with self.log.open("ab") as log:
            self.main = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log)

    def stop(self) -> int:
        """End it as an operator would; return its exit status."""
        assert self.main
        self.main.terminate()
        return self.main.wait(timeout=30)

    def abandon(self) -> None:
        """End what is left after a failure, without ceremony."""
        if self.main and self.main.poll() is None:
            self.main.kill()
            self.main.wait()

    def pids(self, role: str) -> list[int]:
        """Return the processes that have a role, those of the cpu queue first."""
        assert self.main
        if role == "main":
            return [self.main.pid]
        sentinels = children(self.main.pid)
        if role == "sentinel":
            return sentinels
        return [pid for sentinel in sentinels for pid in children(sentinel) if name(pid) == NAMES[role]]

    def is_whole(self) -> bool:
        """Tell whether each cluster has all its processes."""
        return all(len(self.pids(role)) == 3 for role in (*NAMES, "sentinel"))

    def in_cluster(self, role: str, worker: str) -> int:
        """Return the process of a role in the cluster whose worker has this id, or any where that has just ended."""
        mark = f"VELLUTO_WORKER={worker}".encode()
        pids = self.pids(role)
        return next((pid for pid in pids if mark in environment(pid)), pids[0])

    def kill(self, role: str, pid: int, number: int = signal.SIGKILL) -> None:
        """Kill a process of a role; a killed main is started again once nothing of it is left."""
        assert self.main
        os.kill(pid, number)
        if role == "main":
            self.main.wait()
            if not until(lambda: not self.processes(), 10):
                raise AssertionError(f"Processes outlived their main process: {self.processes()}")
            self.start()

    def processes(self) -> list[int]:
        """Return every process of this house, whoever its parent is by now."""
        mark = f"VELLUTO_DATA_DIR={self.data}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            if mark in environment(int(folder.name)):
                found.append(int(folder.name))
        return found


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def environment(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []
