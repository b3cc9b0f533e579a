"""No audit row, no action: with an audit that takes no row, each service that writes fails and leaves all as it was."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from consent import invitations
from consent import services as consent
from consent.measuring import Measurement
from consent.models import Attempt, ConsentRecord
from moderation import registry, reporting
from moderation import services as moderation
from moderation.models import Case, Report
from synthesis import services as synthesis
from synthesis.making import Made
from synthesis.models import Preview, SpeechRequest
from takedowns import services as takedowns
from takedowns.models import Revocation
from tests import factories
from tests.accounts.factories import make_user
from tests.audio.sounds import a_melody
from tests.doors.house import a_curated_voice as a_curated
from velluto import jobs, transitions, vault
from velluto.audit.guards import TABLES
from velluto.audit.models import AuditEvent
from velluto.engines.base import Mark, VoiceArtefact
from velluto.jobs import Job, Run, queue
from velluto.transitions import move
from velluto.vault.models import DataKey
from voices import services as voices
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

Action = Callable[[], object]
OURS = ("accounts", "moderation", "voices", "consent", "synthesis", "takedowns")
ARTEFACT = VoiceArtefact(b"a voice", "none", "1")
S = Attempt.Step


# ---------------------------------------------------------------------------------------------------- states to act on
def a_recording(voice: Voice, purpose: str = "sample") -> Recording:
    sound, now = a_melody(0.2), timezone.now()
    return voices.keep_recording(voice, purpose=purpose, audio=sound, received_at=now, actor=voice.account)


def an_attempt(voice: Voice, step: str, status: str = Attempt.Status.PASSED) -> Attempt:
    recording = a_recording(voice, step)
    return Attempt.objects.create(
        voice=voice, step=step, recording=recording, submitted_at=timezone.now(), status=status
    )


def a_voice(*passed: str) -> Voice:
    """Return a voice that has passed these steps of the gate, without the engines' word for it."""
    voice = factories.declared_voice()
    for step in passed:
        if step == "representations":
            factories.represent(voice)
        else:
            an_attempt(voice, step)
    return voice


def a_finished_voice(status: str = Voice.Status.REVIEW) -> Voice:
    voice = a_voice(S.SAMPLE, "representations", S.CAPTCHA, S.STATEMENT)
    factories.screened(voice)
    for one in (Voice.Status.REVIEW, Voice.Status.BUILDING, status):
        if voice.status != status:
            move(voice, one, actor=None)
    return voice


def a_speaking_voice() -> Voice:
    voice = a_finished_voice(Voice.Status.BUILDING)
    move(ConsentRecord.objects.get(voice=voice), ConsentRecord.Status.IN_FORCE, actor=None)
    voices.activate(voice, stored=voices.keep_artefact(voice, ARTEFACT), artefact=ARTEFACT)
    return voice


def a_request():
    voice = a_speaking_voice()
    return synthesis.request_speech(account=voice.account, voice=voice, text="Something to say.")


def a_run(name: str) -> Run:
    wanted = jobs.registry.handler(name).queue
    job = next(job for job in iter(lambda: queue.claim(wanted, "here"), None) if job.name == name)
    return Run(job)


def a_case(*, claimed_by: User | None = None) -> Case:
    voice = a_finished_voice()
    due = timezone.now() + timedelta(days=1)
    case = moderation.open_case(kind="consent.voice", subject=voice, title="A case", about=voice.account, due_at=due)
    if claimed_by:
        moderation.claim(case, actor=claimed_by)
    return case


# ---------------------------------------------------------------------------------------------------- the actions
def open_account() -> Action:
    return lambda: accounts.open_account(
        email="new@example.org", password=None, full_name="New Person", born_on=date(1980, 1, 1)
    )


def welcome() -> Action:
    user = User.objects.create_user("new@example.org", None, full_name="New Person", adult_confirmed_at=timezone.now())
    return lambda: accounts.welcome(user)


def correct_name() -> Action:
    user = make_user()
    return lambda: accounts.correct_name(user, full_name="Another Name", display_name="A", actor=user)


def set_role() -> Action:
    user = make_user()
    return lambda: accounts.set_role(user, is_staff=True, groups=[], actor=user, reason="because")


def grant() -> Action:
    user = make_user()
    return lambda: accounts.grant(user, 5, kind="purchase", reference="an order", actor=user, reason="because")


