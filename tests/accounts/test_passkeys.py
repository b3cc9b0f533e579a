"""Passkeys in a real browser, whose authenticator is Chromium's virtual one."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, sync_playwright

from tests.accounts.factories import PASSWORD, make_user

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


def add_virtual_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def sign_in_with_password(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/account/login/?next=/account/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/")


def journey(address: str, email: str) -> list[str]:
    """Add a passkey, sign in with it alone, then with the password and it; return what the browser complained of."""
    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        add_virtual_authenticator(page)

        sign_in_with_password(page, address, email)
        page.goto(f"{address}/account/2fa/webauthn/add/")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.get_by_label("Name").fill("My laptop")
        page.get_by_label("Sign me in with it alone").check()
        page.get_by_role("button", name="Add it").click()
        page.wait_for_url(f"{address}/account/2fa/recovery-codes/")

        sign_out(page, address)
        page.goto(f"{address}/account/login/?next=/admin/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{address}/admin/")

        sign_out(page, address)
        sign_in_with_password(page, address, email)
        page.get_by_role("button", name="Use my passkey instead").click()
        page.wait_for_url(f"{address}/account/")
        browser.close()
    return complaints


def test_a_passkey_is_added_and_signs_in_alone_or_as_the_second_step(live_server, settings):
    settings.ADMIN_REQUIRES_MFA = True
    boss = make_user(superuser=True)
    # In a thread of its own: the browser's driver runs an event loop, beside which Django refuses to use the database.
    with ThreadPoolExecutor(1) as browser:
        complaints = browser.submit(journey, live_server.url, boss.email).result()
    assert complaints == []
    assert set(Authenticator.objects.filter(user=boss).values_list("type", flat=True)) == {"webauthn", "recovery_codes"}
