"""No page of the house brings code or style of its own in its HTML, and every answer forbids the browser to run any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from tests.doors.house import House, addresses, sign_in
from tests.doors.table import DOORS
from tests.doors.test_doors import ENTRANCES, LIBRARY, OF_MODELS
from velluto import urls
from velluto.errors import Refusal

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HOUSE = pytest.mark.django_db(databases=["default", "keys"])


class Inline(HTMLParser):
    """Collect whatever a policy without 'unsafe-inline' would refuse, and what comes from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or "style" in given:
            self.found.append(f"style in <{tag}>")
        self.found += [f"{name} in <{tag}>" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            value = (given.get(name) or "").strip().lower()
            if value.startswith("javascript:") or (name == "src" and value.startswith(("http:", "https:", "//"))):
                self.found.append(f"{name}={value} in <{tag}>")
        # A block of JSON is data: it is not run, whatever the policy says.
        self.script = tag == "script" and "src" not in given and given.get("type") != "application/json"

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.found.append("code in <script>")

    def handle_endtag(self, tag: str) -> None:
        self.script = False


def problems(response: HttpResponse) -> list[str]:
    policy = dict(part.strip().split(" ", 1) for part in response.get("Content-Security-Policy", "x y").split(";"))
    found = [] if policy == POLICY else [f"the policy is {policy}"]
    if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
        reader = Inline()
        reader.feed(response.content.decode())
        found += reader.found
    return found


@pytest.mark.parametrize(
    "html",
    [
        "<p style='color: red'>",
        "<style>p {}</style>",
        "<script>run()</script>",
        "<script type=module>run()</script>",
        "<body onload='run()'>",
        "<a href=' javascript:run()'>",
        "<script src='https://elsewhere.example/x.js'></script>",
    ],
)
def test_the_reader_of_pages_finds_what_it_looks_for(html: str):
    assert problems(HttpResponse(html, headers={"Content-Security-Policy": "; ".join(map(" ".join, POLICY.items()))}))


@HOUSE
def test_every_page_forbids_inline_code_and_brings_none(house: House):
    found, seen = {}, 0
    for name in dict.fromkeys([*DOORS, *(name for name in addresses() if name.startswith(LIBRARY))]):
        role = "M" if name.startswith("admin:") else "a" if name in ENTRANCES else "o"
        for method in ("get", "post"):
            response = house.ask(role, method, name)
            seen += response.status_code == 200
            if wrong := problems(response):
                found[f"{method} {name}"] = wrong
    boss = sign_in(Client(), house.people["S"])
    for name in OF_MODELS:
        if not name.endswith(("_add", "_delete")):
            model = name.removeprefix("admin:").rpartition("_")[0].replace("_", ".")
            house.named["object_id"] = house.objects[model].pk
            response = boss.get(house.path(name))
            assert response.status_code == 200, name
            if wrong := problems(response):
                found[name] = wrong
    assert found == {}
    assert seen > 40


def broken(request):
    raise RuntimeError("for the test")


def refused(request):
    raise Refusal


class Broken:
    urlpatterns = [*urls.urlpatterns, path("broken/", broken), path("refused/", refused)]


@HOUSE
@pytest.mark.parametrize(("address", "status"), [("/nowhere/", 404), ("/broken/", 500), ("/refused/", 422)])
def test_pages_that_say_what_went_wrong_keep_the_policy(settings, address: str, status: int):
    settings.ROOT_URLCONF = Broken
    response = Client(raise_request_exception=False).get(address)
    assert (response.status_code, problems(response)) == (status, [])
    assert "text/html" in response["Content-Type"]


@HOUSE
def test_pages_that_send_somebody_away_keep_the_policy(house: House, settings):
    for response in (
        house.clients["o"].get("/admin/login/"),  # 403
        Client(enforce_csrf_checks=True).post("/account/login/"),  # 403, without the token
        house.ask("s", "get", "consent:declare"),  # 403, suspended
    ):
        assert (response.status_code, problems(response)) == (403, [])
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    client = Client()
    answers = [client.post("/account/password/reset/", {"email": "a@example.org"}) for _ in range(2)]
    assert (answers[1].status_code, problems(answers[1])) == (429, [])


def test_cookies_of_a_real_site_are_for_its_browser_and_host_alone(tmp_path):
    """Ask the settings as production reads them: what is set, and what the checks of a deployment say."""
    key = "A" * 43 + "="
    environment = {
        **os.environ,
        "VELLUTO_DEBUG": "false",
        "VELLUTO_DATA_DIR": str(tmp_path),
        "SECRET_KEY": "a long and secret key " * 4,
        "ALLOWED_HOSTS": "velluto.example",
        **dict.fromkeys(("VAULT_KEK", "AUDIT_SIGNING_KEY", "WATERMARK_KEY"), key),
    }
    code = (
        "import json, django; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if '_COOKIE_' in n and n.split('_')[0] in"
        " ('SESSION', 'CSRF')}))"
    )
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment | {"DJANGO_SETTINGS_MODULE": "velluto.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    cookies = json.loads(said.stdout)
    for kind in ("SESSION", "CSRF"):
        assert cookies[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        # What the prefix asks for, or browsers drop the cookie: secure, no domain, the whole site.
        assert cookies[f"{kind}_COOKIE_SECURE"] is True
        assert cookies[f"{kind}_COOKIE_DOMAIN"] is None
        assert cookies[f"{kind}_COOKIE_PATH"] == "/"
        assert cookies[f"{kind}_COOKIE_HTTPONLY"] is True
        assert cookies[f"{kind}_COOKIE_SAMESITE"] in ("Lax", "Strict")


@HOUSE
def test_no_page_sets_a_cookie_but_those_two(house: House):
    """K3: walk all pages, signed in and not, and list what each sets."""
    strictly_necessary = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    found = {}
    for name in dict.fromkeys([*DOORS, *(name for name in addresses() if name.startswith(LIBRARY))]):
        for role in "aoM":
            if others := set(house.ask(role, "get", name).cookies) - strictly_necessary:
                found[f"{name} as {role}"] = others
    assert found == {}


@HOUSE
def test_no_cookie_is_set_but_two_and_scripts_read_neither(house: House):
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": house.owner.email, "password": "quiet velvet in the dark"})
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in client.cookies.values())
