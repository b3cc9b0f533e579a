from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.browser import sounds
from tests.browser.site import Answer
from tests.browser.steps import check, in_state, open_recorder

pytestmark = pytest.mark.browser


def test_a_sample_is_recorded_listened_to_and_sent_by_keyboard_alone(page, site, microphone):
    microphone.load(sounds.reading())
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site, text="Read this aloud.", extra_name="on", extra_value="2030-01-01")
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
        likeness(sounds.reading(), at_rate(samples, rate)) > 0.95
    )  # what arrives is what was said: no filter, no gain, no gap
    assert upload.fields["csrfmiddlewaretoken"] == b"a-token"
    assert upload.fields["on"] == b"2030-01-01"
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


def test_a_take_that_is_too_short_is_recorded_again_without_another_check(page, site, microphone):
    page.add_init_script(OPENED_TRACKS)
    microphone.load(sounds.reading())
    open_recorder(page, site, min_seconds=30)
    check(page)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("[data-part=elapsed]")).to_have_text("0:01")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("at least 30 seconds are needed")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    assert page.evaluate("tracks.map(track => track.readyState)") == ["ended"]  # nobody is heard while listening
    page.get_by_role("button", name="Record again").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=elapsed]")).to_have_text("0:01")


def test_a_recording_ends_by_itself_at_the_most_that_is_taken(page, site, microphone):
    microphone.load(sounds.reading())
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site, max_seconds=1)
    check(page)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("1 second is the most we take")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/arrived")
    assert soundfile.info(io.BytesIO(site.asked("/upload")[0].fields["audio"])).duration == 1


def choose(page: Page, tmp_path: Path) -> None:
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", sounds.reading()))
    in_state(page, "review")


def test_a_take_outlives_a_lost_connection(page, site, tmp_path):
    page.expected_complaints = ("ERR_INTERNET_DISCONNECTED",)
    site.on("/upload", Answer({"next": "/arrived"}))
    open_recorder(page, site)
    choose(page, tmp_path)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    in_state(page, "unsent")
    expect(page.get_by_role("alert")).to_contain_text("The connection was lost.")
    expect(page.get_by_text("Your recording is still here.")).to_be_visible()
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
    microphone.load(sounds.reading())
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


def test_a_microphone_lost_before_recording_is_asked_for_again(page, site, microphone):
    microphone.load(sounds.reading())
    page.add_init_script(OPENED_TRACKS)
    open_recorder(page, site)
    check(page)
    in_state(page, "ready")
    page.evaluate("tracks.forEach(track => track.dispatchEvent(new Event('ended')))")
    expect(page.locator(".finding[data-code=lost]")).to_contain_text("Plug it in again")
    page.get_by_role("button", name="Check again").click()
    in_state(page, "ready")


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
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", sounds.reading()))
    expect(page.get_by_role("alert")).to_contain_text("mine.wav is larger than 1 MB.")
    in_state(page, "start")


def test_a_file_that_is_too_long_is_not_sent(page, site, tmp_path):
    open_recorder(page, site, max_seconds=20)
    choose(page, tmp_path)
    expect(page.get_by_text("we take at most 20 seconds")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()


def test_without_javascript_a_plain_upload_form_remains(new_context, site, tmp_path):
    site.on("/upload", Answer({}, location="/arrived"))
    page = new_context(java_script_enabled=False).new_page()
    open_recorder(page, site)
    expect(page.get_by_role("button", name="Check my microphone")).to_be_hidden()
    page.locator("input[type=file]").set_input_files(sounds.write(tmp_path / "mine.wav", sounds.reading()))
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/arrived")
    assert soundfile.info(io.BytesIO(site.asked("/upload")[0].fields["audio"])).duration > 20
