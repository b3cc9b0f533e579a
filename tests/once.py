"""What costs a machine much is made once a run; its processes share it in files where `.ci/test` names a folder."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

T = TypeVar("T")
_made: dict[str, Any] = {}


def once(name: str, make: Callable[[], T]) -> T:
    """Return what `make` returned when it was first called for this name, in whichever process of the run."""
    if name not in _made:
        folder = os.environ.get("VELLUTO_TESTS_SHARE")
        _made[name] = _shared(Path(folder, name), make) if folder else make()
    return _made[name]


def _shared(path: Path, make: Callable[[], T]) -> T:
    with FileLock(f"{path}.lock"):
        if path.exists():
            return pickle.loads(path.read_bytes())
        made = make()
        path.write_bytes(pickle.dumps(made))
        return made
