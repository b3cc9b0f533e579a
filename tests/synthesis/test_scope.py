"""An entrusted voice speaks within what its owner granted: asked when it is requested, begun and released."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import services as accounts
from consent.policies import Scope
from consent.refusals import OutsideScope
from synthesis import making, services
from synthesis.models import Output, SpeechRequest
from tests import factories
from velluto import jobs
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

TEXT = "This is a sentence that lasts for more than five seconds, because it goes on, and on, and does not stop early."


def entrusted(**granted: object) -> Voice:
    voice = factories.entrusted_voice()
    scope = {"commercial": False, "sharing": False, "languages": frozenset({"en"}), "until": None, **granted}
    factories.grant(factories.invite(voice), scope=Scope(**scope))
    return factories.active_voice(voice=voice)


def asked(voice: Voice, **options: object) -> SpeechRequest:
    return services.request_speech(account=voice.account, voice=voice, text=TEXT, **options)


def test_what_was_not_granted_is_refused_at_the_request_and_costs_nothing():
    voice = entrusted()
    before = accounts.balance(voice.account)
    for beyond in ({"purpose": "commercial"}, {"language": "de"}):
        with pytest.raises(OutsideScope) as refused:
            asked(voice, **beyond)
        assert refused.value.code == "outside_scope"
    assert not SpeechRequest.objects.exists()
    assert accounts.balance(voice.account) == before
    request = asked(voice)
    jobs.drain()
    request.refresh_from_db()
    assert (request.status, request.purpose) == ("done", "own"), request.error


def on_day(monkeypatch, day: date) -> None:
    monkeypatch.setattr("consent.services.timezone.localdate", lambda *args: day)


@pytest.mark.parametrize("moment", ["start", "release"])
def test_a_day_that_ends_during_the_work_ends_the_work(monkeypatch, moment: str):
    today = timezone.localdate()
    voice = entrusted(until=today)
    before = accounts.balance(voice.account)
    request = asked(voice)
    tomorrow = today + timedelta(days=1)
    if moment == "start":
        on_day(monkeypatch, tomorrow)
    else:
        finish = making.finish

        def late(*args: object, **options: object) -> making.Made:
            made = finish(*args, **options)
            on_day(monkeypatch, tomorrow)
            return made

        monkeypatch.setattr(making, "finish", late)
    jobs.drain()
    request.refresh_from_db()
    assert (request.status, request.error_code) == ("failed", "outside_scope")
    assert not Output.objects.exists()
    assert accounts.balance(voice.account) == before


def test_ones_own_voice_has_no_limits_but_the_consent_itself():
    voice = factories.active_voice()
    assert asked(voice, purpose="commercial", language="de").purpose == "commercial"
