"""Fill the disk that an installation of its own lives on, and see what still works. Prints one JSON object.

    unshare --user --map-root-user --mount python -m tests.faults.filling FOLDER [postgresql]

Run in a mount namespace of its own, it mounts a small file system in FOLDER, which is gone when it ends. On it lies all
that the installation keeps, or, with `postgresql`, a server of its own and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import RawIOBase
from pathlib import Path
from typing import Any
from unittest import mock

from tests.faults.house import postgresql_tool

WITHIN = {"sqlite": "64m", "postgresql": "256m"}
KEY = "00000000-0000-4000-8000-00000000000{}"

DECLARED = {
    "whose": "self",
    "tier": "instant",
    "name": "A voice",
    "owner_name": "Alice Baker",
    "office": "never",
    "public_figure": "no",
    "purpose": "To read aloud.",
    "forbidden_use": "no",
}


def main() -> None:
    folder, engine = Path(sys.argv[1]), (sys.argv[2:] or ["sqlite"])[0]
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={WITHIN[engine]}", "none", str(disk)], check=True)
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL", "AUDIT_CHECKPOINT_DIR"):
        os.environ.pop(name, None)
    os.environ |= {
        "VELLUTO_DATA_DIR": str(disk if engine == "sqlite" else folder),
        "EMAIL_URL": "dummy:",
        "DJANGO_SETTINGS_MODULE": "tests.faults.speaking",
    }
    if engine == "sqlite":
        print(json.dumps(House(disk).without_room()))
        return
    with postgresql(disk) as start:
        print(json.dumps({**House(disk).without_room(), **without_a_log(disk, start)}))


# ---------------------------------------------------------------------------------------------------- the two disks


@contextmanager
def postgresql(disk: Path) -> Iterator[Callable[[], None]]:
    """Run a server whose files all lie on the disk; yield what starts it again."""
    as_somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]  # it refuses to run as root

    def control(*command: str) -> None:
        ran = subprocess.run([*as_somebody, *command], cwd="/", capture_output=True, text=True, check=False)
        if ran.returncode and "stop" not in command:
            raise RuntimeError(ran.stderr)

    data, log = disk / "postgresql", disk / "log"
    options = f"-k {disk} -c listen_addresses='' -c fsync=off -c max_wal_size=64MB -c min_wal_size=32MB"
    control(postgresql_tool("initdb"), "-D", str(data), "-U", "velluto", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start() -> None:
        control(postgresql_tool("pg_ctl"), "-D", str(data), "-s", "-w", "-l", str(log), "-o", options, "start")

    start()
    try:
        for name in ("velluto", "keys"):
            control(postgresql_tool("createdb"), "-h", str(disk), "-U", "velluto", name)
        host = str(disk).replace("/", "%2F")
        os.environ["DATABASE_URL"] = f"postgres://velluto@{host}/velluto"
        os.environ["KEYS_DATABASE_URL"] = f"postgres://velluto@{host}/keys"
        yield start
    finally:
        control(postgresql_tool("pg_ctl"), "-D", str(data), "-m", "immediate", "-s", "stop")


def stuff(filler: RawIOBase) -> None:
    """Write until not one byte more goes in."""
    for size in (2**16, 1):
        try:
            while filler.write(bytes(size)):
                pass
        except OSError:
            continue


class House:
    """An installation with one person whose voice may speak, on a disk that can be filled."""

    def __init__(self, disk: Path) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client

        from tests.accounts.factories import make_user
        from velluto import space

        call_command("migrate", verbosity=0)
        call_command("migrate", database="keys", verbosity=0)
        settings.ALLOWED_HOSTS = ["testserver"]
        self.filler, self.on_postgresql = disk / "filler", connection.vendor == "postgresql"
        self.user = make_user(full_name="Alice Baker")
        self.page = Client(raise_request_exception=False, headers={"Accept": "application/json"})
        self.page.force_login(self.user)
        self.voice = self.a_voice()
        self.reserve_made = space.keep_reserve()

    def a_voice(self) -> Any:
        from tests.faults.racing import voice_of

        return voice_of(self.user)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave not one byte on the disk for as long as this lasts."""
        from django.db import connection

        if self.on_postgresql:
            with connection.cursor() as cursor:
                cursor.execute("CHECKPOINT")
        with self.filler.open("wb", buffering=0) as filler:
            stuff(filler)
            try:
                yield
            finally:
                self.filler.unlink()

    def ask(self, path: str, **form: str) -> list[object]:
        answer = self.page.post(path, form)
        return [answer.status_code, answer.json()["error"]["code"] if "json" in answer["Content-Type"] else ""]

    def speak(self, number: int) -> list[object]:
        words = {"voice": str(self.voice.pk), "text": "One two three.", "language": "en", "pace": "1", "format": "wav"}
        return self.ask("/speak/", key=KEY.format(number), **words)

    def without_room(self) -> dict[str, object]:
        """Meet a full disk everywhere, and return what was seen."""
        from django.db import connections

        from consent.models import ConsentRecord
        from velluto import audit, jobs, space
        from velluto.audit.models import AuditEvent
        from velluto.vault.models import DataKey

        seen: dict[str, object] = {"reserve_made": self.reserve_made}
        if not self.on_postgresql:
            seen |= {"upload_half_way": self.upload(2**28), "upload_before_the_last_megabytes": self.upload_late()}
        seen["speech_half_way"] = self.speech_half_way()
        with self.full():
            before, taken = AuditEvent.objects.count(), 0
            while (answer := self.ask("/voices/new/", **DECLARED))[0] == 302:
                taken += 1  # what there is room for is taken; then it is refused
            seen["declaration"] = answer
            seen["speech"] = self.speak(2)
            seen["audit_intact"] = audit.verify().intact
            seen["rows_of_what_was_taken"] = AuditEvent.objects.count() - before == taken
            seen["reserve_before_the_withdrawal"] = self.has_reserve()
            seen["withdrawal"] = self.ask(f"/voices/{self.voice.pk}/delete/")
            seen["consent"] = ConsentRecord.objects.get(voice=self.voice).status
            jobs.drain()
            owner = self.voice.owner.vault_owner
            seen["key_destroyed"] = DataKey.objects.get(owner=owner).destroyed_at is not None
            seen["speech_afterwards"] = self.speak(2)[0]
        seen["reserve_made_again"] = space.keep_reserve()
        connections.close_all()  # the last one to close SQLite takes the log away, and the next cannot make it
        with self.full():
            seen["page_after_a_restart"] = self.page.get("/voices/").status_code
        space.keep_reserve()
        seen["upload_afterwards"] = self.upload(2**20)[0]
        seen["audit_intact_afterwards"] = audit.verify().intact
        return seen

    def has_reserve(self) -> bool:
        from django.db import connection

        from velluto import space

        tables = connection.introspection.table_names()
        return space.TABLE in tables if self.on_postgresql else space.reserve().exists()

    def upload(self, size: int) -> list[object]:
        """Put so much into the vault; return its code and whether the disk has as much room as before."""
        from velluto import space, vault

        room = space.room()
        try:
            vault.put(self.user.vault_owner, "recording", io.BytesIO(bytes(size)))
        except space.StorageFull as refusal:
            return [refusal.code, abs(space.room() - room) < 2**20]
        return ["taken"]

    def upload_late(self) -> object:
        from velluto import space

        with self.filler.open("wb", buffering=0) as filler:
            while space.room() > space.FLOOR // 2:
                filler.write(bytes(2**20))
            code = self.upload(2**20)[0]
        self.filler.unlink()
        return code

    def speech_half_way(self) -> list[object]:
        from velluto import space
        from velluto.jobs import sweep

        """Fill the disk while a script is being spoken; make room, let a worker go on, and see how it ended."""
        from django.db import connections
        from django.db.models import Sum
        from django.utils import timezone

        from accounts.models import CreditEntry
        from synthesis.models import Output, SpeechRequest
        from velluto import engines, jobs

        asked, chords, disk = self.speak(1), type(engines.speech()), ExitStack()
        speak = chords.speak

        def fill_and_speak(*given: Any, **options: Any) -> Any:
            if not self.filler.exists():
                disk.enter_context(self.full())
            return speak(*given, **options)

        with disk, mock.patch.object(chords, "speak", fill_and_speak):
            try:
                jobs.drain()
            except Exception as error:
                if not space.is_full(error):  # where not even the failure can be written, a worker ends
                    raise
        connections.close_all()
        jobs.Job.objects.filter(status=jobs.Job.Status.RUNNING).update(lease_until=timezone.now())
        sweep.rescue_expired()
        jobs.Job.objects.filter(status=jobs.Job.Status.QUEUED).update(due_at=timezone.now())
        jobs.drain()
        request = SpeechRequest.objects.get()
        paid = CreditEntry.objects.filter(reference=request.reference).aggregate(sum=Sum("characters"))["sum"]
        ended = (request.status, Output.objects.count(), paid == 0)
        return [asked[0], ended in (("done", 1, False), ("failed", 0, True))]


def without_a_log(disk: Path, start: Callable[[], None]) -> dict[str, object]:
    """Fill PostgreSQL's log until the server gives up; make room, start it again, and see what is still there."""
    from django.db import Error, connections
    from django.test import Client

    from velluto import audit
    from velluto.audit.models import AuditEvent

    rows, stopped = AuditEvent.objects.count(), False
    with (disk / "filler").open("wb", buffering=0) as filler:
        stuff(filler)
        try:
            for _ in range(200):
                with connections["default"].cursor() as cursor:
                    cursor.execute("SELECT pg_logical_emit_message(true, 'filling', repeat('x', 1000000))")
        except Error:
            stopped = True
        connections.close_all()
        down = Client(raise_request_exception=False).get("/readyz").status_code
    (disk / "filler").unlink()
    start()
    connections.close_all()
    return {
        "server_stopped": stopped,
        "readyz_meanwhile": down,
        "audit_intact_after_the_restart": audit.verify().intact,
        "nothing_lost": AuditEvent.objects.count() == rows,
    }


if __name__ == "__main__":
    main()
