"""Every address of the house, and who gets in: an address that is missing here fails, and so does another answer.

The columns are anonymous, the owner of what is asked for, another user, and a moderator. What is not yours is not
there (404); what needs a sign-in leads there (302).
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from consent import services as consent
from moderation import services as moderation
from moderation.models import Case
from synthesis.models import Detection, SpeechRequest
from tests import factories
from velluto import jobs, vault

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

LIBRARY = ("account_", "mfa_")  # the pages of allauth, which are allauth's to test
PRIVATE = (302, 200, 404, 404)
PRIVATE_STEP = (302, 302, 404, 404)
SIGNED_IN = (302, 200, 200, 200)
PUBLIC = (200, 200, 200, 200)
STAFF = (302, 302, 302, 200)
STAFF_WITH_MORE = (302, 302, 302, 403)
STAFF_AWAY = (302, 302, 302, 302)

DOORS: dict[str, tuple[str, tuple[int, int, int, int]]] = {
    "home": ("get", PUBLIC),
    "healthz": ("get", (503, 503, 503, 503)),  # no worker serves the tests
    "readyz": ("get", PUBLIC),
    "metrics": ("get", PUBLIC),  # asked from this machine; tests/kernel/test_watching.py asks from elsewhere
    "detector": ("get", PUBLIC),
    "detection": ("get", PUBLIC),
    "detection-status": ("get", PUBLIC),
    "api:detections": ("post", (400, 400, 400, 400)),
    "api:detection": ("get", (202, 202, 202, 202)),
    "accounts:home": ("get", SIGNED_IN),
    "accounts:credits": ("get", SIGNED_IN),
    "voices:list": ("get", SIGNED_IN),
    "voices:detail": ("get", PRIVATE),
    "consent:declare": ("get", SIGNED_IN),
    "consent:gate": ("get", PRIVATE_STEP),
    "consent:sample": ("get", PRIVATE_STEP),
    "consent:representations": ("get", PRIVATE),
    "consent:captcha": ("get", PRIVATE_STEP),
    "consent:captcha-phrase": ("post", (302, 409, 404, 404)),
    "consent:captcha-answer": ("post", PRIVATE_STEP),
    "consent:statement": ("get", PRIVATE_STEP),
    "consent:checking": ("get", PRIVATE),
    "consent:checking-status": ("get", PRIVATE),
    "consent:building-status": ("get", PRIVATE),
    "consent:help": ("post", PRIVATE_STEP),
    "consent:delete": ("get", PRIVATE),
    "synthesis:speak": ("get", SIGNED_IN),
    "synthesis:history": ("get", SIGNED_IN),
    "synthesis:speech": ("get", PRIVATE),
    "synthesis:speech-status": ("get", PRIVATE),
    "synthesis:audio": ("get", (302, 404, 404, 404)),  # nothing is spoken yet
    "synthesis:cancel": ("post", PRIVATE_STEP),
    "moderation:appeal": ("get", (404, 404, 404, 404)),  # the link is guessed
    "admin:index": ("get", STAFF),
    "admin:app_list": ("get", STAFF),
    "admin:login": ("get", (302, 403, 403, 302)),
    "admin:logout": ("get", STAFF_AWAY),
    "admin:password_change": ("get", STAFF_AWAY),
    "admin:password_change_done": ("get", STAFF),
    "admin:jsi18n": ("get", STAFF),
    "admin:autocomplete": ("get", STAFF_WITH_MORE),
    "admin:view_on_site": ("get", (302, 302, 302, 404)),
    "admin:moderation_case_claim": ("post", STAFF_AWAY),
    "admin:moderation_case_decide": ("post", (302, 302, 302, 422)),
    "admin:moderation_case_release": ("post", STAFF_AWAY),
    "admin:velluto_job_retry": ("post", STAFF_WITH_MORE),
    "admin:voices_recording_audio": ("get", STAFF),
    "admin:voices_recording_picture": ("get", STAFF),
}
# Models in the admin that moderators may look at, and those they may not. Nobody adds or deletes anything there.
LOOKED_AT = [
    "accounts_creditentry",
    "accounts_user",
    "moderation_case",
    "moderation_decision",
    "moderation_policysection",
    "velluto_job",
]
CLOSED = ["voices_recording", "voices_voice"]
for model in (*LOOKED_AT, *CLOSED):
    seen = STAFF if model in LOOKED_AT else STAFF_WITH_MORE
    DOORS[f"admin:{model}_changelist"] = ("get", seen)
    DOORS[f"admin:{model}_add"] = ("get", STAFF_WITH_MORE)


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}"


def of_one_object(name: str) -> bool:
    """Tell Django's own pages about one object; their door is the permission that the list has, too."""
    return name.endswith(("_change", "_delete", "_history")) and name != "admin:password_change"


def test_every_address_is_listed_here():
    there = {name for name in names(get_resolver()) if not name.startswith(LIBRARY) and not of_one_object(name)}
    assert there - {"style"} == set(DOORS)  # the sheet of styles is there in development only


@pytest.fixture
def house(db, settings) -> tuple[list[User | None], dict[str, dict[str, object]]]:
    """Return who asks, and what the addresses name: the owner's voice, recording, speech and case."""
    settings.ADMIN_REQUIRES_MFA = False
    voice = factories.voice_at("representations")
    attempt = voice.attempts.get()
    speech = SpeechRequest(
        account=voice.account, voice=voice, characters=1, language="en", format="wav", requested_at=timezone.now()
    )
    speech.script = vault.seal(voice.account.vault_owner, "script", str(speech.pk), b"a")
    speech.save()
    accounts.debit(voice.account, 1, reference=speech.reference)
    case = moderation.open_case(
        kind=consent.CASE_KIND, subject=voice, title="A case", about=voice.account, due_at=timezone.now()
    )
    named: dict[str, object] = {
        "voice_id": voice.pk,
        "attempt_id": attempt.pk,
        "recording_id": attempt.recording_id,
        "picture": "waveform",
        "speech_id": speech.pk,
        "detection_id": Detection.objects.create(client="x", seconds=1, asked_at=timezone.now()).pk,
        "case_id": case.pk,
        "job_id": jobs.latest("consent.check", str(attempt.pk)).pk,
        "app_label": "moderation",
        "token": "guessed",
        "content_type_id": 1,
        "object_id": uuid4(),
    }
    return [None, voice.account, factories.make_user(), factories.moderator()], named


def address(name: str, named: dict[str, object]) -> str:
    *spaces, last = name.split(":")
    resolver = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    (_, wanted) = resolver.reverse_dict[last][0][0]
    return reverse(name, kwargs={key: named[key] for key in wanted})


def test_everybody_gets_in_where_the_table_says_and_nowhere_else(house):
    people, named = house
    found = {}
    for name, (method, _) in DOORS.items():
        answers = []
        for person in people:
            client = Client()
            if person:
                client.force_login(person)
            answers.append(getattr(client, method)(address(name, named)).status_code)
        found[name] = (method, tuple(answers))
    assert {name: door for name, door in found.items() if door != DOORS[name]} == {}
    assert Case.objects.get().status == Case.Status.OPEN  # claimed and given back by the moderator
