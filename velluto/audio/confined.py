"""The child side of guard.py: give up every right, then let one task read one untrusted file.

Run as `python -I confined.py TASK PARENT ARGUMENT...`. TASK is a Python file with `run(content, *arguments) -> (head,
payload)`; its imports happen before the rights are given up, its work after. Standard input is the file; standard
output is the head as one line of JSON, then the payload.
"""

from __future__ import annotations

import ctypes
import errno
import importlib.util
import io
import json
import os
import resource
import signal
import struct
import sys
from typing import Any, NoReturn

MEMORY = 1 << 30  # bytes of address space
CPU_SECONDS = 20
AT_LIMIT, FAILED = 3, 4  # exit codes that guard.py knows
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
CAPABILITY_VERSION = 0x20080522
SECCOMP_FILTER = 2  # the mode
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # of the kernel's packet filters
NUMBER_AT, MACHINE_AT = 0, 4  # offsets within what a filter is shown of a system call
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.ENOSYS, 0x80000000

# By machine: the kernel's name for it, and the numbers of the only system calls that are left: read and write what is
# open, memory, signals to itself, clocks, chance, and the end.
SYSTEM_CALLS = {
    "x86_64": (0xC000003E, (
        0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60, 96, 98, 131, 186, 202, 204, 228,
        229, 230, 231, 262, 318, 324, 334,
    )),
    "aarch64": (0xC00000B7, (
        57, 62, 63, 64, 65, 66, 67, 79, 80, 93, 94, 98, 101, 113, 114, 115, 123, 124, 132, 134, 135, 139, 165, 169, 172,
        178, 214, 215, 216, 222, 226, 233, 278, 283, 293,
    )),
}  # fmt: skip


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
    libc.capset(struct.pack("=Ii", CAPABILITY_VERSION, 0), bytes(24))  # or root could raise the limits again
    if os.uname().machine in SYSTEM_CALLS:
        leave_system_calls(libc, *SYSTEM_CALLS[os.uname().machine])


def leave_system_calls(libc: ctypes.CDLL, machine: int, numbers: tuple[int, ...]) -> None:
    """Have the kernel answer every system call but these as one that it does not know.

    Some need no descriptor: deleting by name, reading another process' memory, starting a program.
    """
    steps = [(LOAD_WORD, 0, 0, MACHINE_AT), (JUMP_IF_EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL)]
    steps.append((LOAD_WORD, 0, 0, NUMBER_AT))
    steps += [(JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    head = struct.pack("@HP", len(steps), ctypes.addressof(program))
    libc.prctl(PR_SET_SECCOMP, SECCOMP_FILTER, ctypes.c_char_p(head), 0, 0)


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
