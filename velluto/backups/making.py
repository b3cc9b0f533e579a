"""Making a copy while the house goes on working."""

from __future__ import annotations

import platform
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db import connections
from django.utils import timezone

from velluto.backups import databases, manifest
from velluto.backups.errors import BackupError

FILES = "vault"


def backup(directory: Path, *, keys: Path) -> dict[str, Any]:
    """Copy the data into one new directory and the wrapped keys into another, apart; return the data's manifest.

    Files first, then the database at one moment, then the files that came in between, before anybody can delete one:
    every row of the copy has its file. The keys come last, so that each owner in the data has one.
    """
    directory, keys = directory.resolve(), keys.resolve()
    if directory == keys or directory in keys.parents or keys in directory.parents:
        raise BackupError("The keys go to another place than the data, neither inside the other: together they open.")
    for place in (directory, keys):
        if place.exists() and any(place.iterdir()):
            raise BackupError(f"{place} is not empty: name a new directory for each backup.")
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
    content = _copy_data(directory)
    _copy_database("keys", keys)
    return content


def local_vault() -> Path | None:
    """Return the folder of the vault's files; None where they are kept elsewhere (S3)."""
    try:
        return Path(storages["vault"].path(""))
    except NotImplementedError:
        return None


def _copy_data(directory: Path) -> dict[str, Any]:
    source = local_vault()
    if source:
        for path in source.glob("??/*"):
            _copy(path, directory / FILES / path.relative_to(source))
    return _copy_database("default", directory, source=source)


def _copy_database(alias: str, directory: Path, *, source: Path | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": "data" if alias == "default" else "keys",
        "at": timezone.now().isoformat(),
        "database": connections[alias].vendor,
        "python": platform.python_version(),
        "files_elsewhere": alias == "default" and source is None,
        "missing": [],
    }
    path = directory / databases.file_name(alias)
    with databases.moment(alias) as moment:
        applied = moment.rows("SELECT app, name FROM django_migrations")
        content["migrations"] = sorted(f"{app}.{name}" for app, name in applied)
        if alias == "default":
            names = {name for (name,) in moment.rows("SELECT name FROM velluto_vaultobject")}
            for name in names if source else ():
                if not _copy(source / name, directory / FILES / name):
                    content["missing"].append(name)
            number, last = moment.rows("SELECT number, digest FROM velluto_audithead WHERE id = 1")[0]
            content |= {"audit": {"number": number, "digest": last}, "objects": len(names)}
            for extra in (directory / FILES).glob("??/*"):
                if extra.relative_to(directory / FILES).as_posix() not in names:
                    extra.unlink()  # deleted while it was copied
        else:
            content["objects"] = moment.rows("SELECT count(*) FROM velluto_datakey")[0][0]
        moment.thaw()
        moment.write(path)
    path.chmod(0o600)
    files = [path, *sorted((directory / FILES).glob("??/*"))]
    content["files"] = {file.relative_to(directory).as_posix(): manifest.digest(file) for file in files}
    manifest.write(directory, content)
    return content


def _copy(path: Path, to: Path) -> bool:
    """Copy a file of the vault, which never changes once it is there; return whether it (still) is."""
    if to.exists():
        return True
    to.parent.mkdir(parents=True, exist_ok=True)
    half = to.with_suffix(".part")
    try:
        shutil.copyfile(path, half)
    except FileNotFoundError:
        with suppress(FileNotFoundError):
            half.unlink()
        return False
    half.replace(to)
    return True
