"""A real Chromium with a fake microphone that plays a WAV file. How to use it: docs/microphone.md."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser import sounds
from tests.browser.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


# Lets a page's open microphone hear the file anew: the page is given a stream of its own, fed from Chromium's fake
# device, and the device behind it is opened again.
REWINDABLE = """
(() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  let context, lasting, playing, wanted;
  window.rewindMicrophone = async () => {
    playing?.mediaStream.getTracks().forEach((track) => track.stop());
    playing?.disconnect();
    playing = context.createMediaStreamSource(await open(wanted));
    playing.connect(lasting);
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    wanted = constraints;
    context ??= new AudioContext();
    lasting = context.createMediaStreamDestination();
    await window.rewindMicrophone();
    return lasting.stream;
  };
})();
"""


class FakeMicrophone:
    """The file behind Chromium's fake microphone.

    Chromium reads it anew whenever a page opens the microphone, and plays it from its start; what is loaded here is
    what the next opening hears.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.load(sounds.quiet(1))

    def load(self, samples: np.ndarray) -> None:
        """Let the next opening hear `samples` (mono at sounds.RATE, in -1..1), then silence."""
        fresh = self.path.with_suffix(".next")
        sounds.write(fresh, samples)
        fresh.replace(self.path)

    def rewindable(self, page: Page) -> None:
        """Let speak() work on the pages that `page` opens from now on."""
        page.add_init_script(REWINDABLE)

    def speak(self, page: Page, samples: np.ndarray) -> None:
        """Let the microphone that `page` has open hear `samples` now."""
        self.load(samples)
        page.evaluate("rewindMicrophone()")

    def load_file(self, path: Path) -> None:
        """Let the next opening hear a 16-bit PCM WAV file."""
        fresh = self.path.with_suffix(".next")
        shutil.copyfile(path, fresh)
        fresh.replace(self.path)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    # Playwright's synchronous interface keeps an event loop on this thread, and Django would refuse its database there.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield driver


@pytest.fixture(scope="package")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> FakeMicrophone:
    return FakeMicrophone(tmp_path_factory.mktemp("microphone") / "heard.wav")


@pytest.fixture(scope="package")
def chromium(playwright: Playwright, microphone: FakeMicrophone) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",  # containers often have 64 MB there
            "--disable-background-networking",
            "--host-resolver-rules=MAP velluto.test 127.0.0.1",  # a name that is neither https nor localhost
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone.path}%noloop",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that makes a browser context; each is closed after the test."""
    made: list[BrowserContext] = []

    def make(*, allowed: bool = True, **options: object) -> BrowserContext:
        context = chromium.new_context(permissions=["microphone"] if allowed else [], **options)
        context.set_default_timeout(15_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


def complaints_of(page: Page) -> list[str]:
    """Collect what a page says on its console and every error it does not catch."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """Return a page that may use the microphone; the test fails where the page complained on its console."""
    page = new_context().new_page()
    complaints = complaints_of(page)
    page.expected_complaints = ()  # parts of lines a test provokes, such as a refused upload
    yield page
    assert [line for line in complaints if not any(part in line for part in page.expected_complaints)] == []


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
