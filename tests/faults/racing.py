"""One process asks and speaks, another withdraws the consent or ends the share. Import it after django.setup()."""

from __future__ import annotations

import io
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import CreditEntry, User
from consent import services as consent
from consent.models import Attestation, ConsentRecord
from consent.owning import services as owning
from consent.refusals import ConsentEnded
from synthesis import making, services
from synthesis.models import Output, SpeechRequest
from tests import factories
from tests.accounts.factories import make_user
from velluto import engines, jobs, vault
from velluto.audit.models import AuditEvent
from velluto.jobs import queue, running
from velluto.transitions import move
from velluto.vault.models import VaultObject
from voices import services as voices
from voices.models import Voice, VoiceShare
from voices.refusals import RightsEnded, VoiceUnknown

TEXT = "The first sentence is spoken now. The second one follows after it. The third one ends the whole script."
SENTENCES = 3
STEPS = (
    "before the request",
    "inside the request",
    "before the start",
    "inside the start",
    "before the voice is loaded",
    *(f"before sentence {number + 1}" for number in range(SENTENCES)),
    "before the mark",
    "before the publishing",
    "inside the publishing, consent locked",
    "inside the publishing, before its commit",
    "after the publishing",
    "at any moment",
)
CODES = {"withdraw": "consent_ended", "pause": "consent_paused", "unshare": "share_ended", "unpublish": "rights_ended"}
LOCKED = {step for step in STEPS if step.startswith("inside the publishing")}


def race(*, rounds: int, seed: int, ending: str = "withdraw") -> dict[str, Any]:
    """Run so many rounds, each step in turn, and return how they ended and what was broken.

    `ending` is what the other one does: "withdraw" the consent of one's own voice, or "pause" it,
    "unshare" it with the speaker, or "unpublish" a voice of the catalogue.
    """
    chance = random.Random(seed)
    user = make_user("races@example.org", full_name="Alice Baker")
    friend = make_user("friend@example.org") if ending == "unshare" else user
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    speaker = context.Process(target=_speaker, args=(theirs,), daemon=True)
    speaker.start()
    theirs.close()  # if it dies, we hear of it
    ended: dict[str, Counter[str]] = {step: Counter() for step in STEPS}
    broken: list[str] = []
    begun = time.monotonic()
    usual = 1.0  # seconds that a synthesis takes, as last seen
    for number in range(rounds):
        step = STEPS[number % len(STEPS)]
        voice = _curated(user) if ending == "unpublish" else voice_of(user)
        share = None
        if ending == "unshare":
            share = voices.share(voice, email=friend.email, agreed=True, actor=user)
        withdrawal = Withdrawal(voice, share, user, pauses=ending == "pause")
        ours.send((str(voice.pk), str(friend.pk), step))
        started = time.monotonic()
        if step == "at any moment":
            time.sleep(chance.uniform(0, 1.2 * usual))
            withdrawal.start()
        else:
            assert ours.recv() == step, "the step was not reached"
            time.sleep(chance.choice((0, chance.uniform(0, 0.02))))
            withdrawal.start()
            if step in LOCKED:
                withdrawal.join(chance.uniform(0, 0.1))
                if withdrawal.over:
                    broken.append(f"{number}: {step}: the withdrawal did not wait for the locked consent")
            else:
                withdrawal.join()
            ours.send("go on")
        outcome, request_id = ours.recv()
        if step == "at any moment":
            usual = time.monotonic() - started
        withdrawal.join()
        withdrawal.raise_error()
        ended[step][outcome] += 1
        broken += [f"{number}: {step}: {wrong}" for wrong in _broken(voice, share, request_id, outcome, CODES[ending])]
        if (number + 1) % 25 == 0:
            print(f"{number + 1} rounds, {len(broken)} broken", file=sys.stderr, flush=True)
    ours.send(None)
    speaker.join(10)
    return {
        "ending": ending,
        "rounds": rounds,
        "seconds": round(time.monotonic() - begun, 1),
        "published": sum(outcomes["done"] for outcomes in ended.values()),
        "prevented": sum(sum(outcomes.values()) - outcomes["done"] for outcomes in ended.values()),
        "steps": ended,
        "broken": broken,
    }


