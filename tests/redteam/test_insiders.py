"""Somebody inside: staff who look, listen and decide where they may not, and who hold a copy or the database itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.core.signing import TimestampSigner
from django.db import connection, router
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Status, User
from accounts.roles import ALL_ROLES
from moderation import services as moderation
from moderation.models import Case, Decision
from moderation.services import appeals, nogo, redress
from takedowns import conduct
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.doors.house import sign_in
from tests.moderation import reported
from velluto import audit, links, vault
from velluto.audit import triggers
from velluto.models import AuditEvent, DataKey
from voices.models import Recording, Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LISTENED = "voices.recording.listened"
SEALED = (bytes, memoryview)
GRAVE = {"choice": "terminate", "section": "9", "reason": "I do not like him."}


@pytest.fixture(autouse=True)
def the_rule_holds(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True


@pytest.fixture
def recording(db) -> Recording:
    return reported.waiting_voice(("x", "passed")).recordings.get()


def signed_in(person: User, *, second_factor: bool = True) -> Client:
    return sign_in(Client(), person, second_factor=second_factor)


def audio(recording: Recording) -> str:
    return reverse("admin:voices_recording_audio", args=[recording.pk])


# ------------------------------------------------------------------------------------------------ listening


def test_a_moderator_who_skips_the_case_hears_nothing_and_cannot_make_himself_a_link(recording: Recording):
    person = factories.moderator()
    client = signed_in(person)
    forged = TimestampSigner(key="a guess", salt=f"velluto.links:{person.pk}:{audio(recording)}").sign("sound")
    somebody_elses = links.to(audio(recording), account=factories.moderator().pk)
    own_page = client.get(reverse("admin:voices_recording_change", args=[recording.pk]))
    assert "link=" not in own_page.content.decode()
    for address in (audio(recording), f"{audio(recording)}?{urlencode({'link': forged})}", somebody_elses):
        assert client.get(address).status_code == 403
    assert not AuditEvent.objects.filter(event=LISTENED).exists()


def test_who_listens_by_a_case_is_on_record_each_time_with_name_and_recording(recording: Recording):
    person = factories.moderator()
    client = signed_in(person)
    for _ in range(3):
        assert client.get(links.to(audio(recording), account=person.pk)).status_code == 200
    rows = AuditEvent.objects.filter(event=LISTENED, actor=f"account:{person.pk}", subject_id=str(recording.pk))
    assert rows.count() == 3


@pytest.mark.parametrize("role", ["auditor", "legal", "triage"])
def test_a_role_without_ears_hears_nothing_even_by_a_link_of_its_own(recording: Recording, role: str):
    person = factories.moderator(role=role)
    assert signed_in(person).get(links.to(audio(recording), account=person.pk)).status_code == 403
    assert not AuditEvent.objects.filter(event=LISTENED).exists()


def test_a_superuser_without_a_second_factor_is_nobody(recording: Recording):
    boss = make_user(superuser=True)
    client = signed_in(boss, second_factor=False)
    role = {"is_staff": "on", "reason": "To help."}
    for address in (audio(recording), reverse("admin:moderation_case_changelist")):
        assert client.get(links.to(address, account=boss.pk)).status_code == 302
    assert client.post(reverse("admin:accounts_user_change", args=[make_user().pk]), role).status_code == 302
    assert not AuditEvent.objects.filter(event__in=[LISTENED, "account.role_set"]).exists()


# ------------------------------------------------------------------------------------------------ deciding


def test_a_senior_moderator_who_wants_somebody_gone_can_only_propose_it():
    victim, senior = make_user(), factories.moderator(role="senior moderator")
    case = conduct.question(victim, title="What an account did", reason="for the test")
    moderation.claim(case, actor=senior)
    moderation.decide(case, actor=senior, **GRAVE)
    with pytest.raises(moderation.SecondPersonNeeded):
        moderation.approve(case, actor=senior)
    client = signed_in(senior)
    answer = client.post(reverse("admin:moderation_case_second", args=[case.pk]), {"agree": "yes", "reason": "So."})
    assert answer.status_code in (403, 409, 422)
    with pytest.raises(moderation.SecondPersonNeeded):
        moderation.approve(case, actor=factories.moderator())
    victim.refresh_from_db()
    assert (victim.status, Decision.objects.get().status) == (Status.ACTIVE, Decision.Status.PROPOSED)


def test_he_does_not_judge_the_appeal_against_himself_nor_a_case_about_himself():
    case = conduct.question(make_user(), title="What an account did", reason="for the test")
    person = factories.moderator(role="senior moderator")
    moderation.claim(case, actor=person)
    moderation.decide(case, choice="warn", section="9", reason="So.", actor=person)
    appeals.file(redress.link(case, "affected").rstrip("/").rpartition("/")[2], words="He has it in for me.")
    appeal = Case.objects.waiting().get(kind=appeals.KIND)
    with pytest.raises(moderation.CaseBarred):
        moderation.claim(appeal, actor=person)
    friend = factories.moderator()
    moderation.claim(appeal, actor=friend)
    with pytest.raises(moderation.HandOverRefused):
        moderation.hand_over(appeal, to=person, actor=friend, reason="He knows it best.")
    own = conduct.question(person, title="What an account did", reason="for the test")
    with pytest.raises(moderation.CaseAboutYou):
        moderation.claim(own, actor=person)


@pytest.mark.xfail(strict=True, reason="did not hold: whoever gives roles can be two persons; the audit names him")
def test_a_superuser_is_not_the_second_person_under_another_name():
    boss = make_user(superuser=True)
    puppet = make_user(staff=True)
    victim = make_user()
    case = conduct.question(victim, title="What an account did", reason="for the test")
    senior = list(factories.moderator(role="senior moderator").groups.all())
    accounts.set_role(puppet, is_staff=True, groups=senior, actor=boss, reason="To help.")
    moderation.claim(case, actor=boss)
    moderation.decide(case, actor=boss, **GRAVE)
    with pytest.raises(moderation.SecondPersonNeeded):
        moderation.approve(case, actor=User.objects.get(pk=puppet.pk))


def test_what_a_superuser_gives_his_puppet_stands_in_the_audit():
    boss, puppet = make_user(superuser=True), make_user()
    senior = list(factories.moderator(role="senior moderator").groups.all())
    accounts.set_role(puppet, is_staff=True, groups=senior, actor=boss, reason="To help.")
    row = AuditEvent.objects.get(event="account.role_set", subject_id=str(puppet.pk))
    assert (row.actor, row.data["after"]["groups"]) == (f"account:{boss.pk}", ["senior moderator"])


# ------------------------------------------------------------------------------------------------ the secret list


def test_only_custodians_look_somebody_up_and_no_trace_means_no_answer(monkeypatch):
    nogo.add_entry(names=["Orlan Brackwater"], source="notice", review_on=timezone.localdate(), actor=make_user())
    page = reverse("admin:moderation_nogoentry_look_up")
    for role in {*ALL_ROLES} - {"custodian"}:
        answer = signed_in(factories.moderator(role=role)).post(page, {"name": "Orlan Brackwater"})
        assert answer.status_code == 403, role
    person = factories.moderator(role="custodian")
    assert signed_in(person).post(page, {"name": "Orlan Brackwater"}).status_code == 200
    row = AuditEvent.objects.get(event="moderation.nogo.looked_up")
    assert row.actor == f"account:{person.pk}"
    assert "Brackwater" not in json.dumps(row.data)

    def torn_out(*args: object, **options: object) -> None:
        raise audit.AuditBroken("no row")

    monkeypatch.setattr(nogo.audit, "record", torn_out)
    with pytest.raises(audit.AuditBroken):
        nogo.look_up("Orlan Brackwater", actor=person)


# ------------------------------------------------------------------------------------------------ a copy without keys

SECRETS = {
    "script": "Nobody but me has lifted the ninth plank.",
    "report": "He rang my mother with my own voice.",
    "appeal": "It was my brother who sat there.",
    "listed name": "Orlan Brackwater",
    "note on the list": "Her sister wrote to us in May.",
}


def every_row() -> Iterator[str]:
    """Yield all that stands in the main database, as somebody with a copy of it reads it."""
    for model in apps.get_models():
        if router.db_for_read(model) == connection.alias:
            for row in model._base_manager.values_list():
                yield from (
                    bytes(value).decode("latin-1") if isinstance(value, SEALED) else str(value) for value in row
                )


def test_a_copy_of_database_and_files_without_keys_holds_no_word_and_no_sound():
    speech = standins.spoken(standins.active_voice(), SECRETS["script"])
    reported.report(str(speech.pk), account=speech.account, words=SECRETS["report"])
    case = conduct.question(make_user(), title="What an account did", reason="for the test")
    person = factories.moderator()
    moderation.claim(case, actor=person)
    moderation.decide(case, choice="warn", section="9", reason="So.", actor=person)
    appeals.file(redress.link(case, "affected").rstrip("/").rpartition("/")[2], words=SECRETS["appeal"])
    nogo.add_entry(
        names=[SECRETS["listed name"]],
        note=SECRETS["note on the list"],
        source="notice",
        review_on=timezone.localdate(),
        actor=person,
    )
    rows = "\n".join(every_row())
    folder = Path(storages["vault"].path(""))
    names = [*speech.voice.recordings.values_list("object", flat=True), speech.output.object, speech.voice.artefact]
    for what, words in SECRETS.items():
        assert words not in rows, what
    for name in names:
        stored = (folder / name).read_bytes()
        assert not any(sign in stored for sign in (b"fLaC", b"RIFF", b"a voice", SECRETS["script"].encode()))
    DataKey.objects.all().delete()  # the keys lie in a database of their own, which the thief has not
    with pytest.raises(vault.VaultError):
        vault.read(names[0], owner=speech.voice.owner.vault_owner, purpose="recording.sample")


@pytest.mark.xfail(strict=True, reason="did not hold: names and addresses are found by, so they stand in the clear")
def test_a_copy_of_the_database_does_not_say_who_its_people_are():
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))
    rows = "\n".join(every_row())
    assert voice.owner.name not in rows
    assert "alice@example.org" not in rows


# ------------------------------------------------------------------------------------------------ the database itself


def test_a_dba_who_takes_a_look_out_of_the_audit_is_named_by_the_row(recording: Recording, tmp_path: Path):
    person = factories.moderator()
    signed_in(person).get(links.to(audio(recording), account=person.pk))
    row = AuditEvent.objects.get(event=LISTENED)
    factories.moderator()  # the house goes on, and the chain with it
    audit.checkpoint(tmp_path)
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {AuditEvent._meta.db_table} SET actor = 'somebody else' WHERE id = %s", [row.pk])
    triggers.install(connection)
    said = StringIO()
    with pytest.raises(CommandError, match=f"first broken row: {row.pk}"):
        call_command("verify_audit", "--checkpoints", str(tmp_path), stdout=said)


def test_a_dba_who_unseals_a_voice_by_hand_gets_nothing_that_speaks():
    """He marks a refused voice as ready in the tables; no consent is in force, so it stays silent."""
    voice = standins.voice_in_review()
    Voice.objects.filter(pk=voice.pk).update(status=Voice.Status.ACTIVE, artefact="anything", artefact_engine="x")
    with pytest.raises(Exception, match="consent for this voice is not in force"):
        standins.asked(Voice.objects.get(pk=voice.pk))
