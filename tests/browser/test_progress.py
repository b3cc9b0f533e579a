from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sounds
from tests.browser.site import Answer, Site

pytestmark = pytest.mark.browser


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


def test_somebody_signed_out_is_told_so_and_no_longer_asked_for(page, site):
    site.on("/status", Answer({}, location="/arrived"))
    open_progress(page, site)
    expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    assert len(site.asked("/status")) == 1


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
        return Answer({}, location="/after")

    site.on("/after", Answer({}))
    site.on("/status", job("running", 1))
    site.on("/cancel", stop)
    open_progress(page, site)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    assert site.asked("/cancel")[0].headers["X-CSRFToken"] == "a-token"
    assert site.asked("/after") == []  # that page has a message for the reader, which is shown once


def test_one_player_plays_at_a_time(page, site, tmp_path):
    site.files["/sound.wav"] = Path(sounds.write(tmp_path / "sound.wav", sounds.voice(sounds.TEXT))).read_bytes()
    page.goto(f"{site.url}/players")
    page.evaluate("first.play()")
    page.evaluate("second.play()")
    expect(page.locator("#first")).to_have_js_property("paused", True)
    assert page.evaluate("second.paused") is False
