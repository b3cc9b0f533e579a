"""Somebody takes their data with them and erases the account, in a browser."""

from __future__ import annotations

import json
import zipfile

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from takedowns.privacy import services
from tests import standins
from tests.accounts.factories import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(databases=["default", "keys"], transaction=True)]


@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_exports_and_erases_their_account(live_server, page, settings, width):
    settings.ALLOWED_HOSTS = ["*"]
    account = make_user("alice@example.org", full_name="Alice Ackroyd")
    standins.spoken(standins.active_voice(account), "The heron stands on the pier.")
    mail.outbox.clear()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/account/login/?next=/account/privacy/")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("link", name="See what we hold").click()
    expect(page.get_by_role("heading", name="What we hold of you")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Back to Privacy").click()

    page.get_by_role("button", name="Make a copy of my data").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("Your data is being put together.")).to_be_visible()
    standins.drain()
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as files:
        data = json.loads(files.read("data.json"))
        assert sum(name.startswith("recordings/") for name in files.namelist()) == 3
    assert data["account"]["full_name"] == "Alice Ackroyd"
    assert data["speech"][0]["text"] == "The heron stands on the pier."

    page.get_by_role("link", name="Erase my account").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Erase my account for good").check()
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("The account is closed since")).to_be_visible()
    for _ in range(2):
        standins.drain()
        services.resume()
    page.reload()
    expect(page.get_by_text("Everything that could be destroyed is destroyed")).to_be_visible()
    assert {cookie["name"] for cookie in page.context.cookies()} <= {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
    }
    erased = User.objects.get(pk=account.pk)
    assert (erased.full_name, erased.email) == ("", f"{account.pk}@erased.invalid")
    page.goto(f"{live_server.url}/account/privacy/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
