"""The main job in a real browser, with a real worker, as user, moderator and public."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.accounts.factories import PASSWORD, make_user
from tests.browser import sounds
from tests.browser.conftest import complaints_of
from tests.browser.speakers import speaker
from tests.browser.steps import say_who_it_is
from tests.databases import address
from velluto.audio.signal import Audio
from velluto.audit.verification import verify
from velluto.engines.made_up import wav

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]

WIDTHS = (1280, 390)
PICTURES = os.environ.get("VELLUTO_TEST_PICTURES")  # a folder in which to keep what every page looked like
numbers = count(1)
TEXT = "Good evening. This is my own voice, and I have never said these words. Anybody can find out that a machine did."
PATIENCE = 300_000  # milliseconds that a background step may take on a busy machine


@pytest.fixture
def mails(files_apart: Path) -> Path:
    return files_apart / "mails"


@pytest.fixture
def house(live_server, files_apart: Path, mails: Path) -> Iterator[str]:
    """Serve the house with a worker of its own; return its address."""
    call_command("createcachetable")
    environment = {
        **os.environ,
        "DATABASE_URL": address("default"),
        "KEYS_DATABASE_URL": address("keys"),
        "VELLUTO_DATA_DIR": str(files_apart),
        "VAULT_KEK": settings.VAULT_KEK,
        "WATERMARK_KEY": settings.WATERMARK_KEY,
        "AUDIT_SIGNING_KEY": settings.AUDIT_SIGNING_KEY,
        "VELLUTO_PUBLIC_URL": live_server.url,
        "EMAIL_URL": f"file:///{mails}",
    }
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR, env=environment)
    yield live_server.url
    worker.terminate()
    worker.wait(30)


def sign_in(page: Page, house: str, email: str) -> None:
    page.goto(f"{house}/account/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{house}/")


def heard(speech: Audio) -> np.ndarray:
    """Return speech as the fake microphone wants it."""
    return np.concatenate([speech.at(sounds.RATE).samples, sounds.quiet(60)])


def well_made(page: Page) -> None:
    """No page is broken at either width, and none carries inline script or style."""
    size, number = page.viewport_size, next(numbers)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} overflows at {width}"
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{number:02}-{width}.png", full_page=True)
    page.set_viewport_size(size)
    html = page.content()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", html), f"inline script on {page.url}"
    assert "<style" not in html, f"inline style on {page.url}"
    assert not re.search(r"\son[a-z]+=\"", html), f"inline handler on {page.url}"


def listen_first(page: Page, microphone) -> None:
    """Let the page look at the microphone: a second of the room, then two of a voice."""
    microphone.load(sounds.only_checking())
    page.get_by_role("button", name="Check my microphone").click()


def record(page: Page, microphone, speech: Audio) -> None:
    listen_first(page, microphone)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    microphone.speak(page, heard(speech))
    page.wait_for_timeout(min(speech.seconds + 1, 60) * 1000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Send", exact=True).click()


def read_the_statement(page: Page, microphone, read: Callable[[str], Audio]) -> None:
    """Read the statement until it is heard: one good reading in twelve is not, and there are three tries."""
    for _ in range(3):
        record(page, microphone, read(page.locator("blockquote.phrase").inner_text()))
        found = page.get_by_role("heading", name=re.compile("That is good|Not yet"))
        expect(found).to_be_visible(timeout=PATIENCE)
        if found.inner_text() == "That is good":
            break
        page.get_by_role("link", name="Try again").click()


def passes(page: Page, button: str) -> None:
    expect(page.get_by_role("heading", name="That is good")).to_be_visible(timeout=PATIENCE)
    well_made(page)
    page.get_by_role("link", name=button).click()


def test_from_a_microphone_to_marked_speech(house: str, new_context, microphone, mails: Path, tmp_path: Path):
    person = speaker()  # now: what it takes to speak as somebody must not count against the phrase's time
    user = make_user("alice@example.org", full_name="Alice Baker")
    moderator = make_user("moderator@example.org", staff=True)
    moderator.groups.add(Group.objects.get(name="moderator"))

    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    complaints = complaints_of(page)
    microphone.rewindable(page)
    sign_in(page, house, user.email)

    # Whose voice it is: there is no default.
    page.goto(f"{house}/voices/")
    page.get_by_role("link", name="Make a voice").click()
    well_made(page)
    expect(page.locator("input[name=whose]:checked")).to_have_count(0)
    page.get_by_label("My own voice").check()
    page.get_by_label("What shall we call this voice?").fill("Alice at home")
    say_who_it_is(page)
    page.get_by_role("button", name="Go on").click()

    # The sample, by microphone.
    page.wait_for_url("**/gate/sample/")
    well_made(page)
    record(page, microphone, person.sample())
    passes(page, "Go on")

    # The representations, word for word.
    page.wait_for_url("**/gate/representations/")
    well_made(page)
    expect(page.get_by_text("I will indemnify Velluto per the Terms")).to_be_visible()
    page.get_by_label("I make these representations").check()
    page.get_by_role("button", name="I give my word").click()

    # The phrase, live.
    page.wait_for_url("**/gate/captcha/")
    well_made(page)
    for _ in range(3):  # a busy machine may cut the reading off, as it may happen to a person: there are three tries
        listen_first(page, microphone)
        page.get_by_role("button", name="Show my phrase").click()
        expect(page.locator("[data-captcha]")).to_have_attribute("data-state", "reading")
        microphone.speak(page, heard(person.read(", ".join(page.locator(".phrase").inner_text().split()))))
        found = page.get_by_role("heading", name=re.compile("That is good|Not yet"))
        expect(found).to_be_visible(timeout=PATIENCE)
        well_made(page)
        if found.inner_text() == "That is good":
            break
        page.get_by_role("link", name="Try again").click()
    passes(page, "Go on")

    # The statement.
    page.wait_for_url("**/gate/statement/")
    well_made(page)
    statement = page.locator("blockquote.phrase").inner_text()
    assert "I, Alice Baker, on " in statement
    read_the_statement(page, microphone, person.read)
    passes(page, "See where it stands")
    expect(page.get_by_text("A person looks at it now")).to_be_visible()
    well_made(page)
    voice_url = page.url

    # The moderator listens and decides.
    office = new_context(viewport={"width": 1280, "height": 900}).new_page()
    office_complaints = complaints_of(office)
    sign_in(office, house, moderator.email)
    office.goto(f"{house}/admin/moderation/case/")
    office.get_by_role("link", name="A new voice to decide on").click()
    well_made(office)
    office.get_by_role("button", name="Claim this case").click()
    expect(office.locator("audio")).to_have_count(3)
    length = office.locator("audio").first.evaluate(
        "player => new Promise(done => { player.onloadedmetadata = () => done(player.duration); player.load(); })"
    )
    assert length > 30
    for picture in office.locator(".case-pictures img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode()")
    office.get_by_label("Approve").check()
    office.get_by_label("Policy section").select_option("4")
    office.get_by_label("Reason").fill("The same person spoke throughout, and said so.")
    office.get_by_role("button", name="Decide").click()
    expect(office.get_by_text("Decided. The person is told")).to_be_visible()

    # The voice is built; the person is told by mail and on the page.
    page.goto(voice_url)
    expect(page.get_by_text("This voice is ready.")).to_be_visible(timeout=PATIENCE)
    assert any("The same person spoke throughout" in mail.read_text() for mail in mails.glob("*.log"))

    # It speaks.
    page.get_by_role("link", name="Make it speak").click()
    well_made(page)
    page.get_by_label("Text").fill(TEXT)
    page.get_by_label("File format").select_option("wav")
    page.get_by_role("button", name="Speak").click()
    page.wait_for_url("**/speech/*/")
    speech_url = page.url
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE)
    well_made(page)
    assert (
        page.locator("audio").evaluate(
            "player => new Promise(done => { player.onloadedmetadata = () => done(player.duration); player.load(); })"
        )
        > 5
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    spoken = tmp_path / download.value.suggested_filename
    download.value.save_as(spoken)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("cell", name="Alice at home")).to_be_visible()
    well_made(page)

    # Anybody may ask the detector, without an account.
    public = new_context(viewport={"width": 390, "height": 900}).new_page()
    public_complaints = complaints_of(public)
    ask(public, house, spoken)
    expect(public.get_by_role("heading", name="Yes, this was made here")).to_be_visible(timeout=PATIENCE)
    expect(public.get_by_text("in force")).to_be_visible()
    assert "Alice" not in public.inner_text("main")
    well_made(public)
    plain = tmp_path / "plain.wav"
    plain.write_bytes(wav(person.sample()).getvalue())
    ask(public, house, plain)
    expect(public.get_by_text("This is no proof that a human spoke")).to_be_visible(timeout=PATIENCE)
    well_made(public)

    # Somebody else finds nothing; the audit is whole.
    stranger = new_context().new_page()
    sign_in(stranger, house, make_user("mallory@example.org").email)
    for private in (voice_url, speech_url):
        assert stranger.goto(private).status == 404
    assert complaints == office_complaints == public_complaints == []
    assert verify().intact


def ask(page: Page, house: str, recording: Path) -> None:
    page.goto(f"{house}/detector/")
    page.get_by_label("A recording").set_input_files(recording)
    page.get_by_role("button", name="Look for the mark").click()
