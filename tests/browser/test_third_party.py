"""Somebody else's voice in real browsers: one asks at a desk, the other answers and reads on a phone."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.accounts.factories import make_user
from tests.browser import test_journey as journey
from tests.browser.conftest import complaints_of
from tests.browser.steps import say_who_it_is
from tests.browser.test_journey import PATIENCE, heard, listen_first, passes, read_the_statement, sign_in, well_made
from tests.factories import ALICE
from velluto.audit.verification import verify
from voices.models import Voice

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]

house, mails = journey.house, journey.mails  # the fixtures of the other journey


def read_the_phrase(page: Page, microphone) -> None:
    for _ in range(3):  # a busy machine may cut the reading off: there are three tries
        listen_first(page, microphone)
        page.get_by_role("button", name="Show my phrase").click()
        expect(page.locator("[data-captcha]")).to_have_attribute("data-state", "reading")
        microphone.speak(page, heard(ALICE.read(", ".join(page.locator(".phrase").inner_text().split()))))
        found = page.get_by_role("heading", name=re.compile("That is good|Not yet"))
        expect(found).to_be_visible(timeout=PATIENCE)
        if found.inner_text() == "That is good":
            break
        page.get_by_role("link", name="Try again").click()
    passes(page, "Go on")


def test_one_asks_the_other_allows_less_reads_and_takes_it_back(
    house: str, new_context, microphone, settings, tmp_path: Path
):
    settings.PUBLIC_URL = house
    carol = make_user("carol@example.org", full_name="Carol Cooper")
    desk = new_context(viewport={"width": 1280, "height": 900}).new_page()
    phone = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    complaints, others = complaints_of(desk), complaints_of(phone)
    microphone.rewindable(phone)

    # Carol asks for Alice's voice, also to earn money with it.
    sign_in(desk, house, carol.email)
    desk.goto(f"{house}/voices/new/")
    desk.get_by_label("Somebody else's voice").check()
    desk.get_by_label("What shall we call this voice?").fill("The reader")
    desk.get_by_label("Full name of the person").fill("Alice Baker")
    say_who_it_is(desk, self_=False)
    desk.get_by_role("button", name="Go on").click()
    desk.wait_for_url("**/invitation/")
    well_made(desk)
    desk.get_by_label("What do you want the voice for?").fill("To read my book about gardens aloud.")
    desk.get_by_label("Commercial use as well").check()
    desk.get_by_label("Languages").select_option(["en", "de"])
    desk.get_by_role("button", name="Invite Alice Baker").click()
    expect(desk.get_by_role("heading", name="Waiting for Alice Baker")).to_be_visible()
    well_made(desk)
    assert desk.locator("img.qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    waiting, link = desk.url, desk.locator("p.secret").inner_text()

    # Alice reads what it means, allows own use in English, and signs.
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Carol Cooper asks for your voice")).to_be_visible()
    well_made(phone)
    phone.get_by_label("English").check()
    phone.get_by_label("Your date of birth").fill("1980-05-17")
    phone.get_by_label("Your full name").fill("Alice Baker")
    phone.get_by_label("I consent to what stands under").check()
    phone.get_by_role("button", name="I agree and sign").click()
    expect(phone.get_by_role("heading", name="Your consent is signed")).to_be_visible()
    well_made(phone)
    receipt = phone.locator("a.secret").get_attribute("href")

    # Carol hands in a recording, and gives her word.
    sample = tmp_path / "sample.wav"
    sample.write_bytes(factories.sample().getvalue())
    desk.goto(waiting)
    desk.wait_for_url("**/gate/sample/")
    desk.get_by_label("Or upload a recording").set_input_files(sample)
    desk.get_by_role("button", name="Send", exact=True).click()
    passes(desk, "Go on")
    desk.get_by_label("I make these representations").check()
    desk.get_by_role("button", name="I give my word").click()
    expect(desk.get_by_role("heading", name="Alice Baker’s turn")).to_be_visible()
    well_made(desk)

    # Alice shows on her phone that it is she who agrees.
    phone.goto(link)
    expect(phone.get_by_role("heading", name="It is your turn")).to_be_visible()
    well_made(phone)
    phone.get_by_role("link", name="Go on").click()
    phone.wait_for_url("**/captcha/")
    well_made(phone)
    read_the_phrase(phone, microphone)
    phone.wait_for_url("**/statement/")
    well_made(phone)
    read_the_statement(phone, microphone, ALICE.read)
    passes(phone, "See where it stands")
    expect(phone.get_by_role("heading", name="You have done everything")).to_be_visible()
    well_made(phone)

    # A moderator approves; the voice keeps to what Alice allowed.
    voice = Voice.objects.get()
    factories.decide(voice, "approve")
    desk.goto(f"{house}/voices/{voice.pk}/")
    expect(desk.get_by_text("This voice is ready.")).to_be_visible(timeout=PATIENCE)
    expect(desk.get_by_text("Own use only")).to_be_visible()
    well_made(desk)
    desk.get_by_role("link", name="Make it speak").click()
    well_made(desk)
    desk.get_by_label("Text").fill("Plant the bulbs before the first frost comes, and water them well.")
    desk.get_by_label("What is it for?").select_option("commercial")
    desk.get_by_role("button", name="Speak").click()
    expect(desk.get_by_text("The Voice Owner has not allowed this: commercial use.")).to_be_visible()

    # Alice pauses it, and lets it go on.
    phone.goto(receipt)
    expect(phone.get_by_text("it can speak")).to_be_visible()
    well_made(phone)
    phone.get_by_role("button", name="Pause the voice").click()
    expect(phone.get_by_text("You have paused the voice")).to_be_visible()
    well_made(phone)
    desk.goto(f"{house}/voices/{voice.pk}/")
    expect(desk.get_by_text("The Voice Owner has paused this voice")).to_be_visible()
    well_made(desk)
    phone.get_by_role("button", name="Let it go on").click()
    expect(phone.get_by_text("it can speak")).to_be_visible()

    # She takes it back, and fetches her recordings before they are destroyed.
    phone.get_by_role("link", name="Withdraw my consent").click()
    well_made(phone)
    phone.get_by_label("I want a copy of my recordings").check()
    phone.get_by_role("button", name="Withdraw for good").click()
    expect(phone.get_by_text("There is no voice of yours here any more")).to_be_visible()
    waits = phone.get_by_role("link", name="Fetch your recordings")
    for _ in range(60):
        if waits.count():
            break
        phone.wait_for_timeout(500)
        phone.reload()
    well_made(phone)
    waits.click()
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Download the recordings").click()
    assert len(zipfile.ZipFile(download.value.path()).namelist()) == voice.recordings.count()
    desk.goto(f"{house}/voices/{voice.pk}/")
    expect(desk.get_by_text("This voice is deleted")).to_be_visible()
    assert others == []
    assert [one for one in complaints if "403" not in one] == []  # the refusal above
    assert verify().intact
