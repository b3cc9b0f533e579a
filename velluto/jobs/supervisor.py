"""What `manage.py worker` does: keep clusters alive, and notice what nobody reports."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from velluto import space
from velluto.jobs import processes, queue
from velluto.jobs.models import Job
from velluto.jobs.sweep import sweep

logger = logging.getLogger(__name__)

TICK = 0.1
SWEEP_EVERY = 2.0
HEARTBEAT_EVERY = 5.0
RESERVE_EVERY = 60.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds before a cluster that ended is started again
SETTLED = 30.0  # seconds after which a cluster counts as healthy
STUCK = timedelta(seconds=40)  # a due job that waits so long beside an idle cluster means that the cluster hangs


@dataclass
class Cluster:
    """One place for a cluster; each incarnation that fills it has an id of its own, which its jobs carry."""

    queue: str
    pause: float = SHORTEST_PAUSE
    start_at: float = 0.0
    started_at: float = 0.0
    worker: str = ""
    process: subprocess.Popen[bytes] | None = None
    unreleased: list[str] = field(default_factory=list)

    def start(self) -> None:
        me = os.getpid()
        self.worker = f"{processes.machine()}:{me}:{processes.born(me)}:{uuid.uuid4().hex[:8]}"
        self.started_at = time.monotonic()
        self.process = processes.start(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--skip-checks", "--cluster", self.queue],
            environment={"Q_CLUSTER_NAME": self.queue, "VELLUTO_WORKER": self.worker},
        )

    def ended(self) -> bool:
        """Return whether the incarnation has ended, and if so clear the place for the next one."""
        if self.process is None or self.process.poll() is None:
            return False
        processes.bury(self.process)
        logger.error("A cluster of queue %s ended (%s); another is started.", self.queue, self.process.returncode)
        lived = time.monotonic() - self.started_at
        self.pause = SHORTEST_PAUSE if lived > SETTLED else min(self.pause * 2, LONGEST_PAUSE)
        self.start_at = time.monotonic() + self.pause
        self.unreleased.append(self.worker)
        self.process = None
        return True

    def has_done_nothing_since(self, when: datetime) -> bool:
        up = timedelta(seconds=time.monotonic() - self.started_at)
        if timezone.now() - up > when:
            return False
        return not Job.objects.filter(worker=self.worker, started_at__gt=when).exists()

    def kill(self, why: str) -> None:
        if self.process is not None and self.process.poll() is None:
            logger.error("The cluster of queue %s is ended: %s.", self.queue, why)
            self.process.kill()


def settle_estates() -> None:
    """Release the jobs of supervisors that ended on this machine without doing so themselves."""
    running = Job.objects.filter(status=Job.Status.RUNNING, worker__startswith=f"{processes.machine()}:")
    for worker in set(running.values_list("worker", flat=True)):
        _, pid, born, _ = worker.split(":")
        if processes.born(int(pid)) != born:
            queue.release(worker)


class Supervisor:
    """Run clusters until SIGTERM or SIGINT, then give running jobs `grace` seconds and put back what is left."""

    def __init__(self, clusters: Mapping[str, int], *, grace: float) -> None:
        self.places = [Cluster(name) for name, count in clusters.items() for _ in range(count)]
        self.grace = grace
        self.stopping = False
        self._sweep_at = self._beat_at = self._reserve_at = 0.0
        self._settled_estates = False
        self._database_lost = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self.stopping:
                self._look_after_clusters()
                self._with_database(self._look_after_jobs)
                time.sleep(TICK)
        finally:
            self._end()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _look_after_clusters(self) -> None:
        for place in self.places:
            place.ended()
            if place.process is None and time.monotonic() >= place.start_at:
                place.start()

    def _look_after_jobs(self) -> None:
        now = time.monotonic()
        if not self._settled_estates:
            settle_estates()
            self._settled_estates = True
        if now >= self._reserve_at:
            space.keep_reserve()
            self._reserve_at = now + RESERVE_EVERY
        for place in self.places:
            while place.unreleased:
                queue.release(place.unreleased[0])
                place.unreleased.pop(0)
        if now >= self._beat_at:
            self._heartbeat()
            self._beat_at = now + HEARTBEAT_EVERY
        if now >= self._sweep_at:
            sweep()
            self._sweep_at = now + SWEEP_EVERY

    def _heartbeat(self) -> None:
        """Prolong the leases of the live clusters' jobs, and end a cluster that hangs."""
        now = timezone.now()
        by_worker = {place.worker: place for place in self.places if place.process is not None}
        mine = Job.objects.filter(status=Job.Status.RUNNING, worker__in=by_worker)
        busy = dict(mine.values_list("worker", "deadline_at"))
        if busy:
            mine.filter(deadline_at__gt=now).update(lease_until=now + queue.LEASE)
        waiting = {
            name
            for name in {place.queue for place in self.places}
            if Job.objects.due(now - STUCK).filter(queue=name).exists()
        }
        for worker, place in by_worker.items():
            deadline = busy.get(worker)
            if deadline is not None and deadline <= now:
                place.kill("its job is overdue and its watchdog did not act")
            elif worker not in busy and place.queue in waiting and place.has_done_nothing_since(now - STUCK):
                place.kill("it is idle although work is waiting")

    def _with_database(self, step: Callable[[], None]) -> None:
        """Do a step that needs the database; where it is away, say so once and try again at the next tick."""
        try:
            close_old_connections()
            step()
        except DatabaseError as error:
            connections.close_all()
            if not self._database_lost:
                logger.error("The database does not answer (%s); waiting for it.", type(error).__name__)
            self._database_lost = True
            time.sleep(0.5)
        else:
            self._database_lost = False

    def _end(self) -> None:
        running = [place for place in self.places if place.process is not None]
        processes.end([place.process for place in running if place.process], grace=self.grace)
        self._with_database(lambda: self._give_back([place.worker for place in running]))

    def _give_back(self, workers: list[str]) -> None:
        """Put back what was running; where the database is away, it comes back when its lease runs out."""
        for worker in workers:
            queue.release(worker, blameless=True)
