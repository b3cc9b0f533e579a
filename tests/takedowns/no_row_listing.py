"""How the services of asking to be listed are recorded; see tests/test_no_row_no_action.py."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import numpy as np
from django.utils import timezone

from takedowns.listing import services
from takedowns.models import ListingRequest
from tests import factories
from tests.accounts.factories import make_user
from tests.audio.sounds import a_melody, written
from velluto import jobs
from velluto.engines.base import Embedding
from velluto.jobs import Run, queue
from velluto.transitions import move

Action = Callable[[], object]
VOICE = Embedding(np.ones(4, np.float32) / 2, "none", "1")


def _a_request() -> ListingRequest:
    return services.ask(names=["Alice Baker"], why="Because.", email="alice@example.org", address="192.0.2.1")


def _a_melody(seconds: float) -> io.BytesIO:
    return io.BytesIO(written(a_melody(seconds, 8_000), "WAV"))


def _with_phrase() -> ListingRequest:
    request = _a_request()
    services.hand_in_sample(request, _a_melody(31.0))
    return services.show_phrase(request)


def _in_checking() -> ListingRequest:
    request = _with_phrase()
    services.answer_phrase(request, _a_melody(2.0))
    return ListingRequest.objects.get(pk=request.pk)


def _waiting() -> ListingRequest:
    request = _a_request()
    move(request, ListingRequest.Status.CHECKING, actor=None)
    move(request, ListingRequest.Status.WAITING, actor=None)
    return request


def hand_in_sample() -> Action:
    request = _a_request()
    return lambda: services.hand_in_sample(request, _a_melody(31.0))


def show_phrase() -> Action:
    request = _a_request()
    services.hand_in_sample(request, _a_melody(31.0))
    return lambda: services.show_phrase(request)


def answer_phrase() -> Action:
    request = _with_phrase()
    return lambda: services.answer_phrase(request, _a_melody(2.0))


def settle() -> Action:
    request = _in_checking()
    wanted = jobs.registry.handler(services.CHECK).queue
    job = next(job for job in iter(lambda: queue.claim(wanted, "here"), None) if job.name == services.CHECK)
    run = Run(job)
    return lambda: services.settle(run, request, {"sample": []}, (VOICE,) * 5)


def could_not_check() -> Action:
    request = _in_checking()
    return lambda: services.could_not_check(request)


def accept() -> Action:
    request, actor = _waiting(), factories.moderator(role="custodian")
    return lambda: services.accept(request, actor=actor, at=timezone.now())


def refuse() -> Action:
    request, actor = _waiting(), make_user(staff=True)
    return lambda: services.refuse(request, actor=actor, reason="because")


def lapse() -> Action:
    _a_request()
    return lambda: services.lapse(at=timezone.now() + timedelta(days=8))


def forget() -> Action:
    request = _a_request()
    return lambda: services.forget(request, reason="because")


LISTING = "takedowns.listing.services"
ACTIONS: dict[str, Callable[[], Action]] = {
    f"{LISTING}.ask": lambda: _a_request,
    f"{LISTING}.hand_in_sample": hand_in_sample,
    f"{LISTING}.show_phrase": show_phrase,
    f"{LISTING}.answer_phrase": answer_phrase,
    f"{LISTING}.settle": settle,
    f"{LISTING}.could_not_check": could_not_check,
    f"{LISTING}.accept": accept,
    f"{LISTING}.refuse": refuse,
    f"{LISTING}.lapse": lapse,
    f"{LISTING}.forget": forget,
}
PARTS: dict[str, str] = {
    "voices.services.keep_fingerprint": "consent.services.settle",
    "voices.services.forget_voiceprints": "voices.services.shred",
}
READS = {
    *(f"{LISTING}.{name}" for name in ("follow", "recordings", "details")),
    *(f"voices.services.{name}" for name in ("flac", "from_flac", "load_fingerprint", "own_samples")),
}
