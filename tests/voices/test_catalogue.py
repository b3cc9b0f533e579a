"""The catalogue: rights that end, terms to accept, previews, and who publishes."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from synthesis import access, making, services
from synthesis.models import Preview
from synthesis.refusals import VoiceUnknown
from tests import factories
from velluto import engines, jobs, links, vault
from velluto.audio import intake
from velluto.audit.models import AuditEvent
from velluto.jobs import Job
from voices import refusals
from voices import services as voices
from voices.models import CatalogueEntry, LicenceAcceptance, RightsRecord, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

TEXT = "This is a sentence that lasts for more than five seconds, because it goes on, and on, and does not stop early."
TODAY = timezone.localdate()


@pytest.fixture
def bob(db) -> User:
    return factories.make_user("bob@example.org", full_name="Bob Carter")


@pytest.fixture
def voice(db) -> Voice:
    return factories.curated_voice(until=TODAY)


def asked(account: User, voice: Voice):
    return services.request_speech(account=account, voice=voice, text=TEXT)


def done(request):
    for _ in range(3):
        Job.objects.filter(status="queued").update(due_at=timezone.now())
        jobs.drain()
    request.refresh_from_db()
    return request


def tomorrow(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY + timedelta(days=1))


# ---------------------------------------------------------------------------------------------------- rights
def test_without_rights_terms_or_a_built_voice_nothing_is_published(bob):
    voice = voices.add_curated(name="Felt", language="en", style="narration", gender="neutral", actor=bob)
    with pytest.raises(refusals.NotBuilt):
        voices.publish(voice, actor=bob)
    voice = factories.curated_voice(publish=False)
    rights = voice.rights.get()
    voices.end_rights(rights, actor=bob, reason="because")
    with pytest.raises(refusals.RightsMissing):
        voices.publish(voice, actor=bob)
    early = {"valid_from": TODAY + timedelta(days=1), "valid_until": TODAY + timedelta(days=9)}
    voices.record_rights(voice, origin="licence", granted_by="An agency", actor=bob, **early)
    with pytest.raises(refusals.RightsMissing):
        voices.publish(voice, actor=bob)
    past = timezone.now() + timedelta(hours=1)
    voice.licences.update(in_use_from=past)
    voices.record_rights(
        voice, origin="licence", granted_by="An agency", actor=bob, valid_from=TODAY, valid_until=TODAY
    )
    with pytest.raises(refusals.LicenceMissing):
        voices.publish(voice, actor=bob)
    assert not Voice.objects.listed(on=TODAY).exists()


def test_a_rights_record_names_who_and_until_when_and_only_what_is_nobodys_has_no_end(bob):
    voice = factories.curated_voice(publish=False)
    for wrong in (
        {"origin": "actor", "granted_by": "An agency", "valid_until": None},
        {"origin": "licence", "granted_by": " ", "valid_until": TODAY},
        {"origin": "licence", "granted_by": "An agency", "valid_until": TODAY - timedelta(days=1)},
    ):
        with pytest.raises(refusals.RightsIncomplete):
            voices.record_rights(voice, valid_from=TODAY, actor=bob, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor past the service
        voice.rights.update(origin="actor")


def test_the_document_of_the_rights_is_sealed_and_its_digest_kept(bob):
    voice = factories.curated_voice(publish=False)
    rights = voices.record_rights(
        voice,
        origin="actor",
        granted_by="An agency",
        valid_from=TODAY,
        valid_until=TODAY,
        document=b"signed by hand",
        actor=bob,
    )
    assert rights.document_sha256 == hashlib.sha256(b"signed by hand").hexdigest()
    with vault.objects.storage().open(rights.document) as stored:
        assert b"signed by hand" not in stored.read()
    assert vault.read(rights.document, owner=voice.owner.vault_owner, purpose="rights.document") == b"signed by hand"


def test_rights_that_ended_take_the_voice_out_before_any_sweep_and_the_sweep_marks_it(voice, bob, monkeypatch, client):
    factories.accept_licence(voice, bob)
    client.force_login(bob)
    assert "Linen" in client.get("/catalogue/").content.decode()
    tomorrow(monkeypatch)
    assert "Linen" not in client.get("/catalogue/").content.decode()
    assert "Linen" not in client.get("/speak/").content.decode()
    assert client.get(f"/catalogue/{voice.pk}/").status_code == 404
    with pytest.raises(refusals.RightsEnded):
        asked(bob, voice)
    assert voices.expire() == 1
    assert voices.expire() == 0
    assert CatalogueEntry.objects.get().status == "expired"
    assert AuditEvent.objects.filter(event="voices.catalogueentry.expired").count() == 1


@pytest.mark.parametrize("ending", ["taken out", "rights ended", "rights expired"])
@pytest.mark.parametrize("moment", ["before it starts", "after the last sound"])
def test_a_voice_that_leaves_the_catalogue_is_not_released_and_the_credits_return(
    voice, bob, monkeypatch, ending: str, moment: str
):
    factories.accept_licence(voice, bob)
    before = accounts.balance(bob)
    request = asked(bob, voice)

    def end() -> None:
        if ending == "taken out":
            voices.unpublish(voice, actor=None, reason="because")
        elif ending == "rights ended":
            voices.end_rights(voice.rights.get(), actor=None, reason="because")
        else:
            tomorrow(monkeypatch)

    if moment == "before it starts":
        end()
    else:
        finish = making.finish

        def finishing(*args, **options):
            made = finish(*args, **options)
            monkeypatch.setattr(making, "finish", finish)
            end()
            return made

        monkeypatch.setattr(making, "finish", finishing)
        Job.objects.filter(name="synthesis.preview").delete()
    done(request)
    assert (request.status, request.error_code) == ("failed", "rights_ended")
    assert not hasattr(request, "output")
    assert accounts.balance(bob) == before


def test_other_rights_keep_a_voice_in_the_catalogue(voice, bob):
    until = TODAY + timedelta(days=30)
    voices.record_rights(
        voice, origin="licence", granted_by="An agency", valid_from=TODAY, valid_until=until, actor=bob
    )
    voices.end_rights(voice.rights.get(valid_until=TODAY), actor=bob, reason="renewed")
    assert Voice.objects.listed(on=until).exists()
    assert not Voice.objects.listed(on=until + timedelta(days=1)).exists()


def test_a_person_has_an_account_for_a_voice_and_a_curated_voice_has_none(bob):
    voice = factories.declared_voice(bob)
    for wrong in ({"account": None}, {"whose": ""}, {"kind": "curated"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Voice.objects.filter(pk=voice.pk).update(**wrong)
    for refused in (voices.put_licence, voices.publish):
        options = {"version": "1", "text": "x"} if refused is voices.put_licence else {}
        with pytest.raises(refusals.NotCurated):
            refused(voice, actor=bob, **options)


# ---------------------------------------------------------------------------------------------------- terms
def test_before_its_terms_are_accepted_a_voice_does_not_speak_and_then_it_does(voice, bob):
    with pytest.raises(refusals.LicenceNotAccepted):
        asked(bob, voice)
    factories.accept_licence(voice, bob)
    factories.accept_licence(voice, bob)
    kept = LicenceAcceptance.objects.get()
    assert (kept.account, kept.voice, kept.licence.version) == (bob, voice, "1")
    assert kept.text_sha256 == hashlib.sha256(b"Do no harm with it.").hexdigest()
    assert AuditEvent.objects.filter(event="voices.licence.accepted").count() == 1
    request = done(asked(bob, voice))
    assert request.status == "done", request.error
    assert not request.output.disclosed
    assert not access.shared(bob, voice)


def test_new_terms_have_to_be_accepted_anew_and_old_ones_cannot_be(voice, bob):
    factories.accept_licence(voice, bob)
    old = voices.licence_of(voice)
    voices.put_licence(voice, version="2", text="Do good with it.", actor=bob)
    with pytest.raises(refusals.LicenceNotAccepted):
        asked(bob, voice)
    assert voice not in access.voices_of(bob)
    with pytest.raises(refusals.LicenceChanged):
        voices.accept_licence(voice, account=bob, ticked=True, shown_sha256=old.sha256)
    with pytest.raises(refusals.LicenceNotAccepted):
        voices.accept_licence(voice, account=bob, ticked=False, shown_sha256=voices.licence_of(voice).sha256)
    factories.accept_licence(voice, bob)
    assert voice in access.voices_of(bob)


def test_a_voice_that_is_not_published_does_not_exist_for_users(bob, client):
    voice = factories.curated_voice(publish=False)
    with pytest.raises(VoiceUnknown):
        asked(bob, voice)
    with pytest.raises(VoiceUnknown):
        factories.accept_licence(voice, bob)
    client.force_login(bob)
    assert client.get(f"/catalogue/{voice.pk}/").status_code == 404
    for page in (f"/voices/{voice.pk}/", f"/voices/{voice.pk}/delete/", f"/voices/{voice.pk}/sharing/"):
        assert client.get(page).status_code == 404


# ---------------------------------------------------------------------------------------------------- previews, pages
def test_a_published_voice_gets_a_preview_that_is_marked_signed_and_known_to_the_detector(voice, bob, client):
    jobs.drain()
    preview = Preview.objects.get(voice=voice)
    client.force_login(bob)
    assert client.get(f"/catalogue/{voice.pk}/preview/").status_code == 403
    answer = client.get(links.to(f"/catalogue/{voice.pk}/preview/", account=bob.pk))
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert hashlib.sha256(content).hexdigest() == preview.sha256
    assert [mark.payload for mark in engines.watermark().detect(intake.decode(content))] == [preview.payload]
    assert engines.provenance().read(content, "mp3").valid
    mark = SimpleNamespace(payload=preview.payload, start=0.0, end=1.0, confidence=1.0)
    assert services._describe(mark, services._made_here(mark))["consent"] == "in_force"
    voices.end_rights(voice.rights.get(), actor=None, reason="because")
    assert services._describe(mark, services._made_here(mark))["consent"] == "withdrawn"
    assert client.get(links.to(f"/catalogue/{voice.pk}/preview/", account=bob.pk)).status_code == 404


def test_people_find_voices_by_words_language_style_and_gender(bob, client):
    factories.curated_voice()
    factories.curated_voice(
        name="Corduroy", language="de", style="announcement", gender="male", description="Low and firm."
    )
    client.force_login(bob)
    for query, found in (
        ("", {"Linen", "Corduroy"}),
        ("q=firm", {"Corduroy"}),
        ("q=LINEN", {"Linen"}),
        ("language=de", {"Corduroy"}),
        ("style=narration", {"Linen"}),
        ("gender=male&style=narration", set()),
        ("style=guessed", set()),
    ):
        page = client.get(f"/catalogue/?{query}").content.decode()
        assert {name for name in ("Linen", "Corduroy") if f">{name}</a>" in page} == found, query


def test_the_terms_stand_on_the_page_and_are_accepted_there(voice, bob, client):
    client.force_login(bob)
    page = f"/catalogue/{voice.pk}/"
    assert "Do no harm with it." in client.get(page).content.decode()
    shown = voices.licence_of(voice).sha256
    assert client.post(page, {"shown_sha256": shown}).status_code == 403
    assert client.post(page, {"shown_sha256": "0" * 64, "ticked": "on"}).status_code == 409
    assert "(from the catalogue)" not in client.get("/speak/").content.decode()
    assert client.post(page, {"shown_sha256": shown, "ticked": "on"}).status_code == 302
    assert "(from the catalogue)" in client.get("/speak/").content.decode()


# ---------------------------------------------------------------------------------------------------- staff
@pytest.mark.parametrize(("role", "allowed"), [("senior moderator", True), ("moderator", False)])
def test_who_may_publish_does_so_in_the_admin_and_others_do_not(role: str, allowed: bool, client):
    voice = factories.curated_voice(publish=False)
    client.force_login(factories.moderator(role=role))
    for action, status in (("publish", "published"), ("take_out", "unpublished")):
        client.post("/admin/voices/catalogueentry/", {"action": action, "_selected_action": [voice.pk]})
        assert CatalogueEntry.objects.get().status == (status if allowed else "draft")


def test_what_cannot_be_published_is_said_in_the_admin(client):
    voice = factories.curated_voice(publish=False)
    client.force_login(factories.moderator(role="senior moderator"))
    client.post("/admin/voices/rightsrecord/", {"action": "end", "_selected_action": [voice.rights.get().pk]})
    answer = client.post(
        "/admin/voices/catalogueentry/", {"action": "publish", "_selected_action": [voice.pk]}, follow=True
    )
    assert "No rights are in force for this voice." in answer.content.decode()
    assert CatalogueEntry.objects.get().status == "draft"


def test_a_recording_with_our_own_mark_becomes_no_curated_voice(voice, monkeypatch, bob):
    fresh = voices.add_curated(name="Felt", language="en", style="narration", gender="neutral", actor=bob)
    sound = intake.decode(factories.sample())
    voices.keep_recording(fresh, purpose="sample", audio=sound, received_at=timezone.now(), actor=bob)
    voices.build_curated(fresh, actor=bob)
    monkeypatch.setattr(engines.watermark(), "detect", lambda audio: ("a mark",))
    jobs.drain()
    fresh.refresh_from_db()
    assert fresh.status == Voice.Status.BUILD_FAILED
    assert AuditEvent.objects.filter(subject_id=str(fresh.pk), reason="recording_is_marked").exists()


def test_the_operator_brings_a_voice_with_its_rights_and_terms_and_renews_them(tmp_path, capsys):
    actor = factories.moderator(role="senior moderator")
    (tmp_path / "voice.wav").write_bytes(factories.sample().getvalue())
    (tmp_path / "terms.txt").write_text("Be kind.")
    rights = ["--origin", "actor", "--granted-by", "An agency", "--until", TODAY.isoformat(), "--by", actor.email]
    terms = ["--terms", str(tmp_path / "terms.txt"), "--terms-version", "1"]
    call_command("add_curated_voice", str(tmp_path / "voice.wav"), "--name", "Serge", *rights, *terms)
    with factories.measured_once():
        jobs.drain()
    voice = Voice.objects.get(kind=Voice.Kind.CURATED)
    voices.publish(voice, actor=actor)
    later = (TODAY + timedelta(days=30)).isoformat()
    call_command("add_curated_voice", "--voice", str(voice.pk), *rights, "--until", later)
    assert RightsRecord.objects.filter(voice=voice).count() == 2
