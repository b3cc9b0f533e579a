"""Notices for tests: who gives them, about which voice, and what a moderator does with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import numpy as np
from django.utils import timezone

from accounts.models import User
from moderation import services as moderation
from moderation.models import Case, Decision
from takedowns.models import Claim, Notice
from takedowns.notices import services
from takedowns.notices.details import Details
from takedowns.notices.services.taking import statement
from tests import factories
from tests.accounts.factories import make_user
from tests.audio.sounds import a_melody
from velluto.engines.base import Embedding
from voices import services as voices
from voices.models import Voice

ENGINE = ("a test", "1")


def give(*, capacity: str = "owner", sworn: bool = True, at: datetime | None = None, **more: Any) -> Notice:
    """Give notice as Dora, who has no account, unless it is said otherwise."""
    names = set(Details.__dataclass_fields__)
    details = {"name": "Dora Dean", "email": "dora@example.org", "description": "It called my bank."}
    details |= {name: value for name, value in more.items() if name in names}
    given = {
        "key": uuid4(),
        "issue": "unauthorised_clone",
        "harm": "",
        "signature": details["name"],
        "shown_sha256": statement(capacity).sha256,
        "address": "192.0.2.5",
        "user_agent": "a phone",
    }
    given |= {name: value for name, value in more.items() if name not in names}
    return services.take(capacity=capacity, details=Details(**details), sworn=sworn, at=at, **given)


def about(voice: Voice, **more: Any) -> Notice:
    """Give notice that names the account and the voice."""
    return give(account_email=voice.account.email, voice_name=voice.name, **more)


def credible(voice: Voice, **more: Any) -> Claim:
    """Return the claim of a notice whose address was confirmed: its voice is suspended."""
    notice = about(voice, **more)
    services.confirm(notice, at=more.get("at"))
    return notice.claims.get(voice=voice)


def case_of(thing: Claim | Notice) -> Case:
    return Case.objects.about(thing).waiting().get()


def decide(
    thing: Claim | Notice, choice: str, *, at: datetime | None = None, actor: User | None = None, reason: str = "So."
) -> Decision:
    """Decide about a claim or an unplaced notice, with a second person where that is needed."""
    case, first = case_of(thing), actor or factories.moderator()
    moderation.claim(case, actor=first, at=at)
    moderation.decide(case, choice=choice, section="7", reason=reason, actor=first, at=at)
    case.refresh_from_db()
    if case.status == Case.Status.PROPOSED:
        moderation.approve(case, actor=factories.moderator(role="senior moderator"), reason="I agree.", at=at)
    thing.refresh_from_db()
    return case.decisions.exclude(status="declined").get()


def print_of(*numbers: float) -> Embedding:
    vector = np.asarray(numbers, np.float32)
    return Embedding(vector / np.linalg.norm(vector), *ENGINE)


def with_print(voice: Voice, embedding: Embedding) -> Voice:
    """Give a voice a sample with this voiceprint."""
    now = timezone.now()
    recording = voices.keep_recording(
        voice, purpose="sample", audio=a_melody(0.2), received_at=now, actor=voice.account
    )
    voices.keep_voiceprint(recording, embedding)
    return voice


def claimant(**more: Any) -> User:
    return make_user("dora@example.org", full_name="Dora Dean", **more)