class Withdrawal(threading.Thread):
    """Somebody ends the share, or else the voice, over a connection of its own; what is withdrawn is destroyed."""

    def __init__(self, voice: Voice, share: VoiceShare | None, actor: User, *, pauses: bool = False) -> None:
        super().__init__()
        self.pauses = pauses
        self.voice, self.share, self.actor, self.over = voice, share, actor, False
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            if self.share:
                voices.unshare(self.share, actor=self.actor, reason="changed my mind")
            elif self.voice.kind == Voice.Kind.CURATED:
                voices.unpublish(self.voice, actor=self.actor, reason="changed our mind")
            elif self.pauses:
                owning.pause(self.voice, actor=self.actor)
            else:
                consent.withdraw(self.voice, actor=self.actor, reason="changed my mind")
            self.over = True
            while job := queue.claim("cpu", "the other worker"):
                running.perform(job)
        except BaseException as error:
            self.error = error
        finally:
            connections.close_all()

    def raise_error(self) -> None:
        if self.error:
            raise self.error


def voice_of(user: User) -> Voice:
    """Return a voice whose consent is in force, made without the gate: what is tried here comes after it."""
    voice = factories.declare(user, name="A voice")
    text = consent.attestation(Attestation.Kind.REPRESENTATIONS)
    now = timezone.now()
    artefact = engines.speech().enrol([])
    with transaction.atomic():
        record = ConsentRecord.objects.create(
            voice=voice, attestation=text, text_sha256=text.sha256, account=user, given_at=now, retain_until=now.date()
        )
        move(voice, Voice.Status.REVIEW, actor=None)
        move(voice, Voice.Status.BUILDING, actor=None)
        move(record, ConsentRecord.Status.IN_FORCE, actor=None)
        voices.activate(voice, stored=voices.keep_artefact(voice, artefact), artefact=artefact)
    return voice


def _curated(user: User) -> Voice:
    """Return a voice that stands in the catalogue and whose terms are accepted; nobody waits for its preview."""
    artefact, today = engines.speech().enrol([]), timezone.localdate()
    voice = voices.add_curated(name="A voice", language="en", style="narration", gender="neutral", actor=user)
    with transaction.atomic():
        voices.activate(voice, stored=voices.keep_artefact(voice, artefact), artefact=artefact)
    voices.record_rights(voice, origin="synthetic", granted_by="nobody", valid_from=today, valid_until=None, actor=user)
    licence = voices.put_licence(voice, version="1", text="Do no harm with it.", actor=user)
    voices.publish(voice, actor=user)
    jobs.Job.objects.filter(name="synthesis.preview").delete()
    voices.accept_licence(voice, account=user, ticked=True, shown_sha256=licence.sha256)
    return voice


# ---------------------------------------------------------------------------------------------------- the other process


def _speaker(pipe: Connection) -> None:
    """Ask for speech and speak it, round after round; at the step of the round say so and wait."""
    waiting_for = ""

    def at(step: str) -> None:
        nonlocal waiting_for
        if step == waiting_for:
            waiting_for = ""
            pipe.send(step)
            pipe.recv()

    sentence = _stop_at_each_step(at)
    while asked := pipe.recv():
        voice_id, account_id, waiting_for = asked
        sentence["next"] = 1
        voice = Voice.objects.select_related("owner").get(pk=voice_id)
        account = User.objects.get(pk=account_id)
        at("before the request")
        try:
            request = services.request_speech(account=account, voice=voice, text=TEXT, format="mp3")
        except (ConsentEnded, RightsEnded, VoiceUnknown):
            pipe.send(("refused", None))
            continue
        at("before the start")
        while job := queue.claim("gpu", "the worker"):
            running.perform(job)
        at("after the publishing")
        request.refresh_from_db()
        if waiting_for and waiting_for != "at any moment":
            pipe.send(f"missed: {waiting_for}")
        pipe.send((":".join(filter(None, (request.status, request.error_code))), str(request.pk)))


