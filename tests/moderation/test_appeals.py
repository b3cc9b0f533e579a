"""Whoever is hurt by a decision can question it, and somebody else answers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from moderation import services
from moderation.models import Appeal, Case, Decision
from moderation.services import appeals
from tests import factories
from velluto import jobs
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def refused(db) -> Case:
    """Return the decided case of a voice that was refused, its reasons sent."""
    case = factories.decide(factories.voice_at("review"), "reject", section="2", reason="It sounds like two people.")
    jobs.drain()
    return case


def token() -> str:
    (letter,) = [letter for letter in mail.outbox if "refused" in letter.subject]
    found = re.search(r"/appeals/([^/\s]+)/", letter.body)
    assert found
    return found[1]


def answer(choice: str, reason: str = "The second voice was a radio.") -> Decision:
    actor = factories.moderator()
    case = services.claim_next(actor=actor)
    assert case.kind == "moderation.appeal"
    return services.decide(case, choice=choice, section="2", reason=reason, actor=actor)


def test_the_letter_of_reasons_leads_to_a_page_where_one_appeals_without_signing_in(refused: Case, client: Client):
    page = f"/appeals/{token()}/"
    assert "It sounds like two people." in client.get(page).content.decode()
    assert client.post(page, {"words": ""}).status_code == 422
    client.post(page, {"words": "My radio was on."})
    filed = Appeal.objects.get()
    assert appeals.words_of(filed) == "My radio was on."
    assert b"My radio was on." not in bytes(filed.sealed)
    assert "Being looked at" in client.get(page).content.decode()


def test_a_decider_never_judges_the_appeal_against_himself(refused: Case):
    appeals.file(token(), words="My radio was on.")
    decider = refused.decisions.get().decided_by
    with pytest.raises(services.NothingWaits):
        services.claim_next(actor=decider)
    with pytest.raises(services.CaseBarred):
        services.claim(Case.objects.waiting().get(), actor=decider)


def test_an_appeal_that_succeeds_undoes_the_refusal_and_tells_the_person(refused: Case):
    appeals.file(token(), words="My radio was on.")
    by = answer("overturn")
    jobs.drain()
    first = refused.decisions.get()
    assert (first.status, by.reverses) == (Decision.Status.REVERSED, first)
    assert Appeal.objects.get().status == Appeal.Status.OVERTURNED
    assert Voice.objects.get(pk=refused.subject_id).status == Voice.Status.REVIEW
    again = Case.objects.waiting().get()
    assert again.barred.get() == first.decided_by
    assert "The second voice was a radio." in mail.outbox[-1].body


def test_an_appeal_that_fails_changes_nothing_and_gives_its_reason(refused: Case):
    appeals.file(token(), words="My radio was on.")
    answer("uphold", "There are two people all along.")
    jobs.drain()
    assert refused.decisions.get().status == Decision.Status.MADE
    assert Voice.objects.get(pk=refused.subject_id).status == Voice.Status.REFUSED
    assert "There are two people all along." in mail.outbox[-1].body


def test_one_appeals_once_within_180_days_and_only_with_words(refused: Case):
    link, decided = token(), refused.decisions.get().decided_at
    with pytest.raises(services.AppealEmpty):
        appeals.file(link, words="  ")
    with pytest.raises(services.AppealTooLate):
        appeals.file(link, words="x", at=decided + timedelta(days=180, seconds=1))
    appeals.file(link, words="x", at=decided + timedelta(days=180))
    with pytest.raises(services.AppealUsed):
        appeals.file(link, words="x", at=timezone.now())
    assert Appeal.objects.count() == Case.objects.filter(kind="moderation.appeal").count() == 1


def test_a_link_that_was_guessed_or_changed_leads_nowhere(refused: Case, client: Client):
    for wrong in ("a", token()[:-1], token()[1:]):
        assert client.get(f"/appeals/{wrong}/").status_code == 404
