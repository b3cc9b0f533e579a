from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.browser import sounds
from tests.browser.conftest import CHROMIUM, FakeMicrophone, complaints_of
from tests.browser.site import Answer, Site

pytestmark = pytest.mark.browser

TEXT = "My voice is mine, and this is how it sounds. I read on, calmly, until there is enough of it."


@cache
def reading(peak: float = 0.4) -> np.ndarray:
    """A quiet second, then half a minute of a voice in a quiet room."""
    return sounds.over(np.concatenate([sounds.quiet(1.3), np.tile(sounds.voice(TEXT, peak=peak), 5)]), sounds.quiet(1))


def open_recorder(page: Page, site: Site, **context: object) -> None:
    site.context = {"upload_url": "/upload", "purpose": "sample", "min_seconds": 1, "max_seconds": 120, **context}
    page.goto(f"{site.url}/recorder")


def finding(page: Page, code: str):
    return page.locator(f".finding[data-code='{code}']")


def check(page: Page) -> None:
    page.get_by_role("button", name="Check my microphone").click()


def state(page: Page, name: str) -> None:
    expect(page.locator("[data-recorder]")).to_have_attribute("data-state", name)


# ---------------------------------------------------------------------------------------------------- before the clock
def test_a_good_microphone_is_found_good_and_so_is_another_that_is_chosen(page, site, microphone):
    microphone.load(reading())
    open_recorder(page, site)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()
    check(page)
    expect(page.locator(".prompt")).to_contain_text("My voice is mine")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    verdicts = [item.get_attribute("data-verdict") for item in page.locator(".finding").all()]
    assert verdicts == ["good"] * 4
    choice = page.get_by_label("Microphone")
    choice.select_option(index=2)
    state(page, "listening")
    state(page, "ready")
    expect(choice.locator("option:checked")).to_have_text("Fake Audio Input 2")
    assert site.received == []  # nothing of a check leaves the page


@pytest.mark.parametrize(
    ("sound", "code", "sentence"),
    [
        (sounds.over(reading(0.008), sounds.noise(1, 0.00002)), "level", "We could hardly hear you."),
        (sounds.over(reading(0.1), sounds.noise(1, 0.02)), "noise", "Your voice does not stand out"),
        (reading(4.0), "clipping", "too loud for the microphone"),
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
    microphone.load(reading())
    page.get_by_role("button", name="Check again").click()
    state(page, "ready")


@pytest.mark.parametrize("hertz", [50, 60])
def test_mains_hum_is_named_with_its_frequency(page, site, hertz):
    found = findings_of(page, site, sounds.over(reading()[: 3 * sounds.RATE], sounds.hum(1, hertz=hertz)))
    assert found["hum"]["verdict"] == "warn"
    assert f"{hertz} Hz" in found["hum"]["sentence"]


def test_a_voice_that_never_pauses_is_not_taken_for_hum(page, site):
    for name in ("en-us+f2", "en-us+m3", "en-us+m7"):
        samples = sounds.over(np.resize(sounds.voice(TEXT, name), 3 * sounds.RATE), sounds.quiet(1))
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


# -------------------------------------------------------------------------------------------------------- the recording
def test_a_sample_is_recorded_listened_to_and_sent_by_keyboard_alone(page, site, microphone):
    microphone.load(reading())
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site, text="Read this aloud.")
    page.get_by_role("button", name="Check my microphone").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    expect(page.get_by_text("Read this aloud.")).to_be_visible()
    expect(page.locator("[data-part=elapsed]")).to_have_text("0:02")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_focused()
    played = page.locator("[data-part=player]").evaluate("p => p.play().then(() => p.duration)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/arrived")

    [upload] = site.asked("/upload")
    samples, rate = soundfile.read(io.BytesIO(upload.fields["audio"]))
    assert 44_100 <= rate <= 48_000
    assert samples.ndim == 1
    assert len(samples) / rate == pytest.approx(played, abs=0.01)
    assert 2 <= played < 8
    assert (
        likeness(reading(), at_rate(samples, rate)) > 0.95
    )  # what arrives is what was said: no filter, no gain, no gap
    assert upload.fields["csrfmiddlewaretoken"] == b"a-token"
    assert upload.headers["X-CSRFToken"] == "a-token"
    assert upload.headers["Accept"] == "application/json"


def at_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    places = np.arange(0, len(samples) - 1, rate / sounds.RATE)
    return np.interp(places, np.arange(len(samples)), samples)


def likeness(whole: np.ndarray, part: np.ndarray) -> float:
    """The cosine between `part` and the stretch of `whole` that is most like it."""
    size = len(whole) + len(part)
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)[: len(whole) - len(part)]
    energy = np.concatenate([[0], np.cumsum(whole**2)])
    energies = energy[len(part) :] - energy[: -len(part)]
    return float(np.max(products / np.sqrt(energies[: len(products)] * np.sum(part**2) + 1e-12)))


