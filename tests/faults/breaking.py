"""What is done to one worker on one database. Import it after django.setup()."""

from __future__ import annotations

import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.models import QuerySet, Sum
from django_q.models import OrmQ

from tests.faults.house import ROLES, House, manage, name, until
from tests.faults.models import Effect
from tests.faults.sweep import DEAD_LETTERS, RECOVERY
from velluto import jobs
from velluto.jobs import Job

SETTLE = 120.0
SLOW = 20.0  # seconds after which the worker's last lines are shown


class Breaking:
    """Break a worker in one way after another, and note how long it takes until everything asked for is done."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.kills: dict[str, int] = {}
        self.cut_short = self.crashed_at_work = 0
        self.recoveries: dict[str, list[float]] = {}
        manage("migrate", "--run-syncdb", "-v0")
        manage("migrate", "--database", "keys", "-v0")
        self.house = House(Path(settings.DATA_DIR))
        self._change_the_key()

    def kill(self, times: int) -> None:
        """Kill one process of each role in turn, five times idle, then five times at work."""
        for number in range(times):
            role, busy = ROLES[number % len(ROLES)], bool(number // len(ROLES) % 2)
            self._settle()
            interrupted = self._at_work() if busy else None
            if interrupted:
                self.house.kill(role, self.house.in_cluster(role, interrupted.worker))
            else:
                time.sleep(self.chance.uniform(0, 0.5))
                self.house.kill(role, self.chance.choice(self.house.pids(role)))
            turn = f"{role} {'busy' if busy else 'idle'}"
            self.kills[turn] = self.kills.get(turn, 0) + 1
            self._recover("kill", turn)
            if interrupted:
                self.cut_short += Job.objects.filter(pk=interrupted.pk, token__gt=interrupted.token).exists()

    def _at_work(self) -> Job:
        """Ask for work and return a job that is running, at any moment of its third of a second."""
        while True:
            for _ in range(3):
                ask()
            until(running().exists, 30)
            time.sleep(self.chance.uniform(0, 0.35))
            if job := running().order_by("?").first():
                return job

    def _change_the_key(self) -> None:
        """Start the worker with another secret key than signed the waiting messages, then with the same."""
        for _ in range(3):
            ask()
        self.house.start(SECRET_KEY="a new key, " + "x" * 50)
        self._recover("key changed")
        self._settle()
        self.house.stop()
        self.house.start()
        self._settle()

    def hang(self, times: int) -> None:
        """Stop, but do not kill, the processes that fetch messages."""
        for _ in range(times):
            self._settle()
            for pid in self.house.pids("pusher"):
                self.house.kill("pusher", pid, signal.SIGSTOP)
            self._recover("hang")

    def spoil_a_message(self) -> None:
        """Let a job's message be signed with a key that nobody knows."""
        self._settle()
        with transaction.atomic():
            ask()
            OrmQ.objects.update(payload="signed with a forgotten key")
        self._recover("unreadable message")

    def crash_the_database(self, times: int, command: str) -> None:
        """Take the database server away under load, without letting it finish anything."""
        # The server is started anew from here: it must not carry the mark by which the worker's processes are known.
        unmarked = {name: value for name, value in os.environ.items() if name != "VELLUTO_DATA_DIR"}
        for _ in range(times):
            self._settle()
            for _ in range(6):
                ask()
            until(running().exists, 30)
            time.sleep(self.chance.uniform(0, 1.5))
            self.crashed_at_work += running().exists()
            connections.close_all()
            subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL, env=unmarked)
            self._recover("database restarted")

    def dead_letters(self) -> dict[str, list[object]]:
        """Ask for jobs that kill or hang whoever does them, and return how they ended."""
        self._settle()
        harmful = [jobs.enqueue(name, "") for name in DEAD_LETTERS]
        until(nothing_is_left, SETTLE)
        for job in harmful:
            job.refresh_from_db()
        return {job.name: [job.status, job.attempts, job.error_code] for job in harmful}

    def close(self) -> int:
        """End the worker; return how many processes it left behind."""
        status = self.house.stop()
        if status:
            print(f"The worker ended with status {status}.", file=sys.stderr)
        until(lambda: not self.house.processes(), 10)
        left = self.house.processes()
        for pid in left:
            print(f"Left behind: {pid} {name(pid)}", file=sys.stderr)
        return len(left) + (status != 0)

    def _settle(self) -> None:
        if not until(lambda: self.house.is_whole() and nothing_is_left(), SETTLE):
            raise AssertionError("The worker did not become whole again.")

    def _recover(self, fault: str, detail: str = "") -> None:
        """Time how long everything takes from now on: what was interrupted, and new work on each queue."""
        start = time.monotonic()
        patiently(ask)
        until(nothing_is_left, 2 * RECOVERY)
        took = time.monotonic() - start
        self.recoveries.setdefault(fault, []).append(took)
        print(f"{detail or fault:<20} {took:6.1f} s", file=sys.stderr)
        if took > SLOW:
            lines = self.house.log.read_text(errors="replace").splitlines()
            print("\n".join(f"    {line}" for line in lines[-12:]), file=sys.stderr)


def ask() -> None:
    jobs.enqueue("faults.cpu", "")
    jobs.enqueue("faults.gpu", "")


def running() -> QuerySet[Job]:
    return Job.objects.filter(status=Job.Status.RUNNING)


def nothing_is_left() -> bool:
    return not patiently(Job.objects.live().exists)


def patiently(what: Callable[[], Any]) -> Any:
    """Do something with a database that may be away for a while."""
    for _ in range(200):
        try:
            return what()
        except DatabaseError:
            connections.close_all()
            time.sleep(0.1)
    return what()


def break_everything(*, kills: int, hangs: int, restarts: int, seed: int) -> dict[str, Any]:
    """Break a worker in each way and return what came of it."""
    breaking = Breaking(seed)
    try:
        breaking.kill(kills)
        breaking.hang(hangs)
        breaking.spoil_a_message()
        if restarts:
            breaking.crash_the_database(restarts, os.environ["POSTGRESQL_RESTART"])
        letters = breaking.dead_letters()
        orphans = breaking.close()
    finally:
        breaking.house.abandon()
    gentle = Job.objects.filter(name__in=["faults.cpu", "faults.gpu"])
    effects = list(Effect.objects.values_list("job", flat=True))
    took = [seconds for some in breaking.recoveries.values() for seconds in some]
    return {
        "kills": breaking.kills,
        "cut_short": breaking.cut_short,
        "crashed_at_work": breaking.crashed_at_work,
        "faults": {fault: len(some) for fault, some in breaking.recoveries.items()},
        "jobs": gentle.count(),
        "attempts": gentle.aggregate(sum=Sum("attempts"))["sum"],
        "lost": gentle.exclude(pk__in=effects).count() + gentle.exclude(status=Job.Status.DONE).count(),
        "doubled": len(effects) - len(set(effects)),
        "orphans": orphans,
        "late": sum(seconds > RECOVERY for seconds in took),
        "recovery_s": {
            fault: {"median": round(median(some), 1), "max": round(max(some), 1)}
            for fault, some in breaking.recoveries.items()
        },
        "dead_letters": letters,
    }
