"""Which function does which job; filled by `@job` when each app's `jobs.py` is imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from velluto.jobs.models import Job
    from velluto.jobs.running import Run

QUEUES = ("cpu", "gpu")

Work = Callable[["Run", str], None]
OnFailure = Callable[["Job"], None]


class UnknownJob(LookupError):
    """No function is registered under this name."""


@dataclass(frozen=True)
class Handler:
    """How one kind of job is done: times in seconds, `every` only for periodic jobs."""

    name: str
    function: Work
    queue: str
    attempts: int
    timeout: int
    on_failure: OnFailure | None
    every: int | None


_handlers: dict[str, Handler] = {}


def job(
    name: str,
    *,
    queue: str = "cpu",
    attempts: int = 3,
    timeout: int = 300,
    on_failure: OnFailure | None = None,
    every: int | None = None,
) -> Callable[[Work], Work]:
    """Register the function that does the job `name`.

    `timeout` is the longest one attempt may take, in seconds; after it the process is ended from outside Python, so
    that a hang in native code ends too. `on_failure(job)` runs in the transaction that gives the job up (failed or
    dead, not cancelled). A job with `every` is started by the worker itself, with an empty subject, at most once in
    that many seconds.
    """
    if queue not in QUEUES:
        raise ImproperlyConfigured(f"Job {name}: there is no queue {queue!r}; choose one of {', '.join(QUEUES)}.")
    if attempts < 1 or timeout < 1 or (every is not None and every < 1):
        raise ImproperlyConfigured(f"Job {name}: attempts, timeout and every are at least 1.")

    def register(function: Work) -> Work:
        known = _handlers.get(name)
        if known and (known.function.__module__, known.function.__qualname__) != (
            function.__module__,
            function.__qualname__,
        ):
            raise ImproperlyConfigured(f"Two functions want to do the job {name}.")
        _handlers[name] = Handler(name, function, queue, attempts, timeout, on_failure, every)
        return function

    return register


def handler(name: str) -> Handler:
    """Return how the job `name` is done; raise UnknownJob where no app does it."""
    try:
        return _handlers[name]
    except KeyError:
        raise UnknownJob(f"No app does the job {name!r}.") from None


def periodic() -> list[Handler]:
    """Return the jobs that the worker starts by itself."""
    return [known for known in _handlers.values() if known.every]
