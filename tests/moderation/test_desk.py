"""The page of a case: held while somebody works, decided by whom it should be, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from moderation import registry, services
from moderation.models import Case, Decision, StatementOfReasons
from tests import factories
from tests.accounts.factories import make_user
from tests.moderation import desk
from tests.moderation.desk import open_case, page_of, post, signed_in
from velluto import jobs
from velluto.vault import KeyDestroyed
from voices import services as voices
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
FINE = {"choice": "fine", "section": "4", "reason": "It is as it should be.", "notes": "He sounded sure."}
GONE = {"choice": "gone", "section": "9", "reason": "It is somebody else."}


@pytest.fixture(autouse=True)
def a_question_about_people(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    monkeypatch.setitem(registry._questions, desk.KIND, desk.question())


@pytest.fixture
def alice(db) -> User:
    return factories.moderator(role="senior moderator")


@pytest.fixture
def bob(db) -> User:
    return factories.moderator(role="senior moderator")


def held(alice: User) -> tuple[Case, Client]:
    case = open_case()
    services.claim(case, actor=alice)
    return case, signed_in(alice)


def seen_on(page: str) -> int:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return int(found[1])


def test_a_preview_shows_what_will_happen_and_be_sent_and_writes_nothing(alice: User):
    case, client = held(alice)
    page = post(client, case, "decide", preview="", **FINE).content.decode()
    assert "Nothing happens." in page and FINE["reason"] in page
    assert not Decision.objects.exists()
    post(client, case, "decide", decide="", **FINE)
    sent = StatementOfReasons.objects.get()
    assert sent.subject in page
    for line in filter(None, sent.body.splitlines()):
        assert line.strip() in page.replace("<br>", "\n").replace("&#x27;", "'")
    assert FINE["notes"] not in sent.body and Decision.objects.get().notes == FINE["notes"]


def test_a_stale_page_is_refused_in_plain_words_and_keeps_what_was_typed(alice: User):
    case, client = held(alice)
    seen = seen_on(client.get(page_of(case)).content.decode())
    open_case(User.objects.get(pk=case.subject_id), severity=3)  # asked again, by the machine
    answer = post(client, case, "decide", seen=seen, **FINE)
    page = answer.content.decode()
    assert answer.status_code == 409 and "the same was asked again" in page
    assert "moderation.case.asked_again" not in page
    assert FINE["reason"] in page and FINE["notes"] in page and 'value="fine"' in page
    assert not Decision.objects.exists()
    assert post(client, case, "decide", seen=seen_on(page), **FINE).status_code == 302


def test_a_page_that_does_not_say_what_it_has_seen_decides_nothing(alice: User):
    case, client = held(alice)
    for seen in ("", "-1", "x"):
        assert post(client, case, "decide", seen=seen, **FINE).status_code == 422
    assert not Decision.objects.exists()


def test_what_was_typed_is_still_there_where_the_case_passed_to_somebody_else(alice: User, bob: User):
    case, client = held(alice)
    services.hand_over(case, to=bob, actor=alice, reason="I must go.")
    answer = post(client, case, "decide", **FINE)
    assert answer.status_code == 409
    assert FINE["reason"] in answer.content.decode() and "You do not hold this case" in answer.content.decode()


@pytest.mark.parametrize("wrong", [{"section": "9"}, {"section": ""}, {"choice": "shred"}, {"reason": "  "}])
def test_only_a_section_of_the_choice_and_a_reason_will_do(alice: User, wrong: dict[str, str]):
    case, client = held(alice)
    answer = post(client, case, "decide", **{**FINE, **wrong})
    assert answer.status_code == 422
    assert FINE["notes"] in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_claim_is_kept_by_who_works_and_told_lost_by_the_next_beat(alice: User, bob: User):
    case, client = held(alice)
    Case.objects.filter(pk=case.pk).update(claim_ends_at=timezone.now() + timedelta(seconds=5))
    assert post(client, case, "keep").json()["ends_at"] > (timezone.now() + timedelta(minutes=9)).isoformat()
    services.hand_over(case, to=bob, actor=alice, reason="I must go.")
    lost = post(client, case, "keep")
    assert lost.status_code == 409 and lost.json()["error"]["code"] == "case_not_claimed"


def test_a_case_is_handed_to_a_colleague_who_may_decide_it_and_to_nobody_else(alice: User, bob: User):
    case, client = held(alice)
    page = client.get(page_of(case)).content.decode()
    assert bob.email in page
    for other in (alice, make_user(), factories.moderator(role="auditor"), User.objects.get(pk=case.about_id)):
        assert post(client, case, "hand_over", to=other.pk, reason="I must go.").status_code == 422
    assert post(client, case, "hand_over", to=bob.pk, reason="").status_code == 422
    post(client, case, "hand_over", to=bob.pk, reason="I must go.")
    case.refresh_from_db()
    assert case.claimed_by == bob
    assert "handed over to" in signed_in(bob).get(page_of(case)).content.decode()


def test_no_request_makes_a_grave_decision_alone(alice: User):
    """Neither who proposed it, nor a superuser who did, nor somebody without the permission, however it is asked."""
    boss = make_user(superuser=True)
    for actor in (alice, boss):
        case, client = open_case(), signed_in(actor)
        services.claim(case, actor=actor)
        post(client, case, "decide", **GONE)
        for verb, fields in (
            ("second", {"approve": ""}),
            ("decide", {**GONE, "approve": "", "status": "made"}),
            ("decide", FINE),
            ("claim", {}),
        ):
            post(client, case, verb, **fields)
        client.post(desk.QUEUE, {"action": "approve", "_selected_action": [str(case.pk)]})
        client.post(page_of(case), {"status": "decided", "second": str(actor.pk)})
        assert post(signed_in(factories.moderator()), case, "second", approve="").status_code == 403
        case.refresh_from_db()
        assert case.status == Case.Status.PROPOSED
        assert case.decisions.get().status == Decision.Status.PROPOSED


def test_a_second_person_sees_the_letter_approves_and_both_names_stay(alice: User, bob: User):
    case, client = held(alice)
    assert "needs a second person" in client.get(page_of(case)).content.decode()
    post(client, case, "decide", **GONE)
    assert "Approve and carry out" not in client.get(page_of(case)).content.decode()
    second = signed_in(bob)
    page = second.get(page_of(case)).content.decode()
    assert "Approve and carry out" in page and "What the person will read" in page and GONE["reason"] in page
    post(second, case, "second", approve="", reason="I heard it too.")
    made = case.decisions.get()
    assert (made.status, made.decided_by, made.second) == (Decision.Status.MADE, alice, bob)
    page = client.get(page_of(case)).content.decode()
    assert alice.get_short_name() in page and bob.get_short_name() in page and "I heard it too." in page


def test_a_second_person_whose_page_is_stale_approves_nothing(alice: User, bob: User):
    """A proposal that was declined and made anew is not the one that this person has read."""
    case, client = held(alice)
    post(client, case, "decide", **GONE)
    seen = seen_on(signed_in(bob).get(page_of(case)).content.decode())
    services.decline(case, actor=factories.moderator(role="senior moderator"), reason="Not sure.")
    services.claim(case, actor=alice)
    services.decide(case, actor=alice, choice="gone", section="3", reason="Another reason.")
    answer = post(signed_in(bob), case, "second", approve="", seen=seen)
    assert answer.status_code == 409 and "Another reason." in answer.content.decode()
    assert Decision.objects.filter(status=Decision.Status.PROPOSED).count() == 1


def test_to_decline_one_says_why(alice: User, bob: User):
    case, client = held(alice)
    post(client, case, "decide", **GONE)
    assert post(signed_in(bob), case, "second", decline="").status_code == 422
    post(signed_in(bob), case, "second", decline="", reason="The noise explains it.")
    case.refresh_from_db()
    assert (case.status, case.decisions.get().status) == (Case.Status.OPEN, Decision.Status.DECLINED)


def test_the_page_tells_what_happened_and_what_was_asked_before(alice: User):
    person = make_user()
    first = open_case(person, title="The first question")
    services.claim(first, actor=alice)
    services.decide(first, actor=alice, choice="fine", section="4", reason="So.")
    page = signed_in(alice).get(page_of(open_case(person, title="The second"))).content.decode()
    assert "The first question" in page and "about the same" in page and "Fine" in page
    assert "the case was opened" in page and "Velluto" in page


def test_a_sensitive_case_is_veiled_and_a_break_is_offered_after_so_many(alice: User, monkeypatch, settings):
    monkeypatch.setitem(registry._questions, desk.KIND, desk.question(sensitive=True))
    settings.BREAK_AFTER_CASES = 2
    client = signed_in(alice)
    cases = [open_case() for _ in range(2)]
    for case in cases:
        services.claim(case, actor=alice)
        page = client.get(page_of(case)).content.decode()
        assert "data-veil" in page and "Show the text" in page and "Turn the sound on" in page
        client.get(page_of(case))  # looked at twice, it is still one case
        assert ("Time for a break" in page) == (case == cases[-1])
    client.post(f"{desk.QUEUE}pause/")
    assert not Case.objects.filter(status=Case.Status.CLAIMED).exists()


def test_recordings_are_destroyed_only_by_two_people_and_then_for_good(alice: User, bob: User):
    voice = factories.voice_at("review")
    case, recording = Case.objects.about(voice).get(), voice.recordings.all()[0]
    services.claim(case, actor=alice)
    given = {"choice": "refuse_and_destroy", "section": "3", "reason": "The speaker is under 18."}
    post(signed_in(alice), case, "decide", **given)
    jobs.drain()
    assert voices.recording_bytes(recording)
    post(signed_in(bob), case, "second", approve="")
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REFUSED
    with pytest.raises(KeyDestroyed):
        voices.recording_bytes(recording)
    page = signed_in(bob).get(page_of(case)).content.decode()
    assert "This recording was destroyed." in page and "<audio" not in page
    (letter,) = StatementOfReasons.objects.all()
    assert "two moderators" in letter.body and letter.sent_at


def test_a_proposal_is_not_told_to_the_person_before_it_is_made(alice: User):
    voice = factories.voice_at("review")
    case = Case.objects.about(voice).get()
    services.claim(case, actor=alice)
    services.decide(case, actor=alice, choice="refuse_and_destroy", section="3", reason="Under 18, it seems.")
    assert "Under 18" not in signed_in(voice.account).get(f"/voices/{voice.pk}/").content.decode()


def test_no_page_shows_staff_the_link_by_which_a_person_appeals(alice: User, bob: User):
    voice = factories.voice_at("review")
    case = Case.objects.about(voice).get()
    services.claim(case, actor=alice)
    given = {"choice": "refuse_and_destroy", "section": "3", "reason": "Under 18."}
    pages = [post(signed_in(alice), case, "decide", preview="", **given)]
    post(signed_in(alice), case, "decide", **given)
    pages.append(signed_in(bob).get(page_of(case)))
    post(signed_in(bob), case, "second", approve="")
    sent = StatementOfReasons.objects.get()
    assert "/appeals/" in sent.body
    pages.append(signed_in(bob).get(f"/admin/moderation/statementofreasons/{sent.pk}/change/"))
    for page in pages:
        assert "/appeals/" not in page.content.decode()
        assert "own link to appeal" in page.content.decode()


def test_a_case_of_a_kind_that_is_gone_can_still_be_read(alice: User, monkeypatch):
    case = open_case()
    monkeypatch.delitem(registry._questions, desk.KIND)
    client = signed_in(alice)
    assert client.get(page_of(case)).status_code == client.get(desk.QUEUE).status_code == 200


def test_a_claim_that_has_lapsed_says_so_and_may_be_taken_by_another(alice: User, bob: User):
    case, client = held(alice)
    Case.objects.filter(pk=case.pk).update(claim_ends_at=desk.ago(minutes=1))
    lapsed = 'data-part="lost" role="alert">'
    assert lapsed in client.get(page_of(case)).content.decode()
    assert "Claim this case" in signed_in(bob).get(page_of(case)).content.decode()
    post(client, case, "claim")
    assert lapsed not in client.get(page_of(case)).content.decode()
