"""The way back: verified before anything is touched, and what was destroyed since is destroyed again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command, get_commands
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from velluto import audit, vault
from velluto.audit.checkpoints import kept_in
from velluto.audit.models import AuditEvent, AuditHead
from velluto.backups import databases, manifest
from velluto.backups.errors import BackupError
from velluto.backups.making import FILES, local_vault
from velluto.vault import departed
from velluto.vault.keys import DESTROYED
from velluto.vault.models import DataKey, VaultObject


@dataclass
class Restored:
    """What a restore did: where the audit ended, what was destroyed (again), and what no key opens."""

    number: int
    destroyed: list[str] = field(default_factory=list)
    without_key: list[str] = field(default_factory=list)
    set_aside: int = 0
    missing: int = 0


def restore(directory: Path, *, keys: Path | None, replace: bool) -> Restored:
    """Put a copy back. The keys are put back only where their copy is named: else those that are here stay."""
    data = manifest.read(directory, "data")
    copies = {"default": (directory, data)}
    if keys is not None:
        copies["keys"] = (keys, manifest.read(keys, "keys"))
    for alias, (_, content) in copies.items():
        _require_compatible(alias, content)
    gone = departed.noted() | _destroyed_here()
    if not replace and (_count("default", AuditEvent) or _count("default", VaultObject)):
        raise BackupError("This installation is not empty: --replace puts the copy in its place. Nothing was changed.")
    if data["objects"] and keys is None and not _count("keys", DataKey):
        raise BackupError("There are no keys here, and nothing would open: name their copy (--keys).")
    for alias, (place, _) in copies.items():
        databases.put_back(alias, place / databases.file_name(alias))
    _put_files_back(directory, data)
    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    return _settle(data, gone | _destroyed_here())


def _require_compatible(alias: str, content: dict[str, Any]) -> None:
    vendor = connections[alias].vendor
    if content["database"] != vendor:
        raise BackupError(f"The copy is of {content['database']}, and the database here is {vendor}: they do not mix.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(content["migrations"]) - known):
        raise BackupError(f"The copy comes from a newer version (it knows {newer[0]}): install that one first.")


def _count(alias: str, model: Any) -> int:
    tables = connections[alias].introspection.table_names()
    return int(model._base_manager.using(alias).count()) if model._meta.db_table in tables else 0


def _destroyed_here() -> set[str]:
    """Return the owners whose keys were destroyed, by the keys and by the audit that are here."""
    owners: set[str] = set()
    if _count("keys", DataKey):
        owners |= set(DataKey.objects.exclude(destroyed_at=None).values_list("owner", flat=True))
    if _count("default", AuditEvent):
        owners |= set(AuditEvent.objects.filter(event=DESTROYED).values_list("subject_id", flat=True))
    return owners


def _put_files_back(directory: Path, data: dict[str, Any]) -> None:
    target = local_vault()
    for name in data["files"]:
        if target and name.startswith(f"{FILES}/"):
            path = target / name.removeprefix(f"{FILES}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(directory / name, path)


def _settle(data: dict[str, Any], gone: set[str]) -> Restored:
    """Verify the chain, say in it that it was restored, and destroy again what had been destroyed."""
    head = AuditHead.objects.get(pk=1)
    report = audit.verify()
    if not report.intact or (head.number, head.digest) != (data["audit"]["number"], data["audit"]["digest"]):
        raise BackupError("The copy is in place, but its audit is not intact: see manage.py verify_audit.")
    done = Restored(head.number, missing=len(data["missing"]))
    lost = _set_checkpoints_aside(head.number)
    done.set_aside = len(lost)
    Session.objects.all().delete()  # who signed out since then stays signed out
    before = set(AuditEvent.objects.filter(event=DESTROYED).values_list("subject_id", flat=True))
    with transaction.atomic():
        audit.record(
            "velluto.backup.restored",
            reason="restored from a backup",
            data={"made_at": data["at"], "at_row": head.number, "lost_checkpoints": lost[-50:]},
        )
    for owner in sorted(gone):
        vault.destroy(owner, actor=None, reason="it had been destroyed after the backup that was restored")
    done.destroyed = sorted(gone - before)
    if "reconcile" in get_commands():
        call_command("reconcile", verbosity=0)
    known = set(DataKey.objects.values_list("owner", flat=True))
    done.without_key = sorted(set(VaultObject.objects.values_list("owner", flat=True)) - known)
    return done


def _set_checkpoints_aside(number: int) -> list[list[Any]]:
    """Move checkpoints of rows that the copy lacks into a folder of their own; return their numbers and digests."""
    directory = settings.AUDIT_CHECKPOINT_DIR
    later = [one for one in kept_in(directory) if not isinstance(one, str) and one.number > number]
    if later:
        aside = directory / f"before-restore-{timezone.now():%Y%m%dT%H%M%S}"
        aside.mkdir(parents=True)
        for one in later:
            (directory / one.source).rename(aside / one.source)
    return [[one.number, one.digest] for one in later]
