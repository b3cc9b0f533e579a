"""Many people at once: pages of a real server and jobs of a real worker, writing into one database.

Each writer is signed in over HTTP and goes round through what people do: declares a voice and deletes it again (the
worker destroys its key), asks for a captcha phrase, buys speech and cancels it; one in five is a moderator who claims
and releases cases. Every one of these is a transaction that ends in the audit's chain. No engine runs: it is the
database that is measured, as whoever waits for a page sees it.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.db import connection, connections
from django.utils import timezone

from velluto import audit, jobs, vault
from velluto.benchmarks import scratch
from velluto.jobs import processes

LOCKED = ("database is locked", "deadlock detected", "could not serialize")
CSRF = "c" * 32
PHRASES = 10  # of the dozen that a voice may ask for in an hour
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


def run(*, tell: Callable[[str], object], writers: int = 20, transactions: int = 2000) -> dict[str, Any]:
    """Measure on a throwaway database of the configured kind; return the figures."""
    if writers < 1 or transactions < writers:
        raise ValueError("There must be a writer, and a transaction for each.")
    if scratch.SCRATCH in os.environ:  # this is the process that `scratch.manage` started
        return work(writers=writers, transactions=transactions)
    with scratch.installation() as environment:
        tell(f"{writers} writers on a throwaway {connection.vendor} database")
        environment |= {"VELLUTO_GPU_WORKERS": "0", "VELLUTO_CPU_WORKERS": "1"}
        arguments = ["bench", "writers", "--writers", str(writers), "--transactions", str(transactions), "--json"]
        return json.loads(scratch.manage(environment, *arguments).splitlines()[-1])


def work(*, writers: int, transactions: int) -> dict[str, Any]:
    """Do the work inside the throwaway installation: server, worker, writers."""
    folder = scratch.require()
    people = [_person(number, moderates=number % 5 == 0) for number in range(writers)]
    connections.close_all()
    with _served(folder) as port:
        each = [Writer(port, person, transactions // writers) for person in people]
        started = time.monotonic()
        for writer in each:
            writer.start()
        for writer in each:
            writer.join()
        seconds = time.monotonic() - started
        give_up_at = time.monotonic() + 60
        while _waiting() and time.monotonic() < give_up_at:
            time.sleep(0.2)
    log = (folder / "web.log").read_text() + (folder / "worker.log").read_text()
    took = sorted(milliseconds for writer in each for milliseconds in writer.took)
    return {
        "database": connection.vendor,
        "version": ".".join(map(str, connection.get_database_version())),
        "writers": writers,
        "transactions": len(took),
        "seconds": round(seconds, 1),
        "locked": sum(log.count(words) for words in LOCKED),
        "failed": dict(sum((writer.failed for writer in each), Counter())),
        "jobs_done": jobs.Job.objects.filter(name="consent.destroy", status=jobs.Job.Status.DONE).count(),
        "jobs_left": _waiting(),
        "audit_intact": audit.verify().intact,
        "p50_ms": round(statistics.median(took), 1),
        "p99_ms": round(took[int(len(took) * 0.99)], 1),
        "max_ms": round(took[-1], 1),
        "slowest_writer_p50_ms": round(max(statistics.median(writer.took) for writer in each), 1),
    }


def _waiting() -> int:
    return jobs.Job.objects.live().filter(queue="cpu").count()


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    """Start the server and the worker as `manage.py up` does; yield the port once pages answer."""
    from velluto.management.commands.up import answers, web_command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    commands = {
        "web": web_command("127.0.0.1", port),
        "worker": [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--skip-checks"],
    }
    parts = []
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                parts.append(processes.start(command, output=log.fileno()))
        give_up_at = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/"):
            if time.monotonic() > give_up_at or any(part.poll() is not None for part in parts):
                raise RuntimeError("The server did not start: " + (folder / "web.log").read_text()[-2000:])
            time.sleep(0.1)
        yield port
    finally:
        processes.end(parts, grace=20)


# ------------------------------------------------------------------------------------------------------------ people


class Person:
    """Somebody who is signed in, and what they act upon."""

    def __init__(self, cookie: str, voice: str, draft: str, case: str) -> None:
        self.cookie, self.voice, self.draft, self.case = cookie, voice, draft, case


class Writer(threading.Thread):
    """One person who sends one form after another, and notes how long each took."""

    def __init__(self, port: int, person: Person, count: int) -> None:
        super().__init__(daemon=True)
        self.person, self.count = person, count
        self.http = HTTPConnection("127.0.0.1", port, timeout=60)
        self.took: list[float] = []
        self.failed: Counter[str] = Counter()

    def run(self) -> None:
        turns = self._moderating() if self.person.case else self._speaking()
        time.sleep(random.random())
        while len(self.took) < self.count:
            next(turns)

    def _speaking(self) -> Iterator[None]:
        phrases = PHRASES
        while True:
            script = {
                "voice": self.person.voice,
                "text": "One two.",
                "language": "en",
                "pace": "1",
                "key": str(uuid4()),
            }
            speech = self._post("/speak/", {**script, "format": "wav"})
            yield
            self._post(f"/speech/{speech}/cancel/", {})
            yield
            voice = self._post("/voices/new/", DECLARED)
            yield
            self._post(f"/voices/{voice}/delete/", {})
            yield
            if phrases := max(0, phrases - 1):
                self._post(f"/voices/{self.person.draft}/gate/captcha/phrase/", {}, expect=200)
                yield

    def _moderating(self) -> Iterator[None]:
        while True:
            for verb in ("claim", "release"):
                self._post(f"/admin/moderation/case/{self.person.case}/{verb}/", {})
                yield

    def _post(self, path: str, form: dict[str, str], *, expect: int = 302) -> str:
        """Send a form; return the id in the address of the page that follows, where there is one."""
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.person.cookie}; {settings.CSRF_COOKIE_NAME}={CSRF}",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": CSRF,
        }
        began = time.monotonic()
        self.http.request("POST", path, urlencode(form), headers)
        response = self.http.getresponse()
        response.read()
        self.took.append((time.monotonic() - began) * 1000)
        if response.status != expect:
            self.failed[f"{UUID.sub('ID', path)} {response.status}"] += 1
        found = UUID.search(response.headers.get("Location", ""))
        return found.group() if found else str(self.person.voice)


def _person(number: int, *, moderates: bool) -> Person:
    """Open an account with a voice that may speak and one at the captcha, or with a case to claim; sign it in."""
    from accounts import services as accounts
    from moderation import services as moderation
    from voices import services as voices
    from voices.models import Voice

    user = accounts.open_account(
        email=f"writer{number}@example.org",
        password=None,
        full_name="Alice Baker",
        born_on=timezone.localdate() - timedelta(days=30 * 366),
        email_confirmed=True,
        is_staff=moderates,
    )
    cookie = _signed_in(user)
    if not moderates:
        return Person(cookie, voice_past_the_gate(user, ready=True), voice_past_the_gate(user, ready=False), "")
    user.groups.add(Group.objects.get(name="moderator"))
    other = accounts.open_account(
        email=f"other{number}@example.org", password=None, full_name="Bob", born_on=date(1980, 1, 1)
    )
    voice = voices.declare(account=other, whose=Voice.Whose.SELF, owner_name="Bob", name="Bob")
    case = moderation.open_case(
        kind="consent.voice", subject=voice, title="A voice", about=other, due_at=timezone.now() + timedelta(days=2)
    )
    return Person(cookie, "", "", str(case.pk))


def _signed_in(user: Any) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def voice_past_the_gate(user: Any, *, ready: bool) -> str:
    """Write a voice as the gate would have left it; no engine is asked, so it stands for the database's part alone."""
    from consent import services as consent
    from consent.models import Attempt, Attestation, ConsentRecord
    from velluto.engines.base import VoiceArtefact
    from velluto.transitions import move
    from voices import services as voices
    from voices.models import Recording, Voice

    now = timezone.now()
    voice = voices.declare(account=user, whose=Voice.Whose.SELF, owner_name=user.full_name, name="A voice")
    recording = Recording(voice=voice, purpose=Recording.Purpose.SAMPLE, seconds=30, rate=16000, received_at=now)
    recording.object = vault.put(voice.owner.vault_owner, recording.vault_purpose, b"no sound")
    recording.save()
    Attempt.objects.create(
        voice=voice, step="sample", recording=recording, submitted_at=now, status=Attempt.Status.PASSED
    )
    text = consent.attestation(Attestation.Kind.REPRESENTATIONS)
    consent.represent(voice, ticked=True, shown_sha256=text.sha256, actor=user, ip_address=None, user_agent="a browser")
    if ready:
        artefact = VoiceArtefact(b"no sound", "none", "1")
        stored = voices.keep_artefact(voice, artefact)
        move(voice, Voice.Status.REVIEW, actor=None)
        move(voice, Voice.Status.BUILDING, actor=None)
        move(ConsentRecord.objects.get(voice=voice), ConsentRecord.Status.IN_FORCE, actor=None)
        voices.activate(voice, stored=stored, artefact=artefact)
    return str(voice.pk)
