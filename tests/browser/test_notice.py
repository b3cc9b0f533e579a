"""Somebody without an account finds their voice cloned: on a phone, from the notice to the end of the voice."""

from __future__ import annotations

import re
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from takedowns.models import Claim, Notice
from tests import factories
from tests.browser import test_journey as journey
from tests.browser.conftest import complaints_of
from tests.browser.test_journey import PATIENCE, record, sign_in, well_made
from tests.factories import ALICE
from tests.moderation.reported import speaking_voice
from tests.takedowns.notified import case_of, decide
from velluto import engines
from velluto.audio import intake
from velluto.audit.verification import verify
from voices import services as voices
from voices.models import Voice

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]

house, mails = journey.house, journey.mails  # the fixtures of the other journey
SPOKEN = (
    "I am recording this so that my voice can be found. I speak as I speak every day, neither slowly nor fast. "
    "Nobody has my leave to make a machine speak like me, and I would like to know where that was done."
)


def cloned_voice() -> Voice:
    """Return a voice that speaks, made from Alice's recording by somebody else."""
    voice, sample = speaking_voice(), intake.decode(factories.sample())
    recording = voices.keep_recording(
        voice, purpose="sample", audio=sample, received_at=timezone.now(), actor=voice.account
    )
    voices.keep_voiceprint(recording, engines.speaker().embed(sample))
    return voice


def link_in(mails: Path, to: str, within: float = 120.0) -> str:
    """Return the link of the claimant's page, once its mail has come."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        for file in sorted(mails.glob("*")) if mails.is_dir() else ():
            for content in file.read_bytes().split(b"-" * 79):
                letter = message_from_bytes(content.strip(), policy=default)
                if letter["To"] == to and (found := re.search(r"http\S+/notices/\S+", letter.get_content())):
                    return found[0]
        time.sleep(0.5)
    raise AssertionError("no mail came")


def reads(page: Page, text: str) -> None:
    """Load the page again until it says this: a worker does it meanwhile."""
    until = time.monotonic() + PATIENCE / 1000
    while not page.get_by_text(text).first.is_visible() and time.monotonic() < until:
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


def test_from_a_notice_on_a_phone_to_the_end_of_the_voice(house: str, mails: Path, new_context, microphone, settings):
    settings.PUBLIC_URL = house
    voice = cloned_voice()
    phone = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    complaints = complaints_of(phone)
    microphone.rewindable(phone)

    # She finds the way without an account, and swears.
    phone.goto(house)
    phone.get_by_role("link", name="My voice was cloned").click()
    well_made(phone)
    phone.get_by_role("link", name="It is my own voice").click()
    well_made(phone)
    phone.get_by_label("Your full name", exact=True).fill("Alice Miller")
    phone.get_by_label("Your e-mail address").fill("alice.miller@example.org")
    phone.get_by_label("An unauthorised clone").check()
    phone.get_by_label("Fraud or a scam").check()
    phone.get_by_label("What happened").fill("My mother was called by me, she says. It was not me.")
    phone.get_by_role("button", name="Sign and send the notice").click()
    expect(phone.get_by_text("Nothing is lost")).to_be_visible()
    well_made(phone)
    expect(phone.get_by_label("What happened")).to_have_value("My mother was called by me, she says. It was not me.")
    expect(phone.get_by_text("I have a good-faith belief that I am the Voice Owner")).to_be_visible()
    phone.get_by_label("I sign this statement under penalty of perjury").check()
    phone.get_by_label("Your full name, as your signature").fill("Alice Miller")
    phone.get_by_role("button", name="Sign and send the notice").click()
    expect(phone.get_by_role("heading", name="Your notice has arrived")).to_be_visible()
    well_made(phone)

    # She reads a few sentences; a worker finds the voice by hers, and it is suspended.
    record(phone, microphone, ALICE.read(SPOKEN))
    expect(phone.get_by_text("has arrived as well")).to_be_visible(timeout=PATIENCE)
    well_made(phone)
    page = link_in(mails, "alice.miller@example.org")
    phone.goto(page)
    reads(phone, "Suspended since")
    well_made(phone)
    phone.get_by_role("button", name="Yes, this address is mine").click()
    expect(phone.get_by_text("Confirm your address")).to_be_hidden()
    well_made(phone)
    claim = Claim.objects.get(voice=voice)
    assert claim.why == "voice"

    # Its account answers; a moderator hears both voices and asks; she answers.
    desk = new_context(viewport={"width": 1280, "height": 900}).new_page()
    others = complaints_of(desk)
    sign_in(desk, house, voice.account.email)
    desk.goto(f"{house}/voices/{voice.pk}/notice/")
    well_made(desk)
    desk.get_by_label("Why the voice may be here").fill("She said yes, on the telephone.")
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_role("heading", name="Your answer")).to_be_visible()
    well_made(desk)
    moderator = factories.moderator()
    office = new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(office, house, moderator.email)
    office.goto(f"{house}/admin/moderation/case/{case_of(claim).pk}/change/")
    office.get_by_role("button", name="Claim this case").click()
    office.get_by_role("button", name="Show the text").click()
    expect(office.get_by_text("She said yes, on the telephone.")).to_be_visible()
    expect(office.get_by_text("My mother was called")).to_be_visible()
    assert office.locator(".case-dossier audio").count() == 2
    well_made(office)
    office.get_by_role("button", name="Acknowledge: I have read it").click()
    expect(office.get_by_text("The claimant is told that a person verifies the notice.")).to_be_visible()
    office.get_by_role("button", name="Give it back").click()
    decide(claim, "ask", reason="Did you ever speak with anybody here?")
    phone.goto(page)
    expect(phone.get_by_text("Did you ever speak with anybody here?")).to_be_visible()
    well_made(phone)
    phone.get_by_label("Your answer").fill("Never.")
    phone.get_by_role("button", name="Send the answer").click()

    # Two people end the voice; she reads it by her link.
    expect(phone.get_by_label("Your answer")).to_be_hidden()
    decide(claim, "uphold", reason="It is her voice, and nothing shows that she allowed it.")
    phone.goto(page)
    expect(phone.get_by_text("Ended for good")).to_be_visible()
    well_made(phone)
    assert Voice.objects.get(pk=voice.pk).status == Voice.Status.DELETED
    assert Notice.objects.get().status == Notice.Status.RESOLVED
    assert others == []
    assert [one for one in complaints if "422" not in one] == []  # the form that was mended
    assert verify().intact
