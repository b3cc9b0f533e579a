"""Room on the disk: what happens when there is none, and what is kept so that a consent can be withdrawn even then.

Recordings and outputs may not take the last megabytes (`require_room`). Where something else takes them, a reserve that
holds nothing but its place is given up for a withdrawal (`even_when_full`); the worker makes it again later. It is a
file beside the data and, on PostgreSQL, which may live on a disk of its own, a table as well.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, connections

from velluto.errors import Refusal

logger = logging.getLogger(__name__)

RESERVE = 8 * 2**20  # bytes: some hundred withdrawals, with the databases' logs
FLOOR = 2 * RESERVE  # what recordings and outputs leave free
NOTHING = 2**20  # less than this, and a vague error of SQLite's means a full disk
DISK_FULL = "53100"  # PostgreSQL's name for it
TABLE = "velluto_reserve"  # of chance, on PostgreSQL's disk; no model's, for nobody reads it
MAKE_TABLE = "CREATE TABLE velluto_reserve AS SELECT gen_random_uuid() AS nothing FROM generate_series(1, %s)"
BYTES_OF_A_ROW = 44  # as PostgreSQL stores it, a UUID in each

P = ParamSpec("P")
R = TypeVar("R")


class StorageFull(Refusal):
    code: ClassVar[str] = "storage_full"
    status: ClassVar[int] = 507
    message: ClassVar[str] = "There is no room left to keep this; nothing of it was kept."
    next_step: ClassVar[str] = (
        "Try again later: the operator has to make room first. "
        "What you had is untouched, and a consent can still be withdrawn."
    )


def room() -> int:
    """Return the bytes that are free where this installation keeps its data."""
    return shutil.disk_usage(settings.DATA_DIR).free


def require_room() -> None:
    """Raise StorageFull where only the last megabytes are left."""
    if room() < FLOOR:
        raise StorageFull


def is_full(error: BaseException) -> bool:
    """Tell whether an error came, at its root, from a disk or a database without room."""
    return any(map(_says_full, _roots(error)))


def _roots(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _says_full(error: BaseException) -> bool:
    if isinstance(error, StorageFull):
        return True
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        vague = code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
        return code == sqlite3.SQLITE_FULL or (vague and room() < NOTHING)
    return getattr(error, "sqlstate", None) == DISK_FULL


# ---------------------------------------------------------------------------------------------------- the reserve


def reserve() -> Path:
    """Return the file that holds nothing but its place."""
    return Path(settings.DATA_DIR) / "reserve"


def keep_reserve() -> bool:
    """Make the reserve where it is missing and there is room for it; return whether all of it is there."""
    beside = _keep_file()
    return _keep_table() and beside if connection.vendor == "postgresql" else beside


def _keep_file() -> bool:
    path = reserve()
    if path.exists() and path.stat().st_size >= RESERVE:
        return True
    if room() < FLOOR + RESERVE:
        return False
    try:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE)
    except OSError as error:
        logger.error("The reserve for a full disk cannot be made (%s).", os.strerror(error.errno or 0))
        path.unlink(missing_ok=True)
        return False
    return True


def _keep_table() -> bool:
    try:
        if TABLE not in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(MAKE_TABLE, [RESERVE // BYTES_OF_A_ROW])
    except DatabaseError as error:
        logger.error("The reserve on PostgreSQL's disk cannot be made (%s).", type(error).__name__)
        return False
    return True


def release_reserve() -> bool:
    """Give the reserve's place to others; return whether there was any."""
    released = _release_file()
    if connection.vendor == "postgresql":
        released = _release_table() or released
    if released:
        logger.error("The disk is full: the reserve was given up for a withdrawal. Make room.")
    return released


def _release_file() -> bool:
    try:
        reserve().unlink()
    except OSError:
        return False
    return True


def _release_table() -> bool:
    try:
        if TABLE not in connection.introspection.table_names():
            return False
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {TABLE}")  # unlike DELETE and TRUNCATE, it needs no room itself
    except DatabaseError:
        return False
    return True


def even_when_full(verb: Callable[P, R]) -> Callable[P, R]:
    """Let a service that must always work give up the reserve, and be tried once more, where the disk is full."""

    @wraps(verb)
    def insist(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except Exception as error:
            if connection.in_atomic_block or not is_full(error) or not release_reserve():
                raise
        connections.close_all()  # what failed without room may have left half a log behind: begin anew
        return verb(*args, **kwargs)

    return insist
