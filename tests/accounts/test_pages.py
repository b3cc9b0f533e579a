"""Every page of the part obeys the strict content security policy and can be used by keyboard and screen reader."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from tests.accounts.factories import PASSWORD, make_user
from velluto import pages

pytestmark = pytest.mark.django_db

ANONYMOUS = [
    "/",
    "/account/login/",
    "/account/signup/",
    "/account/confirm-email/",
    "/account/confirm-email/no-such-key/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/1-no-such-key/",
    "/account/password/reset/key/done/",
    "/account/inactive/",
]
SIGNED_IN = [
    "/",
    "/account/",
    "/account/credits/",
    "/account/email/",
    "/account/password/change/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/reauthenticate/",
]
CONFIRMED = [
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/webauthn/add/",
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/creditentry/",
]


class Page(HTMLParser):
    """What a strict policy forbids, and what a reader needs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.headings = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "style" or "style" in found or any(name.startswith("on") for name in found):
            self.forbidden.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in found and found.get("type") != "application/json":
            self.forbidden.append(self.get_starttag_text() or tag)
        if "javascript:" in (found.get("href") or ""):
            self.forbidden.append(self.get_starttag_text() or tag)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "label" and found.get("for"):
            self.labelled.add(str(found["for"]))
        if tag in ("input", "select", "textarea") and found.get("type") not in ("hidden", "submit"):
            self.inputs.append(found)
        self.headings += tag == "h1"


def assert_strict(answer) -> Page:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = Page(answer.content.decode())
    assert page.forbidden == []
    return page


def assert_usable(page: Page, html: str) -> None:
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids))
    assert all(one.get("id") in page.labelled or "aria-label" in one for one in page.inputs)
    assert '<html lang="en">' in html
    assert re.search(r'class="skip" href="#content"', html)


@pytest.mark.parametrize("path", ANONYMOUS)
def test_pages_for_everybody_obey_the_policy(path):
    answer = Client().get(path, follow=True)
    assert answer.status_code == 200
    assert_usable(assert_strict(answer), answer.content.decode())


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_an_account_obey_the_policy(path):
    anna = make_user()
    TOTP.activate(anna, generate_totp_secret())
    client = Client()
    client.force_login(anna)
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    assert_usable(assert_strict(answer), answer.content.decode())


@pytest.mark.parametrize("path", CONFIRMED)
def test_pages_that_ask_for_a_recent_password_obey_the_policy(path, settings):
    settings.ADMIN_REQUIRES_MFA = False
    boss = make_user(superuser=True)
    client = Client()
    client.force_login(boss)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    TOTP.activate(boss, generate_totp_secret())
    RecoveryCodes.activate(boss)
    answer = client.get(path)
    assert answer.status_code == 200
    page = assert_strict(answer)
    if not path.startswith("/admin/"):
        assert_usable(page, answer.content.decode())


def test_setting_up_an_app_shows_the_secret_as_a_picture_and_as_text():
    anna = make_user()
    client = Client()
    client.force_login(anna)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = client.get("/account/2fa/totp/activate/")
    html = answer.content.decode()
    assert_usable(assert_strict(answer), html)
    assert 'src="data:image/svg+xml' in html
    assert answer.context["form"].secret in html


@pytest.mark.parametrize(
    ("path", "text"),
    [("/no/such/page/", "This page does not exist")],
)
def test_an_address_that_does_not_exist_says_so(path, text):
    answer = Client().get(path)
    assert answer.status_code == 404
    assert text in answer.content.decode()
    assert_strict(answer)


def test_a_form_without_its_token_explains_itself():
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()
    assert_strict(answer)


@pytest.mark.parametrize("template", ["403.html", "429.html", "500.html"])
def test_the_other_pages_of_error_need_nothing_to_be_drawn(template):
    page = Page(render_to_string(template))
    assert page.forbidden == []
    assert page.headings == 1


def test_asking_too_often_is_answered_with_429_and_a_sentence():
    last = None
    for number in range(25):
        last = Client().post("/account/password/reset/", {"email": f"person{number}@example.org"})
        if last.status_code == 429:
            break
    assert last is not None
    assert last.status_code == 429
    assert "Too many tries" in last.content.decode()


def test_the_microphone_is_for_our_own_pages_and_the_camera_for_nobody():
    policy = Client().get("/").headers["Permissions-Policy"]
    assert "microphone=(self)" in policy
    assert "camera=()" in policy


def test_only_the_two_necessary_cookies_are_set():
    anna = make_user()
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": anna.email, "password": PASSWORD})
    client.get("/account/")
    assert set(client.cookies) == {"velluto_session", "velluto_csrf"}
    assert client.cookies["velluto_session"]["httponly"]


def test_an_invalid_field_names_its_error_to_screen_readers():
    html = Client().post("/account/signup/", {"email": "no address"}).content.decode()
    assert 'aria-invalid="true"' in html
    for field in re.findall(r'aria-describedby="([^"]+)"', html):
        assert all(f'id="{name}"' in html for name in field.split())


def test_the_sheet_of_styles_obeys_the_policy_and_is_served_in_development_only(settings):
    assert Client().get("/style/").status_code == 404
    settings.DEBUG = True
    assert Page(pages.style(RequestFactory().get("/style/")).content.decode()).forbidden == []
