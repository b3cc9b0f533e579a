"""A takedown notice: taken whole or not at all, believed by a rule, decided by people, and told to both sides."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import Sanction
from consent.refusals import ConsentEnded
from moderation import services as moderation
from moderation.models import Appeal, Case, NoGoEntry, StatementOfReasons
from moderation.nogo_index import names_of
from synthesis import services as synthesis
from synthesis.models import Output
from takedowns.deadlines import services as deadlines
from takedowns.models import Claim, Deadline, Notice, NoticeFile, NoticeQuestion, NotifierBar, PoliceReferral
from takedowns.notices import links, policies, refusals, services
from tests import factories, standins
from tests.moderation.reported import detected, speaking_voice
from tests.takedowns.notified import about, case_of, claimant, credible, decide, give, print_of, with_print
from velluto import vault
from velluto.audit.models import AuditEvent
from velluto.errors import Refusal
from voices import likeness
from voices import services as voices
from voices.models import Voice
from voices.refusals import VoiceUnknown

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
RECEIVED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def voice(db) -> Voice:
    return speaking_voice()


def status_of(voice: Voice) -> str:
    return Voice.objects.get(pk=voice.pk).status


def letters(*, to: str) -> list[str]:
    standins.drain()
    return [letter.body for letter in mail.outbox if letter.to == [to]]


# ---------------------------------------------------------------------------------------------------- what is sworn


def test_the_sworn_statement_is_the_policys_word_for_word():
    text = give().attestation.text
    assert text == (
        "I have a good-faith belief that I am the Voice Owner of the voice identified, and the use of my voice through "
        "Velluto has not been authorised by me."
    )


def test_what_was_sworn_is_kept_with_its_version_digest_time_and_place():
    notice = give(at=RECEIVED)
    assert (notice.attestation.version, notice.text_sha256) == ("2026-06-04", notice.attestation.sha256)
    assert (notice.sworn_at, notice.ip_address, notice.user_agent) == (RECEIVED, "192.0.2.5", "a phone")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"sworn": False}, refusals.NoticeNotSworn),
        ({"signature": "Somebody Else"}, refusals.NoticeNotSworn),
        ({"shown_sha256": "0" * 64}, refusals.NoticeTextChanged),
        ({"description": " "}, refusals.NoticeIncomplete),
        ({"capacity": "representative"}, refusals.NoticeIncomplete),
        ({"capacity": "representative", "represented": "Emil Ek"}, refusals.NoticeWithoutProof),
    ],
)
def test_without_any_of_what_it_needs_there_is_no_notice(wrong, refusal):
    with pytest.raises(refusal):
        give(**wrong)
    assert not Notice.objects.exists()
    assert not Deadline.objects.exists()


def test_who_acts_for_somebody_attaches_proof_and_swears_words_of_their_own():
    key = uuid4()
    services.keep_file(key, kind="proof", content=io.BytesIO(PDF), address="192.0.2.5", at=timezone.now())
    notice = give(key=key, capacity="representative", represented="Emil Ek")
    assert "the person I represent" in notice.attestation.text
    kept = NoticeFile.objects.get(notice_id=notice.pk)
    assert (kept.content_type, services.file_bytes(kept)) == ("application/pdf", PDF)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"<html><script>alert(1)</script>",
        PDF[:20],
        PDF.replace(b"<<>>", b"<</OpenAction<</S/JavaScript/JS(app.alert)>>>>"),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR cut off",
        b"\xff\xd8\xff\xe0 cut off",
    ],
)
def test_a_document_is_known_by_its_content(content: bytes):
    with pytest.raises(refusals.DocumentRefused):
        services.keep_file(uuid4(), kind="proof", content=io.BytesIO(content), address="192.0.2.5", at=timezone.now())
    assert not NoticeFile.objects.exists()


def test_nothing_that_was_written_lies_open():
    key = uuid4()
    services.keep_file(key, kind="proof", content=io.BytesIO(PDF), address="192.0.2.5", at=timezone.now())
    notice = give(key=key, capacity="representative", represented="Emil Ek", phone="+4912345")
    row = " ".join(str(value) for value in Notice.objects.filter(pk=notice.pk).values()[0].values())
    assert not any(word in row for word in ("Dora", "dora@", "Emil", "+4912345", "bank"))
    assert services.details_of(notice).represented == "Emil Ek"
    vault.destroy(notice.vault_owner, actor=None, reason="the test")
    vault.finish(notice.vault_owner)
    with pytest.raises(vault.KeyDestroyed):
        services.details_of(notice)


# ---------------------------------------------------------------------------------------------------- sent twice


def test_what_is_sent_twice_is_one_notice(voice):
    key = uuid4()
    assert about(voice, key=key).pk == about(voice, key=key).pk
    assert Notice.objects.count() == 1
    assert Case.objects.waiting().count() == 1
    with pytest.raises(refusals.NoticeExists):
        give(key=key, email="else@example.org")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_what_is_sent_four_times_at_once_is_one_notice():
    voice, key = speaking_voice(), uuid4()

    def send(_: int) -> object:
        try:
            return about(voice, key=key).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as people:
        assert set(people.map(send, range(4))) == {key}
    assert Claim.objects.count() == Case.objects.waiting().count() == 1


def test_files_of_a_form_that_never_became_a_notice_are_forgotten():
    services.keep_file(uuid4(), kind="proof", content=io.BytesIO(PDF), address="192.0.2.5", at=RECEIVED)
    assert services.forget_files(at=RECEIVED + timedelta(hours=23)) == 0
    assert services.forget_files(at=RECEIVED + timedelta(hours=25)) == 1
    assert not NoticeFile.objects.exists()


def test_more_than_a_days_notices_are_refused(settings):
    settings.NOTICES_PER_DAY = 2
    give()
    give(email="other@example.org")
    with pytest.raises(refusals.NoticesTooMany):
        give(email="third@example.org")
    give(email="elsewhere@example.org", address="198.51.100.7")


# ---------------------------------------------------------------------------------------------------- the rule

F = policies.Facts


@pytest.mark.parametrize(
    ("facts", "credible", "why"),
    [
        (F("named"), False, "unconfirmed"),
        (F("named", confirmed=True), True, "confirmed"),
        (F("output", confirmed=True), True, "confirmed"),
        (F("named", trusted=True), True, "trusted"),
        (F("owner", confirmed=True), False, "vague"),
        (F("account", trusted=True, confirmed=True), False, "vague"),
        (F("catalogue", confirmed=True), False, "published"),
        (F("catalogue", trusted=True), True, "trusted"),
        (F("voice", score=0.8), True, "voice"),
        (F("voice", score=0.79, confirmed=True), False, "vague"),
        (F("named", score=0.9, confirmed=True, sworn=False), False, "not_sworn"),
        (F("named", score=0.99, confirmed=True, trusted=True, barred=True), False, "barred"),
        (F("named", confirmed=True, rejected=2, upheld=1), False, "doubted"),
        (F("named", confirmed=True, rejected=2, upheld=2), True, "confirmed"),
    ],
)
def test_what_is_credible(facts, credible: bool, why: str):
    assert policies.credible(facts) == policies.Verdict(credible, why)
    assert why in policies.WHY


# ---------------------------------------------------------------------------------------------------- suspension


def test_a_trusted_notifiers_notice_suspends_the_voice_in_the_transaction_that_takes_it(voice):
    flagger = claimant()
    flagger.groups.add(Group.objects.get_or_create(name="trusted notifier")[0])
    notice = about(voice, account=flagger)
    assert status_of(voice) == Voice.Status.SUSPENDED
    assert notice.claims.get().suspended_at == notice.received_at


def test_the_notice_and_the_suspension_are_one_transaction(voice, monkeypatch):
    flagger = claimant()
    flagger.groups.add(Group.objects.get_or_create(name="trusted notifier")[0])

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(voices, "suspend", fail)
    with pytest.raises(RuntimeError):
        about(voice, account=flagger)
    assert not Notice.objects.exists()


def test_a_notice_is_credible_once_its_address_answers(voice):
    notice = about(voice)
    assert status_of(voice) == Voice.Status.ACTIVE
    services.confirm(notice)
    assert status_of(voice) == Voice.Status.SUSPENDED
    services.confirm(notice)
    assert AuditEvent.objects.filter(event="takedowns.claim.held").count() == 1


def test_a_recording_that_the_detector_knew_leads_to_the_voice(voice):
    reference = detected(voice)
    notice = give(links=f"https://velluto.example/detector/{reference.partition('.')[0]}/")
    services.confirm(notice)
    assert notice.claims.get().how == policies.OUTPUT
    assert status_of(voice) == Voice.Status.SUSPENDED


def test_a_suspended_voice_speaks_for_nobody_it_was_shared_with_either(voice):
    friend = factories.make_user("friend@example.org")
    voices.share(voice, email=friend.email, agreed=True, actor=voice.account)
    waiting = synthesis.request_speech(account=voice.account, voice=voice, text="Something to say.")
    credible(voice)
    for account in (voice.account, friend):
        with pytest.raises((ConsentEnded, VoiceUnknown)):
            synthesis.request_speech(account=account, voice=Voice.objects.get(pk=voice.pk), text="More.")
    standins.drain()
    waiting.refresh_from_db()
    assert waiting.status == "failed"
    assert not Output.objects.exists()


def test_the_claimants_voice_finds_the_clone_and_suspends_it(voice):
    with_print(voice, print_of(1, 0.1, 0))
    other = with_print(speaking_voice(), print_of(0, 1, 0))
    similar = with_print(speaking_voice(), print_of(1, 0.9, 0))
    notice = give()
    assert case_of(notice).kind == "takedowns.unplaced"
    mine = print_of(1, 0, 0)
    near = likeness.find(mine, limit=9, threshold=policies.VOICE_LOOK)
    services.examined(notice, voiceprint=mine, unusable=False, alike={one.voice_id: one.score for one in near})
    assert status_of(voice) == Voice.Status.SUSPENDED
    assert status_of(other) == status_of(similar) == Voice.Status.ACTIVE
    assert {claim.voice_id: claim.status for claim in notice.claims.all()} == {
        voice.pk: Claim.Status.OPEN,
        similar.pk: Claim.Status.CANDIDATE,
    }
    assert not Case.objects.about(notice).waiting().exists()
    assert (services.voiceprint_of(Notice.objects.get()).vector == mine.vector).all()


def test_a_voice_that_was_not_ready_is_held_once_it_could_speak():
    voice = factories.declared_voice()
    claim = credible(voice)
    assert (claim.credible, claim.suspended_at) == (True, None)
    ready = speaking_voice()
    Claim.objects.filter(pk=claim.pk).update(voice=ready)
    assert services.keep_held() == 1
    assert services.keep_held() == 0
    assert status_of(ready) == Voice.Status.SUSPENDED


def test_a_barred_notifier_suspends_nothing(voice):
    NotifierBar.objects.create(
        notifier=about(speaking_voice()).notifier,
        decision_id=uuid4(),
        barred_at=timezone.now(),
        until=timezone.now() + timedelta(days=1),
    )
    assert not credible(voice).credible
    assert status_of(voice) == Voice.Status.ACTIVE
    assert case_of(Claim.objects.get(voice=voice)).credibility <= 10


def test_a_guess_by_a_persons_name_is_a_candidate_that_a_moderator_takes_up(voice):
    notice = give(name=voice.owner.name, signature=voice.owner.name)
    claim = notice.claims.get()
    assert claim.status == Claim.Status.CANDIDATE
    assert case_of(notice).kind == "takedowns.unplaced"
    services.take_up(claim, actor=factories.moderator())
    assert case_of(claim).about == voice.account
    assert not Case.objects.about(notice).waiting().exists()


# ---------------------------------------------------------------------------------------------------- the clocks


def test_a_notice_starts_its_clocks_at_receipt(voice):
    notice = about(voice, at=RECEIVED)
    assert {clock.kind: clock.due_at - RECEIVED for clock in Deadline.objects.of(notice)} == {
        "acknowledge": timedelta(hours=72),
        "resolve": timedelta(days=30),
    }
    grave = about(speaking_voice(), harm="intimate", at=RECEIVED)
    assert Deadline.objects.of(grave).get(kind="intimate").due_at == RECEIVED + timedelta(hours=48)
    assert case_of(grave.claims.get()).due_at == RECEIVED + timedelta(hours=48)


def test_once_it_is_acknowledged_a_case_is_due_when_the_next_clock_ends(voice):
    notice = about(voice, at=RECEIVED)
    assert case_of(notice.claims.get()).due_at == RECEIVED + timedelta(hours=72)
    services.acknowledge(notice, actor=factories.moderator(), at=RECEIVED + timedelta(hours=1))
    assert case_of(notice.claims.get()).due_at == RECEIVED + timedelta(days=30)


@pytest.mark.parametrize(("late", "breaches"), [(timedelta(minutes=-1), 0), (timedelta(minutes=1), 1)])
def test_a_notice_that_is_acknowledged_a_minute_too_late_is_a_breach(voice, late, breaches: int):
    notice = about(voice, at=RECEIVED)
    services.acknowledge(notice, actor=factories.moderator(), at=RECEIVED + timedelta(hours=72) + late)
    deadlines.sweep(at=RECEIVED + timedelta(hours=80))
    assert AuditEvent.objects.filter(event="takedowns.deadline.breached").count() == breaches
    assert (Deadline.objects.of(notice).get(kind="acknowledge").breached_at is not None) == bool(breaches)


def test_on_day_thirty_the_clock_is_still_met_and_a_minute_later_it_is_not(voice):
    due = RECEIVED + timedelta(days=30)
    first, second = credible(voice, at=RECEIVED), credible(speaking_voice(), at=RECEIVED)
    decide(first, "reject", at=due)
    deadlines.sweep(at=due + timedelta(minutes=1))
    assert Deadline.objects.of(first.notice).get(kind="resolve").breached_at is None
    assert Deadline.objects.of(second.notice).get(kind="resolve").breached_at == due + timedelta(minutes=1)


def test_a_silent_claimant_stops_no_clock_and_is_decided_about_on_what_there_is(voice):
    claim = credible(voice, at=RECEIVED)
    decide(claim, "ask", at=RECEIVED + timedelta(days=25), reason="Which film did you speak in?")
    asked = NoticeQuestion.objects.get()
    assert asked.answer_until == RECEIVED + timedelta(days=28)  # two days before the clock runs out
    assert not Case.objects.about(claim).waiting().exists()
    assert services.go_on_without(at=asked.answer_until) == 0
    assert services.go_on_without(at=asked.answer_until + timedelta(seconds=1)) == 1
    assert services.go_on_without(at=asked.answer_until + timedelta(hours=1)) == 0
    assert case_of(claim).due_at == RECEIVED + timedelta(days=30)
    assert Deadline.objects.of(claim.notice).get(kind="resolve").due_at == RECEIVED + timedelta(days=30)


def test_an_answer_brings_the_case_back_with_what_was_asked(voice):
    claim = credible(voice)
    decide(claim, "ask", reason="Which film did you speak in?")
    assert "Which film" in letters(to="dora@example.org")[-1]
    with pytest.raises(refusals.WordsMissing):
        services.answer(claim.notice, text=" ")
    services.answer(claim.notice, text="In none.")
    assert case_of(claim)
    with pytest.raises(refusals.NoQuestionOpen):
        services.answer(claim.notice, text="In none, I say.")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_those_who_touch_a_notice_at_once_wait_for_nobody_who_waits_for_them():
    voice = speaking_voice()
    claim = credible(voice, at=RECEIVED)
    other = about(speaking_voice(), at=RECEIVED)
    moderator, case = factories.moderator(), case_of(claim)
    acts = [
        lambda: moderation.claim(case, actor=moderator),
        lambda: services.acknowledge(claim.notice, actor=moderator),
        lambda: deadlines.sweep(at=RECEIVED + timedelta(days=31)),
        lambda: services.counter(claim, text="He said yes.", actor=voice.account, at=RECEIVED),
        lambda: services.examined(claim.notice, voiceprint=None, unusable=False, alike={}),
        lambda: services.confirm(other),
        lambda: services.withdraw(other),
        services.keep_held,
    ]

    def do(act) -> None:
        try:
            act()
        finally:
            connections.close_all()

    for _ in range(5):
        with ThreadPoolExecutor(len(acts)) as people:
            for one in [people.submit(do, act) for act in acts]:
                failed = one.exception(60)
                assert failed is None or isinstance(failed, Refusal), failed
    assert AuditEvent.objects.filter(event="takedowns.deadline.breached").count() <= 4


# ---------------------------------------------------------------------------------------------------- decided


def test_upheld_the_voice_ends_and_both_sides_are_told(voice):
    speech = standins.spoken(voice)
    claim = credible(voice)
    decide(claim, "uphold")
    standins.drain()
    voice.refresh_from_db()
    assert (voice.status, voice.revocation.by) == (Voice.Status.DELETED, "staff")
    assert (claim.status, Notice.objects.get().status) == ("upheld", "resolved")
    assert Output.objects.get(request=speech).delete_after > timezone.now() + timedelta(days=29)
    assert not Deadline.objects.running().exists()
    statement = StatementOfReasons.objects.get()
    assert statement.recipient == voice.account
    assert statement.fields["source_type"] == "SOURCE_ARTICLE_16"
    assert "/appeals/" in statement.body
    assert "Dora" not in statement.body
    assert "you were right" in letters(to="dora@example.org")[-1]


def test_where_harm_was_done_what_the_voice_said_goes_at_once(voice):
    standins.spoken(voice)
    claim = credible(voice, harm="intimate")
    decide(claim, "uphold")
    synthesis.sweep_outputs(at=timezone.now() + timedelta(seconds=1))
    assert Output.objects.get().deleted_at is not None


def test_rejected_the_voice_speaks_again_and_the_claimant_may_appeal_once_to_somebody_else(voice):
    claim = credible(voice)
    first = factories.moderator()
    decide(claim, "reject", actor=first)
    assert status_of(voice) == Voice.Status.ACTIVE
    link = re.search(r"http\S+/appeals/\S+", letters(to="dora@example.org")[-1])[0]
    assert Client().post(link.partition("localhost:8000")[2], {"words": "It is me."}).status_code == 302
    decide(Appeal.objects.get(), "overturn")
    claim.refresh_from_db()
    assert (claim.status, Notice.objects.get().status) == ("open", "open")
    assert case_of(claim).barred.filter(pk=first.pk).exists()
    assert "looks at your notice again" in letters(to="dora@example.org")[-1]


def test_a_voice_that_something_else_holds_stays_suspended(voice):
    first, second = credible(voice), credible(voice, email="emil@example.org", name="Emil Ek", signature="Emil Ek")
    decide(first, "reject")
    assert status_of(voice) == Voice.Status.SUSPENDED
    decide(second, "reject")
    assert status_of(voice) == Voice.Status.ACTIVE


def test_upheld_with_listing_nobody_may_clone_the_person_again_and_an_appeal_takes_that_back(voice):
    claim = credible(voice)
    services.examined(claim.notice, voiceprint=print_of(1, 0), unusable=False, alike={})
    decide(claim, "uphold_list")
    entry = NoGoEntry.objects.get()
    assert (names_of(entry), entry.source, entry.voiceprints.count()) == (["Dora Dean"], "notice", 1)
    body = StatementOfReasons.objects.latest("composed_at").body
    link = re.search(r"/appeals/\S+", body)[0]
    assert Client().post(link, {"words": "It was mine."}).status_code == 302
    decide(Appeal.objects.get(), "overturn")
    claim.refresh_from_db()
    entry.refresh_from_db()
    assert (claim.status, entry.status, status_of(voice)) == ("reversed", "retired", "deleted")


def test_notices_that_are_upheld_again_feed_the_list_and_ask_about_the_account(voice):
    decide(credible(voice), "uphold")
    assert not NoGoEntry.objects.exists()
    again = factories.declared_voice(voice.account, name="Another")
    decide(credible(again), "uphold")
    assert NoGoEntry.objects.get().source == "abuse"
    assert Case.objects.about(voice.account).waiting().get().kind == "accounts.conduct"


@pytest.mark.parametrize("harm", sorted(policies.GRAVE))
def test_a_grave_notice_opens_a_draft_for_the_police_that_a_decision_makes_or_drops(voice, harm: str):
    claim = credible(voice, harm=harm)
    draft = PoliceReferral.objects.get()
    assert (draft.status, draft.account, draft.notice) == ("draft", voice.account, claim.notice)
    decide(claim, "reject")
    draft.refresh_from_db()
    assert draft.status == "dropped"


def test_referred_to_the_police_the_records_are_held_and_the_person_is_not_told(voice):
    claim = credible(voice, harm="fraud")
    decide(claim, "uphold_police")
    referral = PoliceReferral.objects.get()
    assert (referral.status, referral.facts["account"]) == ("made", str(voice.account_id))
    assert Sanction.objects.filter(account=voice.account, kind=Sanction.Kind.HOLD).exists()
    standins.drain()
    assert voice.recordings.count() == Voice.objects.get(pk=voice.pk).recordings.count()
    assert not any("olice" in letter for letter in letters(to=voice.account.email))


def test_a_harmless_notice_opens_no_draft(voice):
    credible(voice)
    assert not PoliceReferral.objects.exists()


def test_a_notifier_is_barred_only_after_warnings_for_a_time_and_an_appeal_lifts_it(voice):
    for _ in range(2):
        claim = credible(speaking_voice())
        with pytest.raises(refusals.NotifierNotWarned):
            decide(claim, "bar")
        moderator = Case.objects.about(claim).get().claimed_by
        decide(claim, "reject", actor=moderator)
        assert "barred from having voices suspended" in letters(to="dora@example.org")[-1]
    claim = credible(voice)
    assert not claim.credible  # doubted by now
    decide(claim, "bar")
    barred = NotifierBar.objects.get()
    assert barred.until - barred.barred_at == policies.BARRED_FOR
    assert Claim.objects.get(pk=claim.pk).status == Claim.Status.REJECTED
    link = re.findall(r"/appeals/\S+", letters(to="dora@example.org")[-1])[0]
    assert Client().post(link, {"words": "It is me."}).status_code == 302
    decide(Appeal.objects.get(), "overturn")
    barred.refresh_from_db()
    assert barred.lifted_at is not None


def test_no_voice_found_is_told_and_may_be_questioned():
    notice = give()
    decide(notice, "none_found", reason="No voice here sounds like you.")
    assert notice.status == Notice.Status.RESOLVED
    assert "No voice here sounds like you." in letters(to="dora@example.org")[-1]
    assert not Deadline.objects.running().exists()


# ---------------------------------------------------------------------------------------------------- both sides


def test_a_withdrawn_notice_lets_the_voice_speak_again_and_stops_its_clocks(voice):
    claim = credible(voice)
    services.withdraw(claim.notice)
    assert status_of(voice) == Voice.Status.ACTIVE
    assert not Case.objects.waiting().exists()
    assert not Deadline.objects.running().exists()
    with pytest.raises(refusals.NoticeClosed):
        services.withdraw(claim.notice)


def test_a_grave_notice_is_looked_at_whether_it_is_withdrawn_or_not(voice):
    claim = credible(voice, harm="sextortion")
    with pytest.raises(refusals.NoticeNotWithdrawn):
        services.withdraw(claim.notice)
    assert status_of(voice) == Voice.Status.SUSPENDED


def test_the_account_is_told_without_the_claimants_name_and_answers_once_in_time(voice):
    claim = credible(voice, at=RECEIVED)
    [letter] = letters(to=voice.account.email)
    assert f"/voices/{voice.pk}/notice/" in letter
    assert "Dora" not in letter
    with pytest.raises(refusals.CounterNoticeTooLate):
        services.counter(
            claim,
            text="He said yes.",
            actor=voice.account,
            at=RECEIVED + policies.COUNTER_WITHIN + timedelta(seconds=1),
        )
    services.counter(claim, text="He said yes.", actor=voice.account, at=RECEIVED + policies.COUNTER_WITHIN)
    with pytest.raises(refusals.CounterNoticeFiled):
        services.counter(claim, text="Yes!", actor=voice.account, at=RECEIVED + timedelta(days=1))
    told = letters(to="dora@example.org")[-1]
    assert "the other side answered" not in told
    assert "may be here" in told
    assert "He said yes" not in told
    decide(claim, "reject", at=RECEIVED + timedelta(days=20))
    with pytest.raises(refusals.CounterNoticeTooLate):
        services.counter(claim, text="And more.", actor=voice.account, at=RECEIVED + timedelta(days=2))


def test_who_gave_notice_and_works_here_does_not_decide_it(voice):
    moderator = factories.moderator("dora@example.org")
    notice = about(voice, account=moderator)
    assert case_of(notice.claims.get()).barred.get() == moderator


def test_a_wrong_link_leads_to_nothing_and_one_for_recordings_ends(voice, monkeypatch):
    notice = about(voice)
    assert links.at_adding(links.adding(notice)) == notice
    for wrong in ("", "x", links.adding(notice)):
        with pytest.raises(refusals.NoticeLinkUnknown):
            links.at_status(wrong)
    monkeypatch.setattr(links, "ADD_WITHIN", timedelta(seconds=-1))
    with pytest.raises(refusals.NoticeLinkUnknown):
        links.at_adding(links.adding(notice))
