"""How the services of privacy and retention, and those that they call in other apps, are recorded."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from moderation import reporting
from moderation import services as moderation
from moderation.models import Appeal, Case, Decision, PolicySection, Report, StatementOfReasons
from synthesis.models import Detection
from takedowns.models import InactivityNotice, PrivacyRequest
from takedowns.privacy import services as privacy
from takedowns.retention import services as retention
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent import papers
from velluto import jobs, vault

Action = Callable[[], object]


def on_an_account(what: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        account = make_user()
        return lambda: what(account, **options)

    return prepare


def closed_account() -> User:
    account = make_user()
    accounts.balance(account)
    return accounts.close(account, actor=account, reason="because")


def on_a_closed_account(what: Callable[..., object], **options: object) -> Callable[[], Action]:
    def prepare() -> Action:
        account = closed_account()
        return lambda: what(account, **options)

    return prepare


def by_mail(**options: object) -> PrivacyRequest:
    given = {"kind": "access", "email": "a@example.org", "words": "All.", "address": "192.0.2.1"}
    return privacy.ask_by_mail(**given | options)


def an_agents() -> PrivacyRequest:
    return by_mail(person="b@example.org", document=io.BytesIO(papers.pdf()))


def prove() -> Action:
    request = by_mail()
    return lambda: privacy.prove(request)


def answered(what: Callable[..., object]) -> Callable[[], Action]:
    def prepare() -> Action:
        request = privacy.ask(make_user(), kind="correction", words="It is wrong.")
        actor = factories.moderator()
        return lambda: what(request, actor=actor, reason="because")

    return prepare


def exported() -> PrivacyRequest:
    request = privacy.export(make_user())
    jobs.drain()
    request.refresh_from_db()
    return request


def archive_made() -> Action:
    request = privacy.export(make_user())
    return lambda: privacy.archive_made(request, stored="somewhere", sha256="0" * 64)


def fetch() -> Action:
    request = exported()
    return lambda: privacy.fetch(request, actor=request.account).close()


def read_document() -> Action:
    request, actor = an_agents(), factories.moderator()
    return lambda: privacy.read_document(request, actor=actor)


def forget_export() -> Action:
    request = exported()
    return lambda: privacy.forget_export(request)


def forget_request() -> Action:
    request = exported()
    return lambda: privacy.forget_request(request)


def lapse() -> Action:
    by_mail()
    return lambda: privacy.resume(at=timezone.now() + timedelta(days=8))


def lift_restriction() -> Action:
    account = make_user()
    privacy.restrict(account)
    return lambda: privacy.lift_restriction(account)


def sweep() -> Action:
    then = timezone.now() - timedelta(days=91)
    Detection.objects.create(client="x", seconds=1.0, asked_at=then, answered_at=then, status="answered")
    return lambda: retention.sweep()


def almost_three_years_on() -> tuple[object, object]:
    voice = standins.voice_in_review()
    return voice, timezone.now() + timedelta(days=3 * 365 - 15)


def warn() -> Action:
    _, at = almost_three_years_on()
    return lambda: retention.warn(at=at)


def keep() -> Action:
    _, at = almost_three_years_on()
    retention.warn(at=at)
    notice = InactivityNotice.objects.get()
    return lambda: retention.keep(notice)


def a_report() -> Report:
    voice = factories.declared_voice()
    found = reporting.find(str(voice.pk), voice.account)["voice"]
    return moderation.report(found, category="fraud", words="So.", address="192.0.2.1", email="a@example.org")


def forget_report() -> Action:
    report = a_report()
    return lambda: moderation.forget_report(report)


def a_decision() -> Decision:
    now, boss = timezone.now(), make_user(staff=True)
    case = Case.objects.create(kind="past", subject_type="x", subject_id="1", title="Old", due_at=now, status="decided")
    section = PolicySection.objects.all()[0]
    return Decision.objects.create(case=case, choice="a", section=section, reason="So", decided_by=boss, decided_at=now)


def forget_appeal() -> Action:
    appeal = Appeal(decision=a_decision(), side="affected", filed_at=timezone.now())
    appeal.sealed = vault.seal(appeal.vault_owner, "appeal", str(appeal.pk), b"words")
    appeal.save()
    return lambda: moderation.forget_appeal(appeal)


def forget_statement() -> Action:
    statement = StatementOfReasons.objects.create(
        decision=a_decision(), recipient=make_user(), subject="S", body="B", fields={}, composed_at=timezone.now()
    )
    return lambda: moderation.forget_statement(statement)


ACTIONS: dict[str, Callable[[], Action]] = {
    "accounts.services.close": on_an_account(accounts.close, actor=None, reason="because"),
    "accounts.services.erase": on_a_closed_account(accounts.erase),
    "accounts.services.forget_ledger": on_a_closed_account(accounts.forget_ledger, reason="because"),
    "moderation.services.forget_appeal": forget_appeal,
    "moderation.services.forget_report": forget_report,
    "moderation.services.forget_statement": forget_statement,
    "takedowns.privacy.services.export": on_an_account(privacy.export),
    "takedowns.privacy.services.erase": on_an_account(privacy.erase),
    "takedowns.privacy.services.restrict": on_an_account(privacy.restrict),
    "takedowns.privacy.services.lift_restriction": lift_restriction,
    "takedowns.privacy.services.ask": on_an_account(privacy.ask, kind="correction", words="It is wrong."),
    "takedowns.privacy.services.ask_by_mail": lambda: an_agents,
    "takedowns.privacy.services.prove": prove,
    "takedowns.privacy.services.grant": answered(privacy.grant),
    "takedowns.privacy.services.deny": answered(privacy.deny),
    "takedowns.privacy.services.archive_made": archive_made,
    "takedowns.privacy.services.fetch": fetch,
    "takedowns.privacy.services.read_document": read_document,
    "takedowns.privacy.services.forget_export": forget_export,
    "takedowns.privacy.services.forget_request": forget_request,
    "takedowns.privacy.services.resume": lapse,
    "takedowns.retention.services.sweep": sweep,
    "takedowns.retention.services.warn": warn,
    "takedowns.retention.services.keep": keep,
}
PARTS = {
    "takedowns.privacy.services.tell": "queues a letter of the service that calls it",
    "velluto.jobs.forget": "jobs that ended long ago: what they did has rows of its own",
    "velluto.vault.clear": "takedowns.privacy.services.forget_request",
    "voices.services.forget_recordings": "consent.forgetting.forget_evidence",
    "voices.services.put_names_away": "consent.forgetting.forget_evidence",
}
READS = {
    *(f"takedowns.privacy.services.{name}" for name in ("account_at", "contact_of", "person_of", "words_of")),
    *(f"takedowns.retention.services.{name}" for name in ("held_of", "plan", "schedule")),
}
