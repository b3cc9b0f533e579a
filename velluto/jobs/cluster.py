"""One django-q2 cluster that fails fast: this process is its sentinel, with one worker, one pusher and one monitor.

As it comes, django-q2 replaces a dead child. But an idle worker killed while it holds the queue's lock, or a worker
killed while it holds its timer's lock, leaves the others waiting for ever, and a killed monitor acknowledges nothing
any more. Here any unexpected death ends the whole cluster at once; `velluto.jobs.supervisor` puts the job back and
starts another.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from queue import Empty
from typing import Any

from django.db import DatabaseError
from django_q.brokers.orm import ORM
from django_q.cluster import Sentinel
from django_q.worker import worker

from velluto.jobs.processes import call_me, die_with

logger = logging.getLogger(__name__)

RECYCLED = -2  # what a django-q2 worker writes into its timer before it leaves to be replaced
FAILED = 75


class FailFastBroker(ORM):
    """The database broker; without the database its process ends at once instead of sleeping ten seconds first."""

    def dequeue(self) -> Any:
        try:
            return super().dequeue()
        except DatabaseError as error:
            logger.error("The queue cannot be read (%s): this cluster ends.", type(error).__name__)
            os._exit(FAILED)


class FailFastSentinel(Sentinel):
    """Guard the children until told to stop; end non-zero when one of them dies unasked."""

    def start(self) -> None:
        # An in-process event: a signal handler must not touch the lock of a multiprocessing one.
        signal.signal(signal.SIGTERM, lambda *_: self.stop_event.set())
        super().start()

    def spawn_process(self, target: Callable[..., Any], *args: Any) -> BaseProcess:
        """Start a child that ends with this process, as the parent class does otherwise."""
        child = get_context("fork").Process(
            target=_run, args=(os.getpid(), target, *args), name=f"Process-{uuid.uuid4().hex}", daemon=True
        )
        if target is worker:
            child.timer = args[2]  # type: ignore[attr-defined]
            self.pool.append(child)
        child.start()
        return child

    def guard(self) -> None:
        """Watch the children without taking any lock that a killed one may have kept."""
        self.start_event.set()
        while not self.stop_event.is_set():
            children = [*self.pool, self.monitor, self.pusher]
            connection.wait([child.sentinel for child in children], timeout=0.2)
            for child in children:
                if not child.is_alive():
                    self.reincarnate(child)
        self.stop()

    def stop(self) -> None:
        """Let the worker finish the job it is doing, and no other."""
        self.event_out.set()
        while self.pusher.is_alive():
            self._discard_wake_ups()
            self.pusher.join(0.05)
        self._discard_wake_ups()
        for _ in self.pool:
            self.task_queue.put("STOP")
        for child in self.pool:
            child.join()
        self.result_queue.put("STOP")
        self.monitor.join()

    def _discard_wake_ups(self) -> None:
        with suppress(Empty):
            while True:
                self.task_queue.get_nowait()

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a worker that left by itself after its share of jobs; end everything where a child died."""
        if process in self.pool and int(process.timer.get_obj().value) == RECYCLED:  # type: ignore[attr-defined]
            super().reincarnate(process)
            return
        role = {id(self.monitor): "monitor", id(self.pusher): "pusher"}.get(id(process), "worker")
        logger.error("The %s of queue %s died (%s): this cluster ends.", role, self.queue_name(), process.exitcode)
        os._exit(FAILED)  # no clean-up that could wait for the dead; the children end with this process


def _run(parent: int, target: Callable[..., Any], *args: Any) -> None:
    die_with(parent)
    call_me(f"velluto-{target.__name__}")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    target(*args)


def serve(queue: str) -> None:
    """Be the cluster of `queue` until SIGTERM; the environment must have named the queue before Django started."""
    if os.environ.get("Q_CLUSTER_NAME") != queue:
        raise RuntimeError(
            f"Q_CLUSTER_NAME must be {queue} before Django starts: use `manage.py worker --queue {queue}`."
        )
    call_me(f"velluto-{queue}")
    FailFastSentinel(threading.Event(), threading.Event(), uuid.uuid4(), FailFastBroker(queue))
    sys.stdout.flush()
    os._exit(0)  # the queues' feeder threads have nothing left to say
