"""Speech stopped at once, by page or from the machine, and let go again by two people."""

from __future__ import annotations

import threading
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.urls import reverse

from accounts import services as accounts
from synthesis import making, services
from synthesis.freezes import refusals
from synthesis.freezes import services as freezes
from synthesis.models import Freeze, Output, SpeechRequest
from tests import factories, standins
from tests.moderation.desk import signed_in
from velluto import engines, jobs
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def speech_at_once(db):
    with standins.speech_at_once():
        yield


def frozen(scope: str, subject: str = "") -> Freeze:
    return freezes.freeze(scope=scope, subject=subject, actor="operator:tests", reason="Something is wrong.")


def of(scope: str, voice: Voice) -> str:
    named = {"account": str(voice.account_id), "voice": str(voice.pk), "engine": engines.speech().name}
    return named.get(scope, "")


@pytest.mark.parametrize("scope", Freeze.Scope.values)
def test_what_is_frozen_takes_nothing_and_what_waits_ends_with_its_credits_back(scope: str):
    voice = standins.active_voice()
    before = accounts.balance(voice.account)
    waiting = standins.asked(voice)
    frozen(scope, of(scope, voice))
    with pytest.raises(refusals.SpeechFrozen) as refused:
        standins.asked(voice)
    assert refused.value.code == "speech_frozen"
    jobs.drain()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == ("failed", "speech_frozen")
    assert accounts.balance(voice.account) == before
    assert not Output.objects.exists()


@pytest.mark.parametrize("scope", ["account", "voice", "engine"])
def test_a_freeze_of_one_stops_no_other(scope: str):
    voice = standins.active_voice()
    frozen(scope, "00000000-0000-4000-8000-000000000000")
    request = standins.spoken(voice)
    assert request.status == SpeechRequest.Status.DONE


def test_a_freeze_during_the_work_ends_it_before_anything_is_published():
    voice = standins.active_voice()
    request = standins.asked(voice)
    finish = making.finish

    def freeze_and_finish(*args: object, **options: object) -> making.Made:
        frozen("everything")
        return finish(*args, **options)

    with mock.patch.object(making, "finish", freeze_and_finish):  # monkeypatch would undo itself after the stand-in
        jobs.drain()
    request.refresh_from_db()
    assert (request.status, request.error_code) == ("failed", "speech_frozen")
    assert not Output.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_a_freeze_that_commits_while_a_release_is_under_way_wins_or_waits(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    voice = standins.active_voice()
    request = standins.asked(voice)
    keep, ended = services.vault.put, []

    def freeze_meanwhile(*args: object) -> str:
        def other() -> None:
            frozen("everything")
            ended.append("frozen")
            connections.close_all()

        one = threading.Thread(target=other)
        one.start()
        one.join(10)
        return keep(*args)

    monkeypatch.setattr(services.vault, "put", freeze_meanwhile)
    jobs.drain()
    request.refresh_from_db()
    assert ended == ["frozen"], "nothing of the release is locked yet that a freeze would wait for"
    assert (request.status, request.error_code) == ("failed", "speech_frozen")
    assert not Output.objects.exists()


def test_two_people_lift_a_freeze():
    alice, bob = (factories.moderator(f"{name}@example.org", role="senior moderator") for name in ("alice", "bob"))
    placed = frozen("everything")
    with pytest.raises(refusals.FreezeNotProposed):
        freezes.lift(placed, actor=alice)
    freezes.propose_lifting(placed, actor=alice, reason="It was a mistake.")
    with pytest.raises(refusals.FreezeNeedsAnother):
        freezes.lift(placed, actor=alice)
    assert Freeze.objects.standing().exists()
    freezes.lift(placed, actor=bob)
    assert not Freeze.objects.standing().exists()
    rows = AuditEvent.objects.filter(subject_id=str(placed.pk)).order_by("id")
    assert [(row.event, row.actor) for row in rows] == [
        ("synthesis.frozen", "operator:tests"),
        ("synthesis.freeze.proposed", f"account:{alice.pk}"),
        ("synthesis.freeze.lifted", f"account:{bob.pk}"),
    ]
    frozen("everything")  # and it can be frozen again


def test_a_proposal_that_is_turned_down_leaves_all_frozen():
    alice, bob = (factories.moderator(f"{name}@example.org", role="senior moderator") for name in ("alice", "bob"))
    placed = frozen("everything")
    freezes.propose_lifting(placed, actor=alice, reason="It was a mistake.")
    freezes.keep(placed, actor=bob, reason="It was not.")
    with pytest.raises(refusals.FreezeNotProposed):
        freezes.lift(placed, actor=bob)


def test_what_is_frozen_is_not_frozen_twice_and_not_without_a_reason():
    frozen("everything")
    with pytest.raises(refusals.FrozenAlready):
        frozen("everything")
    with pytest.raises(refusals.ReasonMissing):
        freezes.freeze(scope="engine", subject="one", actor="operator:tests", reason=" ")
    assert Freeze.objects.count() == 1


def test_the_command_freezes_and_lists_and_says_what_it_does_not_know():
    voice, told = standins.active_voice(), StringIO()
    call_command("freeze", account=voice.account.email, reason="Complaints.", stdout=told)
    call_command("freeze", stdout=told)
    assert str(voice.account_id) in told.getvalue()
    with pytest.raises(CommandError, match="none of that name"):
        call_command("freeze", account="nobody@example.org", reason="Complaints.")
    with pytest.raises(CommandError, match="need a reason"):
        call_command("freeze", everything=True)
    with pytest.raises(refusals.SpeechFrozen):
        standins.asked(voice)


def test_in_the_admin_a_moderator_freezes_and_two_seniors_lift():
    moderator, *seniors = (
        factories.moderator("carol@example.org"),
        *(factories.moderator(f"{name}@example.org", role="senior moderator") for name in ("alice", "bob")),
    )
    signed_in(moderator).post(
        reverse("admin:synthesis_freeze_add"), {"scope": "everything", "named": "", "reason": "A flood."}
    )
    page = reverse("admin:synthesis_freeze_change", args=[Freeze.objects.get().pk])
    assert signed_in(moderator).post(page, {"verdict": "propose", "why": "Over."}).status_code == 403
    one, other = map(signed_in, seniors)
    one.post(page, {"verdict": "propose", "why": "Over."})
    assert "cannot lift it alone" in one.post(page, {"verdict": "lift"}).content.decode()
    assert Freeze.objects.standing().exists()
    other.post(page, {"verdict": "lift"})
    assert not Freeze.objects.standing().exists()
