"""What a claimant, an account and a program see of a notice: nothing is lost, and nobody learns who the other is."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import keys
from accounts.models import ApiKey
from moderation.models import Case
from takedowns.models import Claim, Notice, NoticeFile
from takedowns.notices import links, services
from takedowns.notices.services.taking import statement
from tests import factories, standins
from tests.audio.sounds import a_melody, written
from tests.doors.house import sign_in
from tests.moderation.reported import speaking_voice
from tests.takedowns.notified import about, case_of, credible, decide, give
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def voice(db) -> Voice:
    return speaking_voice()


def filled(capacity: str = "owner", **more: object) -> dict[str, object]:
    return {
        "key": str(uuid4()),
        "capacity": capacity,
        "shown_sha256": statement(capacity).sha256,
        "name": "Dora Dean",
        "email": "dora@example.org",
        "issue": "unauthorised_clone",
        "description": "It called my bank.",
        "sworn": "on",
        "signature": "Dora Dean",
        **more,
    }


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("my name.exe", PDF, content_type="application/x-whatever")


def wav() -> SimpleUploadedFile:
    return SimpleUploadedFile("me.wav", written(a_melody(1.0), "WAV"))


def link_in_last_mail() -> str:
    standins.drain()
    return re.search(r"http\S+(/notices/\S+)", mail.outbox[-1].body)[1]


def test_anybody_gives_notice_confirms_by_the_link_and_follows_it_to_the_end(voice):
    client = Client()
    sent = client.post("/notices/", filled(account_email=voice.account.email, voice_name=voice.name), follow=True)
    notice = Notice.objects.get()
    page = sent.content.decode()
    assert notice.reference in page
    assert "dora@example.org" not in page
    assert links.status(notice) not in page  # whoever typed another's address would have it
    here = link_in_last_mail()
    assert "Confirm your address" in client.get(here).content.decode()
    client.post(here)
    assert "Suspended since" in client.get(here).content.decode()
    decide(notice.claims.get(), "uphold", reason="It is her voice.")
    ended = client.get(here).content.decode()
    assert "Ended for good" in ended
    assert voice.owner.name not in ended
    assert voice.account.email not in ended


def test_nothing_is_lost_when_something_has_to_be_mended():
    client = Client()
    given = filled("representative", represented="Emil Ek", phone="+4912345", signature="Wrong")
    answer = client.post("/notices/", {**given, "proof": pdf(), "sample": wav()})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(kept in page for kept in ("Dora Dean", "Emil Ek", "+4912345", "It called my bank.", "PDF, 1 kB"))
    assert not Notice.objects.exists()
    assert client.post("/notices/", {**given, "signature": "Dora Dean"}).status_code == 302
    kept = NoticeFile.objects.filter(notice_id=Notice.objects.get().pk)
    assert set(kept.values_list("kind", flat=True)) == {"proof", "sample"}


def test_a_form_that_is_sent_twice_is_one_notice(voice):
    client, given = Client(), filled()
    first, second = client.post("/notices/", given), client.post("/notices/", given)
    assert first.status_code == second.status_code == 302
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sworn": ""}, "not signed"),
        ({"issue": "prohibited_use"}, "Say what it was used for."),
        ({"proof": SimpleUploadedFile("a.pdf", b"a program")}, "no PDF, PNG or JPEG"),
        ({"shown_sha256": "0" * 64}, "has changed"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(wrong, said: str):
    capacity = "representative" if "proof" in wrong else "owner"
    answer = Client().post("/notices/", {**filled(capacity, represented="Emil Ek"), **wrong})
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()


def test_a_recording_is_added_after_the_notice_by_the_page_that_follows_it():
    client = Client()
    sent = client.post("/notices/", filled()).headers["Location"]
    assert client.post(f"{sent}recording/", headers={"Accept": "application/json"}).status_code == 422
    answer = client.post(f"{sent}recording/", {"audio": wav()}, headers={"Accept": "application/json"})
    assert answer.json() == {"next": sent}
    assert "has arrived as well" in client.get(sent).content.decode()
    assert NoticeFile.objects.get().kind == "sample"
    notice = Notice.objects.get()
    assert notice.examined_at is None


def test_what_is_asked_is_answered_on_the_claimants_page():
    notice = give()
    decide(notice, "ask", reason="Which film was it?")
    here, client = reverse("takedowns:notice", args=[links.status(notice).split("/")[-2]]), Client()
    assert "Which film was it?" in client.get(here).content.decode()
    assert client.post(here, {"words": " "}).status_code == 422
    assert client.post(here, {"words": "None."}).status_code == 302
    assert case_of(notice)


def test_an_account_answers_on_its_own_page_and_nobody_elses(voice):
    credible(voice)
    mine, other = sign_in(Client(), voice.account), sign_in(Client(), factories.make_user())
    here = reverse("takedowns:counter-notice", args=[voice.pk])
    page = mine.get(here).content.decode()
    assert "Dora" not in page
    assert mine.post(here, {"words": "She said yes."}).status_code == 302
    assert "She said yes." in mine.get(here).content.decode()
    assert other.get(here).status_code == 404
    assert Client().get(here).status_code == 302


def test_withdrawing_asks_once(voice):
    notice = credible(voice).notice
    here, client = reverse("takedowns:notice-withdraw", args=[links.status(notice).split("/")[-2]]), Client()
    client.get(here)
    assert Notice.objects.get().status == "open"
    client.post(here)
    assert Notice.objects.get().status == "withdrawn"


# ---------------------------------------------------------------------------------------------------- the desk


def test_a_moderator_sees_hears_and_acknowledges_and_each_opening_is_on_record(voice):
    notice = about(voice)
    services.keep_file(notice.pk, kind="sample", content=wav(), address="192.0.2.5", at=notice.received_at)
    moderator = sign_in(Client(), factories.moderator())
    case = case_of(notice.claims.get())
    page = moderator.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    for there in (
        "Dora Dean",
        "It called my bank.",
        voice.account.email,
        "By its account and name",
        notice.text_sha256,
    ):
        assert there in page
    sound = re.search(r'src="([^"]+/sample/[^"]+)"', page)[1].replace("&amp;", "&")
    answer = moderator.get(sound)
    assert b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert AuditEvent.objects.filter(event="takedowns.notice.file_opened").count() == 1
    moderator.post(reverse("admin:takedowns_notice_acknowledge", args=[notice.pk]), {"case": case.pk})
    assert Notice.objects.get().acknowledged_at is not None
    claim = notice.claims.get()
    moderator.post(reverse("admin:takedowns_notice_hold", args=[notice.pk]), {"case": case.pk, "claim": claim.pk})
    assert Voice.objects.get(pk=voice.pk).status == "suspended"


def test_a_proof_is_handed_out_as_a_file_and_never_shown():
    key = uuid4()
    Client().post("/notices/", {**filled("representative", represented="Emil Ek", key=str(key)), "proof": pdf()})
    answer = sign_in(Client(), factories.moderator()).get(reverse("admin:takedowns_notice_proof", args=[key]))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_moderator_names_the_voice_that_is_meant(voice):
    notice = give()
    moderator = sign_in(Client(), factories.moderator())
    here = reverse("admin:takedowns_notice_name", args=[notice.pk])
    moderator.post(here, {"case": case_of(notice).pk, "voice": "nothing"})
    assert not Claim.objects.exists()
    moderator.post(here, {"case": case_of(notice).pk, "voice": str(voice.pk)})
    assert case_of(notice.claims.get()).about == voice.account
    assert not Case.objects.about(notice).waiting().exists()


# ---------------------------------------------------------------------------------------------------- programs


def sworn_by_a_program(**more: object) -> dict[str, object]:
    texts = Client().get("/api/v1/notices").json()["statements"]
    given = filled(statement_sha256=texts["owner"]["sha256"], sworn=True, **more)
    return {name: value for name, value in given.items() if name not in ("key", "shown_sha256")}


def test_a_program_without_a_key_gives_notice_and_gets_no_link(voice):
    given = sworn_by_a_program(account_email=voice.account.email, voice_name=voice.name, id=str(uuid4()))
    answer = Client().post("/api/v1/notices", given, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert "page" not in answer.json()
    assert "voices" not in answer.json()
    assert set(answer.json()["deadlines"]) == {"acknowledge", "resolve"}
    again = Client().post("/api/v1/notices", given, content_type="application/json")
    assert again.json()["id"] == answer.json()["id"]
    assert Notice.objects.count() == 1


def test_a_partner_with_a_key_follows_their_notices_and_no_others(voice):
    partner, other = factories.make_user("desk@partner.example"), factories.make_user()
    secrets = [
        keys.create(one, id=uuid4(), name="k", scopes=[ApiKey.Scope.REPORTS], days=3) for one in (partner, other)
    ]
    mine, theirs = ({"HTTP_AUTHORIZATION": f"Bearer {secret}"} for secret in secrets)
    given = sworn_by_a_program(email="desk@partner.example")
    made = Client().post("/api/v1/notices", given, content_type="application/json", **mine)
    assert made.status_code == 201, made.content
    assert Client().get(made.headers["Location"], **mine).json()["status"] == "open"
    assert Client().get(made.headers["Location"], **theirs).status_code == 404


def test_a_program_is_refused_in_codes(settings):
    answer = Client().post("/api/v1/notices", sworn_by_a_program(signature="X"), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "notice_not_sworn")
    settings.NOTICES_PER_DAY = 0
    answer = Client().post("/api/v1/notices", sworn_by_a_program(), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "notices_too_many")
