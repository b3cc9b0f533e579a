"""Crash PostgreSQL inside each step of a voice's end, before its commit; see that each voice ends exactly once.

    .ci/with-postgresql --own python -m tests.faults.cascades

It needs a server of its own, which POSTGRESQL_RESTART crashes and restarts, and drops the database that it works in.
The last line printed is a JSON object; the exit status is 0 only where every step was met by a crash and nothing was
lost, done twice or left behind, and where nothing of a voice can be opened afterwards.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from typing import Any

from tests.faults.house import ROOT, manage
from tests.faults.sweep import Throwaway

SETTINGS = "tests.faults.speaking"


def main() -> int:
    if os.environ.get("DJANGO_SETTINGS_MODULE") == SETTINGS:
        import django

        django.setup()
        manage("migrate", "-v0")
        manage("migrate", "--database", "keys", "-v0")
        result = crash_in_each_step()
        print(json.dumps(result))
        return 0 if not result["broken"] else 1
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres") or not os.environ.get("POSTGRESQL_RESTART"):
        print("No PostgreSQL that may be crashed: nothing was tried.", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder, Throwaway(server) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VELLUTO_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        environment.pop("KEYS_DATABASE_URL", None)
        command = [sys.executable, "-m", "tests.faults.cascades"]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def crash_in_each_step() -> dict[str, Any]:
    """End one voice for each step, with a crash of the database inside that step; return what was broken."""
    from django.db import DatabaseError, connections

    from takedowns import cascade, services
    from takedowns.models import Revocation
    from tests.accounts.factories import make_user
    from tests.faults.racing import _voice

    record, crashing, crashed = cascade.audit.record, "", []

    def recorded(event: str, **options: Any) -> Any:
        nonlocal crashing
        row = record(event, **options)
        if event == "takedowns.revocation.step" and options["data"]["step"] == crashing:
            crashed.append(crashing)
            crashing = ""
            subprocess.run(shlex.split(os.environ["POSTGRESQL_RESTART"]), check=True, stdout=subprocess.DEVNULL)
        return row

    cascade.audit.record = recorded
    user, broken = make_user("crashes@example.org", full_name="Alice Baker"), []
    for step in (name for name, _, _ in cascade.STEPS):
        voice = _voice(user)
        made_of = _record(voice)
        revocation = services.revoke(voice, by="voice_owner", actor=user, reason="changed my mind")
        crashing, deaths = step, 0
        while Revocation.objects.get(pk=revocation.pk).status != Revocation.Status.DONE:
            try:
                cascade.go_on(Revocation.objects.get(pk=revocation.pk))
            except DatabaseError:
                deaths += 1
                connections.close_all()
                if deaths > 3:
                    break
        broken += [f"{step}: {wrong}" for wrong in (*_broken(revocation, made_of), *([] if deaths == 1 else [deaths]))]
    return {"steps": len(crashed), "broken": broken}


def _record(voice: Any) -> list[str]:
    """Keep a recording and its voiceprint; return the names of all objects of the voice."""
    import numpy as np
    from django.utils import timezone

    from tests.audio.sounds import a_melody
    from velluto.engines.base import Embedding
    from velluto.vault.models import VaultObject
    from voices import services as voices

    kept = voices.keep_recording(
        voice, purpose="sample", audio=a_melody(0.2), received_at=timezone.now(), actor=voice.account
    )
    voices.keep_voiceprint(kept, Embedding(np.ones(4, np.float32) / 2, "none", "1"))
    return list(VaultObject.objects.filter(owner=voice.owner.vault_owner).values_list("name", flat=True))


def _broken(revocation: Any, objects: list[str]) -> list[str]:
    from takedowns import cascade
    from velluto import vault
    from velluto.audit.models import AuditEvent
    from velluto.audit.verification import verify
    from velluto.vault.models import DataKey, VaultObject
    from voices.models import Voiceprint

    voice, owner, wrong = revocation.voice, revocation.voice.owner.vault_owner, []
    done = Counter(revocation.steps.values_list("step", flat=True))
    if done != Counter(name for name, _, _ in cascade.STEPS):
        wrong.append(f"steps done: {dict(done)}")
    rows = AuditEvent.objects.filter(subject_id__in=[str(revocation.pk), owner])
    events = Counter(rows.values_list("event", flat=True))
    for event, times in (("takedowns.revocation.done", 1), ("vault.key_destroyed", 1)):
        if events[event] != times:
            wrong.append(f"{events[event]} rows {event}")
    if any(bytes(key.wrapped) for key in DataKey.objects.filter(owner=owner)):
        wrong.append("the key is there")
    if VaultObject.objects.filter(owner=owner).exists() or any(vault.objects.storage().exists(one) for one in objects):
        wrong.append("an object is there")
    if Voiceprint.objects.filter(recording__voice=voice).exists():
        wrong.append("a voiceprint is there")
    if not verify().intact:
        wrong.append("the audit is broken")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
