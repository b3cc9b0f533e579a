from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.browser import sounds
from tests.browser.conftest import FakeMicrophone
from tests.browser.site import Answer, Site
from tests.browser.steps import check

pytestmark = pytest.mark.browser


PHRASE = "velvet lantern copper river balloon"


def phrase(number: int = 1, **times: float) -> Answer:
    body = {"phrase": PHRASE, "shown_at": "2030-01-01T00:00:00Z", "answer_within_s": 10, "start_within_s": 15}
    return Answer({**body, "challenge": f"challenge-{number}", **times})


def open_captcha(page: Page, site: Site, microphone: FakeMicrophone) -> None:
    """Check with a voice, then ask for the phrase while the room is quiet."""
    microphone.rewindable(page)
    microphone.load(sounds.only_checking())
    site.context = {"start_url": "/start", "answer_url": "/answer"}
    page.goto(f"{site.url}/captcha")
    check(page)
    page.get_by_role("button", name="Show my phrase").click()


def say(page: Page, microphone: FakeMicrophone, words: str) -> None:
    expect(page.locator("[data-captcha]")).to_have_attribute("data-state", "reading")
    microphone.speak(page, np.concatenate([sounds.voice(words), sounds.quiet(60)]))


def test_a_phrase_read_aloud_is_sent_as_soon_as_it_is_finished(page, site, microphone):
    site.on("/start", phrase())
    site.on("/answer", Answer({"next": "/arrived"}))
    open_captcha(page, site, microphone)
    expect(page.locator(".phrase")).to_have_text(PHRASE)
    say(page, microphone, PHRASE)
    page.wait_for_url("**/arrived")
    [start] = site.asked("/start")
    assert start.headers["X-CSRFToken"] == "a-token"
    [answer] = site.asked("/answer")
    assert answer.fields["challenge"] == b"challenge-1"
    samples, rate = soundfile.read(io.BytesIO(answer.fields["audio"]))
    assert rate == 16_000
    assert len(sounds.voice(PHRASE)) / sounds.RATE < len(samples) / rate < 9.9
    assert np.sqrt(np.mean(samples[-rate:] ** 2)) < 0.01  # it ended in the pause after the words


def test_a_reading_is_cut_at_the_limit_of_the_servers_clock(page, site, microphone):
    site.on("/start", phrase(answer_within_s=5))
    site.on("/answer", Answer({"next": "/arrived"}))
    open_captcha(page, site, microphone)
    say(page, microphone, f"{PHRASE}, {PHRASE}, {PHRASE}")
    page.wait_for_url("**/arrived")
    assert 2 < soundfile.info(io.BytesIO(site.asked("/answer")[0].fields["audio"])).duration <= 5


def test_a_phrase_nobody_reads_is_replaced_but_not_for_ever(page, site, microphone):
    site.on("/start", *[phrase(n, answer_within_s=0.4, start_within_s=0.8) for n in (1, 2, 3, 4)])
    open_captcha(page, site, microphone)
    expect(page.get_by_text("This phrase expires, and a new one comes.")).to_be_visible()
    expect(page.get_by_role("button", name="Show a new phrase")).to_be_focused()
    assert len(site.asked("/start")) == 3
    assert site.asked("/answer") == []
    with page.expect_request("**/start"):
        page.get_by_role("button", name="Show a new phrase").click()


def test_a_wrong_reading_says_why_and_offers_another_try(page, site, microphone):
    page.expected_complaints = ("422",)
    wrong = {"code": "captcha_words", "message": "We heard other words.", "next_step": "Read the new phrase slowly."}
    site.on("/start", phrase(1), phrase(2))
    site.on("/answer", Answer({"error": {**wrong, "tries_left": 1}}, 422), Answer({"next": "/arrived"}))
    open_captcha(page, site, microphone)
    say(page, microphone, "Something else entirely")
    meter = page.locator("[data-part=meter]")
    expect(meter).to_have_attribute("data-zone", "good")
    expect(meter).to_have_attribute("data-zone", "quiet")
    expect(page.get_by_role("button", name="Done")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("We heard other words. Read the new phrase slowly.")
    expect(page.get_by_text("You have 1 try left.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    say(page, microphone, PHRASE)
    page.wait_for_url("**/arrived")
    assert [one.fields["challenge"] for one in site.asked("/answer")] == [b"challenge-1", b"challenge-2"]


def test_after_the_last_try_no_other_is_offered(page, site, microphone):
    page.expected_complaints = ("409",)
    closed = {
        "code": "tries_used",
        "message": "That was the last try.",
        "next_step": "A person looks.",
        "tries_left": 0,
    }
    site.on("/start", Answer({"error": closed}, 409))
    open_captcha(page, site, microphone)
    expect(page.get_by_role("alert")).to_contain_text("A person looks.")
    expect(page.locator("[data-captcha]")).to_have_attribute("data-state", "closed")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
