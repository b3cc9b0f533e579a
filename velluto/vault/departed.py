"""A list, outside every database, of the owners whose consent ended: no restored copy forgets them.

One line per owner, appended when a consent is withdrawn and when a key is destroyed, in AUDIT_CHECKPOINT_DIR, which is
kept elsewhere and never rolled back. It holds ids, no names.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


def path() -> Path:
    return Path(settings.AUDIT_CHECKPOINT_DIR) / "destroyed.txt"


def note(owner: str) -> None:
    """Add an owner. A list that cannot be written stops no destruction: the keys' tombstones say the same."""
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{owner}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        logger.error("The list of what was destroyed cannot be written (%s).", os.strerror(error.errno or 0))


def noted() -> set[str]:
    """Return the owners on the list."""
    try:
        return set(path().read_text().split())
    except FileNotFoundError:
        return set()
