"""The queue: one moderator at a time, one decision a case, and the reasons reach the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from consent.models import Attempt
from moderation import registry, services
from moderation.models import Case, Decision, PolicySection
from tests import factories
from velluto import jobs
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def case(db) -> Case:
    return Case.objects.about(factories.voice_at("review")).get()


def test_a_claimed_case_is_closed_to_others_until_the_claim_lapses(case: Case):
    alice, bob, now = factories.moderator(), factories.moderator(), timezone.now()
    services.claim(case, actor=alice, at=now)
    with pytest.raises(services.CaseClaimed):
        services.claim(Case.objects.get(pk=case.pk), actor=bob, at=now + timedelta(minutes=9))
    services.claim(Case.objects.get(pk=case.pk), actor=bob, at=now + timedelta(minutes=11))
    case.refresh_from_db()
    assert case.claimed_by == bob
    with pytest.raises(services.CaseNotClaimed):
        services.decide(case, choice="approve", section="4", reason="x", actor=alice)


def test_a_page_from_before_the_claim_passed_to_somebody_else_decides_nothing(case: Case):
    alice, bob, now = factories.moderator(), factories.moderator(), timezone.now()
    services.claim(case, actor=alice, at=now - timedelta(minutes=11))
    services.claim(Case.objects.get(pk=case.pk), actor=bob, at=now)
    with pytest.raises(services.CaseNotClaimed):  # `case` is as alice's page read it
        services.decide(case, choice="approve", section="4", reason="x", actor=alice)
    assert not Decision.objects.exists()


def test_a_moderator_cannot_decide_about_a_voice_of_his_own():
    alice = factories.moderator()
    case = Case.objects.about(factories.voice_at("review", alice)).get()
    with pytest.raises(services.CaseAboutYou):
        services.claim(case, actor=alice)
    Case.objects.update(status=Case.Status.CLAIMED, claimed_by=alice, claimed_at=timezone.now())
    case.refresh_from_db()
    with pytest.raises(services.CaseAboutYou):
        services.decide(case, choice="approve", section="4", reason="It is me.", actor=alice)


def test_only_the_holder_decides_only_once_and_only_with_a_reason_and_a_section(case: Case):
    actor = factories.moderator()
    with pytest.raises(services.CaseNotClaimed):
        services.decide(case, choice="approve", section="4", reason="x", actor=actor)
    services.claim(case, actor=actor)
    for choice, section, reason in (("approve", "4", "  "), ("approve", "9", "x"), ("shred", "4", "x")):
        with pytest.raises(services.ChoiceRefused):
            services.decide(case, choice=choice, section=section, reason=reason, actor=actor)
    services.decide(case, choice="approve", section="4", reason="All is well.", actor=actor)
    with pytest.raises(services.CaseDecided):
        services.decide(case, choice="reject", section="4", reason="No.", actor=actor)
    assert Decision.objects.filter(case=case).count() == 1


def test_somebody_without_the_permission_cannot_claim_and_triage_claims_but_cannot_decide(case: Case):
    for nobody in (factories.make_user(), factories.moderator(role="auditor")):
        with pytest.raises(services.ClaimRefused):
            services.claim(case, actor=nobody)
        with pytest.raises(services.ClaimRefused):
            services.claim_next(actor=nobody)
    triage = factories.moderator(role="triage")
    assert services.claim_next(actor=triage) == case
    case.refresh_from_db()
    with pytest.raises(services.ChoiceRefused):
        services.decide(case, choice="approve", section="4", reason="x", actor=triage)


def test_an_approval_builds_the_voice_and_tells_the_person_why():
    voice = factories.active_voice()
    assert voice.artefact and voice.activated_at
    (told,) = [letter for letter in mail.outbox if "approved" in letter.subject]
    assert told.to == [voice.account.email]
    assert "Because it is so." in told.body and "Section" not in told.subject


def test_a_rejection_is_final_and_gives_its_reasons(case: Case):
    voice = Voice.objects.get(pk=case.subject_id)
    factories.decide(voice, "reject", section="2", reason="The name is not the speaker's.")
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REFUSED
    assert any("The name is not the speaker's." in letter.body for letter in mail.outbox)


@pytest.mark.parametrize(
    ("choice", "again"),
    [
        ("again_sample", {"sample", "captcha", "statement"}),
        ("again_captcha", {"captcha"}),
        ("again_statement", {"statement"}),
    ],
)
def test_what_is_asked_for_again_is_open_again_and_nothing_else(case: Case, choice: str, again: set[str]):
    voice = Voice.objects.get(pk=case.subject_id)
    factories.decide(voice, choice, section="4.2", reason="Once more, please.")
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DRAFT
    open_again = set(voice.attempts.filter(status=Attempt.Status.SUPERSEDED).values_list("step", flat=True))
    assert open_again == again


def test_a_voice_that_is_deleted_closes_its_case(case: Case):
    from consent import services as consent

    voice = Voice.objects.get(pk=case.subject_id)
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    case.refresh_from_db()
    assert case.status == Case.Status.DECIDED
    assert not Decision.objects.filter(case=case).exists()


def test_every_choice_rests_on_sections_that_exist():
    question = registry.question("consent.voice")
    for choice in question.choices:
        assert PolicySection.objects.filter(pk__in=choice.sections).count() == len(choice.sections)


def test_a_decision_and_its_audit_row_are_one(case: Case, monkeypatch):
    actor = factories.moderator()
    services.claim(case, actor=actor)
    rows = AuditEvent.objects.count()
    monkeypatch.setattr("velluto.audit.record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.decide(case, choice="approve", section="4", reason="x", actor=actor)
    assert AuditEvent.objects.count() == rows
    assert Case.objects.get(pk=case.pk).status == Case.Status.CLAIMED
    assert not Decision.objects.exists()
