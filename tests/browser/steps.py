"""What several tests do with the pages of this folder."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site


def open_recorder(page: Page, site: Site, **context: object) -> None:
    site.context = {"upload_url": "/upload", "purpose": "sample", "min_seconds": 1, "max_seconds": 120, **context}
    page.goto(f"{site.url}/recorder")


def say_who_it_is(page: Page, *, self_: bool = True) -> None:
    """Answer what is asked of the person, as of somebody whose voice may be cloned."""
    for name in ("office", "public_figure", "forbidden_use"):
        page.locator(f"input[name={name}][value={'never' if name == 'office' else 'no'}]").check()
    for name in () if self_ else ("alive", "adult"):
        page.locator(f"input[name={name}][value=yes]").check()
    page.get_by_label("What is the voice for?").fill("To read my book aloud.")


def check(page: Page) -> None:
    page.get_by_role("button", name="Check my microphone").click()


def in_state(page: Page, name: str) -> None:
    expect(page.locator("[data-recorder]")).to_have_attribute("data-state", name)
