"""The child side of guard.py: give up every right, then let one task read one untrusted file.

Run as `python -I confined.py TASK PARENT ARGUMENT...`. TASK is a Python file with `run(content, *arguments) -> (head,
payload)`; its imports happen before the rights are given up, its work after. Standard input is the file; standard
output is the head as one line of JSON, then the payload.
"""

from __future__ import annotations

import ctypes
import importlib.util
import io
import json
import os
import resource
import signal
import sys
from typing import Any, NoReturn

MEMORY = 1 << 30  # bytes of address space
CPU_SECONDS = 20
AT_LIMIT, FAILED = 3, 4  # exit codes that guard.py knows
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38


def confine(parent: int) -> None:
    """Give up what reading a file does not need, for good; end at once where the parent is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(FAILED)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # the three standard streams are open; nothing else ever will be


def load(path: str) -> Any:
    """Import the task by its path: in isolated mode the house itself cannot be imported."""
    spec = importlib.util.spec_from_file_location("task", path)
    assert spec is not None and spec.loader is not None
    task = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(task)
    return task


def main() -> NoReturn:
    path, parent, *arguments = sys.argv[1:]
    task = load(path)
    confine(int(parent))
    try:
        head, payload = task.run(io.BytesIO(sys.stdin.buffer.read()), *arguments)
    except MemoryError:
        os._exit(AT_LIMIT)
    except Exception:  # whatever a file provokes in a parser is one answer, and none of its words leave this process
        os._exit(FAILED)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + payload)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