def hand_in_sample() -> Action:
    voice = a_voice()
    return lambda: consent.hand_in_sample(voice, factories.sample(), actor=voice.account)


def represent() -> Action:
    voice = a_voice(S.SAMPLE)
    return lambda: factories.represent(voice)


def show_phrase() -> Action:
    voice = a_voice(S.SAMPLE, "representations")
    consent.show_phrase(voice, actor=voice.account)
    return lambda: consent.show_phrase(voice, actor=voice.account)


def answer_phrase() -> Action:
    voice = a_voice(S.SAMPLE, "representations")
    challenge = consent.show_phrase(voice, actor=voice.account)
    return lambda: consent.answer_phrase(challenge, factories.recording("some words"), actor=voice.account)


def hand_in_statement() -> Action:
    voice = a_voice(S.SAMPLE, "representations", S.CAPTCHA)
    return lambda: consent.hand_in_statement(
        voice, factories.recording("some words"), on=timezone.localdate(), actor=voice.account
    )


def settle() -> Action:
    attempt = an_attempt(a_voice(), S.SAMPLE, Attempt.Status.CHECKING)
    jobs.enqueue("consent.check", str(attempt.pk))
    run = a_run("consent.check")
    return lambda: consent.settle(run, attempt, Measurement())


def could_not_check() -> Action:
    attempt = an_attempt(a_voice(), S.SAMPLE, Attempt.Status.CHECKING)
    return lambda: consent.could_not_check(attempt)


def ask_a_person() -> Action:
    voice = a_voice()
    for _ in range(3):
        an_attempt(voice, S.SAMPLE, Attempt.Status.FAILED)
    return lambda: consent.ask_a_person(voice, step=S.SAMPLE, actor=voice.account)


def activate() -> Action:
    voice = a_finished_voice(Voice.Status.BUILDING)
    jobs.enqueue("consent.build", str(voice.pk))
    run = a_run("consent.build")
    return lambda: consent.activate(run, voice, ARTEFACT)


