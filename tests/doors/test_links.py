"""Every address of sound works for one account, for ten minutes, on record, and is kept by no cache."""

from __future__ import annotations

import html
import re
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.doors.house import House
from velluto import links
from velluto.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def shown(client: Client, page: str) -> list[str]:
    """Return the addresses of sounds and pictures on a page."""
    found = re.findall(r'(?:src|href)="([^"]*link=[^"]*)"', client.get(page).content.decode())
    return [html.unescape(address) for address in found]


def places(house: House) -> list[tuple[str, str, str]]:
    case = reverse("admin:moderation_case_change", args=[house.named["case_id"]])
    speech = reverse("synthesis:speech", args=[house.named["speech_id"]])
    return [
        ("o", speech, "synthesis.output.opened"),
        ("o", reverse("synthesis:history"), "synthesis.output.opened"),
        ("m", case, "voices.recording.listened"),
    ]


def read(answer) -> int:
    return len(b"".join(answer.streaming_content) if answer.streaming else answer.content)


def test_a_link_on_a_page_plays_whole_or_in_part_on_record_and_uncached(house: House):
    seen = 0
    for role, page, of_sound in places(house):
        client = house.clients[role]
        for address in shown(client, page):
            event = "consent.document.read" if "/document/" in address else of_sound
            before = AuditEvent.objects.filter(event=event).count()
            answer = client.get(address)
            assert (answer.status_code, bool(read(answer))) == (200, True), address
            assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
            assert AuditEvent.objects.filter(event=event).count() == before + 1
            seen += 1
            if ".img" not in address and "/document/" not in address:
                part = client.get(address, headers={"Range": "bytes=0-3"})
                assert (part.status_code, len(part.content)) == (206, 4)
    assert seen == 7  # player and button, the history's, the recording with two pictures, and a signed document


def test_a_link_is_dead_after_ten_minutes_and_the_page_has_a_fresh_one(house: House, monkeypatch):
    later = time.time() + links.LASTS.total_seconds() + 1
    for role, page, _ in places(house):
        client = house.clients[role]
        old = shown(client, page)
        with monkeypatch.context() as patch:
            patch.setattr("django.core.signing.time", SimpleNamespace(time=lambda: later))
            for address in old:
                refused = client.get(address, headers={"Accept": "application/json"})
                assert (refused.status_code, refused.json()["error"]["code"]) == (403, "link_expired")
            for address in shown(client, page):
                assert read(client.get(address))
    assert old


def test_a_link_opens_nothing_for_somebody_else_elsewhere_or_after_signing_out(house: House):
    found = [(role, page, shown(house.clients[role], page)[0]) for role, page, _ in places(house)]
    for role, page, address in found:
        for stranger, status in (("a", 302), ("u", 404), ("S", 404)):
            if page.startswith("/admin/"):
                status = 302
            assert house.clients[stranger].get(address).status_code == status
        if role == "m":  # another moderator may listen, by a link of his own
            assert house.clients["M"].get(address).status_code == 403
        house.clients[role].post("/account/logout/")
        assert house.clients[role].get(address).status_code == 302
    assert not AuditEvent.objects.filter(
        event__in=["synthesis.output.opened", "voices.recording.listened", "consent.document.read"]
    ).exists()


def test_an_address_without_a_link_or_with_that_of_another_sound_opens_nothing(house: House):
    audio = house.path("synthesis:audio")
    other = reverse("synthesis:audio", args=[uuid4()])
    foreign = links.to(other, account=house.owner.pk).partition("?")[2]
    for address in (audio, f"{audio}?link=", f"{audio}?link=sound:x:y", f"{audio}?{foreign}"):
        assert house.clients["o"].get(address).status_code == 403
    assert not AuditEvent.objects.filter(event="synthesis.output.opened").exists()
