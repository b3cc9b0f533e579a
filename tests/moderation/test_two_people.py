"""Grave decisions need two people, pages must not be stale, and what is said is kept as it was said."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.models import User
from moderation import registry, services
from moderation.models import Case, Decision, StatementOfReasons
from tests import factories
from velluto import jobs
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
REFUSED = {"choice": "reject", "section": "2", "reason": "It is another person's voice."}


@pytest.fixture
def grave(monkeypatch) -> None:
    """Let the refusal of a voice be a grave decision."""
    question = registry.question("consent.voice")
    choices = tuple(dataclasses.replace(choice, grave=choice.code == "reject") for choice in question.choices)
    monkeypatch.setitem(registry._questions, question.kind, dataclasses.replace(question, choices=choices))


@pytest.fixture
def case(db) -> Case:
    return Case.objects.about(factories.voice_at("review")).get()


@pytest.fixture
def alice(db) -> User:
    return factories.moderator(role="senior moderator")


@pytest.fixture
def bob(db) -> User:
    return factories.moderator(role="senior moderator")


def propose(case: Case, actor: User) -> Decision:
    services.claim(case, actor=actor)
    return services.decide(case, actor=actor, **REFUSED)


def test_a_grave_decision_does_nothing_until_a_second_person_approves_it(grave, case: Case, alice: User, bob: User):
    decision = propose(case, alice)
    voice = Voice.objects.get(pk=case.subject_id)
    assert (case.status, decision.status, voice.status) == ("proposed", "proposed", "review")
    assert not StatementOfReasons.objects.exists()

    services.approve(case, actor=bob, reason="I heard it too.")
    decision.refresh_from_db()
    voice.refresh_from_db()
    assert (case.status, decision.status, voice.status) == ("decided", "made", "refused")
    assert (decision.decided_by, decision.second) == (alice, bob)
    assert StatementOfReasons.objects.get().recipient == voice.account
    made = AuditEvent.objects.get(event="moderation.case.decided")
    assert made.actor == f"account:{bob.pk}" and made.data["proposed_by"] == str(alice.pk)


def test_who_proposed_it_cannot_approve_it_nor_can_somebody_without_the_permission(grave, case: Case, alice: User):
    propose(case, alice)
    for actor in (alice, factories.moderator()):
        with pytest.raises(services.SecondPersonNeeded):
            services.approve(case, actor=actor)
        with pytest.raises(services.SecondPersonNeeded):
            services.decline(case, actor=actor, reason="no")
    case.refresh_from_db()
    assert case.status == Case.Status.PROPOSED


def test_a_proposal_about_the_second_person_is_not_his_to_approve(grave, alice: User, bob: User):
    case = Case.objects.about(factories.voice_at("review", bob)).get()
    propose(case, alice)
    with pytest.raises(services.CaseAboutYou):
        services.approve(case, actor=bob)


def test_a_declined_proposal_stays_on_record_and_the_case_returns_to_the_queue(grave, case: Case, alice, bob):
    propose(case, alice)
    services.decline(case, actor=bob, reason="The noise explains it.")
    declined = Decision.objects.get()
    assert (case.status, declined.status, declined.second) == ("open", "declined", bob)
    assert services.claim_next(actor=alice) == case
    services.decide(case, choice="approve", section="4", reason="It is the same person.", actor=alice)
    assert Decision.objects.filter(case=case).count() == 2


def test_a_proposed_case_is_nobodys_to_claim_or_to_decide_alone(grave, case: Case, alice: User, bob: User):
    propose(case, alice)
    with pytest.raises(services.NothingWaits):
        services.claim_next(actor=bob)
    for actor in (alice, bob):
        with pytest.raises(services.CaseNotClaimed):
            services.decide(case, actor=actor, choice="approve", section="4", reason="x")


def test_a_proposal_about_a_voice_that_is_deleted_falls_with_it(grave, case: Case, alice: User, bob: User):
    from consent import services as consent

    propose(case, alice)
    voice = Voice.objects.get(pk=case.subject_id)
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    with pytest.raises(services.CaseNotProposed):
        services.approve(case, actor=bob)
    assert Decision.objects.get().status == Decision.Status.DECLINED


def test_a_stale_page_decides_nothing_and_says_what_changed(case: Case, alice: User, bob: User):
    services.claim(case, actor=alice)
    seen = services.seen_now()
    services.open_case(
        kind=case.kind, subject=case.subject, title="again", about=case.about, due_at=case.due_at, severity=3
    )
    with pytest.raises(services.CaseChanged, match="the same was asked again"):
        services.decide(case, actor=alice, seen=seen, **REFUSED)
    assert not Decision.objects.exists()
    services.decide(case, actor=alice, seen=services.seen_now(), **REFUSED)


def test_the_preview_is_what_is_sent_and_writes_nothing(case: Case, alice: User):
    services.claim(case, actor=alice)
    rows = AuditEvent.objects.count()
    shown = services.preview(case, actor=alice, **REFUSED)
    assert AuditEvent.objects.count() == rows and not Decision.objects.exists()
    services.decide(case, actor=alice, notes="He sounded sure.", **REFUSED)
    sent = StatementOfReasons.objects.get()
    assert shown.statement is not None and shown.effects == ("The voice is refused for good.",)
    assert (shown.statement.subject, shown.statement.body) == (sent.subject, sent.body)
    assert "He sounded sure." not in sent.body
    fields = {**shown.statement.fields, "puid": sent.fields["puid"]}
    assert fields == sent.fields and sent.fields["decision_facts"] == REFUSED["reason"]
    jobs.drain()
    sent.refresh_from_db()
    assert sent.sent_at is not None
