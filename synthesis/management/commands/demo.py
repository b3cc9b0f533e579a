"""`manage.py demo`: the whole path from a microphone to marked speech, without a browser.

The same services and the running queue as the pages use; the speaker is made up (eSpeak NG, of no real person). The
last line printed is one JSON object: each step, its seconds, and its result.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from consent import decisions
from consent import services as consent
from consent.models import Attempt, Attestation
from consent.never.policies import Answers
from consent.script import PASSAGES
from moderation import services as moderation
from moderation.models import Case
from moderation.refusals import CheckPending
from synthesis import services as synthesis
from synthesis.models import Detection, SpeechRequest
from velluto.engines.made_up import MadeUpSpeaker, wav
from velluto.jobs import Job
from voices.models import Voice

SPEAKER = MadeUpSpeaker()
USER = "user@example.org"
VOICE = "A made-up voice"
PATIENCE = 600.0  # seconds for one background step
ANSWERS = Answers(
    alive=True,
    adult=True,
    office="never",
    office_until=None,
    public_figure=False,
    forbidden_use=False,
    purpose="To see how Velluto works.",
)
TEXT = "Good evening. This voice was never anybody's. It was made up, and everything it says can be traced."


class Command(BaseCommand):
    help = "Walk the whole path with a made-up speaker, and print a JSON object of what happened."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
        parser.add_argument("--once", action="store_true", help="do nothing where the demo has made a voice before")
        parser.add_argument("--format", default="mp3", help="the file format of the speech")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo approves its own voice: it runs in development only.")
        call_command("setup_demo", stdout=io.StringIO())
        if options["once"] and Voice.objects.filter(account__email=USER, name=VOICE).exists():
            call_command("demo_catalogue", stdout=self.stdout)
            return
        self.quiet = options["json"]
        self.steps: list[dict[str, Any]] = []
        self.worker: subprocess.Popen[bytes] | None = None
        try:
            self._walk(options["format"])
        finally:
            if self.worker:
                self.worker.terminate()
                self.worker.wait(20)
        if options["once"]:
            self.stdout.write(f"{USER} has a voice now, “{VOICE}”, and has made it speak.")
            call_command("demo_catalogue", stdout=self.stdout)
            return
        self.stdout.write(json.dumps({"passed": all(step["ok"] for step in self.steps), "steps": self.steps}))
        if not all(step["ok"] for step in self.steps):
            raise CommandError("The demo did not come through; see the steps above.")

    def _walk(self, format: str) -> None:
        user = User.objects.get(email=USER)
        moderator = User.objects.get(email="moderator@example.org")

        voice = self._step(
            "declare",
            lambda: consent.declare(
                account=user,
                whose=Voice.Whose.SELF,
                tier=Voice.Tier.INSTANT,
                name=VOICE,
                owner_name=user.full_name,
                answers=ANSWERS,
            ),
        )
        self._attempt("sample", lambda: consent.hand_in_sample(voice, wav(SPEAKER.read(*PASSAGES[:4])), actor=user))
        self._step(
            "representations",
            lambda: consent.represent(
                voice,
                ticked=True,
                shown_sha256=consent.attestation(Attestation.Kind.REPRESENTATIONS).sha256,
                actor=user,
                ip_address="127.0.0.1",
                user_agent="velluto demo",
            ),
        )

        def read_a_phrase() -> Attempt:
            challenge = consent.show_phrase(voice, actor=user)
            return consent.answer_phrase(challenge, wav(SPEAKER.read(", ".join(challenge.words))), actor=user)

        self._attempt("captcha", read_a_phrase)
        today = timezone.localdate()
        self._attempt(
            "statement",
            lambda: consent.hand_in_statement(
                voice, wav(SPEAKER.read(consent.statement_text(voice, today))), on=today, actor=user
            ),
        )
        self._step("a moderator approves", lambda: self._approve(voice, moderator))
        self._until("voice built", lambda: Voice.objects.get(pk=voice.pk), {"active"}, {"build_failed"})
        voice.refresh_from_db()
        speech = self._step(
            "speech asked for",
            lambda: synthesis.request_speech(account=user, voice=voice, text=TEXT, language="en", format=format),
        )
        self._until("spoken, marked, signed", lambda: SpeechRequest.objects.get(pk=speech.pk), {"done"}, {"failed"})
        output = SpeechRequest.objects.get(pk=speech.pk).output
        with synthesis.open_output(output, actor=user) as stream:
            content = stream.read()
        self._detect("detector: made here", content, expected=True)
        self._detect("detector: not made here", wav(SPEAKER.read(PASSAGES[0])).getvalue(), expected=False)

    def _approve(self, voice: Voice, moderator: User) -> str:
        case = Case.objects.about(voice).get()
        decisions.dossier(case)
        moderation.claim(case, actor=moderator)
        reason = "A made-up voice of the demo."
        begun = time.monotonic()
        while True:
            try:
                moderation.decide(case, choice="approve", section="4", reason=reason, actor=moderator)
                return "approved"
            except CheckPending:  # the worker is still comparing the voice with the No-Go list
                if time.monotonic() - begun > PATIENCE:
                    raise
                time.sleep(0.2)

    def _detect(self, name: str, content: bytes, *, expected: bool) -> None:
        detection = self._step(f"{name}, asked", lambda: synthesis.ask_detector(io.BytesIO(content), address="demo"))
        self._until(name, lambda: Detection.objects.get(pk=detection.pk), {"answered"}, {"failed"})
        detection.refresh_from_db()
        self.steps[-1] |= {"ok": detection.answer["made_here"] is expected, "result": detection.answer}

    def _attempt(self, name: str, hand_in: Callable[[], Attempt]) -> None:
        """Hand in a recording; one that was misheard is read again, as a person would: there are three tries."""
        for good in ({"passed", "failed"}, {"passed", "failed"}, {"passed"}):
            attempt = self._step(f"{name} handed in", hand_in)
            self._until(
                f"{name} checked", partial(Attempt.objects.get, pk=attempt.pk), good, {"failed", "superseded"} - good
            )
            if self.steps[-1]["result"] == "passed":
                break
        checks = {check.code: check.value for check in attempt.checks.all()}
        self.steps[-1]["result"] = {"verdict": self.steps[-1]["result"], "checks": checks}

    def _step(self, name: str, act: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        result = act()
        self._note(name, begun, True, str(result))
        return result

    def _until(self, name: str, load: Callable[[], Any], good: set[str], bad: set[str]) -> None:
        """Wait for the queue; where no worker takes the work up, start one for as long as the demo lasts."""
        begun = time.monotonic()
        while (status := load().status) not in good | bad:
            waited = time.monotonic() - begun
            if waited > PATIENCE:
                break
            if waited > 5 and self.worker is None and _nobody_works():
                self._say("no worker is running: one is started for the demo")
                self.worker = subprocess.Popen([sys.executable, "manage.py", "worker"], stdout=subprocess.DEVNULL)
            time.sleep(0.1)
        self._note(name, begun, status in good, status)
        if status not in good:
            raise CommandError(f"{name}: it ended as “{status}”.")

    def _note(self, name: str, begun: float, ok: bool, result: str) -> None:
        seconds = round(time.monotonic() - begun, 2)
        self.steps.append({"step": name, "seconds": seconds, "ok": ok, "result": result})
        self._say(f"{'ok ' if ok else 'NOT'} {seconds:7.2f} s  {name}")

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stderr.write(line)


def _nobody_works() -> bool:
    """Tell whether work lies about that nobody has begun."""
    waiting = Job.objects.filter(status=Job.Status.QUEUED, attempts=0)
    return waiting.exists() and not Job.objects.filter(status=Job.Status.RUNNING).exists()
