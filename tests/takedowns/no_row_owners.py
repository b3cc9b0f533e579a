"""How the services of Voice Owners' portals and requests are recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from consent.measuring import Measurement
from consent.owning import services as owning
from consent.policies import Scope
from moderation import services as moderation
from moderation.models import Case
from takedowns.models import OwnerMatch, OwnerPhrase, OwnerRecording, OwnerRequest
from takedowns.owners import services as owners
from takedowns.requests import services
from tests import factories, standins
from velluto import jobs
from velluto.jobs import Run, queue
from velluto.transitions import move
from voices.models import Voice

Action = Callable[[], object]
LESS = Scope(False, False, frozenset({"en"}), None)


def _entrusted() -> Voice:
    from tests.takedowns.owners import entrusted  # which imports tests that import this module's importer

    return entrusted()


def _pausable() -> Voice:
    return standins.active_voice()


def pause() -> Action:
    voice = _pausable()
    return lambda: owning.pause(voice, actor=voice.account)


def resume() -> Action:
    voice = _pausable()
    owning.pause(voice, actor=voice.account)
    return lambda: owning.resume(voice, actor=voice.account)


def narrow() -> Action:
    voice = _entrusted()
    return lambda: owning.narrow(voice, scope=LESS, actor=voice.owner.vault_owner)


def widen() -> Action:
    voice = _entrusted()
    text = voice.invitation.consent.attestation
    return lambda: owning.widen(
        voice,
        scope=factories.EVERYTHING,
        agreed=True,
        signature="Alice Baker",
        shown_sha256=text.sha256,
        actor=voice.owner.vault_owner,
        ip_address=None,
        user_agent="",
    )


def close_links() -> Action:
    voice = _entrusted()
    return lambda: owning.close_links(voice, actor=None, reason="because")


def copy() -> Action:
    voice = _pausable()
    return lambda: owners.copy(voice, actor=voice.account)


def asked(status: str = OwnerRequest.Status.ASKED) -> OwnerRequest:
    made = services.ask(
        name="Ann", email="ann@example.org", delete=True, cease=False, copy=False, hints="", address="192.0.2.3"
    )
    for one in (OwnerRequest.Status.MATCHING, OwnerRequest.Status.REVIEW, status):
        if made.status != status:
            move(made, one, actor=None)
    return made


def reading(request: OwnerRequest, step: str = "sample", status: str = "checking") -> OwnerRecording:
    now = timezone.now()
    kept = {"object": "x", "seconds": 1, "sha256": "0" * 64, "received_at": now}
    return OwnerRecording.objects.create(request=request, step=step, status=status, **kept)


def hand_in_sample() -> Action:
    made = asked()
    return lambda: services.hand_in_sample(made, standins._file(31))


def phrase(made: OwnerRequest) -> OwnerPhrase:
    reading(made, status="passed")
    return services.show_phrase(made)


def show_phrase() -> Action:
    made = asked()
    phrase(made)
    return lambda: services.show_phrase(made)


def answer_phrase() -> Action:
    shown = phrase(asked())
    return lambda: services.answer_phrase(shown, standins._file(3))


def run_of(name: str, subject: object) -> Run:
    jobs.enqueue(name, str(subject))
    job = next(job for job in iter(lambda: queue.claim("cpu", "here"), None) if job.name == name)
    return Run(job)


def settle() -> Action:
    recording = reading(asked())
    run = run_of("takedowns.owner_check", recording.pk)
    return lambda: services.settle(run, recording, Measurement())


def could_not_check() -> Action:
    recording = reading(asked())
    return lambda: services.could_not_check(recording)


def keep_matches() -> Action:
    made = asked(OwnerRequest.Status.MATCHING)
    run = run_of("takedowns.owner_match", made.pk)
    return lambda: services.keep_matches(run, made, [])


def listen() -> Action:
    made = asked()
    services.hand_in_sample(made, standins._file(31))
    return lambda: services.listen(made.recordings.get(), actor=factories.make_user())


def a_match() -> OwnerMatch:
    made = asked(OwnerRequest.Status.REVIEW)
    return OwnerMatch.objects.create(request=made, voice=factories.declared_voice(), chosen=True)


def choose() -> Action:
    match, actor = a_match(), factories.moderator()
    moderation.open_case(
        kind="takedowns.owner_request", subject=match.request, title="T", about=None, due_at=timezone.now()
    )
    moderation.claim(Case.objects.about(match.request).get(), actor=actor)
    return lambda: services.choose(match.request, voice=match.voice, chosen=True, actor=actor)


def confirm() -> Action:
    match, actor = a_match(), factories.moderator()
    return lambda: services.confirm(match.request, actor=actor, reason="So.", at=timezone.now())


def refuse() -> Action:
    match, actor = a_match(), factories.moderator()
    return lambda: services.refuse(match.request, actor=actor, reason="So.", at=timezone.now())


def look_again() -> Action:
    made, actor = asked(OwnerRequest.Status.REFUSED), factories.moderator()
    return lambda: services.look_again(made, actor=actor, reason="So.", barred=())


def honour() -> Action:
    match = a_match()
    return lambda: services.honour(match)


def give_portal() -> Action:
    match = a_match()
    return lambda: owners.give_portal(match.voice, request=match.request, token="x")


def finish() -> Action:
    made = asked(OwnerRequest.Status.REVIEW)
    move(made, OwnerRequest.Status.CONFIRMED, actor=None)
    return lambda: services.finish(made)


def lapse() -> Action:
    asked()
    return lambda: services.lapse(at=timezone.now() + timedelta(days=14))


OWNING, OWNERS, REQUESTS = "consent.owning.services", "takedowns.owners.services", "takedowns.requests.services"
ACTIONS = {
    **{f"{OWNING}.{action.__name__}": action for action in (pause, resume, narrow, widen, close_links)},
    **{f"{OWNERS}.{action.__name__}": action for action in (copy, give_portal)},
    f"{REQUESTS}.ask": lambda: asked,
    **{
        f"{REQUESTS}.{action.__name__}": action
        for action in (
            hand_in_sample, show_phrase, answer_phrase, settle, could_not_check, keep_matches, listen, choose, confirm,
            refuse, look_again, honour, finish, lapse,
        )
    },
}  # fmt: skip
PARTS = {
    f"{REQUESTS}.tell": "the service that changes the request",
    "takedowns.services.end_quietly": "velluto.vault.destroy",
}
READS = {
    *(
        f"{REQUESTS}.{name}"
        for name in ("at_link", "clock", "link", "load_audio", "next_step", "person_of", "tries_left")
    ),
    "takedowns.services.nothing_recorded",
    "takedowns.services.reachable",
}
