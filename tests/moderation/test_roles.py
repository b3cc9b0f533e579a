"""What each role may do at the desk: every action, tried through the pages by every role."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts import sanctions
from accounts.models import Sanction, User
from accounts.roles import ALL_ROLES
from moderation import registry, services
from moderation.models import Case
from takedowns.lifting import services as lifting
from tests import factories
from tests.moderation import desk
from tests.moderation.desk import QUEUE, open_case, page_of, post, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
FINE = {"choice": "fine", "section": "4", "reason": "So."}
GONE = {"choice": "gone", "section": "9", "reason": "So."}
# triage, moderator, senior moderator, custodian, auditor, legal, and staff without a role
ROLES = (*ALL_ROLES, "")
MAY = {
    "see the queue":   "yyy.yy.",
    "see a case":      "yyy.yy.",
    "take the next":   "yyy....",
    "claim":           "yyy..y.",
    "keep":            "yyy..y.",
    "release":         "yyy..y.",
    "hand over":       "yyy..y.",
    "preview":         ".yy....",
    "decide":          ".yy....",
    "propose":         ".yy....",
    "approve":         "..y....",
    "decline":         "..y....",
    "save a view":     "yyy.yy.",
    "stop":            "yyy..y.",
    "listen":          ".yyy...",
    "see the figures": ".yy.y..",
    "see sanctions":   ".yy.y..",
    "ask about it":    ".yy....",
    "lift alone":      "..y....",
    "propose to lift": "..y....",
    "agree to lift":   "..y....",
}  # fmt: skip


@pytest.fixture(autouse=True)
def a_question_about_people(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False
    monkeypatch.setitem(registry._questions, desk.KIND, desk.question())


def staff(role: str) -> User:
    return factories.moderator(role=role) if role else factories.make_user(staff=True)


def held_by(actor: User) -> Case:
    """Return a case that this person holds, allowed to or not: the door, not the claim, is looked at."""
    case = open_case()
    Case.objects.filter(pk=case.pk).update(status=Case.Status.CLAIMED, claimed_by=actor)
    return case


def proposed() -> Case:
    case, senior = open_case(), factories.moderator(role="senior moderator")
    services.claim(case, actor=senior)
    services.decide(case, actor=senior, **GONE)
    return case


def status(case: Case) -> str:
    case.refresh_from_db()
    return case.status


def acts(actor: User) -> dict[str, Callable[[], bool]]:
    """Return each action as something to try that tells whether it was done."""
    client, colleague = signed_in(actor), factories.moderator()

    def on(case: Case, verb: str, wanted: str, **fields: object) -> bool:
        post(client, case, verb, **fields)
        return status(case) == wanted

    def handed() -> bool:
        case = held_by(actor)
        post(client, case, "hand_over", to=colleague.pk, reason="So.")
        case.refresh_from_db()
        return case.claimed_by == colleague

    def next_one() -> bool:
        open_case(due_in=-9)
        client.post(f"{QUEUE}next/")
        return Case.objects.filter(claimed_by=actor, claim_ends_at__isnull=False).exists()

    def listen() -> bool:
        """Ask for a sound that is not there: whoever may hear it learns that, all others are turned away."""
        there = reverse("admin:voices_recording_audio", args=[uuid4()])
        return client.get(there).status_code == 404

    def asked() -> bool:
        person = factories.make_user()
        client.post("/admin/accounts/user/", {"action": "ask_about_conduct", "_selected_action": str(person.pk)})
        return Case.objects.about(person).exists()

    def lifted(kind: str) -> Sanction:
        given = sanctions.note(
            factories.make_user(), kind=kind, section="9", reason="So.", actor=factories.make_user(staff=True)
        )
        where = reverse("admin:accounts_user_lift", args=["sanction", given.pk])
        client.post(where, {"section": "9", "reason": "So."})
        return given

    def agreed() -> bool:
        given = sanctions.note(
            factories.make_user(), kind="hold", section="9", reason="So.", actor=factories.make_user(staff=True)
        )
        lifting.lift(given, section="9", reason="So.", actor=factories.moderator(role="senior moderator"))
        post(client, Case.objects.about(given).get(), "second", approve="")
        return not lifting.stands(given)

    def sees(address: str) -> bool:
        return client.get(address).status_code == 200

    return {
        "see the queue": lambda: client.get(QUEUE).status_code == 200,
        "see a case": lambda: client.get(page_of(open_case())).status_code == 200,
        "take the next": next_one,
        "claim": lambda: on(open_case(), "claim", "claimed"),
        "keep": lambda: post(client, held_by(actor), "keep").status_code == 200,
        "release": lambda: on(held_by(actor), "release", "open"),
        "hand over": handed,
        "preview": lambda: post(client, held_by(actor), "decide", preview="", **FINE).status_code == 200,
        "decide": lambda: on(held_by(actor), "decide", "decided", **FINE),
        "propose": lambda: on(held_by(actor), "decide", "proposed", **GONE),
        "approve": lambda: on(proposed(), "second", "decided", approve=""),
        "decline": lambda: on(proposed(), "second", "open", decline="", reason="So."),
        "save a view": lambda: client.post(f"{QUEUE}views/", {"name": "x"}).status_code == 302,
        "stop": lambda: client.post(f"{QUEUE}pause/").status_code == 302,
        "listen": listen,
        "see the figures": lambda: sees(reverse("admin:figures")),
        "see sanctions": lambda: sees("/admin/accounts/sanction/"),
        "ask about it": asked,
        "lift alone": lambda: not lifting.stands(lifted("notice")),
        "propose to lift": lambda: Case.objects.about(lifted("hold")).filter(status="proposed").exists(),
        "agree to lift": agreed,
    }


@pytest.mark.parametrize("role", ROLES, ids=[role or "no role" for role in ROLES])
def test_a_role_does_what_the_table_says_and_nothing_else(role: str):
    column = ROLES.index(role)
    done = {name: act() for name, act in acts(staff(role)).items()}
    assert done == {name: marks[column] == "y" for name, marks in MAY.items()}


@pytest.mark.parametrize("role", ["auditor"])
def test_who_only_reads_is_offered_no_button(role: str):
    client = signed_in(staff(role))
    case = open_case()
    for page in (client.get(QUEUE), client.get(page_of(case))):
        html = page.content.decode()
        for words in ("Next case</button>", "Claim this case", "Hand it over", "Decide</button>"):
            assert words not in html
