"""Nothing that an account can weigh or count tells a voice that met the No-Go list from another one that waits."""

from __future__ import annotations

from email.message import Message

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from consent import nogo
from moderation.models import NoGoMatch
from moderation.refusals import CheckPending
from moderation.services import nogo as custody
from tests import standins
from tests.accounts.factories import make_user
from tests.consent.test_nogo import listed
from velluto import jobs
from velluto.jobs import Job
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def pair() -> tuple[Voice, Voice]:
    """Return a voice that met the list by name, and one that did not; all that is theirs is equally long."""
    listed("Alice Baker")
    people = (
        make_user("alice@example.org", full_name="Alice Baker"),
        make_user("carol@example.org", full_name="Carol Meyer"),
    )
    mail.outbox.clear()
    met, other = (standins.voice_in_review(person) for person in people)
    jobs.drain()
    assert [match.subject_id for match in NoGoMatch.objects.all()] == [str(met.pk)]
    return met, other


def addresses(voice: Voice) -> list[str]:
    attempts = list(voice.attempts.order_by("submitted_at").values_list("pk", flat=True))
    return [
        *(reverse(name) for name in ("voices:list", "accounts:home", "takedowns:standing", "moderation:reports")),
        *(reverse(name, args=[voice.pk]) for name in ("voices:detail", "consent:gate", "consent:sample")),
        *(reverse("consent:checking", args=[voice.pk, pk]) for pk in attempts),
        *(reverse("consent:checking-status", args=[voice.pk, pk]) for pk in attempts),
        reverse("consent:building-status", args=[voice.pk]),
        reverse("takedowns:withdraw", args=[voice.pk]),
    ]


def weighed(voice: Voice) -> list[tuple[int, int, int, list[tuple[str, int]]]]:
    """Return of each page its status, bytes, questions to the database, and its headers with their lengths."""
    assert voice.account is not None
    client, found = Client(), []
    client.force_login(voice.account)
    for address in addresses(voice):
        client.get(address)  # what is made once is made
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address)
        headers = sorted((name, len(value)) for name, value in answer.headers.items())
        found.append((answer.status_code, len(answer.content), len(queries), headers))
    return found


def test_pages_weigh_the_same_ask_the_same_of_the_database_and_carry_the_same_headers(pair: tuple[Voice, Voice]):
    met, other = pair
    for address, one, another in zip(addresses(met), weighed(met), weighed(other), strict=True):
        assert one == another, address


def test_mails_are_the_same_in_number_order_and_size(pair: tuple[Voice, Voice]):
    def sent(account: User | None) -> list[tuple[int, list[tuple[str, int]]]]:
        assert account is not None
        letters: list[Message] = [letter.message() for letter in mail.outbox if letter.to == [account.email]]
        return [
            (len(letter.get_payload()), [(name, len(value)) for name, value in letter.items() if name != "Message-ID"])
            for letter in letters
        ]

    met, other = pair
    assert sent(met.account) == sent(other.account)


def test_what_an_account_waits_for_is_queued_in_the_same_order_for_as_many_attempts(pair: tuple[Voice, Voice]):
    def schedule(voice: Voice) -> list[tuple[str, str, int, int, str]]:
        ids = [str(voice.pk), *map(str, voice.attempts.values_list("pk", flat=True))]
        rows = Job.objects.filter(subject__in=ids).order_by("created_at")
        return [(job.name, job.status, job.attempts, job.total, job.note) for job in rows]

    met, other = pair
    assert schedule(met) == schedule(other)


def test_a_refused_approval_asks_the_same_of_the_database_whether_it_met_the_list_or_waits_for_it(
    pair: tuple[Voice, Voice],
):
    met, other = pair
    for voice in pair:
        custody.ask(voice)  # to be compared again
    counts = []
    for voice in (met, other):
        with CaptureQueriesContext(connection) as queries, pytest.raises(CheckPending):
            nogo.require_screened(voice)
        counts.append(len(queries))
    assert counts[0] == counts[1]
