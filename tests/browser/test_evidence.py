"""A legal request with two people, and a document that is demanded, handed in and accepted: in a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from takedowns.models import EvidenceDemand, LegalRequest
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.browser.conftest import complaints_of
from tests.browser.test_journey import sign_in, well_made
from tests.consent import papers
from tests.takedowns import requests
from tests.takedowns.bundles import public_key, unpacked, verified

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]
PICTURES = os.environ.get("EVIDENCE_PICTURES", "")  # a folder: pictures of each page, wide and narrow


@pytest.fixture
def seat(live_server, new_context: Callable[..., BrowserContext]) -> Callable[[User], Page]:
    def sit(person: User) -> Page:
        page = new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.complaints = complaints_of(page)
        sign_in(page, live_server.url, person.email)
        return page

    return sit


def looked_at(page: Page, name: str) -> None:
    """See that a page is well made, narrow as well."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        well_made(page)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def saved(page: Page, button: str, to: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_text(button).first.click()
    download.value.save_as(to)
    return to.read_bytes()


def test_a_legal_request_with_two_people(live_server, seat, tmp_path):
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))
    standins.spoken(voice)
    counsel, senior = requests.counsel(), factories.moderator(role="senior moderator")
    page = seat(counsel)
    page.goto(f"{live_server.url}/admin/takedowns/legalrequest/")
    looked_at(page, "legal-list")
    page.get_by_role("link", name="Enter a request").click()
    looked_at(page, "legal-new")
    page.get_by_label("Authority").fill("District Court of Halden")
    page.get_by_label("Legal basis").fill("Production order, section 94")
    page.get_by_label("Their reference").fill("HAL-2026-113")
    page.get_by_label("Received on").fill(timezone.localdate().isoformat())
    page.get_by_label("What is asked for").select_option("account")
    page.get_by_label("Which").fill("nobody@example.org")
    page.get_by_label("They may be told: they get").check()
    page.get_by_label("Their document").set_input_files(
        {"name": "order.pdf", "mimeType": "application/pdf", "buffer": requests.ORDER}
    )
    page.get_by_role("button", name="Enter it and hold").click()
    expect(page.get_by_text("There is nothing here that this names.")).to_be_visible()
    looked_at(page, "legal-new-wrong")
    page.get_by_label("Which").fill("alice@example.org")
    page.get_by_label("Their document").set_input_files(
        {"name": "order.pdf", "mimeType": "application/pdf", "buffer": requests.ORDER}
    )
    page.get_by_role("button", name="Enter it and hold").click()
    expect(page.get_by_text("Its records are on hold.")).to_be_visible()
    looked_at(page, "legal-received")
    assert saved(page, "Fetch their document", tmp_path / "order.pdf") == requests.ORDER

    page.get_by_role("link", name="Answer it in the queue").click()
    page.get_by_role("button", name="Claim this case").click()
    page.get_by_text("Hand out the records").first.click()
    page.get_by_label("Policy section").select_option("9")
    page.get_by_label("Reason").fill("The order is valid and covers the account.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("decrypted, signed and sealed").first).to_be_visible()
    looked_at(page, "legal-case")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Nothing happens until a second person approves it.")).to_be_visible()

    request = LegalRequest.objects.get()
    other = seat(senior)
    other.goto(f"{live_server.url}/admin/moderation/case/{requests.case_of(request).pk}/change/")
    looked_at(other, "legal-second")
    other.get_by_role("button", name="Approve and carry out").click()
    expect(other.get_by_text("Decided.")).to_be_visible()
    standins.drain()

    page.goto(f"{live_server.url}/admin/takedowns/legalrequest/{request.pk}/change/")
    content = saved(page, "Fetch the bundle", tmp_path / "evidence.zip")
    page.reload()
    looked_at(page, "legal-ready")
    page.get_by_role("link", name="the key and the script on this page").click()
    looked_at(page, "verifying")
    saved(page, "Download verify.py", tmp_path / "verify.py")
    key = page.locator("code.digest").first.inner_text()
    assert key == public_key()
    status, said = verified(tmp_path / "evidence.zip", "--public-key", key, script=tmp_path / "verify.py")
    assert status == 0, said
    folder = unpacked(content, tmp_path / "bundle")
    sound = next((folder / "files" / "recordings").iterdir())
    sound.write_bytes(sound.read_bytes()[:-1] + b"\0")
    status, said = verified(folder, "--public-key", key, script=tmp_path / "verify.py")
    assert (status, f"files/recordings/{sound.name}: changed" in said) == (1, True)
    assert [line for line in page.complaints if "422" not in line] == []  # what was named wrongly was refused
    assert other.complaints == []


def test_a_document_is_demanded_handed_in_and_accepted(live_server, seat, tmp_path):
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))
    first = factories.moderator()
    staff, account = seat(first), seat(voice.account)
    staff.goto(f"{live_server.url}/admin/takedowns/evidencedemand/new/{voice.pk}/")
    looked_at(staff, "demand-new")
    staff.get_by_label("Why").fill("Somebody who knows the voice doubts that its owner agreed.")
    staff.get_by_role("button", name="Demand it").click()
    expect(staff.get_by_text("The account has until")).to_be_visible()
    looked_at(staff, "demand-admin")

    account.goto(f"{live_server.url}/voices/{voice.pk}/")
    looked_at(account, "voice-demanded")
    account.get_by_role("link", name="Hand it in").click()
    looked_at(account, "evidence-demanded")
    account.get_by_label("The signed document").set_input_files(
        {"name": "consent.pdf", "mimeType": "application/pdf", "buffer": papers.pdf()}
    )
    account.get_by_label("Who signed it").fill("Alice Baker")
    account.get_by_label("Signed on").fill("2026-01-05")
    account.get_by_role("button", name="Hand it in").click()
    expect(account.get_by_text("A person reads your document")).to_be_visible()
    looked_at(account, "evidence-answered")
    content = saved(account, "Download the evidence", tmp_path / "consent.zip")
    status, said = verified(script=unpacked(content, tmp_path / "own") / "verify.py")
    assert status == 0, said

    demand = EvidenceDemand.objects.get()
    staff.goto(f"{live_server.url}/admin/moderation/case/{requests.case_of(demand).pk}/change/")
    staff.get_by_role("button", name="Claim this case").click()
    assert saved(staff, "Download PDF", tmp_path / "document.pdf") == papers.pdf()
    staff.get_by_text("Accept the document").first.click()
    looked_at(staff, "demand-case")
    staff.get_by_label("Policy section").select_option("2")
    staff.get_by_label("Reason").fill("It is signed, and of before the recording.")
    staff.get_by_role("button", name="Decide").click()
    expect(staff.get_by_text("Decided. The person is told the reason by e-mail.")).to_be_visible()
    account.reload()
    expect(account.get_by_text("Your document is accepted")).to_be_visible()
    for one in (staff, account):
        assert one.complaints == []
