"""What moderators decide about an account does what it says, for voices and outputs too; an appeal can undo it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import sanctions, services
from accounts.models import Sanction, Status, User
from moderation import figures
from moderation import services as moderation
from moderation.models import Case, Decision, PolicySection, StatementOfReasons
from synthesis import services as synthesis
from takedowns import cascade, conduct
from takedowns.models import PoliceReferral, Revocation
from tests import factories, standins
from tests.accounts.factories import make_user
from velluto import vault
from velluto.vault.models import VaultObject
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def account(db) -> User:
    return make_user("anna@example.org")


def decided(account: User, choice: str) -> Decision:
    """Have moderators decide, two of them where it is grave."""
    case = conduct.question(account, title="What an account did", reason="for the test")
    first = factories.moderator()
    moderation.claim(case, actor=first)
    moderation.decide(case, choice=choice, section="9", reason="It broke the rules.", actor=first)
    if Case.objects.get(pk=case.pk).status == Case.Status.PROPOSED:
        assert User.objects.get(pk=account.pk).status == Status.ACTIVE
        moderation.approve(case, actor=factories.moderator(role="senior moderator"), reason="I agree.")
    standins.drain()
    account.refresh_from_db()
    return case.decisions.get(status=Decision.Status.MADE)


def overturned(account: User) -> None:
    """Appeal by the link of the last mail, as the person does, and have somebody else overturn the decision."""
    link = next(re.search(r"http\S+/appeals/\S+", letter.body)[0] for letter in reversed(mail.outbox))
    path = link.partition("localhost:8000")[2]
    assert Client().post(path, {"words": "It was not me."})["Location"] == path
    case = Case.objects.waiting().get(kind="moderation.appeal")
    other = factories.moderator()
    moderation.claim(case, actor=other)
    moderation.decide(case, choice="overturn", section="9", reason="It was not.", actor=other)
    account.refresh_from_db()


def test_a_warning_is_a_strike_and_an_appeal_takes_it_back(account):
    decided(account, "warn")
    assert account.strikes.in_force(at=timezone.now()).get().section == "9"
    assert account.status == Status.ACTIVE
    overturned(account)
    assert not account.strikes.in_force(at=timezone.now()).exists()


@pytest.mark.parametrize("days", [7, 30])
def test_a_suspension_lasts_as_long_as_it_says_and_an_appeal_lifts_it(account, days: int):
    decision = decided(account, f"suspend_{days}")
    sanction = Sanction.objects.get()
    assert sanction.ends_at - sanction.starts_at == timedelta(days=days)
    assert sanction.decision_id == decision.pk
    client = Client()
    client.force_login(account)
    page = client.get("/account/standing/").content.decode()
    assert "It broke the rules." in page
    assert "/appeals/" in page
    overturned(account)
    assert account.status == Status.ACTIVE
    assert "It broke the rules." not in client.get("/account/standing/").content.decode()


def test_a_termination_needs_two_people_and_deletes_voices_and_outputs_at_once(account):
    voice = standins.active_voice(account)
    speech = standins.spoken(voice)
    waiting = standins.asked(voice)
    decided(account, "terminate")
    assert account.status == Status.TERMINATED
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    assert voice.revocation.by == Revocation.By.SANCTION
    assert voice.revocation.status == Revocation.Status.DONE
    speech.output.refresh_from_db()
    assert speech.output.deleted_at is not None
    waiting.refresh_from_db()
    assert waiting.error_code == "consent_ended"
    assert not VaultObject.objects.exists()
    letters = [letter for letter in mail.outbox if "account is closed" in letter.subject]
    assert [letter.to for letter in letters] == [[account.email]]
    assert "/appeals/" in letters[0].body
    fields = StatementOfReasons.objects.get(decision__choice="terminate").fields
    assert fields["decision_account"] == "DECISION_ACCOUNT_TERMINATED"


def test_outputs_of_a_voice_that_was_withdrawn_before_go_with_a_termination_too(account):
    from takedowns import services as takedowns

    voice = standins.active_voice(account)
    speech = standins.spoken(voice)
    takedowns.revoke(voice, by="voice_owner", actor=account, reason="changed my mind")
    standins.drain()
    decided(account, "terminate")
    speech.output.refresh_from_db()
    assert speech.output.deleted_at is not None


def test_an_overturned_termination_opens_the_account_with_its_credits(account):
    services.grant(account, 500, kind="purchase", reference="order", actor=make_user(), reason="paid")
    before = services.balance(account)
    decided(account, "terminate_forfeit")
    assert (account.status, services.balance(account)) == (Status.TERMINATED, 0)
    overturned(account)
    assert (account.status, services.balance(account)) == (Status.ACTIVE, before)
    assert not Sanction.objects.filter(lifted_at=None).exists()


def test_a_termination_that_was_lifted_before_its_job_ran_destroys_nothing(account):
    voice = standins.active_voice(account)
    sanction = sanctions.terminate(account, section="9", reason="So", actor=make_user())
    sanctions.lift(sanction, actor=make_user(), reason="it was wrong")
    standins.drain()
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.ACTIVE


def test_a_referral_lists_records_without_content_holds_them_and_tells_nobody(account):
    voice = standins.active_voice(account)
    speech = standins.spoken(voice, "Words that were said.")
    mail.outbox.clear()
    decided(account, "police")
    referral = PoliceReferral.objects.get()
    assert referral.facts["voices"] == [str(voice.pk)]
    assert referral.facts["outputs"][0]["sha256"] == speech.output.sha256
    assert {entry["sha256"] for entry in referral.facts["recordings"]} == set(
        voice.recordings.values_list("sha256", flat=True)
    )
    for secret in ("Words", account.email, account.full_name, voice.owner.name):
        assert secret not in str(referral.facts)
    assert mail.outbox == []
    assert not StatementOfReasons.objects.filter(decision__choice="police").exists()
    client = Client()
    client.force_login(account)
    assert "police" not in client.get("/account/standing/").content.decode().lower()


def test_under_a_legal_hold_all_falls_silent_and_is_closed_but_nothing_is_destroyed_until_it_is_lifted(account):
    voice = standins.active_voice(account)
    speech = standins.spoken(voice)
    decided(account, "police")
    decided(account, "terminate")
    later = timezone.now() + timedelta(days=60)
    synthesis.sweep_outputs(at=later)
    revocation = Revocation.objects.get()
    assert not cascade.go_on(revocation, at=later)
    voice.refresh_from_db()
    assert voice.status == Voice.Status.DELETED
    output = type(speech.output).objects.get(pk=speech.output.pk)
    with pytest.raises(synthesis.refusals.OutputDeleted):
        synthesis.open_output(output, actor=account)
    recording = voice.recordings.first()
    assert vault.read(recording.object, owner=voice.owner.vault_owner, purpose=recording.vault_purpose)

    hold = Sanction.objects.get(kind=Sanction.Kind.HOLD)
    sanctions.lift(hold, actor=make_user(), reason="the court is done")
    assert cascade.go_on(Revocation.objects.get(), at=later)
    assert synthesis.sweep_outputs(at=later) == 1
    assert not VaultObject.objects.exists()


def test_a_return_stands_before_a_moderator_and_the_dossier_names_the_former_account(account, settings):
    settings.ADMIN_REQUIRES_MFA = False
    sanctions.terminate(account, section="9", reason="So", actor=make_user())
    again = make_user("anna+again@example.org")
    standins.drain()
    case = Case.objects.about(again).get()
    assert (case.kind, case.severity) == (conduct.KIND, Case.Severity.RAISED)
    client = Client()
    client.force_login(factories.moderator())
    page = client.get(f"/admin/moderation/case/{case.pk}/change/").content.decode()
    assert str(account.pk) in page


def test_staff_who_may_decide_ask_about_an_account_in_the_admin(account, settings):
    settings.ADMIN_REQUIRES_MFA = False
    for role, cases in (("auditor", 0), ("moderator", 1)):
        client = Client()
        client.force_login(factories.moderator(role=role))
        client.post("/admin/accounts/user/", {"action": "ask_about_conduct", "_selected_action": str(account.pk)})
        assert Case.objects.filter(kind=conduct.KIND).count() == cases


def test_no_violation_changes_nothing_and_the_person_is_told(account):
    decided(account, "nothing")
    assert account.status == Status.ACTIVE
    assert not Sanction.objects.exists() and not account.strikes.exists()
    assert "question about your account is closed" in mail.outbox[-1].subject


def test_each_choice_says_beforehand_what_it_will_do(account):
    case = conduct.question(account, title="What an account did", reason="for the test")
    senior = factories.moderator(role="senior moderator")
    grave = {"terminate", "terminate_forfeit", "police"}
    from moderation import registry

    for choice in registry.question(conduct.KIND).choices:
        preview = moderation.preview(case, choice=choice.code, section="9", reason="So", actor=senior)
        assert preview.effects and all(preview.effects)
        assert preview.needs_second == (choice.code in grave)
        assert (preview.statement is None) == (choice.code in ("police", "hold"))


def test_a_hold_for_legal_process_keeps_everything_and_tells_nobody(account):
    voice = standins.active_voice(account)
    speech = standins.spoken(voice)
    mail.outbox.clear()
    decided(account, "hold")
    assert account.status == Status.ACTIVE and account.pk in set(sanctions.on_hold().values_list("account", flat=True))
    decided(account, "terminate")
    speech.output.refresh_from_db()
    assert speech.output.deleted_at is None
    assert not [letter for letter in mail.outbox if "hold" in letter.body.lower()]
    client = Client()
    client.force_login(account)
    assert "hold" not in client.get("/account/standing/").content.decode().lower()


def test_a_public_notice_is_a_line_of_the_report_without_a_name_and_leaves_it_when_it_is_lifted(account):
    today = timezone.localdate()

    def line() -> dict[str, int]:
        (table,) = [one for one in figures.tables(figures.Period(today, today)) if one.code == "notices"]
        assert account.email not in str(table) and str(account.pk) not in str(table)
        return dict(table.rows)

    decided(account, "publish")
    assert line() == {str(PolicySection.objects.get(pk="9")): 1}
    assert "names neither you nor your account" in mail.outbox[-1].body and "/appeals/" in mail.outbox[-1].body
    overturned(account)
    assert line() == {}