def test_a_take_that_is_too_short_cannot_be_sent(page, site, microphone):
    microphone.load(reading())
    open_recorder(page, site, min_seconds=30)
    check(page)
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("at least 30 seconds are needed")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Record again").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()


def test_a_recording_ends_by_itself_at_the_most_that_is_taken(page, site, microphone):
    microphone.load(reading())
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site, max_seconds=1)
    check(page)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("1 second is the most we take")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/arrived")
    assert soundfile.info(io.BytesIO(site.asked("/upload")[0].fields["audio"])).duration == 1


def choose(page: Page, tmp_path: Path) -> None:
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", reading()))
    state(page, "review")


def test_a_take_outlives_a_lost_connection(page, site, tmp_path):
    page.expected_complaints = ("ERR_INTERNET_DISCONNECTED",)
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site)
    choose(page, tmp_path)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    state(page, "unsent")
    expect(page.get_by_role("alert")).to_contain_text("Nothing you recorded is lost")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("link", name="Keep a copy")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url("**/arrived")


def test_a_server_that_is_away_for_a_moment_is_asked_again_with_the_same_key(page, site, tmp_path):
    page.expected_complaints = ("503",)
    site.on("/upload", Answer({}, 503), Answer({"next": "/arrived"}))
    open_recorder(page, site)
    choose(page, tmp_path)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/arrived")
    first, second = site.asked("/upload")
    assert first.fields["audio"] == second.fields["audio"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_a_refusal_is_shown_in_place_with_what_to_do(page, site, tmp_path):
    page.expected_complaints = ("422",)
    refusal = {"code": "two_voices", "message": "We heard two people.", "next_step": "Record alone."}
    site.on("/upload", Answer({"error": refusal}, 422), Answer({"next": "/arrived"}))
    open_recorder(page, site)
    choose(page, tmp_path)
    page.get_by_role("button", name="Send", exact=True).click()
    box = page.get_by_role("alert")
    expect(box).to_contain_text("We heard two people. Record alone.")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("data-code", "two_voices")
    choose(page, tmp_path)
    expect(box).to_be_hidden()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/arrived")


def test_somebody_signed_out_meanwhile_signs_in_elsewhere_and_sends_again(page, site, tmp_path):
    site.on("/upload", Answer({}, location="/arrived"), Answer({"next": "/arrived"}))
    open_recorder(page, site)
    choose(page, tmp_path)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Sign in again in another tab")
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url("**/arrived")


def test_leaving_with_an_unsent_recording_is_asked_about(page, site, tmp_path):
    open_recorder(page, site)
    page.locator("h1").click()  # browsers ask only where somebody has touched the page
    choose(page, tmp_path)
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


def test_a_microphone_lost_while_recording_leaves_what_was_recorded(new_context, site, microphone):
    microphone.load(reading())
    context = new_context()
    page = context.new_page()
    page.add_init_script(OPENED_TRACKS)
    open_recorder(page, site)
    check(page)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("[data-part=elapsed]")).to_have_text("0:01")
    page.evaluate("tracks.forEach(track => track.dispatchEvent(new Event('ended')))")
    expect(page.get_by_text("The microphone stopped. What was recorded until then is here.")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()


# Chromium's fake microphone cannot be unplugged, so the test keeps its track and says on its behalf that it ended.
OPENED_TRACKS = """
window.tracks = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.wanted = wanted;
  const stream = await open(wanted);
  tracks.push(...stream.getTracks());
  return stream;
};
"""


# ------------------------------------------------------------------------------------------------------ a file instead
def test_a_file_can_be_dropped_instead(page, site):
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(2000)], "mine.flac", {type: "audio/flac"}));
          document.querySelector("[data-part=drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: data}));
        }"""
    )
    expect(page.get_by_text("mine.flac is ready to send.")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/arrived")
    assert site.asked("/upload")[0].fields["audio"] == bytes(2000)


def test_a_file_that_is_too_large_is_not_sent(page, site, tmp_path):
    open_recorder(page, site, max_bytes=1_000_000)
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", reading()))
    expect(page.get_by_role("alert")).to_contain_text("mine.wav is larger than 1 MB.")
    state(page, "start")


def test_without_javascript_a_plain_upload_form_remains(new_context, site, tmp_path):
    site.on("/upload", Answer({}, location="/arrived"))
    page = new_context(java_script_enabled=False).new_page()
    open_recorder(page, site)
    expect(page.get_by_role("button", name="Check my microphone")).to_be_hidden()
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", reading()))
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/arrived")
    assert soundfile.info(io.BytesIO(site.asked("/upload")[0].fields["audio"])).duration > 20


# ----------------------------------------------------------------------------------------------------------- the phrase
PHRASE = "velvet lantern copper river balloon"


def phrase(number: int = 1, **times: float) -> Answer:
    body = {"phrase": PHRASE, "shown_at": "2030-01-01T00:00:00Z", "answer_within_s": 10, "start_within_s": 15}
    return Answer({**body, "challenge": f"challenge-{number}", **times})


def open_captcha(page: Page, site: Site, microphone: FakeMicrophone) -> None:
    """Check with a voice, then ask for the phrase while the room is quiet."""
    microphone.rewindable(page)
    microphone.load(only_checking())
    site.context = {"start_url": "/start", "answer_url": "/answer"}
    page.goto(f"{site.url}/captcha")
    check(page)
    page.get_by_role("button", name="Show my phrase").click()


@cache
def only_checking() -> np.ndarray:
    return np.concatenate([sounds.quiet(1.3), sounds.voice(TEXT)[: 2 * sounds.RATE], sounds.quiet(60)])


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
    site.on("/start", phrase(answer_within_s=2.5))
    site.on("/answer", Answer({"next": "/arrived"}))
    open_captcha(page, site, microphone)
    say(page, microphone, f"{PHRASE}, {PHRASE}")
    page.wait_for_url("**/arrived")
    assert 1.5 < soundfile.info(io.BytesIO(site.asked("/answer")[0].fields["audio"])).duration <= 2.5


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
    say(page, microphone, "Something else")
    expect(page.get_by_role("button", name="Done")).to_be_focused()
    expect(page.locator("[data-part=seconds-left]")).to_have_text("8")
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


# ------------------------------------------------------------------------------------------------------------- progress
def job(state: str, done: int = 0, total: int = 3, **more: object) -> Answer:
    return Answer({"state": state, "done": done, "total": total, "note": f"{state} {done}", **more})


def open_progress(page: Page, site: Site, **context: object) -> None:
    steps = ["Sample", "Phrase", "Statement"]
    site.context = {"status_url": "/status", "state": "queued", "steps": steps, "cancel_url": "/cancel", **context}
    page.goto(f"{site.url}/progress")


def test_progress_is_shown_step_by_step_and_leads_on(page, site):
    site.on("/status", job("queued"), job("running", 1), job("running", 2), job("done", 3, next="/arrived"))
    open_progress(page, site)
    expect(page.locator("[aria-current=step]")).to_have_text("Phrase")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(page.locator("[data-part=steps] li").first).to_have_attribute("data-state", "done")
    page.wait_for_url("**/arrived")


def test_a_job_without_a_next_page_loads_this_one_again(page, site):
    site.on("/status", job("running", 1), job("done", 3))
    open_progress(page, site)
    with page.expect_navigation():
        site.context["state"] = "done"
    expect(page.locator("[data-progress]")).to_have_attribute("data-state", "done")


def test_a_failed_job_says_why(page, site):
    error = {
        "code": "engine",
        "message": "The voice could not be built.",
        "next_step": "Nothing was charged. Try again.",
    }
    site.on("/status", job("failed", 1, error=error))
    open_progress(page, site)
    expect(page.get_by_role("alert")).to_contain_text("The voice could not be built. Nothing was charged. Try again.")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()


def test_progress_outlives_a_lost_connection(page, site):
    page.expected_complaints = ("ERR_EMPTY_RESPONSE", "503")
    lost = Answer({}, drop=True)
    site.on("/status", job("running", 1), lost, lost, Answer({}, 503), job("done", 3, next="/arrived"))
    open_progress(page, site)
    expect(page.get_by_text("No connection at the moment.")).to_be_visible()
    page.wait_for_url("**/arrived")


def test_a_job_that_is_no_longer_there_ends_the_asking(page, site):
    page.expected_complaints = ("404",)
    site.on("/status", Answer({"error": {"code": "gone", "message": "There is no such job.", "next_step": ""}}, 404))
    open_progress(page, site)
    expect(page.get_by_role("alert")).to_contain_text("There is no such job.")


def test_a_hidden_page_asks_nothing_and_asks_at_once_when_seen_again(page, site):
    page.clock.install()
    site.on("/status", job("running", 1))
    open_progress(page, site)
    expect(page.get_by_text("1 of 3")).to_be_visible()
    show(page, hidden=True)
    page.clock.run_for(1000)
    before = len(site.asked("/status"))
    page.clock.run_for(60_000)
    assert len(site.asked("/status")) == before
    site.on("/status", job("running", 2))
    show(page, hidden=False)
    expect(page.get_by_text("2 of 3")).to_be_visible()


def show(page: Page, *, hidden: bool) -> None:
    """Headless pages are never hidden, so say that this one is."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_cancel_asks_the_server_and_shows_that_it_stopped(page, site):
    def stop(_: object) -> Answer:
        site.on("/status", job("cancelled", 1))
        return Answer({})

    site.on("/status", job("running", 1))
    site.on("/cancel", stop)
    open_progress(page, site)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    assert site.asked("/cancel")[0].headers["X-CSRFToken"] == "a-token"


def test_one_player_plays_at_a_time(page, site, tmp_path):
    site.files["/sound.wav"] = Path(sounds.write(tmp_path / "sound.wav", sounds.voice(TEXT))).read_bytes()
    page.goto(f"{site.url}/players")
    page.evaluate("first.play()")
    page.evaluate("second.play()")
    expect(page.locator("#first")).to_have_js_property("paused", True)
    assert page.evaluate("second.paused") is False
