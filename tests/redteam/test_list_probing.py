"""An applicant wants to know whether somebody stands on the No-Go list, and watches all that the house lets him see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from moderation import transparency
from moderation.figures import Period
from moderation.models import Case, NoGoMatch
from moderation.refusals import CheckPending
from moderation.services import nogo
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent.test_never import filled
from tests.consent.test_pages import signed_in
from velluto import health
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LISTED, OTHER = "Orlan Brackwater", "Wendel Thistledown"


@pytest.fixture
def entry(db):
    on = timezone.localdate() + timedelta(days=365)
    actor = factories.moderator(role="custodian")
    return nogo.add_entry(names=[LISTED], source="notice", review_on=on, actor=actor)


def plain(text: str, *own: object) -> str:
    """Return a text without what differs between any two people."""
    for one in own:
        text = text.replace(str(one), "-")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{32,}", "-", text)
    return re.sub(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?|[0-9]+\.[0-9]+", "-", text)


def asked(client: Client, method: str, address: str, *own: object, **form: str) -> tuple[int, int, str]:
    """Return the status, how many queries the answer took, and what it says."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = getattr(client, method)(address, form)
    return answer.status_code, len(queries), plain(answer.content.decode(), *own)


def declared(person: User) -> tuple[list[object], Voice]:
    client = signed_in(person)
    form = filled(whose="self", owner_name=person.full_name)
    own = (person.full_name, person.email)
    said: list[object] = [asked(client, "post", reverse("consent:declare"), *own, **form)]
    return said, Voice.objects.get(account=person)


def watched(person: User, voice: Voice) -> list[object]:
    """Return all that the account sees of its voice, by page."""
    client, own = signed_in(person), (person.full_name, person.email, voice.pk)
    return [
        asked(client, "get", address, *own)
        for address in (
            reverse("voices:list"),
            reverse("voices:detail", args=[voice.pk]),
            reverse("consent:gate", args=[voice.pk]),
            reverse("consent:building-status", args=[voice.pk]),
            reverse("takedowns:withdraw", args=[voice.pk]),
            reverse("takedowns:standing"),
            reverse("accounts:home"),
            reverse("synthesis:speak"),
            f"/report/{voice.pk}/",
        )
    ]


def test_pages_codes_queries_and_mails_are_the_same_for_who_is_listed_and_who_is_not(entry):
    seen, letters = {}, {}
    for name in (LISTED, OTHER):
        mail.outbox.clear()
        person = make_user(full_name=name)
        said, voice = declared(person)
        standins._hand_in(voice)
        said += watched(person, voice)
        factories.moderator()
        standins.drain()
        seen[name] = said
        letters[name] = [
            plain(one.subject + one.body, name, person.email) for one in mail.outbox if one.to == [person.email]
        ]
    assert NoGoMatch.objects.filter(entry=entry).exists()
    assert seen[LISTED] == seen[OTHER]
    assert letters[LISTED] == letters[OTHER]


def test_neither_the_open_figures_nor_the_metrics_count_what_the_list_met(entry):
    today = timezone.localdate()
    person = make_user(full_name=LISTED)
    _, voice = declared(person)
    standins._hand_in(voice)
    assert NoGoMatch.objects.exists()
    spoken = health.metrics(timezone.now()) + str(transparency.tables(Period(today, today)))
    assert not re.search("no-?go|custod|brackwater", spoken, re.IGNORECASE)


def test_the_sixth_name_is_refused_alike_whoever_it_is_and_the_custodians_hear_of_it(entry):
    answers = set()
    for last in (LISTED, OTHER):
        person = make_user()
        client = signed_in(person)
        for number in ("one", "two", "three", "four", "five"):
            client.post(reverse("consent:declare"), filled(owner_name=f"Somebody Number{number}"))
        own = (person.email, person.full_name, last)
        answers.add(asked(client, "post", reverse("consent:declare"), *own, **filled(owner_name=last)))
        assert person.voices.count() == 5
    assert len(answers) == 1
    ((_, _, page),) = answers
    assert "Voices of too many people were begun today." in page
    reports = Case.every.filter(kind=nogo.PROBING)
    assert reports.count() == 2
    assert not Case.objects.filter(kind=nogo.PROBING).exists()


@pytest.mark.xfail(strict=True, reason="did not hold: names are counted by account; ten accounts may ask for fifty")
def test_who_probes_with_many_accounts_is_noticed(entry):
    for number in range(4):
        person = make_user(f"mallory+{number}@example.org")
        for word in ("one", "two", "three", "four", "five"):
            form = filled(owner_name=f"Somebody Number{number}{word}")
            signed_in(person).post(reverse("consent:declare"), form)
    assert Case.every.filter(kind=nogo.PROBING).exists()


def test_a_moderator_who_asks_by_trying_to_approve_gets_one_answer_for_every_reason(entry):
    said = set()
    for name, screened in ((LISTED, True), (OTHER, False)):
        person = make_user(full_name=name)
        voice = standins.voice_in_review(person)
        if not screened:
            nogo.ask(voice)
        with pytest.raises(CheckPending) as refused:
            factories.decide(voice, "approve")
        said.add(str(refused.value.as_dict()))
    assert len(said) == 1
