"""The pages of the gate, as a browser that goes back and forth sees them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from consent import services
from consent.models import Attempt
from tests import factories
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def voice():
    return factories.declare(make_user(), name="Mine", owner_name="Alice Baker")


@pytest.fixture
def client(voice) -> Client:
    client = Client()
    client.force_login(voice.account)
    return client


@pytest.mark.parametrize("step", ["gate", "sample", "representations", "captcha", "statement"])
def test_a_browser_keeps_no_step_of_the_gate(client: Client, voice, step: str) -> None:
    assert "no-store" in client.get(reverse(f"consent:{step}", args=[voice.pk]))["Cache-Control"]


def test_a_recording_under_examination_shows_no_steps_but_the_gates(client: Client, voice) -> None:
    attempt = services.hand_in_sample(voice, factories.sample(), actor=voice.account)
    assert attempt.status == Attempt.Status.CHECKING
    page = client.get(reverse("consent:checking", args=[voice.pk, attempt.pk])).content.decode()
    assert "Being checked" in page
    assert "{&#x27;title" not in page
    assert 'data-part="steps"' not in page
