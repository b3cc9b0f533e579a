"""What the tests of the desk share: cases about people, who cost nothing, and staff who are signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from moderation import registry, services
from moderation.models import Case
from tests.accounts.factories import make_user

KIND = "tests.person"
QUEUE = "/admin/moderation/case/"


def question(**fields: object) -> registry.Question:
    """Return a question about a person, with a choice to make alone and one for two."""
    choices = (
        registry.Choice("fine", "Fine", "Nothing happens.", ("4",), lambda case, decision: None),
        registry.Choice("gone", "Gone", "All is gone.", ("3", "9"), lambda case, decision: None, grave=True),
    )
    page, mail = "moderation/break.html", "consent/mail/decided.txt"
    return registry.Question(KIND, "A person", page, lambda case: {}, choices, mail, **fields)  # type: ignore[arg-type]


def open_case(subject: User | None = None, *, due_in: float = 24, title: str = "A case", **fields: int) -> Case:
    person = subject or make_user()
    due_at = timezone.now() + timedelta(hours=due_in)
    return services.open_case(kind=KIND, subject=person, title=title, about=person, due_at=due_at, **fields)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(case: Case) -> str:
    return reverse("admin:moderation_case_change", args=[case.pk])


def post(client: Client, case: Case, verb: str, **fields: object) -> HttpResponse:
    """Post to the desk as the page would."""
    if verb in ("decide", "second"):
        fields.setdefault("seen", services.seen_now())
    return client.post(reverse(f"admin:moderation_case_{verb}", args=[case.pk]), fields)


def ago(**units: float) -> datetime:
    return timezone.now() - timedelta(**units)