def on_a_voice(what: Callable[..., object], status: str, **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        voice = a_finished_voice(status)
        return lambda: what(voice, **options)

    return prepare


def look_again() -> Action:
    voice = a_finished_voice()
    consent.reject(voice, actor=None, reason="because")
    return lambda: consent.look_again(voice, actor=voice.account, reason="because")


def withdraw() -> Action:
    voice = a_speaking_voice()
    return lambda: consent.withdraw(voice, actor=voice.account, reason="because")


def invite() -> Action:
    voice = factories.entrusted_voice()
    return lambda: factories.invite(voice, email="alice@example.org")


def invite_again() -> Action:
    voice = factories.entrusted_voice()
    factories.invite(voice)
    return lambda: invitations.invite_again(voice, actor=voice.account)


def answered(what: Callable[..., object]) -> Callable[[], Action]:
    def prepare() -> Action:
        link = factories.invite(factories.entrusted_voice(), email="alice@example.org")
        return lambda: what(link)

    return prepare


def open_case() -> Action:
    voice, due = a_finished_voice(), timezone.now()
    return lambda: moderation.open_case(kind="consent.voice", subject=voice, title="A case", about=None, due_at=due)


def claim() -> Action:
    case, moderator = a_case(), factories.moderator()
    return lambda: moderation.claim(case, actor=moderator)


def release() -> Action:
    moderator = factories.moderator()
    case = a_case(claimed_by=moderator)
    return lambda: moderation.release(case, actor=moderator)


def decide() -> Action:
    moderator = factories.moderator()
    case = a_case(claimed_by=moderator)
    return lambda: moderation.decide(case, choice="approve", section="4", reason="because", actor=moderator)


def claim_next() -> Action:
    moderator = factories.moderator()
    a_case()
    return lambda: moderation.claim_next(actor=moderator)


def hand_over() -> Action:
    moderator, other = factories.moderator(), factories.moderator()
    case = a_case(claimed_by=moderator)
    return lambda: moderation.hand_over(case, to=other, actor=moderator, reason="because")


def second(what: Callable[..., object]) -> Callable[[], Action]:
    def prepare() -> Action:
        moderator, other = factories.moderator(), make_user(superuser=True)
        case = a_case(claimed_by=moderator)
        question = registry.question(case.kind)
        choices = tuple(dataclasses.replace(choice, grave=choice.code == "reject") for choice in question.choices)
        with mock.patch.dict(registry._questions, {case.kind: dataclasses.replace(question, choices=choices)}):
            moderation.decide(case, choice="reject", section="4", reason="because", actor=moderator)
        return lambda: what(case, actor=other, reason="because")

    return prepare


def withdraw_case() -> Action:
    case, moderator = a_case(), factories.moderator()
    return lambda: moderation.withdraw_case(case, actor=moderator, reason="because")


def release_held() -> Action:
    request, moderator = a_request(), factories.moderator()
    SpeechRequest.objects.update(status=SpeechRequest.Status.HELD)
    request.refresh_from_db()
    return lambda: synthesis.release(request, actor=moderator, reason="because")


def a_found_voice() -> reporting.Found:
    voice = a_speaking_voice()
    return reporting.find(str(voice.pk), voice.account)["voice"]


def report_it(found: reporting.Found) -> Report:
    return moderation.report(found, category="fraud", words="So.", address="192.0.2.1", email="a@example.org")


def report() -> Action:
    found = a_found_voice()
    return lambda: report_it(found)


def confirm() -> Action:
    made = report_it(a_found_voice())
    return lambda: moderation.confirm(made)


def request_speech() -> Action:
    voice = a_speaking_voice()
    return lambda: synthesis.request_speech(account=voice.account, voice=voice, text="Something to say.")


def on_a_request(what: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        request = a_request()
        given = {**options, "actor": request.account} if what is synthesis.cancel else options
        return lambda: what(request, **given)

    return prepare


def a_publishing() -> tuple[Run, object, Made]:
    request = a_request()
    run = a_run("synthesis.speak")
    synthesis.start(request)
    return run, request, Made(b"sound", 1.0, Mark(77, 0.0, 1.0, 1.0, "none", "1"), False, False)


def publish() -> Action:
    run, request, made = a_publishing()
    return lambda: synthesis.publish(run, request, made)


def open_output() -> Action:
    run, request, made = a_publishing()
    output = synthesis.publish(run, request, made)
    return lambda: synthesis.open_output(output, actor=request.account)


def delete_output() -> Action:
    run, request, made = a_publishing()
    output = synthesis.publish(run, request, made)
    return lambda: synthesis.delete_output(output, reason="because")


def sweep_outputs() -> Action:
    run, request, made = a_publishing()
    synthesis.publish(run, request, made)
    consent.withdraw(request.voice, actor=request.account, reason="because")
    synthesis.sweep_outputs()  # sets the deadline
    return lambda: synthesis.sweep_outputs(at=timezone.now() + timedelta(days=31))


def a_question():
    return synthesis.ask_detector(factories.recording("A question."), address="198.51.100.7")


def answer() -> Action:
    detection = a_question()
    run = a_run("synthesis.detect")
    return lambda: synthesis.answer(run, detection, ())


def detection_failed() -> Action:
    detection = a_question()
    return lambda: synthesis.detection_failed(detection)


def voices_activate() -> Action:
    voice = a_finished_voice(Voice.Status.BUILDING)
    stored = voices.keep_artefact(voice, ARTEFACT)
    return lambda: voices.activate(voice, stored=stored, artefact=ARTEFACT)


def suspend() -> Action:
    voice = a_speaking_voice()
    return lambda: voices.suspend(voice, **BY)


def restore() -> Action:
    voice = a_speaking_voice()
    voices.suspend(voice, **BY)
    return lambda: voices.restore(voice, **BY)


def revoked(**options: object) -> Revocation:
    voice = a_speaking_voice()
    return takedowns.revoke(voice, by="account", actor=voice.account, reason="because", **options)


def revoke() -> Action:
    voice = a_speaking_voice()
    return lambda: takedowns.revoke(voice, by="account", actor=voice.account, reason="because")


def revocation_of() -> Action:
    voice = a_speaking_voice()
    consent.withdraw(voice, actor=voice.account, reason="because")
    return lambda: takedowns.revocation_of(voice)


def fetch_copy() -> Action:
    revocation = revoked(copy=True)
    jobs.drain()
    revocation.refresh_from_db()
    return lambda: takedowns.fetch_copy(revocation)


def overdue() -> Action:
    revoked()
    return lambda: takedowns.resume(at=timezone.now() + timedelta(days=31))


def keep_recording() -> Action:
    voice = a_voice()
    return lambda: a_recording(voice)


def shred() -> Action:
    voice = a_finished_voice()
    return lambda: voices.shred(voice, reason="because")


def listened() -> Action:
    recording = a_recording(a_voice())
    return lambda: voices.listened(recording, actor=recording.voice.account)


def share() -> Action:
    voice, friend = a_speaking_voice(), make_user()
    return lambda: voices.share(voice, email=friend.email, agreed=True, actor=voice.account)


def unshare() -> Action:
    voice, friend = a_speaking_voice(), make_user()
    shared = voices.share(voice, email=friend.email, agreed=True, actor=voice.account)
    return lambda: voices.unshare(shared, actor=voice.account)


def a_curated_voice() -> Voice:
    return a_curated(make_user())


def on_a_curated_voice(what: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        voice, actor = a_curated_voice(), make_user()
        return lambda: what(voice, actor=actor, **options)

    return prepare


def add_curated() -> Action:
    actor = make_user()
    return lambda: voices.add_curated(name="Felt", language="en", style="narration", gender="neutral", actor=actor)


def end_rights() -> Action:
    voice = a_curated_voice()
    return lambda: voices.end_rights(voice.rights.get(), actor=None, reason="because")


def accept_licence() -> Action:
    voice, account = a_curated_voice(), make_user()
    return lambda: factories.accept_licence(voice, account)


def publish_voice() -> Action:
    voice, actor = a_curated_voice(), make_user()
    voices.unpublish(voice, actor=actor, reason="because")
    return lambda: voices.publish(voice, actor=actor)


def expire() -> Action:
    voice = a_curated_voice()
    voice.rights.update(valid_from=date(2020, 1, 1), valid_until=date(2020, 1, 2))
    return voices.expire


def keep_preview() -> Action:
    voice = a_curated_voice()
    Preview.objects.all().delete()
    run = a_run("synthesis.preview")
    made = Made(b"sound", 1.0, Mark(78, 0.0, 1.0, 1.0, "none", "1"), False, False)
    return lambda: synthesis.keep_preview(run, voice, made)


def vault_destroy() -> Action:
    voice = a_speaking_voice()
    return lambda: vault.destroy(voice.owner.vault_owner, actor=None, reason="because")


def declare(service: ModuleType, **more: object) -> Callable[[], Action]:
    def prepare() -> Action:
        user = make_user()
        return lambda: service.declare(account=user, whose="self", name="My voice", owner_name="A Name", **more)

    return prepare


def retry() -> Action:
    user = make_user()
    job = jobs.enqueue("consent.destroy", "1")
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DEAD)
    return lambda: jobs.retry(job, actor=user)


def moved() -> Action:
    voice = a_finished_voice()
    return lambda: transitions.move(voice, Voice.Status.DRAFT, actor=None)


BY = {"actor": None, "reason": "because"}
ACTIONS: dict[str, Callable[[], Action]] = {
    "accounts.services.open_account": open_account,
    "accounts.services.welcome": welcome,
    "accounts.services.correct_name": correct_name,
    "accounts.services.set_role": set_role,
    "accounts.services.grant": grant,
    "consent.services.declare": declare(consent, tier="instant", answers=factories.answers()),
    "consent.services.hand_in_sample": hand_in_sample,
    "consent.services.represent": represent,
    "consent.services.show_phrase": show_phrase,
    "consent.services.answer_phrase": answer_phrase,
    "consent.services.hand_in_statement": hand_in_statement,
    "consent.services.settle": settle,
    "consent.services.could_not_check": could_not_check,
    "consent.services.ask_a_person": ask_a_person,
    "consent.services.approve": on_a_voice(consent.approve, Voice.Status.REVIEW, **BY),
    "consent.services.reject": on_a_voice(consent.reject, Voice.Status.REVIEW, **BY),
    "consent.services.refuse_and_destroy": on_a_voice(consent.refuse_and_destroy, Voice.Status.REVIEW, **BY),
    "consent.services.ask_again": on_a_voice(consent.ask_again, Voice.Status.REVIEW, step="sample", **BY),
    "consent.services.look_again": look_again,
    "consent.services.build_again": on_a_voice(consent.build_again, Voice.Status.BUILD_FAILED),
    "consent.services.activate": activate,
    "consent.services.withdraw": withdraw,
    "consent.invitations.invite": invite,
    "consent.invitations.invite_again": invite_again,
    "consent.invitations.grant": answered(factories.grant),
    "consent.invitations.decline": answered(invitations.decline),
    "moderation.services.open_case": open_case,
    "moderation.services.claim": claim,
    "moderation.services.claim_next": claim_next,
    "moderation.services.hand_over": hand_over,
    "moderation.services.release": release,
    "moderation.services.approve": second(moderation.approve),
    "moderation.services.decline": second(moderation.decline),
    "moderation.services.decide": decide,
    "moderation.services.withdraw_case": withdraw_case,
    "moderation.services.report": report,
    "moderation.services.confirm": confirm,
    "synthesis.services.request_speech": request_speech,
    "synthesis.services.start": on_a_request(synthesis.start),
    "synthesis.services.publish": publish,
    "synthesis.services.fail": on_a_request(synthesis.fail, code="speech_failed", sentence="It failed."),
    "synthesis.services.stop": on_a_request(synthesis.stop),
    "synthesis.services.cancel": on_a_request(synthesis.cancel),
    "synthesis.services.release": release_held,
    "synthesis.services.open_output": open_output,
    "synthesis.services.delete_output": delete_output,
    "synthesis.services.sweep_outputs": sweep_outputs,
    "synthesis.services.ask_detector": lambda: a_question,
    "synthesis.services.answer": answer,
    "synthesis.services.detection_failed": detection_failed,
    "voices.services.declare": declare(voices),
    "voices.services.keep_recording": keep_recording,
    "voices.services.activate": voices_activate,
    "takedowns.services.revoke": revoke,
    "takedowns.services.revocation_of": revocation_of,
    "takedowns.services.fetch_copy": fetch_copy,
    "takedowns.services.resume": overdue,
    "voices.services.suspend": suspend,
    "voices.services.restore": restore,
    "voices.services.listened": listened,
    "voices.services.shred": shred,
    "voices.services.share": share,
    "voices.services.unshare": unshare,
    "voices.services.add_curated": add_curated,
    "voices.services.build_curated": on_a_curated_voice(voices.build_curated),
    "voices.services.record_rights": on_a_curated_voice(
        voices.record_rights,
        origin="licence",
        granted_by="an agency",
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        document=b"signed",
    ),
    "voices.services.end_rights": end_rights,
    "voices.services.put_licence": on_a_curated_voice(voices.put_licence, version="2", text="Do good."),
    "voices.services.accept_licence": accept_licence,
    "voices.services.publish": publish_voice,
    "voices.services.unpublish": on_a_curated_voice(voices.unpublish, reason="because"),
    "voices.services.expire": expire,
    "synthesis.services.keep_preview": keep_preview,
    "velluto.vault.destroy": vault_destroy,
    "velluto.jobs.retry": retry,
    "velluto.transitions.move": moved,
}
# What writes a part of somebody else's action, in that action's transaction; it has no audit row of its own.
PARTS = {
    "accounts.services.balance": "this month's allowance, booked when it is first looked at",
    "accounts.services.debit": "synthesis.services.request_speech",
    "accounts.services.refund": "synthesis.services.fail",
    "accounts.services.rotate_second_factors": "the operator's: the same secrets under another key",
    "moderation.services.keep": "renews a claim that moderation.services.claim recorded",
    "moderation.services.follow": "moderation.services.decide, of a custodian",
    "moderation.services.reverse": "moderation.services.decide, of an appeal",
    "voices.services.keep_voiceprint": "consent.services.settle",
    "voices.services.keep_artefact": "consent.services.activate",
    "synthesis.services.end_outputs": "a deadline; synthesis.services.delete_output records the end",
    "synthesis.services.forget": "synthesis.services.answer",
    "velluto.vault.finish": "finishes what velluto.vault.destroy recorded",
    "velluto.vault.put": "voices.services.keep_recording",
    "velluto.vault.delete": "synthesis.services.answer",
    "velluto.vault.rotate": "the operator's: no content changes",
    "velluto.vault.sweep": "finishes what velluto.vault.destroy recorded",
    "velluto.jobs.enqueue": "consent.services.approve",
    "velluto.jobs.cancel": "synthesis.services.cancel",
    "velluto.jobs.drain": "does the jobs, which call the services",
}
READS = {
    *(f"takedowns.services.{name}" for name in ("archive", "owner_address")),
    *(f"moderation.services.{name}" for name in ("changes_since", "preview", "seen_now")),
    *(
        f"consent.services.{name}"
        for name in ("attestation", "statement_text", "failures", "require_in_force", "require_use")
    ),
    *(f"consent.invitations.{name}" for name in ("address", "follow", "live_link")),
    *(
        f"synthesis.services.{name}"
        for name in ("languages", "script_of", "new_payload", "detection_audio", "require_access")
    ),
    *(f"voices.services.{name}" for name in ("recording_bytes", "load_audio", "load_voiceprint", "load_artefact")),
    *(f"voices.services.{name}" for name in ("may_use", "licence_of", "accepted", "rights_of", "require_published")),
    "synthesis.services.open_preview",
    *(f"velluto.vault.{name}" for name in ("is_destroyed", "open", "read", "seal", "size", "unseal")),
    *(f"velluto.jobs.{name}" for name in ("job", "latest")),
}


# The matters of an app that has many of them say it beside their own tests, in a `no_row.py`.
for there in sorted(Path(__file__).parent.glob("*/no_row*.py")):
    told = import_module(f"tests.{there.parent.name}.{there.stem}")
    assert not {*ACTIONS} & {*told.ACTIONS}
    ACTIONS |= told.ACTIONS
    PARTS |= told.PARTS
    READS |= told.READS


def services_of(app: str) -> list[ModuleType]:
    """Return an app's services, and those of each of its matters: `app.services`, `app.matter.services`."""
    matters = [matter.name for matter in pkgutil.iter_modules(import_module(app).__path__) if matter.ispkg]
    names = (f"{app}.services", f"{app}.forgetting", *(f"{app}.{matter}.services" for matter in matters))
    return [import_module(name) for name in names if find_spec(name)]


def public() -> set[str]:
    """Return every public function of every app's services, and of the kernel's parts that write."""
    found = set()
    for module in (module for app in OURS for module in services_of(app)):
        for name, thing in vars(module).items():
            ours = inspect.isfunction(thing) and (thing.__module__ + ".").startswith(f"{module.__name__}.")
            if ours and not name.startswith("_"):
                found.add(f"{module.__name__}.{name}")
    for name, thing in vars(invitations).items():
        if inspect.isfunction(thing) and thing.__module__ == invitations.__name__ and not name.startswith("_"):
            found.add(f"{thing.__module__}.{name}")
    for module in (vault, jobs):
        found |= {f"{module.__name__}.{n}" for n in module.__all__ if inspect.isfunction(getattr(module, n))}
    return found | {"velluto.transitions.move"}


def test_every_public_service_says_here_how_it_is_recorded() -> None:
    assert public() == {*ACTIONS, *PARTS, *READS}
    assert not ({*ACTIONS} & {*PARTS} or {*ACTIONS} & READS or {*PARTS} & READS)


def in_the_databases() -> tuple[dict[str, str], dict[str, bytes]]:
    """Return a digest of each table's rows but the audit's, and the owners' keys."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in TABLES:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows = sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor)
                digests[table] = f"{len(rows)} rows {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return digests, {key.owner: bytes(key.wrapped) for key in DataKey.objects.all()}


def in_storage() -> dict[str, str]:
    """Return a digest of every file that a sweep leaves: a put that was rolled back leaves one that nobody can open."""
    vault.sweep(older_than=timedelta(seconds=-2))  # a storage may know whole seconds only
    storage = vault.objects.storage()
    digests = {}
    for name in vault.objects._files():
        with storage.open(name) as file:
            digests[name] = hashlib.sha256(file.read()).hexdigest()
    return digests


def break_the_audit() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON velluto_auditevent BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'disk full'; END$$"
            )
            cursor.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON velluto_auditevent FOR EACH ROW EXECUTE FUNCTION broken()"
            )


def mend_the_audit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER broken" + " ON velluto_auditevent" * (connection.vendor == "postgresql"))


@pytest.mark.parametrize("name", ACTIONS)
def test_without_its_audit_row_nothing_is_done(name: str) -> None:
    act = ACTIONS[name]()
    files = in_storage()
    break_the_audit()
    before, keys = in_the_databases()
    with pytest.raises(DatabaseError, match="disk full"):
        act()
    after, keys_after = in_the_databases()
    assert after == before
    assert keys_after.items() >= keys.items(), "a key that wraps nothing may be new; none may be gone or changed"
    assert in_storage() == files
    mend_the_audit()
    rows = AuditEvent.objects.count()
    act()
    assert AuditEvent.objects.count() > rows, "what failed above failed for the want of the audit alone"
