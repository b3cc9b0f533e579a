"""What a Voice Owner does on a phone, and what the account sees of it at a desk; what is measured is given."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from consent.models import Invitation
from consent.policies import Scope
from moderation import services as moderation
from moderation.models import Case
from takedowns.models import OwnerRequest, Revocation
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.browser.conftest import complaints_of
from tests.browser.test_journey import PATIENCE, heard, listen_first, sign_in, well_made
from tests.consent.test_invitations import token_of
from tests.factories import ALICE
from tests.takedowns.owners import entrusted, later, link_to
from tests.takedowns.test_owner_requests import judged, measured
from velluto.audit.verification import verify
from voices.models import Voice

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]


@pytest.fixture
def house(live_server, settings) -> str:
    """Serve the house; the work in the background is done where a test says `later()`."""
    call_command("createcachetable")
    settings.PUBLIC_URL = live_server.url
    return live_server.url


@pytest.fixture
def desk(new_context) -> Page:
    return new_context(viewport={"width": 1280, "height": 900}).new_page()


@pytest.fixture
def phone(new_context) -> Page:
    return new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()


def test_who_says_no_is_asked_no_more_and_the_account_learns_that_alone(house: str, desk: Page, phone: Page):
    voice = factories.entrusted_voice(make_user("carol@example.org", full_name="Carol Cooper"))
    factories.invite(voice)
    sign_in(desk, house, "carol@example.org")
    desk.goto(f"{house}/voices/{voice.pk}/invitation/")
    link = desk.locator("p.secret").inner_text()
    phone.goto(link)
    phone.get_by_role("button", name="I do not want this").click()
    expect(phone.get_by_text("no voice is made")).to_be_visible()
    well_made(phone)
    later()
    desk.goto(f"{house}/voices/{voice.pk}/")
    expect(desk.get_by_text("The invitation was declined")).to_be_visible()
    well_made(desk)
    expect(desk.get_by_text("certificate")).to_have_count(0)
    assert [letter.subject for letter in mail.outbox] == ["Velluto: your invitation was declined"]
    phone.goto(link)
    expect(phone.get_by_text("This link leads nowhere")).to_be_visible()
    assert not Revocation.objects.exists()


def test_an_invitation_that_nobody_answered_in_time_is_dead_and_the_account_sends_another(
    house: str, desk: Page, phone: Page
):
    voice = factories.entrusted_voice(make_user("carol@example.org", full_name="Carol Cooper"))
    old = house + reverse(
        "consent:owner-gate", args=[token_of(factories.invite(voice, at=timezone.now() - timedelta(days=14)))]
    )
    phone.goto(old)
    expect(phone.get_by_text("This link leads nowhere")).to_be_visible()
    well_made(phone)
    sign_in(desk, house, "carol@example.org")
    desk.goto(f"{house}/voices/{voice.pk}/invitation/")
    well_made(desk)
    desk.get_by_role("button", name=re.compile("new link|Send|again", re.I)).first.click()
    new = desk.locator("p.secret").inner_text()
    phone.goto(new)
    expect(phone.get_by_role("heading", name="Carol Cooper asks for your voice")).to_be_visible()
    phone.goto(old)
    expect(phone.get_by_text("This link leads nowhere")).to_be_visible()
    assert Invitation.objects.get().status == Invitation.Status.OPEN


def test_an_owner_takes_back_a_part_signs_anew_and_the_account_keeps_to_it(house: str, desk: Page, phone: Page):
    voice = entrusted(scope=Scope(True, True, frozenset({"en", "de"}), None))
    voice.account.emailaddress_set.update(verified=True)
    complaints = complaints_of(phone)
    sign_in(desk, house, voice.account.email)
    phone.goto(house + link_to(voice))
    phone.get_by_role("link", name="Change what I allow").click()
    well_made(phone)
    phone.get_by_label("Commercial use").first.uncheck()
    phone.get_by_label("Sharing it with other accounts").first.uncheck()
    phone.get_by_role("button", name="Allow only this").click()
    expect(phone.get_by_text("What you allow is changed")).to_be_visible()
    expect(phone.get_by_text("Own use only")).to_be_visible()
    well_made(phone)

    def asks(words: str) -> None:
        desk.goto(f"{house}/speak/?voice={voice.pk}")
        desk.get_by_label("Text").fill("Plant the bulbs before the first frost comes, and water them well.")
        desk.get_by_label("What is it for?").select_option("commercial")
        desk.get_by_role("button", name="Speak").click()
        expect(desk.get_by_text(words).first).to_be_visible()

    asks("The Voice Owner has not allowed this: commercial use.")
    desk.goto(f"{house}/voices/{voice.pk}/sharing/")
    expect(desk.get_by_text("This voice cannot be shared")).to_be_visible()

    phone.get_by_role("link", name="Change what I allow").click()
    anew = phone.locator("section", has=phone.get_by_role("heading", name="Allow more"))
    anew.get_by_label("Commercial use").check()
    anew.get_by_label("Your full name").fill("Alice Baker")
    anew.get_by_label("I consent to what stands under").check()
    anew.get_by_role("button", name="Sign and allow this").click()
    expect(phone.get_by_text("Own and commercial use")).to_be_visible()
    asks("Waiting")
    assert complaints == []
    assert verify().intact


def test_an_owner_without_a_link_reads_aloud_is_confirmed_and_ends_what_was_made_of_them(
    house: str, desk: Page, new_context: Callable, microphone, tmp_path
):
    voice = standins.active_voice(make_user("mallory@example.org", full_name="Mallory"))
    phone = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    microphone.rewindable(phone)
    phone.goto(house)
    phone.get_by_role("link", name="Is there a voice of you here?").click()
    well_made(phone)
    phone.get_by_label("Your full name").fill("Alice Baker")
    phone.get_by_label("Your e-mail address").fill("alice@example.org")
    phone.get_by_label("Delete the voice").check()
    phone.get_by_label("Send me a copy").check()
    phone.get_by_role("button", name="Send me the link").click()
    expect(phone.get_by_text("Your request has arrived")).to_be_visible()
    well_made(phone)
    later()
    link = re.search(r"http\S+", mail.outbox[-1].body)[0]
    sample = tmp_path / "sample.wav"
    sample.write_bytes(factories.sample().getvalue())
    with measured():
        phone.goto(link)
        well_made(phone)
        phone.get_by_label("Or upload a recording").set_input_files(sample)
        phone.get_by_role("button", name="Send", exact=True).click()
        expect(phone.get_by_role("heading", name="Being checked")).to_be_visible()
        later()
        expect(phone.get_by_role("heading", name="Five words, live")).to_be_visible()
        phone.wait_for_load_state()
        well_made(phone)
        listen_first(phone, microphone)
        phone.get_by_role("button", name="Show my phrase").click()
        expect(phone.locator("[data-captcha]")).to_have_attribute("data-state", "reading")
        microphone.speak(phone, heard(ALICE.read(", ".join(phone.locator(".phrase").inner_text().split()))))
        expect(phone.get_by_role("heading", name="Being checked")).to_be_visible(timeout=PATIENCE)
        later()
    expect(phone.get_by_role("heading", name="You have done everything")).to_be_visible()
    phone.wait_for_load_state()
    well_made(phone)

    request = OwnerRequest.objects.get()
    case = Case.objects.about(request).waiting().get()
    actor = judged(request, case, voice)
    moderation.decide(case, choice="confirm", section="5", reason="It is she.", actor=actor)
    later()
    brought = next(letter.body for letter in mail.outbox if "in your hands" in letter.subject)
    portal = re.search(r"http\S+/my-voice/\S+/", brought)[0]
    phone.goto(portal)
    expect(phone.get_by_text("There is no voice of yours here any more")).to_be_visible()
    well_made(phone)
    phone.get_by_role("link", name="Fetch your recordings").click()
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Download the recordings").click()
    assert len(zipfile.ZipFile(download.value.path()).namelist()) == voice.recordings.count()
    sign_in(desk, house, "mallory@example.org")
    desk.goto(f"{house}/voices/{voice.pk}/")
    expect(desk.get_by_text("This voice is deleted")).to_be_visible()
    expect(desk.get_by_text("Alice")).to_have_count(0)
    assert Voice.objects.get().status == Voice.Status.DELETED
    assert verify().intact
