"""Django's SQLite, with writers that come to their turn.

SQLite lets who waits for the write lock sleep in growing steps, up to a tenth of a second: the longer somebody has
waited, the less often they look, and newcomers go first. Here it is the other way round: whoever has waited longer
looks more often. Only what has not begun anything is tried again (a BEGIN IMMEDIATE, or a statement outside a
transaction), so nothing is done twice.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from velluto import space

LONGEST_NAP, SHORTEST_NAP = 0.020, 0.001  # seconds between two looks: of who has just come, and of who has waited
PATIENCE = 0.5  # seconds after which somebody counts as one who has waited
NATIVE_WAIT = 0  # milliseconds that SQLite itself waits before it says that the database is busy


class Cursor(base.SQLiteCursorWrapper):
    wait = 0.0

    def execute(self, query: str, params: Any = None) -> Any:
        return self._in_turn(lambda: super(Cursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        if not isinstance(param_list, list | tuple):
            param_list = list(param_list)
        return self._in_turn(lambda: super(Cursor, self).executemany(query, param_list))

    def _in_turn(self, attempt: Callable[[], Any]) -> Any:
        """Do it; where another connection is writing and nothing has begun here, try again until `wait` is over."""
        began = time.monotonic()
        while True:
            try:
                return attempt()
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or self.connection.in_transaction or waited > self.wait:
                    raise
            share = min(1.0, waited / PATIENCE)
            time.sleep((LONGEST_NAP + (SHORTEST_NAP - LONGEST_NAP) * share) * random.uniform(0.5, 1.0))


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["timeout"]` is how long a writer waits for its turn, as with Django's own."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            connection = super().get_new_connection(conn_params)
        except sqlite3.OperationalError as error:
            # On a full disk the first to open the database cannot make its log: then nobody could withdraw anything.
            if not space.is_full(error) or not space.release_reserve():
                raise
            connection = super().get_new_connection(conn_params)
        connection.execute(f"PRAGMA busy_timeout = {NATIVE_WAIT}")
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.wait = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        return cursor
