"""Fill the disk that an installation of its own lives on, and see what still works. Prints one JSON object.

    unshare --user --map-root-user --mount python -m tests.faults.filling FOLDER

Run in a mount namespace of its own, it mounts a small file system on FOLDER, which is gone when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import RawIOBase
from pathlib import Path


def main() -> None:
    folder = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], check=True)
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL", "AUDIT_CHECKPOINT_DIR"):
        os.environ.pop(name, None)
    os.environ |= {"VELLUTO_DATA_DIR": str(folder), "EMAIL_URL": "dummy:", "DJANGO_SETTINGS_MODULE": "velluto.settings"}

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    print(json.dumps(fill(folder)))


def stuff(filler: RawIOBase) -> None:
    """Write until not one byte more goes in."""
    for size in (2**16, 1):
        try:
            while filler.write(bytes(size)):
                pass
        except OSError:
            continue


def fill(folder: Path) -> dict[str, object]:
    from django.conf import settings
    from django.db import connections
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]

    from consent.models import ConsentRecord
    from tests.accounts.factories import make_user
    from velluto import audit, jobs, space, vault
    from velluto.audit.models import AuditEvent
    from velluto.benchmarks.writers import voice_past_the_gate
    from velluto.vault.models import DataKey

    user = make_user(full_name="Alice Baker")
    voice = voice_past_the_gate(user, ready=True)
    page = Client(raise_request_exception=False, headers={"Accept": "application/json"})
    page.force_login(user)
    seen: dict[str, object] = {"reserve_made": space.keep_reserve()}

    def ask(path: str, **form: str) -> list[object]:
        answer = page.post(path, form)
        return [answer.status_code, answer.json()["error"]["code"] if "json" in answer["Content-Type"] else ""]

    def refused(verb: object) -> str:
        try:
            verb()
        except space.StorageFull as refusal:
            return refusal.code
        return "taken"

    with (folder / "filler").open("wb", buffering=0) as filler:
        while space.room() > space.FLOOR // 2:
            filler.write(bytes(2**20))
        seen["upload_before_the_last_megabytes"] = refused(
            lambda: vault.put(user.vault_owner, "recording", b"x" * 2**20)
        )
        stuff(filler)
    before = AuditEvent.objects.count()
    words = {"voice": voice, "text": "One two three.", "language": "en", "pace": "1", "format": "wav"}
    taken = 0
    while (answer := ask("/voices/new/", whose="self", name="A voice", owner_name="Alice Baker"))[0] == 302:
        taken += 1  # what the log has room for is taken; then it is refused
    seen["declaration"] = answer
    seen["speech"] = ask("/speak/", key="00000000-0000-4000-8000-000000000001", **words)
    with connections["default"].cursor() as cursor:
        seen["integrity"] = cursor.execute("PRAGMA integrity_check").fetchone()[0]
    seen["audit_intact"] = audit.verify().intact
    seen["rows_of_what_was_taken"] = AuditEvent.objects.count() - before == taken
    seen["reserve_before_the_withdrawal"] = space.reserve().exists()
    seen["withdrawal"] = ask(f"/voices/{voice}/delete/")
    seen["consent"] = ConsentRecord.objects.get(voice=voice).status
    jobs.drain()
    owner = ConsentRecord.objects.select_related("voice__owner").get(voice=voice).voice.owner.vault_owner
    seen["key_destroyed"] = DataKey.objects.get(owner=owner).destroyed_at is not None
    seen["speech_afterwards"] = ask("/speak/", key="00000000-0000-4000-8000-000000000001", **words)[0]
    (folder / "filler").unlink()
    seen["reserve_made_again"] = space.keep_reserve()
    connections.close_all()  # the last one to close takes the log away, and the next cannot make it
    with (folder / "filler").open("wb", buffering=0) as filler:
        stuff(filler)
    seen["page_after_a_restart"] = page.get("/voices/").status_code
    (folder / "filler").unlink()
    space.keep_reserve()
    seen["upload_afterwards"] = refused(lambda: vault.put(user.vault_owner, "recording", b"x" * 2**20))
    seen["audit_intact_afterwards"] = audit.verify().intact
    return seen


if __name__ == "__main__":
    main()
