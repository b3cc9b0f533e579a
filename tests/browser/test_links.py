"""A player outlives the ten minutes of its link: the page fetches a new one."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests import factories
from tests.browser import sounds
from tests.doors.house import sign_in, speech_done

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "keys"])]


@pytest.fixture
def signed_in(live_server, page, settings):
    settings.ALLOWED_HOSTS = ["*"]
    voice = factories.declared_voice()
    cookie = sign_in(Client(), voice.account).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return voice


def test_a_player_and_a_button_renew_links_that_expired(live_server, page, signed_in, tmp_path, monkeypatch):
    page.expected_complaints = ("403",)
    file = Path(sounds.write(tmp_path / "spoken.wav", sounds.voice(sounds.TEXT)))
    speech = speech_done(signed_in.account, signed_in, file.read_bytes())
    page.clock.install()
    page.goto(f"{live_server.url}/speech/{speech.pk}/")
    player = page.locator("audio")
    old = player.get_attribute("src")

    def eleven_minutes_pass(times: int) -> None:
        page.clock.fast_forward("11:00")
        now = time.time() + times * 660
        monkeypatch.setattr("django.core.signing.time", SimpleNamespace(time=lambda: now))

    eleven_minutes_pass(1)
    with page.expect_response(lambda answer: answer.status == 403 and answer.url.endswith(old)):
        player.evaluate("player => { player.play().catch(() => {}); }")
    expect(player).not_to_have_attribute("src", old)
    player.evaluate("player => new Promise(done => player.addEventListener('timeupdate', done, {once: true}))")

    eleven_minutes_pass(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