def _stop_at_each_step(at: Callable[[str], None]) -> dict[str, int]:
    sentence = {"next": 1}
    engine = engines.speech()

    def speaking(*_: object) -> None:
        at(f"before sentence {sentence['next']}")
        sentence["next"] += 1

    def keeping(owner: str, purpose: str, *_: object) -> None:
        if purpose == services.OUTPUT:
            at("inside the publishing, consent locked")

    _before(engine, "speak", speaking)
    _before(jobs, "enqueue", lambda name, *_: at("inside the request") if name == "synthesis.speak" else None)
    _before(voices, "load_artefact", lambda *_: at("before the voice is loaded"))
    _before(making, "finish", lambda *_: at("before the mark"))
    _before(services, "publish", lambda *_: at("before the publishing"))
    _before(vault, "put", keeping)
    _before(services, "move", lambda obj, to: at("inside the start") if to == SpeechRequest.Status.SPEAKING else None)
    _after(services, "move", lambda obj, to: at("inside the publishing, before its commit") if to == "done" else None)
    return sentence


def _before(place: Any, name: str, what: Callable[..., object]) -> None:
    function = getattr(place, name)

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        what(*args)
        return function(*args, **options)

    setattr(place, name, call)


def _after(place: Any, name: str, what: Callable[..., object]) -> None:
    function = getattr(place, name)

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        what(*args)
        return result

    setattr(place, name, call)


# ---------------------------------------------------------------------------------------------------- what has to hold


def _broken(voice: Voice, share: VoiceShare | None, request_id: str | None, outcome: str, code: str) -> list[str]:
    """Return which invariants do not hold after a round."""
    wrong = []
    if share:
        withdrawn = _number("ended", share.pk)
    elif voice.kind == Voice.Kind.CURATED:
        withdrawn = _number("unpublished", voice.pk)
    else:
        record = ConsentRecord.objects.get(voice=voice)
        withdrawn = _number("paused" if code == CODES["pause"] else "withdrawn", record.pk)
    if withdrawn is None:
        return ["nothing was withdrawn"]
    if request_id is None:
        if SpeechRequest.objects.filter(voice=voice).exists():
            wrong.append("a refused request is there all the same")
        return wrong
    request = SpeechRequest.objects.select_related("account").get(pk=request_id)
    published = _number(".done", request.pk)
    # The chain's end is locked until a transaction ends: the order of its rows is the order of the commits.
    if published is not None and withdrawn < published:
        wrong.append(f"published (row {published}) after the withdrawal (row {withdrawn})")
    entries = CreditEntry.objects.filter(reference=request.reference)
    total, refunds = entries.aggregate(sum=Sum("characters"))["sum"], entries.filter(kind="refund").count()
    output = Output.objects.filter(request=request).first()
    if published is None:
        if output:
            wrong.append("an output without its row in the audit")
        if outcome != f"failed:{code}":
            wrong.append(f"ended as {outcome}")
        if (total, refunds) != (0, 1):
            wrong.append(f"{refunds} refunds; {total} characters are owed")
        named = set(Output.objects.values_list("object", flat=True))
        stray = VaultObject.objects.filter(purpose=services.OUTPUT).exclude(name__in=named)
        if stray.exists():
            wrong.append("an object of no output can be read")
    else:
        if output is None or outcome != "done":
            wrong.append(f"published, but ended as {outcome}")
        elif len(_opened(output, request)) != output.size:
            wrong.append("what was published before cannot be read")
        if (total, refunds) != (-request.characters, 0):
            wrong.append("what was published was not paid for once")
    return wrong


def _number(ending: str, subject: object) -> int | None:
    events = AuditEvent.objects.filter(subject_id=str(subject), event__endswith=ending)
    return events.values_list("pk", flat=True).first()


def _opened(output: Output, request: SpeechRequest) -> bytes:
    with services.open_output(output, actor=request.account) as stream:
        return io.BytesIO(stream.read()).getvalue()
