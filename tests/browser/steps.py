"""What several tests do with the pages of this folder."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site


def open_recorder(page: Page, site: Site, **context: object) -> None:
    site.context = {"upload_url": "/upload", "purpose": "sample", "min_seconds": 1, "max_seconds": 120, **context}
    page.goto(f"{site.url}/recorder")


def check(page: Page) -> None:
    page.get_by_role("button", name="Check my microphone").click()


def in_state(page: Page, name: str) -> None:
    expect(page.locator("[data-recorder]")).to_have_attribute("data-state", name)
