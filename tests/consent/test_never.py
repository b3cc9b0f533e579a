"""Voices that may never be cloned: the rules to the day, what is refused and noted, and what two people may allow."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from consent import refusals as gate_refusals
from consent import services, steps
from consent.documents import services as documents
from consent.models import Declaration, ForbiddenAttempt
from consent.never import policies, refusals
from consent.never import services as never
from consent.never.policies import Verdict, in_office_lately, judge
from moderation import services as moderation
from moderation.models import Case
from moderation.refusals import ChoiceRefused, SecondPersonNeeded
from tests import factories, standins
from tests.consent import papers
from velluto import engines, jobs
from velluto.audit.models import AuditEvent
from velluto.vault.models import DataKey
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
TODAY = date(2026, 11, 21)


def ended(day: date | None) -> dict[str, object]:
    return {"office": "ended", "office_until": day}


# ---------------------------------------------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("office", "until", "on", "lately"),
    [
        ("never", None, TODAY, False),
        ("now", None, TODAY, True),
        ("now", date(1990, 1, 1), TODAY, True),
        ("ended", None, TODAY, True),
        ("ended", TODAY, TODAY, True),
        ("ended", date(2021, 11, 22), TODAY, True),  # a day less than five years
        ("ended", date(2021, 11, 21), TODAY, True),  # the day on which they are full
        ("ended", date(2021, 11, 20), TODAY, False),  # a day more
        ("ended", date(2020, 2, 29), date(2025, 2, 28), True),
        ("ended", date(2020, 2, 29), date(2025, 3, 1), True),
        ("ended", date(2020, 2, 29), date(2025, 3, 2), False),
        ("ended", date(2019, 2, 28), date(2024, 2, 28), True),
        ("ended", date(2019, 2, 28), date(2024, 2, 29), False),
    ],
)
def test_office_and_candidacy_bind_for_five_years_to_the_day(office, until, on, lately):
    assert in_office_lately(office, until, on=on) == lately


@pytest.mark.parametrize(
    ("said", "broken", "needs"),
    [
        ({}, (), ""),
        ({"adult": False}, (policies.MINOR,), ""),
        ({"office": "now"}, (policies.OFFICE,), ""),
        (ended(date(2024, 5, 1)), (policies.OFFICE,), ""),
        (ended(date(2010, 5, 1)), (), ""),
        ({"forbidden_use": True}, (policies.FORBIDDEN_USE,), ""),
        ({"adult": False, "office": "now"}, (policies.MINOR, policies.OFFICE), ""),
        ({"alive": False}, (), "estate"),
        ({"public_figure": True}, (), "public_figure"),
        ({"alive": False, "public_figure": True}, (), "estate"),
        ({"alive": False, **ended(date(2024, 5, 1))}, (policies.OFFICE,), ""),
        ({"alive": False, "adult": False}, (policies.MINOR,), ""),
    ],
)
def test_the_verdict_forbids_or_names_the_document_that_is_needed(said, broken, needs):
    verdict = judge(factories.answers(**said), on=TODAY)
    assert (verdict.broken, verdict.needs) == (broken, needs)


# ---------------------------------------------------------------------------------------------------- refused, noted


@pytest.mark.parametrize("whose", ["self", "third_party"])
@pytest.mark.parametrize(
    ("said", "refusal", "section"),
    [
        ({"office": "now"}, refusals.NeverOffice, "3(d)"),
        (ended(date(2025, 6, 1)), refusals.NeverOffice, "3(d)"),
        ({"forbidden_use": True}, refusals.NeverForbiddenUse, "3(g)"),
        ({"public_figure": True, "office": "now"}, refusals.NeverOffice, "3(d)"),
    ],
)
def test_what_may_never_be_cloned_is_refused_oneself_included_and_that_it_was_tried_is_on_record(
    whose, said, refusal, section
):
    account = factories.make_user(full_name="Orla Quist")
    with pytest.raises(refusal):
        factories.declare(account, whose=whose, owner_name="Orla Quist", **said)
    attempt = ForbiddenAttempt.objects.get()
    assert (attempt.account, attempt.section, attempt.whose, attempt.voice) == (account, section, whose, None)
    row = AuditEvent.objects.get(event="consent.forbidden_attempt.recorded")
    assert row.subject_id == str(attempt.pk) and "Quist" not in str(row.data)
    assert b"Quist" not in bytes(attempt.sealed)
    assert never.tried_before(account, "orla  quist") and not never.tried_before(account, "Somebody Else")
    assert not Voice.objects.exists() and not account.strikes.exists()


def test_a_minor_and_a_deceased_minor_are_refused_for_somebody_else():
    for alive in (True, False):
        with pytest.raises(refusals.NeverMinor):
            factories.entrusted_voice(alive=alive, adult=False)
    assert ForbiddenAttempt.objects.filter(section="3(b)").count() == 2


def test_a_voice_owner_of_17_years_and_364_days_ends_the_invitation_and_it_is_on_record():
    today = timezone.localdate()
    for days_to_go, voice in ((1, factories.entrusted_voice()), (0, factories.entrusted_voice())):
        born_on = policies.years_after(today + timedelta(days=days_to_go), -18)
        link = factories.invite(voice)
        if days_to_go:
            with pytest.raises(gate_refusals.OwnerBelow18):
                factories.grant(link, born_on=born_on)
        else:
            factories.grant(link, born_on=born_on)
    attempt = ForbiddenAttempt.objects.get()
    assert (attempt.rule, attempt.voice.status) == ("minor", Voice.Status.DELETED)


def test_answers_that_cannot_be_true_together_are_asked_again_and_are_no_violation():
    tomorrow = timezone.localdate() + timedelta(days=1)
    for said in ({"alive": False}, {"adult": False}, ended(None), ended(tomorrow)):
        with pytest.raises(refusals.DeclarationContradicts):
            factories.declared_voice(**said)
    assert not ForbiddenAttempt.objects.exists()


def test_who_keeps_trying_is_looked_at_once():
    account = factories.make_user()
    for _ in range(policies.CLOSE_LOOK + 1):
        with pytest.raises(refusals.NeverOffice):
            factories.declare(account, office="now")
    case = Case.objects.get(kind="accounts.conduct")
    assert case.about == account


def test_the_database_takes_no_declaration_that_the_rules_forbid():
    declaration = Declaration.objects.filter(voice=factories.declared_voice())
    for bad in ({"adult": False}, {"office": "now"}, ended(None), {"office_until": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            declaration.update(**bad)


def test_a_rejection_under_section_3_is_a_violation_until_an_appeal_finds_otherwise():
    voice = standins.voice_in_review()
    case = factories.decide(voice, "reject", section="3")
    attempt = ForbiddenAttempt.objects.get()
    decision = case.decisions.get()
    assert (attempt.rule, attempt.decision_id, attempt.voice) == ("decided", decision.pk, voice)
    never.take_back(decision.pk, actor=factories.moderator())
    assert not ForbiddenAttempt.objects.filter(taken_back_at=None).exists()
    other = standins.voice_in_review()
    factories.decide(other, "reject", section="4")
    assert ForbiddenAttempt.objects.count() == 1


# ---------------------------------------------------------------------------------------------------- two people


def handed_in(voice: Voice, seconds: float = 31.0) -> Case:
    """Take a voice through its gate with a stand-in for the engines; return the case that follows."""
    with standins.engines_replaced():
        while step := steps.next_step(voice):
            if step.key == "authorisation":
                papers.authorise(voice)
            elif step.key == "sample":
                services.hand_in_sample(voice, standins._file(seconds), actor=voice.account)
            elif step.key == "representations":
                factories.represent(voice)
            elif step.key == "permission":
                factories.grant(factories.invite(voice))
            elif step.key == "captcha":
                actor = factories.in_person(voice)
                services.answer_phrase(services.show_phrase(voice, actor=actor), standins._file(3.0), actor=actor)
            else:
                actor, today = factories.in_person(voice), timezone.localdate()
                services.hand_in_statement(voice, standins._file(3.0), on=today, actor=actor)
            jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REVIEW
    return Case.objects.about(voice).waiting().get()


def said(choice: str) -> dict[str, str]:
    return {"choice": choice, "section": "3", "reason": "The authorisation was verified with the notary."}


def deceased() -> Voice:
    return factories.entrusted_voice(alive=False)


def public_figure() -> Voice:
    return factories.entrusted_voice(public_figure=True)


def famous_self() -> Voice:
    return factories.declared_voice(public_figure=True)


@pytest.mark.parametrize(
    ("make", "taken"),
    [
        (deceased, ["authorisation", "sample", "representations"]),
        (public_figure, ["permission", "authorisation", "sample", "representations", "captcha", "statement"]),
        (famous_self, ["authorisation", "sample", "representations", "captcha", "statement"]),
    ],
)
def test_a_deceased_person_or_a_public_figure_goes_through_a_verified_document_and_two_moderators(make, taken):
    voice = make()
    assert [step.key for step in steps.of(voice)] == taken
    case, first, second = handed_in(voice), factories.moderator(), factories.moderator(role="senior moderator")
    moderation.claim(case, actor=first)
    with pytest.raises(ChoiceRefused):  # nobody approves it alone
        moderation.decide(case, actor=first, **{**said("approve"), "section": "4"})
    with pytest.raises(refusals.AuthorisationNotVerified):  # nor is it proposed before somebody has read the document
        moderation.decide(case, actor=first, **said("approve_authorised"))
    document = voice.documents.get()
    documents.verify_document(document, actor=first, reason="The notary confirms it.")
    moderation.decide(case, actor=first, **said("approve_authorised"))
    with pytest.raises(SecondPersonNeeded):
        moderation.approve(case, actor=first)
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REVIEW
    moderation.approve(case, actor=second)
    with standins.engines_replaced():
        jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE


def test_a_document_that_is_refused_in_the_meantime_stops_the_second_person():
    voice = deceased()
    case, first = handed_in(voice), factories.moderator()
    moderation.claim(case, actor=first)
    documents.verify_document(voice.documents.get(), actor=first, reason="It is good.")
    moderation.decide(case, actor=first, **said("approve_authorised"))
    documents.refuse_document(voice.documents.get(), actor=first, reason="The notary denies it.")
    with pytest.raises(refusals.AuthorisationNotVerified):
        moderation.approve(case, actor=factories.moderator(role="senior moderator"))
    assert Case.objects.get(pk=case.pk).status == Case.Status.PROPOSED


def test_another_authorisation_is_asked_for_and_comes_back_to_the_moderators():
    voice = deceased()
    handed_in(voice)
    factories.decide(voice, "again_authorisation", section="3", reason="The second page is missing.")
    voice.refresh_from_db()
    assert steps.next_step(voice).key == "authorisation"
    papers.authorise(voice, content=papers.pdf("both pages"))
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REVIEW
    with pytest.raises(ChoiceRefused):  # nobody is there to read a phrase
        factories.decide(voice, "again_captcha")


def test_an_ordinary_voice_needs_neither_and_is_offered_neither():
    voice = standins.voice_in_review()
    with pytest.raises(ChoiceRefused):
        factories.decide(voice, "approve_authorised", section="3")
    assert never.verdict_of(voice) == Verdict()


def test_a_voice_that_nobody_was_asked_about_is_not_approved():
    voice = standins.voice_in_review()
    Declaration.objects.filter(voice=voice).delete()
    with pytest.raises(refusals.DeclarationMissing):
        factories.decide(voice, "approve")


# ---------------------------------------------------------------------------------------------------- tiers


def test_premium_takes_ones_own_voice_only_whoever_agrees():
    with pytest.raises(refusals.PremiumOwnVoiceOnly):
        factories.entrusted_voice(tier="premium")
    assert not Voice.objects.exists() and not ForbiddenAttempt.objects.exists()
    voice = factories.entrusted_voice()
    with pytest.raises(IntegrityError), transaction.atomic():
        Voice.objects.filter(pk=voice.pk).update(tier="premium")


def test_premium_asks_for_two_to_five_minutes_and_takes_every_step():
    voice = factories.declared_voice(tier="premium")
    for seconds, refusal in ((119.0, gate_refusals.SampleTooShort), (306.0, gate_refusals.SampleTooLong)):
        with pytest.raises(refusal):
            services.hand_in_sample(voice, standins._file(seconds), actor=voice.account)
    case = handed_in(voice, seconds=121.0)
    assert [step.key for step in steps.of(voice)] == ["sample", "representations", "captcha", "statement"]
    assert voice.sample.seconds == pytest.approx(121.0, abs=0.1)
    moderator = factories.moderator()
    moderation.claim(case, actor=moderator)
    moderation.decide(case, choice="approve", section="4", reason="It is theirs.", actor=moderator)
    with standins.engines_replaced():
        jobs.drain()
        (samples,) = engines.speech().enrol.call_args.args
    assert sum(sample.seconds for sample in samples) == pytest.approx(121.0, abs=0.1)
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE


# ---------------------------------------------------------------------------------------------------- pages


def filled(**other: str) -> dict[str, str]:
    return {
        "whose": "third_party",
        "tier": "instant",
        "name": "Her voice",
        "owner_name": "Orla Quist",
        "alive": "yes",
        "adult": "yes",
        "office": "never",
        "public_figure": "no",
        "purpose": "A book about gardens.",
        "forbidden_use": "no",
    } | other


def test_every_question_is_asked_and_none_is_answered_beforehand(client):
    client.force_login(factories.make_user(full_name="Carol Cooper"))
    page = client.post(reverse("consent:declare"), {"name": ""}).content.decode()
    for missing in (
        "whose voice",
        "is alive",
        "is 18 or over",
        "holds or held an office",
        "would recognise",
        "used for",
    ):
        assert missing in page
    assert client.get(reverse("consent:declare")).content.decode().count(" checked") == 1  # the tier, and no answer
    ended_when = client.post(reverse("consent:declare"), filled(office="ended")).content.decode()
    assert "Give the day" in ended_when
    assert not Voice.objects.exists()


def test_the_page_refuses_in_words_and_keeps_what_was_typed(client):
    client.force_login(factories.make_user(full_name="Carol Cooper"))
    for given, code, status in (
        ({"office": "now"}, "never_office", 403),
        ({"adult": "no"}, "never_minor", 403),
        ({"forbidden_use": "yes"}, "never_forbidden_use", 403),
        ({"tier": "premium"}, "premium_own_voice_only", 403),
    ):
        answer = client.post(reverse("consent:declare"), filled(**given))
        assert answer.status_code == status
        assert f'data-code="{code}"' in answer.content.decode() and "Orla Quist" in answer.content.decode()
    assert ForbiddenAttempt.objects.count() == 3


def test_a_deceased_persons_voice_from_the_declaration_to_the_desk_as_people_see_it(client):
    account = factories.make_user(full_name="Carol Cooper")
    client.force_login(account)
    answer = client.post(reverse("consent:declare"), filled(alive="no"), follow=True)
    voice = Voice.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("consent:authorisation", args=[voice.pk])
    assert "The estate’s authorisation" in answer.content.decode()
    form = {"signer": "Dora Quist", "signed_on": "2026-01-05"}
    broken = client.post(answer.redirect_chain[-1][0], form | {"file": io.BytesIO(b"<html>")})
    assert broken.status_code == 415 and "This is no PDF, PNG or JPEG." in broken.content.decode()
    answer = client.post(answer.redirect_chain[-1][0], form | {"file": io.BytesIO(papers.pdf())}, follow=True)
    assert "A recording of Orla Quist" in answer.content.decode()
    case, first = handed_in(voice), factories.moderator()
    desk, change = type(client)(), reverse("admin:moderation_case_change", args=[case.pk])
    desk.force_login(first)
    document = voice.documents.get()
    judge_url = reverse("admin:consent_document_judge", args=[document.pk])
    desk.post(judge_url, {"reason": "It is good.", "verify": ""})  # nobody holds the case yet
    document.refresh_from_db()
    assert document.status == "received"
    moderation.claim(case, actor=first)
    page = desk.get(change).content.decode()
    assert "A deceased person (section 3(c)): a verified authorisation, and two moderators" in page
    assert "Dora Quist" in page and "A book about gardens." in page
    assert (
        'value="approve_authorised"' in page and 'value="approve"' not in page and 'value="again_captcha"' not in page
    )
    desk.post(judge_url, {"reason": "The notary confirms it.", "verify": ""})
    document.refresh_from_db()
    assert (document.status, document.judged_by) == ("verified", first)
    desk.post(
        reverse("admin:moderation_case_decide", args=[case.pk]),
        {**said("approve_authorised"), "seen": moderation.seen_now()},
    )
    second = type(client)()
    second.force_login(factories.moderator(role="senior moderator"))
    second.post(
        reverse("admin:moderation_case_second", args=[case.pk]),
        {"seen": moderation.seen_now(), "reason": "", "approve": ""},
    )
    voice.refresh_from_db()
    assert voice.status == Voice.Status.BUILDING


def test_moderators_see_what_was_tried_and_nobody_the_name(client):
    account = factories.make_user(full_name="Orla Quist")
    with pytest.raises(refusals.NeverOffice):
        factories.declare(account, office="now")
    voice = standins.voice_in_review(account)
    case, reader = Case.objects.about(voice).waiting().get(), factories.moderator()
    client.force_login(reader)
    page = client.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    assert "refused before for somebody of the same name" in page and "(section 3(d))" in page
    listed = client.get(reverse("admin:consent_forbiddenattempt_changelist")).content.decode()
    assert "3(d)" in listed and "Orla" not in listed


def test_what_was_declared_and_refused_is_sealed_under_keys_that_a_withdrawal_leaves():
    voice = standins.voice_in_review()
    declaration = Declaration.objects.get(voice=voice)
    assert b"book" not in bytes(declaration.purpose)
    services.withdraw(voice, actor=voice.account, reason="So")
    standins.drain()
    assert never.purpose_of(declaration) == "To read my book aloud."
    assert DataKey.objects.filter(owner=declaration.vault_owner, destroyed_at=None).exists()
