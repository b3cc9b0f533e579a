from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import sounds
from tests.browser.conftest import CHROMIUM, complaints_of
from tests.browser.site import Site
from tests.browser.steps import check, in_state, open_recorder

pytestmark = pytest.mark.browser


def finding(page: Page, code: str) -> Locator:
    return page.locator(f".finding[data-code='{code}']")


def test_a_good_microphone_is_found_good_and_so_is_another_that_is_chosen(page, site, microphone):
    microphone.load(sounds.reading())
    open_recorder(page, site)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()
    check(page)
    expect(page.locator(".prompt")).to_contain_text("My voice is mine")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    verdicts = [item.get_attribute("data-verdict") for item in page.locator(".finding").all()]
    assert verdicts == ["good"] * 4
    choice = page.get_by_label("Microphone")
    choice.select_option(index=2)
    in_state(page, "listening")
    in_state(page, "ready")
    expect(choice.locator("option:checked")).to_have_text("Fake Audio Input 2")
    assert site.received == []  # nothing of a check leaves the page


@pytest.mark.parametrize(
    ("sound", "code", "sentence"),
    [
        (sounds.over(sounds.reading(0.008), sounds.noise(1, 0.00002)), "level", "We could hardly hear you."),
        (sounds.over(sounds.reading(0.1), sounds.noise(1, 0.02)), "noise", "Your voice does not stand out"),
        (sounds.reading(4.0), "clipping", "too loud for the microphone"),
    ],
    ids=["a voice too far away", "a noisy room", "a shout"],
)
def test_what_would_spoil_a_recording_is_said_before_the_clock_starts(page, site, microphone, sound, code, sentence):
    microphone.load(sound)
    open_recorder(page, site)
    check(page)
    expect(finding(page, code)).to_contain_text(sentence)
    expect(finding(page, code)).to_have_attribute("data-verdict", "bad")
    expect(finding(page, code).locator(".finding-advice")).to_contain_text("check again")
    expect(page.get_by_role("button", name="Check again")).to_be_focused()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()


def test_a_microphone_switched_off_is_found_good_once_it_is_on(page, site, microphone):
    microphone.load(sounds.silence(1))
    open_recorder(page, site)
    check(page)
    expect(page.locator(".finding")).to_have_count(1)
    expect(finding(page, "level")).to_contain_text("Nothing arrived at all.")
    microphone.load(sounds.reading())
    page.get_by_role("button", name="Check again").click()
    in_state(page, "ready")


@pytest.mark.parametrize("hertz", [50, 60])
def test_mains_hum_is_named_with_its_frequency(page, site, hertz):
    found = findings_of(page, site, sounds.over(sounds.reading()[: 3 * sounds.RATE], sounds.hum(1, hertz=hertz)))
    assert found["hum"]["verdict"] == "warn"
    assert f"{hertz} Hz" in found["hum"]["sentence"]


def test_a_voice_that_never_pauses_is_not_taken_for_hum(page, site):
    for name in ("en-us+f2", "en-us+m3", "en-us+m7"):
        samples = sounds.over(np.resize(sounds.voice(sounds.TEXT, name), 3 * sounds.RATE), sounds.quiet(1))
        assert findings_of(page, site, samples)["hum"]["verdict"] == "good", name


def test_levels_are_measured_in_decibels_of_full_scale(page, site):
    time = np.arange(sounds.RATE) / sounds.RATE
    tone = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * 440 * time)
    half = np.concatenate([0.01 * tone, tone]) + 0.2  # an offset, as cheap converters have, is no sound
    found = measured(page, site, half)
    assert found["voice"] == pytest.approx(-20, abs=0.3)
    assert found["noise"] == pytest.approx(-60, abs=0.3)
    assert found["clipped"] == 0


def measured(page: Page, site: Site, samples: np.ndarray) -> dict:
    """Return what measure.js finds in `samples`, in a real browser."""
    site.files["/samples.f32"] = samples.astype("<f4").tobytes()
    page.goto(f"{site.url}/arrived")
    return page.evaluate(
        """async rate => {
          const { measure } = await import("/static/velluto/js/measure.js");
          return measure(new Float32Array(await (await fetch("/samples.f32")).arrayBuffer()), rate);
        }""",
        sounds.RATE,
    )


def findings_of(page: Page, site: Site, samples: np.ndarray) -> dict[str, dict]:
    script = "m => import('/static/velluto/js/findings.js').then(f => f.findingsOf(m))"
    return {one["code"]: one for one in page.evaluate(script, measured(page, site, samples))}


def test_a_denied_permission_is_explained_in_the_words_of_this_browser(new_context, site):
    page = new_context(allowed=False).new_page()
    complaints = complaints_of(page)
    open_recorder(page, site)
    check(page)
    expect(finding(page, "denied")).to_contain_text("does not let this page use the microphone")
    expect(finding(page, "denied")).to_contain_text("left of the address")
    assert complaints == []


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Website Settings"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Tap the icon"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "crossed-out microphone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15", "Settings for This Website"),
    ],
)
def test_each_browser_gets_its_own_next_step(page, site, agent, words):
    page.goto(f"{site.url}/arrived")
    script = "agent => import('/static/velluto/js/findings.js').then(f => f.permissionAdvice(agent))"
    assert words in page.evaluate(script, agent)


def test_a_page_without_a_secure_connection_says_so(new_context, site):
    page = new_context(allowed=False).new_page()
    open_recorder(page, site)
    page.goto(f"{site.insecure_url}/recorder")
    check(page)
    expect(finding(page, "insecure")).to_contain_text("not opened over a secure connection")


def test_a_site_that_forbids_the_microphone_is_told_which_header(page, site):
    site.permissions_policy = "microphone=()"
    open_recorder(page, site)
    check(page)
    expect(finding(page, "policy")).to_contain_text("Permissions-Policy")


def test_a_machine_without_a_microphone_is_told_so(playwright, site):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    try:
        page = browser.new_context(permissions=["microphone"]).new_page()
        open_recorder(page, site)
        check(page)
        expect(finding(page, "missing")).to_contain_text("No microphone was found")
    finally:
        browser.close()
