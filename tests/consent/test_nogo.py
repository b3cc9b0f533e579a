"""The No-Go list at the gate: held without a word, settled by custodians, and never met twice once released."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent import refusals as gate
from consent import services
from consent.nogo import NEUTRAL
from moderation import refusals
from moderation import services as moderation
from moderation.models import Case, Decision, NoGoEntry, NoGoMatch, NoGoScreening
from moderation.services import nogo
from tests import factories
from tests.accounts.factories import make_user
from velluto import jobs
from velluto.audit.models import AuditEvent
from velluto.engines.base import Embedding
from voices import services as voices
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def custodian() -> User:
    return factories.moderator(role="custodian")


def listed(*names: str, voices: tuple[Embedding, ...] = ()) -> NoGoEntry:
    on = timezone.localdate() + timedelta(days=365)
    return nogo.add_entry(names=list(names), source="notice", review_on=on, actor=custodian(), voices=voices)


def settle(match: NoGoMatch, choice: str, actor: User | None = None) -> Case:
    actor = actor or custodian()
    case = Case.every.about(match).waiting().get()
    moderation.claim(case, actor=actor)
    moderation.decide(case, choice=choice, section="3", reason="As found.", actor=actor)
    return case


def voiceprint_of(voice: Voice) -> Embedding:
    recording = voice.attempts.get(step="sample", status="passed").recording
    return voices.load_voiceprint(recording.voiceprint)


def compare_all() -> None:
    """Do what the worker does every minute."""
    jobs.enqueue("consent.screen_all", "")
    jobs.drain()


@pytest.fixture
def held() -> NoGoMatch:
    listed("Alise Becker", "Алиса Бейкер")
    factories.voice_at("review", make_user(full_name="Alice Baker"))
    return NoGoMatch.objects.get()


def test_a_voice_whose_name_is_listed_passes_every_step_and_cannot_be_approved(held: NoGoMatch):
    voice = Voice.objects.get(pk=held.subject_id)
    assert voice.status == Voice.Status.REVIEW
    assert (held.kind, held.status) == ("name", "pending")
    with pytest.raises(refusals.CheckPending):
        factories.decide(voice, "approve")
    voice.refresh_from_db()
    assert voice.status == Voice.Status.REVIEW


def test_a_listed_voice_is_met_under_any_name():
    twin = factories.voice_at("representations", make_user(full_name="Alice Baker"))
    listed("Somebody Altogetherdifferent", voices=(voiceprint_of(twin),))
    voice = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    match = NoGoMatch.objects.get(subject_id=voice.pk)
    assert match.kind == "voice"
    assert match.score > 0.9
    with pytest.raises(refusals.CheckPending):
        factories.decide(voice, "approve")


def test_what_was_not_compared_yet_is_refused_in_the_same_words_as_what_was_met(held: NoGoMatch):
    other = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    NoGoScreening.objects.filter(subject_id=other.pk).update(screened_with=None)
    said = []
    for voice in (other, Voice.objects.get(pk=held.subject_id)):
        with pytest.raises(refusals.CheckPending) as refused:
            factories.decide(voice, "approve")
        said.append(refused.value.as_dict())
    assert said[0] == said[1]
    compare_all()
    Case.objects.update(status=Case.Status.OPEN, claimed_by=None, claimed_at=None, claim_ends_at=None)
    factories.decide(other, "approve")


def test_a_new_entry_holds_back_every_approval_until_all_are_compared_with_it():
    voice = factories.voice_at("review")
    listed("Nobody Inparticular")
    with pytest.raises(refusals.CheckPending):
        factories.decide(voice, "approve")
    compare_all()
    Case.objects.update(status=Case.Status.OPEN, claimed_by=None, claimed_at=None, claim_ends_at=None)
    factories.decide(voice, "approve")


def test_a_released_pair_is_not_met_again(held: NoGoMatch):
    voice = Voice.objects.get(pk=held.subject_id)
    settle(held, "release_name")
    listed("Nobody Inparticular")  # everything is compared anew
    compare_all()
    assert NoGoMatch.objects.get().status == "released"
    assert not Case.every.filter(kind=nogo.KIND).waiting().exists()
    factories.decide(voice, "approve")


def test_a_confirmed_match_refuses_the_voice_in_ordinary_words(held: NoGoMatch):
    voice = Voice.objects.get(pk=held.subject_id)
    settle(held, "confirm")
    jobs.drain()
    voice.refresh_from_db()
    held.refresh_from_db()
    assert (voice.status, held.status) == (Voice.Status.REFUSED, "confirmed")
    told = mail.outbox[-1].body
    assert NEUTRAL in told
    assert "list" not in told.lower().replace("no-go", "list")
    assert "3(f)" not in told
    assert Decision.objects.get(case__kind="consent.voice").choice == "reject"


def test_an_appeal_that_succeeds_lets_custodians_settle_the_match_anew(held: NoGoMatch):
    voice = Voice.objects.get(pk=held.subject_id)
    settle(held, "confirm")
    services.look_again(Voice.objects.get(pk=voice.pk), actor=factories.moderator(), reason="the appeal succeeded")
    jobs.drain()
    held.refresh_from_db()
    assert held.status == "pending"
    settle(held, "release_name")
    factories.decide(voice, "approve")


def test_releasing_a_voice_needs_a_second_custodian():
    twin = factories.voice_at("representations", make_user(full_name="Alice Baker"))
    listed("Somebody Altogetherdifferent", voices=(voiceprint_of(twin),))
    voice = factories.voice_at("review", make_user(full_name="Winifred Quill"))
    match = NoGoMatch.objects.get(subject_id=voice.pk)
    case = settle(match, "release_voice")
    match.refresh_from_db()
    assert match.status == "pending"
    second = custodian()
    second.groups.add(*factories.moderator(role="senior moderator").groups.all())
    moderation.approve(case, actor=User.objects.get(pk=second.pk))
    match.refresh_from_db()
    assert match.status == "released"


def test_a_voice_that_speaks_already_is_met_by_a_new_entry_and_suspended_when_confirmed():
    voice = factories.active_voice(make_user(full_name="Alice Baker"))
    listed("Alice Baker")
    compare_all()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.ACTIVE
    settle(NoGoMatch.objects.get(), "confirm")
    jobs.drain()
    voice.refresh_from_db()
    assert voice.status == Voice.Status.SUSPENDED
    with pytest.raises(gate.ConsentEnded):
        services.require_in_force(voice)
    assert NEUTRAL in mail.outbox[-1].body


def test_a_deleted_voice_takes_its_custodians_case_along(held: NoGoMatch):
    voice = Voice.objects.get(pk=held.subject_id)
    services.withdraw(voice, actor=voice.account, reason="withdrawn")
    assert not Case.every.waiting().exists()


def test_moderators_see_no_case_decision_or_count_of_the_list(held: NoGoMatch):
    moderator = factories.moderator(role="senior moderator")
    case = Case.every.get(kind=nogo.KIND)
    assert case not in Case.objects.all()
    assert moderation.claim_next(actor=moderator).kind == "consent.voice"
    with pytest.raises(moderation.NothingWaits):
        moderation.claim_next(actor=moderator)
    settle(held, "release_name")
    assert not Decision.objects.exists()
    assert Decision.every.filter(case=case).exists()


def test_neither_rows_nor_audit_hold_a_listed_name(held: NoGoMatch):
    nogo.read(held.entry, actor=custodian())
    assert nogo.look_up("Alice Baker", actor=custodian())[0][0] == held.entry
    rows = [
        *NoGoEntry.objects.values(),
        *NoGoMatch.objects.values(),
        *Case.every.values(),
        *AuditEvent.objects.values(),
    ]
    text = json.dumps(
        rows,
        default=lambda value: bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value),
    )
    assert "Becker" not in text
    assert "Бейкер" not in text
    assert "\\u0411" not in text
    assert {"moderation.nogo.read", "moderation.nogo.looked_up"} <= set(
        AuditEvent.objects.values_list("event", flat=True)
    )


def test_name_after_name_is_refused_whatever_the_names_are_and_reported():
    account = make_user(full_name="Alice Baker")
    listed("Name Numberfive")
    words = ["one", "two", "three", "four", "five", "six"]
    for word in words[:5]:
        factories.declare(account, name="x", owner_name=f"Name Number{word}")
    factories.declare(account, name="x", owner_name="name  numberone".replace("  ", " "))
    for name in ("Name Numbersix", "Name Numberfive Junior"):
        with pytest.raises(gate.TooManyNames):
            factories.declare(account, name="x", owner_name=name)
    report = Case.every.get(kind=nogo.PROBING)
    assert report.subject == account
    assert report not in Case.objects.all()


# ---------------------------------------------------------------------------------------------------- what can be seen


def seen_by(account: User, voice: Voice) -> list[object]:
    """Return whatever an account can see of a voice, with what is random or its own taken out."""
    client = Client()
    client.force_login(account)
    here = []
    attempts = list(voice.attempts.values_list("pk", flat=True))
    addresses = [
        reverse("voices:list"),
        reverse("voices:detail", args=[voice.pk]),
        reverse("consent:gate", args=[voice.pk]),
        reverse("consent:sample", args=[voice.pk]),
        reverse("takedowns:withdraw", args=[voice.pk]),
        reverse("takedowns:standing"),
        *(reverse("consent:checking", args=[voice.pk, pk]) for pk in attempts),
        *(reverse("consent:checking-status", args=[voice.pk, pk]) for pk in attempts),
        reverse("consent:building-status", args=[voice.pk]),
        reverse("accounts:home"),
    ]
    for address in addresses:
        answer = client.get(address)
        body = answer.content.decode()
        for own in (str(voice.pk), *map(str, attempts), account.email, account.full_name):
            body = body.replace(own, "-" * 36 if own != account.full_name else "-")
        headers = {
            key: value
            for key, value in answer.headers.items()
            if key not in ("Content-Security-Policy", "Content-Length")
        }
        headers.pop("Set-Cookie", None)
        here.append(
            (
                answer.status_code,
                scrubbed(body),
                {key: scrubbed(v.replace(str(voice.pk), "-")) for key, v in headers.items()},
            )
        )
        for pk in attempts:
            here[-1] = json.loads(json.dumps(here[-1]).replace(str(pk), "-"))
    return here


def scrubbed(text: str) -> str:
    import re

    text = re.sub(r"[A-Za-z0-9]{32}[A-Za-z0-9]*", "-", text)  # tokens against forgery
    text = re.sub(r"nonce=\"[^\"]*\"|nonce-[^' ]*", "-", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "-", text)
    return re.sub(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?|[0-9]+\.[0-9]+", "-", text)


def test_what_the_account_can_see_is_the_same_for_a_voice_that_was_met():
    listed("Alice Baker")
    met, other = make_user(full_name="Alice Baker"), make_user(full_name="Carol Meyer")
    mail.outbox.clear()
    voices_of = {}
    for account in (met, other):
        voices_of[account] = factories.voice_at("review", account)
        jobs.drain()
    assert NoGoMatch.objects.filter(subject_id=voices_of[met].pk).count() == 1
    assert not NoGoMatch.objects.filter(subject_id=voices_of[other].pk).exists()
    a, b = seen_by(met, voices_of[met]), seen_by(other, voices_of[other])
    for left, right in zip(a, b, strict=True):
        assert left == right
    sent = [message.to for message in mail.outbox]
    assert sent.count([met.email]) == sent.count([other.email])


def test_the_same_work_is_queued_for_a_voice_that_was_met():
    listed("Alice Baker")
    names = []
    for full_name in ("Alice Baker", "Carol Meyer"):
        voice = factories.voice_at("review", make_user(full_name=full_name))
        jobs.drain()
        ids = [str(voice.pk), *map(str, voice.attempts.values_list("pk", flat=True))]
        names.append(sorted(jobs.Job.objects.filter(subject__in=ids).values_list("name", "status", "attempts")))
    assert names[0] == names[1]


# ---------------------------------------------------------------------------------------------------- the pages


@pytest.fixture
def door(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False


def at_the_admin(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_custodian_adds_reads_looks_up_and_takes_off_an_entry_and_each_look_is_on_record(door):
    person = custodian()
    client = at_the_admin(person)
    form = {
        "names": "Orlan Brackwater\nThe Velvet Hare",
        "source": "office",
        "review_on": "2030-01-31",
        "note": "by post",
    }
    assert client.post(reverse("admin:moderation_nogoentry_new"), form).status_code == 302
    entry = NoGoEntry.objects.get()
    assert "Brackwater" not in client.get(reverse("admin:moderation_nogoentry_changelist")).content.decode()
    page = client.get(reverse("admin:moderation_nogoentry_change", args=[entry.pk])).content.decode()
    assert "Orlan Brackwater, The Velvet Hare" in page
    assert "by post" in page
    looked = client.post(reverse("admin:moderation_nogoentry_look_up"), {"name": "Орлан Брэкуотер"})
    assert str(entry.pk) in looked.content.decode()
    assert (
        client.post(reverse("admin:moderation_nogoentry_retire", args=[entry.pk]), {"reason": "left"}).status_code
        == 302
    )
    assert nogo.look_up("Orlan Brackwater", actor=person) == []
    events = AuditEvent.objects.filter(actor=f"account:{person.pk}", event__startswith="moderation.nogo")
    assert [event.event for event in events] == [
        "moderation.nogo.added", "moderation.nogo.read", "moderation.nogo.looked_up",
        "moderation.nogoentry.retired", "moderation.nogo.looked_up",
    ]  # fmt: skip


def test_a_custodian_settles_a_match_on_its_page(door, held: NoGoMatch):
    person = custodian()
    case = Case.every.get(kind=nogo.KIND)
    client = at_the_admin(person)
    assert case.title in client.get(reverse("admin:moderation_custodiancase_changelist")).content.decode()
    page = client.get(reverse("admin:moderation_custodiancase_change", args=[case.pk])).content.decode()
    assert "Alise Becker" in page
    assert "A namesake" in page
    assert "Another person" not in page
    assert AuditEvent.objects.filter(event="moderation.nogo.read", subject_id=str(held.entry_id)).count() == 1
    settle_url = reverse("admin:moderation_custodiancase_settle", args=[case.pk])
    assert client.post(settle_url, {"choice": "release_voice", "reason": "no"}).status_code == 422
    assert client.post(settle_url, {"choice": "release_name", "reason": "Born elsewhere."}).status_code == 302
    held.refresh_from_db()
    assert (held.status, held.settled_by) == ("released", person)


@pytest.mark.parametrize("role", ["moderator", "senior moderator", "auditor"])
def test_nobody_else_opens_a_page_of_the_list_or_a_case_of_it_at_the_ordinary_desk(door, held: NoGoMatch, role: str):
    client = at_the_admin(factories.moderator(role=role))
    case = Case.every.get(kind=nogo.KIND)
    for name, args in (
        ("nogoentry_changelist", []), ("nogoentry_new", []), ("nogoentry_look_up", []),
        ("nogoentry_change", [held.entry_id]), ("custodiancase_changelist", []), ("custodiancase_change", [case.pk]),
    ):  # fmt: skip
        assert client.get(reverse(f"admin:moderation_{name}", args=args)).status_code == 403
    for name in ("nogoentry_new", "nogoentry_look_up", "custodiancase_settle", "custodiancase_second"):
        args = [case.pk] if "case" in name else []
        assert (
            client.post(
                reverse(f"admin:moderation_{name}", args=args), {"choice": "release_name", "reason": "x"}
            ).status_code
            == 403
        )
    desk = client.get(reverse("admin:moderation_case_changelist") + "?waiting=all").content.decode()
    assert "No-Go" not in desk
    assert client.get(reverse("admin:moderation_case_change", args=[case.pk])).status_code == 302
    assert client.post(reverse("admin:moderation_case_claim", args=[case.pk])).status_code in (403, 404)
    home = client.get(reverse("admin:index")).content.decode()
    assert "No-Go" not in home
    held.refresh_from_db()
    assert held.status == "pending"
