"""Child processes that cannot outlive whoever started them."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux; elsewhere only the ordinary ways to end remain


def machine() -> str:
    """Return a name for this machine, boot and container: process ids mean something only within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return hashlib.sha256(f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}".encode()).hexdigest()[:12]
    except OSError:
        return uuid.uuid4().hex[:12]  # no such view of processes here: then nobody's end can be seen


def born(pid: int) -> str:
    """Return when a process of this machine began, in the kernel's ticks, or "" where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent, the process `parent`, ends in whatever way."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the request was made
        os.kill(os.getpid(), signal.SIGKILL)


def call_me(name: str) -> None:
    """Give this process a name of its own in ps and top (15 letters at most)."""
    if _prctl is not None:
        _prctl(PR_SET_NAME, name.encode()[:15])


def start(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, output: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a command as a group of its own that ends with this process.

    `output` takes both its streams (subprocess.PIPE to read them). A Ctrl-C in the terminal does not reach the group:
    its starter decides in which order things end.
    """
    parent = os.getpid()
    return subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=lambda: die_with(parent),
    )


def end(
    children: Sequence[subprocess.Popen[bytes]], *, grace: float, on_wait: Callable[[], None] | None = None
) -> None:
    """Ask the children to end, wait up to `grace` seconds for all of them, then kill what is left of their groups."""
    for child in children:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                child.terminate()
    give_up_at = time.monotonic() + grace
    while any(child.poll() is None for child in children) and time.monotonic() < give_up_at:
        time.sleep(0.05)
        if on_wait:
            on_wait()
    for child in children:
        bury(child)


def bury(child: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child's group and take its exit status."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
