"""Staff demand the signed document of a voice: fourteen days, two reminders, and a person decides what follows."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from consent import services as consent
from moderation import services as moderation
from moderation.models import Case
from takedowns import services as takedowns
from takedowns.demands import policies, refusals, services
from takedowns.models import EvidenceDemand
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent import papers
from velluto.audit.models import AuditEvent
from voices import services as voices
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_second_factor(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False


@pytest.fixture
def voice(db) -> Voice:
    return standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))


@pytest.fixture
def declared(db) -> Voice:
    """Return a voice that is only declared: enough for a clock."""
    return factories.declared_voice(make_user("alice@example.org", full_name="Alice Baker"))


def demanded(voice: Voice, **options: object) -> EvidenceDemand:
    return services.demand(voice, reason="Somebody doubts it.", actor=factories.moderator(), **options)


def handed_in(demand: EvidenceDemand, **options: object) -> None:
    given = {"content": io.BytesIO(papers.pdf()), "signer": "Alice Baker", "signed_on": date(2026, 1, 5)}
    services.answer(demand, actor=demand.voice.account, **given | options)


def decided(demand: EvidenceDemand, choice: str) -> None:
    first, case = factories.moderator(), Case.objects.about(demand).waiting().get()
    moderation.claim(case, actor=first)
    moderation.decide(case, choice=choice, section="2", reason="Read with care.", actor=first)
    if Case.objects.get(pk=case.pk).status == Case.Status.PROPOSED:
        moderation.approve(case, actor=factories.moderator(role="senior moderator"))
    demand.refresh_from_db()


def letters() -> list[str]:
    words = {"please send us the signed": "demanded", "a reminder": "reminder", "a voice is suspended": "lapsed"}
    return [short for letter in mail.outbox for long, short in words.items() if long in letter.subject]


def swept(at: datetime, times: int = 2) -> None:
    """Keep the deadlines, as often as one likes."""
    for _ in range(times):
        services.sweep(at=at)
        standins.drain()


def test_the_clock_is_kept_to_the_second(voice):
    demand = demanded(voice)
    start = demand.asked_at
    assert demand.due_at - start == timedelta(days=14)
    standins.drain()
    story = [
        (start + 7 * DAY - SECOND, "active", ["demanded"]),
        (start + 7 * DAY, "active", ["demanded", "reminder"]),
        (start + 12 * DAY - SECOND, "active", ["demanded", "reminder"]),
        (start + 12 * DAY, "active", ["demanded", "reminder", "reminder"]),
        (start + 14 * DAY - SECOND, "active", ["demanded", "reminder", "reminder"]),
        (start + 14 * DAY, "suspended", ["demanded", "reminder", "reminder", "lapsed"]),
        (start + 100 * DAY, "suspended", ["demanded", "reminder", "reminder", "lapsed"]),
    ]
    for at, status, sent in story:
        swept(at)
        voice.refresh_from_db()
        assert (voice.status, letters()) == (status, sent), at - start
    demand.refresh_from_db()
    assert demand.status == "lapsed"
    case = Case.objects.about(demand).get()
    assert case.status == Case.Status.OPEN
    voice.account.refresh_from_db()
    assert voice.account.status == "active", "a lapse terminates nothing"
    assert AuditEvent.objects.filter(event="voices.voice.suspended").count() == 1


@pytest.mark.parametrize(
    "spring", [datetime(2026, 3, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 20, 0, 30, tzinfo=UTC)]
)
def test_a_change_of_the_clocks_moves_no_deadline(declared, spring, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    demand = demanded(declared, at=spring)
    with timezone.override("Europe/Berlin"):
        services.sweep(at=spring + 14 * DAY - SECOND)
        demand.refresh_from_db()
        assert demand.status == "open"
        services.sweep(at=spring + 14 * DAY)
        demand.refresh_from_db()
        assert demand.status == "lapsed"
    assert (demand.due_at.astimezone(UTC) - spring).total_seconds() == 14 * 24 * 3600


def test_who_slept_through_a_reminder_sends_the_later_one_only(declared):
    demand = demanded(declared)
    standins.drain()
    swept(demand.asked_at + 13 * DAY)
    assert letters() == ["demanded", "reminder"]
    demand.refresh_from_db()
    assert demand.reminders == 2


def test_the_account_sees_the_demand_hands_it_in_and_a_moderator_accepts(voice):
    staff = Client()
    staff.force_login(factories.moderator())
    page = f"/admin/takedowns/evidencedemand/new/{voice.pk}/"
    assert "has 14 days" in staff.get(page).content.decode()
    assert staff.post(page, {"reason": "Somebody doubts it."}).status_code == 302
    assert "demanded already" in staff.get(page).content.decode()
    demand = EvidenceDemand.objects.get()
    client = Client()
    client.force_login(voice.account)
    for shown in (f"/voices/{voice.pk}/", f"/voices/{voice.pk}/evidence/"):
        html = client.get(shown).content.decode()
        assert "Somebody doubts it." in html
        assert "(UTC)" in html
    form = {"signer": "Alice Baker", "signed_on": "2026-01-05"}
    here = f"/voices/{voice.pk}/evidence/"
    wrong = client.post(here, {**form, "file": SimpleUploadedFile("x.pdf", b"<html>")})
    assert (wrong.status_code, "no PDF" in wrong.content.decode()) == (415, True)
    assert client.post(here, {**form, "file": SimpleUploadedFile("x.pdf", papers.pdf())}).status_code == 302
    assert "A person reads your document" in client.get(here).content.decode()
    assert client.post(here, {**form, "file": SimpleUploadedFile("y.pdf", papers.pdf("2"))}).status_code == 409
    swept(demand.due_at + DAY)
    voice.refresh_from_db()
    assert voice.status == "active", "what was answered does not lapse"
    decided(demand, "accept")
    assert demand.status == "accepted"
    assert demand.document.status == "verified"
    assert "Your document is accepted" in client.get(here).content.decode()
    standins.drain()
    assert any("document is accepted" in letter.subject for letter in mail.outbox)
    assert "Somebody doubts it." not in client.get(f"/voices/{voice.pk}/").content.decode()


def test_a_document_that_comes_late_brings_the_voice_back_once_it_is_accepted(voice):
    demand = demanded(voice)
    swept(demand.due_at)
    handed_in(demand)
    voice.refresh_from_db()
    assert voice.status == "suspended"
    assert Case.objects.about(demand).count() == 1, "it is the same case"
    decided(demand, "accept")
    voice.refresh_from_db()
    assert voice.status == "active"


def test_a_document_that_is_no_good_is_refused_and_fourteen_days_begin_anew(voice):
    demand = demanded(voice)
    swept(demand.due_at)
    handed_in(demand)
    decided(demand, "ask_again")
    assert demand.status == "open"
    assert demand.reminders == 0
    assert demand.due_at - timezone.now() > 13 * DAY
    voice.refresh_from_db()
    assert voice.status == "suspended"
    assert voice.documents.get().status == "refused"
    mail.outbox.clear()
    swept(demand.asked_at + 7 * DAY)
    swept(demand.asked_at + 14 * DAY)
    assert letters() == ["reminder", "lapsed"]
    decided(demand, "drop")
    voice.refresh_from_db()
    assert (demand.status, voice.status) == ("dropped", "active")


def test_nothing_is_accepted_that_did_not_come(voice):
    demand = demanded(voice)
    swept(demand.due_at)
    with pytest.raises(refusals.DemandUnanswered):
        decided(demand, "accept")
    demand.refresh_from_db()
    assert demand.status == "lapsed"


def test_ending_the_voice_takes_two_people(voice):
    demand = demanded(voice)
    swept(demand.due_at)
    first, case = factories.moderator(), Case.objects.about(demand).get()
    moderation.claim(case, actor=first)
    moderation.decide(case, choice="end_voice", section="2", reason="There is no consent.", actor=first)
    voice.refresh_from_db()
    assert voice.status == "suspended"
    moderation.approve(case, actor=factories.moderator(role="senior moderator"))
    standins.drain()
    voice.refresh_from_db()
    demand.refresh_from_db()
    assert (voice.status, demand.status) == ("deleted", "dropped")
    assert voice.revocation.by == "sanction"
    voice.account.refresh_from_db()
    assert voice.account.status == "active"


def test_a_voice_that_ends_meanwhile_ends_its_demand_and_its_case(voice):
    demand = demanded(voice)
    swept(demand.due_at)
    takedowns.revoke(voice, by="voice_owner", actor=voice.account, reason="So")
    swept(demand.due_at + DAY)
    demand.refresh_from_db()
    assert demand.status == "dropped"
    assert not Case.objects.about(demand).waiting().exists()
    with pytest.raises(refusals.DemandSettled):
        handed_in(demand)


def test_a_voice_that_was_still_in_the_gate_when_it_lapsed_does_not_get_to_speak():
    voice = standins.voice_in_review(make_user("alice@example.org", full_name="Alice Baker"))
    demand = demanded(voice)
    swept(demand.due_at)
    factories.decide(voice, "approve")
    with standins.engines_replaced():
        standins.drain()
    swept(demand.due_at + DAY)
    voice.refresh_from_db()
    demand.refresh_from_db()
    assert (voice.status, demand.suspended) == ("suspended", True)


def test_what_something_else_silenced_stays_silent(voice):
    demand = demanded(voice)
    voices.suspend(voice, actor=factories.moderator(), reason="another matter")
    swept(demand.due_at)
    handed_in(demand)
    decided(demand, "accept")
    voice.refresh_from_db()
    assert voice.status == "suspended"


def test_a_voice_is_asked_about_once_at_a_time_and_only_where_somebody_can_answer(declared):
    demand = demanded(declared)
    with pytest.raises(refusals.DemandOpen):
        demanded(declared)
    services.drop(demand, actor=factories.moderator(), reason="So")
    services.drop(demand, actor=factories.moderator(), reason="So")
    again = demanded(declared)
    assert again.pk != demand.pk
    consent.withdraw(declared, actor=declared.account, reason="So")
    services.drop(again, actor=None, reason="So")
    with pytest.raises(refusals.DemandPointless):
        demanded(declared)


def test_only_staff_who_may_demand_do(declared):
    page = f"/admin/takedowns/evidencedemand/new/{declared.pk}/"
    for role, status in {
        "triage": 403,
        "moderator": 200,
        "senior moderator": 200,
        "auditor": 403,
        "legal": 200,
    }.items():
        client = Client()
        client.force_login(factories.moderator(role=role))
        assert client.get(page).status_code == status, role
    stranger = Client()
    stranger.force_login(User.objects.get(pk=make_user().pk))
    assert stranger.get(f"/voices/{declared.pk}/evidence/").status_code == 404


@pytest.mark.parametrize(("days", "count"), [(0, 0), (6.999, 0), (7, 1), (11.999, 1), (12, 2), (13.999, 2), (40, 2)])
def test_reminders_are_due_on_the_seventh_and_twelfth_day(days, count):
    start = datetime(2026, 6, 4, tzinfo=UTC)
    assert policies.reminders_by(start, start + timedelta(days=days)) == count
