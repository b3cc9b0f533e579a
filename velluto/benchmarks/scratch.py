"""A whole installation of its own that is thrown away: nothing of the operator's is read or written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from django.conf import settings
from django.db import connections

PREFIX = "velluto_scratch_"
SCRATCH = "VELLUTO_SCRATCH"  # the folder of the throwaway installation, for its own processes alone


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """Make empty databases of the configured kind, and yield the environment whose processes use them."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    environment = {
        **os.environ,
        SCRATCH: str(folder),
        "VELLUTO_DATA_DIR": str(folder),
        "AUDIT_CHECKPOINT_DIR": str(folder / "checkpoints"),
        "EMAIL_URL": f"file:///{folder}/mails",
        "VELLUTO_DEBUG": "true",
    }
    with ExitStack() as at_the_end:
        at_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        for alias, variable in (("default", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
            if connections[alias].vendor == "sqlite":
                environment[variable] = f"sqlite:///{folder}/{alias}.sqlite3"
            else:
                environment[variable] = at_the_end.enter_context(_throwaway_on_postgresql(alias))
        manage(environment, "migrate", "-v", "0")
        manage(environment, "migrate", "-v", "0", "--database", "keys")
        yield environment


@contextmanager
def _throwaway_on_postgresql(alias: str) -> Iterator[str]:
    """Create a database beside the operator's, on the same server, and drop it afterwards."""
    name = f"{PREFIX}{uuid4().hex[:12]}"
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield _url({**connection.settings_dict, "NAME": name})
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _url(database: dict[str, Any]) -> str:
    user, password, host = (quote(str(database[part] or ""), safe="") for part in ("USER", "PASSWORD", "HOST"))
    who = f"{user}:{password}@" if password else f"{user}@" if user else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    options = {name: value for name, value in database["OPTIONS"].items() if isinstance(value, str)}
    return f"postgres://{who}{host}{port}/{database['NAME']}" + (f"?{urlencode(options)}" if options else "")


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a management command in the throwaway installation and return what it printed."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def require() -> Path:
    """Return the folder of the throwaway installation this process serves; raise where it serves another."""
    folder = os.environ.get(SCRATCH, "")
    names = [str(connections[alias].settings_dict["NAME"]) for alias in ("default", "keys")]
    if not folder or Path(folder) != settings.DATA_DIR or any(PREFIX not in name for name in names):
        raise RuntimeError("This writes into its databases and therefore runs in a throwaway installation only.")
    return Path(folder)
