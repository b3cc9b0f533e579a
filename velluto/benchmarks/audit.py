"""How many rows a second the audit takes, with several processes writing, each row in a transaction of its own.

It writes into a database of its own beside the configured one (same server, or same disk) and drops it afterwards: the
audit of a house takes no rows that mean nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Count

from velluto import audit
from velluto.audit.models import AuditEvent

_together: Barrier


def run(*, tell: Callable[[str], Any], seconds: float = 10.0, writers: int = 8) -> dict[str, Any]:
    """Return appends per second, how long one took (ms), and how often the chain forked."""
    with throwaway_database():
        load = os.getloadavg()[0]
        tell(f"{writers} processes append to {connection.vendor} for {seconds:.0f} s; load before: {load:.1f}")
        connections.close_all()  # a connection is never shared with a child
        context = multiprocessing.get_context("fork")
        barrier = context.Barrier(writers)
        with context.Pool(writers, _wait_for_all, (barrier,)) as pool:
            per_writer = pool.map(_append, [seconds] * writers, chunksize=1)
        took = np.array([one for some in per_writer for one in some])
        report = audit.verify()
        twice = AuditEvent.objects.values("previous").annotate(rows=Count("id")).filter(rows__gt=1)
        return {
            "benchmark": "audit",
            "database": connection.vendor,
            "writers": writers,
            "seconds": seconds,
            "appends": len(took),
            "appends_per_s": round(len(took) / seconds, 1),
            "p50_ms": round(float(np.percentile(took, 50)) * 1000, 1),
            "p99_ms": round(float(np.percentile(took, 99)) * 1000, 1),
            "max_ms": round(float(took.max()) * 1000, 1),
            "fewest_by_one_writer": min(map(len, per_writer)),
            "forks": twice.count(),
            "rows": report.rows,
            "intact": report.intact,
            "load_before": round(load, 1),
        }


def _wait_for_all(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _append(seconds: float) -> list[float]:
    """Append for so long; return how many seconds each append took, from the start of its transaction to its end."""
    connection.ensure_connection()
    took: list[float] = []
    _together.wait()
    end = time.monotonic() + seconds
    while (begun := time.monotonic()) < end:
        with transaction.atomic():
            audit.record("bench.appended", actor=f"writer:{os.getpid()}", data={"number": len(took)})
        took.append(time.monotonic() - begun)
    connection.close()
    return took


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Let the default connection lead to a new, migrated database, and drop that afterwards."""
    creation, name = connection.creation, connection.settings_dict["NAME"]
    test = connection.settings_dict["TEST"]
    before = test.get("NAME")
    test["NAME"] = (
        str(settings.DATA_DIR / f"bench-{os.getpid()}.sqlite3")
        if connection.vendor == "sqlite"
        else f"velluto_bench_{os.getpid()}"
    )
    try:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            creation.destroy_test_db(name, verbosity=0)
    finally:
        test["NAME"] = before
