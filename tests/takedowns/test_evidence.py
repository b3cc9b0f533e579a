"""A bundle of evidence holds every record, and whoever changes a byte of it is found out without this installation."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import LegalText, TextAcceptance
from consent.models import Check
from synthesis.models import Freeze
from takedowns import services as takedowns
from takedowns.evidence import gather, records, services, verify
from takedowns.evidence.bundle import Bundle, File, Gone
from tests import factories, standins
from tests.accounts.factories import make_user
from tests.consent import papers
from tests.takedowns.bundles import public_key, unpacked, verified
from velluto.audit.checkpoints import signing_key
from velluto.audit.models import AuditEvent
from voices import services as voices
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
NOW = timezone.now()
FOREIGN = {"auth", "contenttypes", "sessions", "admin", "django_q", "mfa", "account"}


@pytest.fixture
def voice(db) -> Voice:
    """Return a voice that has a document, was shared, and has spoken."""
    voice = standins.active_voice(make_user("alice@example.org", full_name="Alice Baker"))
    papers.kept(voice)
    standins.spoken(voice, "The secret word is velvet.")
    return voice


def everything(scope: str, subject: object, **options: object) -> Bundle:
    return services.bundle(scope, subject, at=timezone.now(), **options)


def names_in(content: bytes) -> set[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return set(archive.namelist())


def rows_in(content: bytes, name: str) -> list[dict]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return json.loads(archive.read(name))


# ------------------------------------------------------------------------- verifying


@pytest.fixture
def real(voice, tmp_path) -> Path:
    """Return the bundle about the account, unpacked; the script that judges it lies elsewhere, untouched."""
    shutil.copy(Path(verify.__file__), tmp_path / "judge.py")
    return unpacked(everything("account", voice.account).read(), tmp_path / "bundle")


def judged(folder: Path, *arguments: object) -> tuple[int, str]:
    return verified(folder, *arguments, "--public-key", public_key(), script=folder.parent / "judge.py")


def test_a_stranger_verifies_a_bundle_with_python_alone(voice, tmp_path):
    content = everything("account", voice.account).read()
    (tmp_path / "bundle.zip").write_bytes(content)
    folder = unpacked(content, tmp_path / "bundle")
    for place in ([], [folder], [tmp_path / "bundle.zip"]):
        status, said = verified(*place, "--public-key", public_key(), script=folder / "verify.py")
        assert status == 0, said
        assert said.startswith("WHOLE")
        assert "the key you gave" in said
    status, said = verified(script=folder / "verify.py")
    assert status == 0
    assert "That key came with the bundle" in said


def test_one_byte_changed_in_any_file_is_named(real):
    """Flip a bit in every file of a real bundle: the first byte, the last, and one between."""
    chance, files = random.Random(7), sorted(path for path in real.rglob("*") if path.is_file())
    assert len(files) > 30
    for path in files:
        content = path.read_bytes()
        for at in {0, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[at] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            status, said = judged(real)
            assert status == 1, (path, at)
            assert str(path.relative_to(real)) in said, (path, at, said)
        path.write_bytes(content)
    assert judged(real)[0] == 0


def test_every_byte_of_manifest_and_signature_counts(real):
    """In this process, for there are thousands: each byte of both, one bit of it flipped."""
    for name in (verify.MANIFEST, verify.SIGNATURE):
        content, chance = (real / name).read_bytes(), random.Random(8)
        places = range(len(content))
        for at in places if name == verify.SIGNATURE else chance.sample(places, 250):
            changed = bytearray(content)
            changed[at] ^= 1 << chance.randrange(8)
            (real / name).write_bytes(changed)
            assert verify.findings(verify.Folder(str(real)), bytes.fromhex(public_key()))[1], (name, at)
        (real / name).write_bytes(content)
    assert verify.findings(verify.Folder(str(real)), None)[1] == []


def test_a_file_removed_added_renamed_or_swapped_is_named(real):
    files = sorted(path for path in real.rglob("*") if path.is_file())
    for path in files:
        path.rename(real.parent / "away")
        status, said = judged(real)
        assert (status, str(path.relative_to(real)) in said) == (1, True)
        (real.parent / "away").rename(path)
    (real / "records" / "another.json").write_text("[]")
    assert "another.json: added" in judged(real)[1]
    (real / "records" / "another.json").unlink()
    one, other = files[3], files[4]
    contents = one.read_bytes(), other.read_bytes()
    one.write_bytes(contents[1]), other.write_bytes(contents[0])
    said = judged(real)[1]
    assert f"{one.relative_to(real)}: changed" in said
    assert f"{other.relative_to(real)}: changed" in said
    one.write_bytes(contents[0]), other.write_bytes(contents[1])
    one.rename(one.with_name("x"))
    said = judged(real)[1]
    assert "x: added" in said
    assert f"{one.relative_to(real)}: missing" in said
    one.with_name("x").rename(one)
    (real / "linked").symlink_to(one)
    assert "linked: not a plain file" in judged(real)[1]
    (real / "linked").unlink()
    (real / "empty").mkdir()
    assert "empty: not a plain file" in judged(real)[1]


def test_no_byte_of_the_archive_can_change_what_is_in_it_unnoticed(voice, tmp_path):
    content = everything("consent", voice).read()
    chance, key, path = random.Random(9), bytes.fromhex(public_key()), tmp_path / "bundle.zip"
    with zipfile.ZipFile(BytesIO(content)) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    for at in chance.sample(range(len(content)), 600):
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        try:
            packed = verify.Packed(str(path))
            wrong = verify.findings(packed, key)[1]
        except Exception:  # it cannot be opened, which `main` says
            continue
        assert wrong or {name: packed.read(name) for name in packed.names} == before, at


def test_signed_by_somebody_else_is_not_signed(voice, real):
    key = Ed25519PrivateKey.generate()
    forged = Bundle([File("a.txt", lambda: b"x")], about={}, made_at=timezone.now(), key=key).read()
    folder = unpacked(forged, real.parent / "forged")
    assert "signed by somebody else" in judged(folder)[1]
    # Naming our key does not help.
    manifest = (folder / "manifest.json").read_text()
    theirs = key.public_key().public_bytes_raw().hex()
    (folder / "manifest.json").write_text(manifest.replace(theirs, public_key()))
    assert "do not belong together" in judged(folder)[1]
    # Nor does anything else that our key once signed: what is signed says what it is.
    statement = json.dumps({**json.loads(manifest), "what": "velluto audit checkpoint", "public_key": public_key()})
    (folder / "manifest.json").write_text(statement)
    (folder / "manifest.sig").write_text(signing_key().sign(statement.encode()).hex() + "\n")
    assert "no longer be read as a manifest" in judged(folder)[1]


def test_rows_of_the_audit_prove_themselves(voice, real):
    rows = json.loads((real / "audit.json").read_text())
    assert {row["event"] for row in rows} >= {"voices.voice.declared", "consent.document.kept", "voices.voice.active"}
    rows[4]["reason"] = "something else"
    (real / "audit.json").write_text(json.dumps(rows))
    assert f"row {rows[4]['number']} is not what its digest says" in judged(real)[1]


def test_the_signature_is_checked_as_rfc_8032_has_it():
    """Its test vectors 1 to 3, and signatures that another implementation made."""
    vectors = (
        ("d75a980182b10ab7 d54bfed3c964073a 0ee172f3daa62325 af021a68f707511a", "",
         "e5564300c360ac72 9086e2cc806e828a 84877f1eb8e5d974 d873e06522490155 "
         "5fb8821590a33bac c61e39701cf9b46b d25bf5f0595bbe24 655141438e7a100b"),
        ("3d4017c3e843895a 92b70aa74d1b7ebc 9c982ccf2ec4968c c0cd55f12af4660c", "72",
         "92a009a9f0d4cab8 720e820b5f642540 a2b27b5416503f8f b3762223ebdb69da "
         "085ac1e43e15996e 458f3613d0f11d8c 387b2eaeb4302aee b00d291612bb0c00"),
        ("fc51cd8e6218a1a3 8da47ed00230f058 0816ed13ba3303ac 5deb911548908025", "af82",
         "6291d657deec2402 4827e69c3abe01a3 0ce548a284743a44 5e3680d7db5ac3ac "
         "18ff9b538d16f290 ae67f760984dc659 4a7c15e9716ed28d c027beceea1ec40a"),
    )  # fmt: skip
    for key, message, signature in vectors:
        given = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
        assert verify.is_signed(*given)
        assert not verify.is_signed(given[0], given[1] + b"\0", given[2])
        second = given[2][:32] + (int.from_bytes(given[2][32:], "little") + verify.ORDER).to_bytes(32, "little")
        assert not verify.is_signed(given[0], given[1], second), "a signature can be made out of another"
    for size in range(0, 200, 20):
        other = Ed25519PrivateKey.generate()
        message = random.Random(size).randbytes(size)
        assert verify.is_signed(other.public_key().public_bytes_raw(), message, other.sign(message))
    assert not verify.is_signed(b"\xff" * 32, b"", b"\0" * 64)


# ------------------------------------------------------------------------- what is in it


def test_every_table_is_in_the_bundle_or_says_why_not():
    known = {table.model for table in (*records.TABLES, *records.OF_CASES)} | {records.CASES, *records.LEFT_OUT}
    there = {model._meta.label_lower for model in apps.get_models() if model._meta.app_label not in FOREIGN}
    assert there - known == set(), "say in takedowns/evidence/records.py how these hang on an account or a voice"
    assert known - there == {"account.emailaddress"}


def test_the_fields_that_a_table_shows_to_the_account_are_there():
    for table in (*records.TABLES, *records.OF_CASES):
        fields = {field.name for field in apps.get_model(table.model)._meta.concrete_fields}
        assert table.shown <= fields, table.model
    for label, names in records.NEVER.items():
        assert names <= {field.name for field in apps.get_model(label)._meta.concrete_fields}


def test_all_that_there_is_of_an_account_is_in_it_decrypted(voice):
    content = everything("account", voice.account).read()
    names = names_in(content)
    request = voice.speech_requests.get()
    for recording in voice.recordings.all():
        assert f"files/recordings/{recording.pk}.flac" in names
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.read(f"files/scripts/{request.pk}.txt") == b"The secret word is velvet."
        assert archive.read(f"files/speech/{request.output.pk}.{request.format}").startswith(b"RIFF")
        assert archive.read(f"files/documents/{voice.documents.get().pk}.pdf") == papers.pdf()
        recording = voice.recordings.first()
        assert archive.read(f"files/recordings/{recording.pk}.flac") == voices.recording_bytes(recording)
        manifest = json.loads(archive.read("manifest.json"))
    speech = manifest["files"][f"files/speech/{request.output.pk}.{request.format}"]
    assert speech["sha256"] == speech["recorded_sha256"] == request.output.sha256
    assert rows_in(content, "records/consent-consentrecord.json")[0]["text_sha256"] == voice.consent.text_sha256
    assert len(rows_in(content, "records/consent-check.json")) == Check.objects.count()
    assert rows_in(content, "records/moderation-decision.json")[0]["choice"] == "approve"
    about = AuditEvent.objects.filter(subject_type="voices.voice").count()
    assert sum(row["subject"][0] == "voices.voice" for row in rows_in(content, "audit.json")) == about


def test_it_holds_no_secret_and_nobody_else(voice):
    other = standins.active_voice(make_user("bob@example.org", full_name="Bob Carter"))
    standins.spoken(other, "Bob says this.")
    for scope, subject in (
        ("account", voice.account),
        ("voice", voice),
        ("output", voice.speech_requests.get().output),
    ):
        content = everything(scope, subject).read()
        with zipfile.ZipFile(BytesIO(content)) as archive:
            whole = b"\n".join(archive.read(name) for name in archive.namelist())
        assert voice.account.password.encode() not in whole
        assert b"token_sha256" not in whole
        for theirs in (str(other.pk), str(other.account_id), "bob@example.org", "Bob says this."):
            assert theirs.encode() not in whole, (scope, theirs)
        assert b"alice@example.org" in whole
        assert b"The secret word" in whole


def test_a_letter_comes_without_the_link_by_which_its_reader_appeals():
    voice = standins.voice_in_review()
    factories.decide(voice, "reject")
    statement = voice.account.statements_of_reasons.get()
    assert "/appeals/" in statement.body
    body = rows_in(everything("voice", voice).read(), "records/moderation-statementofreasons.json")[0]["body"]
    assert "link to appeal]" in body
    assert "/appeals/" not in body


def test_the_texts_an_account_accepted_and_a_freeze_of_it_are_in_it(db):
    account, text = (
        make_user(),
        LegalText.objects.create(
            kind="terms",
            number=7,
            body="<p>So be it.</p>",
            sha256=sha256(b"<p>So be it.</p>").hexdigest(),
            published_at=NOW,
        ),
    )
    TextAcceptance.objects.create(account=account, text=text, accepted_at=NOW)
    freeze = Freeze.objects.create(
        scope="account", subject=str(account.pk), reason="So", placed_by=make_user(staff=True), placed_at=NOW
    )
    content = everything("account", account).read()
    assert "files/texts/terms-7.html" in names_in(content)
    assert rows_in(content, "records/accounts-textacceptance.json")[0]["text_id"] == str(text.pk)
    assert [row["id"] for row in rows_in(content, "records/synthesis-freeze.json")] == [str(freeze.pk)]


def test_an_output_comes_with_whose_consent_let_it_be(voice):
    standins.spoken(voice, "Another matter.")
    output = voice.speech_requests.order_by("requested_at").first().output
    content = everything("output", output).read()
    assert len(rows_in(content, "records/synthesis-output.json")) == 1
    assert rows_in(content, "records/consent-consentrecord.json")[0]["voice_id"] == str(voice.pk)
    assert {name.partition("/")[2].partition("/")[0] for name in names_in(content) if name.startswith("files/")} == {
        "texts",
        "scripts",
        "speech",
    }


def test_what_was_destroyed_is_named_and_its_records_are_there(voice, tmp_path):
    takedowns.revoke(voice, by="voice_owner", actor=voice.account, reason="So")
    standins.drain()
    voice.refresh_from_db()
    made = everything("voice", voice)
    content = made.read()
    gone = {entry["file"] for entry in made.manifest["gone"]}
    assert gone == {f"files/recordings/{recording.pk}.flac" for recording in voice.recordings.all()}
    assert rows_in(content, "records/takedowns-revocation.json")[0]["certificate"]["signature"]
    assert rows_in(content, "records/takedowns-revocationstep.json")
    assert rows_in(content, "records/consent-consentrecord.json")[0]["status"] == "withdrawn"
    assert f"files/documents/{voice.documents.get().pk}.pdf" in names_in(content)
    assert any(row["event"] == "vault.key_destroyed" for row in rows_in(content, "audit.json"))
    folder = unpacked(content, tmp_path / "bundle")
    status, said = verified(script=folder / "verify.py")
    assert status == 0
    assert all(name in said for name in gone)


def test_a_file_of_another_content_than_its_record_says_is_told(tmp_path):
    key = Ed25519PrivateKey.generate()
    made = Bundle([File("a.flac", lambda: b"x", "0" * 64)], about={}, made_at=timezone.now(), key=key)
    status, said = verified(script=unpacked(made.read(), tmp_path) / "verify.py")
    assert (status, "a.flac: not what its record tells of" in said) == (1, True)


def test_a_bundle_takes_the_memory_of_its_largest_file():
    """Files are read when their turn comes; what was read before is gone by then."""
    alive: list[int] = []

    def content(number: int) -> bytes:
        alive.append(number)
        return bytes(200_000)

    files = [File(f"{number}.bin", lambda number=number: content(number)) for number in range(50)]
    made = Bundle(files, about={}, made_at=timezone.now(), key=Ed25519PrivateKey.generate())
    made.read(100)
    assert alive == [0]
    made.read(450_000)
    assert len(alive) <= 4


def test_what_cannot_be_read_any_more_is_left_out_and_said():
    def gone() -> bytes:
        raise Gone("vault_missing")

    made = Bundle([File("a", gone)], about={}, made_at=timezone.now(), key=Ed25519PrivateKey.generate())
    assert "a" not in names_in(made.read())
    assert made.manifest["gone"] == [{"file": "a", "why": "vault_missing"}]


# ------------------------------------------------------------------------- the account's own


def test_an_account_gets_the_evidence_of_its_own_voice_and_sees_what_is_its_own(voice, tmp_path):
    client = Client()
    client.force_login(voice.account)
    answer = client.post(f"/voices/{voice.pk}/evidence/bundle/")
    assert answer["Content-Type"] == "application/zip"
    content = answer.content
    row = AuditEvent.objects.filter(event="takedowns.evidence.handed_over").get()
    assert row.actor == f"account:{voice.account_id}"
    names = names_in(content)
    assert {f"files/recordings/{one.pk}.flac" for one in voice.recordings.all()} <= names
    assert "files/texts/representations-2026-06-04.txt" in names
    assert "records/moderation-case.json" not in names
    assert "records/voices-voiceprint.json" not in names
    decision = rows_in(content, "records/moderation-decision.json")[0]
    assert set(decision) == {"id", "case_id", "choice", "section_id", "reason", "decided_at", "status"}
    assert "threshold" not in rows_in(content, "records/consent-check.json")[0]
    assert all(set(row) == {"number", "at", "event", "digest"} for row in rows_in(content, "audit.json"))
    status, said = verified("--public-key", public_key(), script=unpacked(content, tmp_path / "b") / "verify.py")
    assert status == 0, said
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.post(f"/voices/{voice.pk}/evidence/bundle/").status_code == 404


def test_of_somebody_elses_voice_the_account_gets_the_consent_and_no_sound():
    voice = factories.entrusted_voice()
    link = factories.invite(voice, email="alice@example.org")
    signed = factories.grant(link)
    with standins.engines_replaced():
        factories.services.hand_in_sample(voice, standins._file(31.0), actor=voice.account)
    content = services.hand_over(voice, actor=voice.account)
    row = rows_in(content, "records/consent-ownerconsent.json")[0]
    assert row["signature"] == "Alice Baker"
    assert not {"ip_address", "user_agent"} & set(row)
    assert rows_in(content, "records/voices-recording.json")[0]["sha256"]
    assert not any(name.startswith("files/recordings") for name in names_in(content))
    assert signed.ip_address.encode() not in content
    full = everything("consent", voice).read()
    assert rows_in(full, "records/consent-ownerconsent.json")[0]["ip_address"] == signed.ip_address
    assert any(name.startswith("files/recordings") for name in names_in(full))


def test_evidence_of_consent_stays_for_three_years_whatever_happens_to_the_voice(voice):
    """The record, its text and the signed document are there after the voice has gone."""
    given = voice.consent.given_at
    takedowns.revoke(voice, by="account", actor=voice.account, reason="So")
    standins.drain()
    voice.refresh_from_db()
    assert voice.consent.retain_until >= (given + timedelta(days=3 * 365)).date()
    rows = gather.Rows("consent", voice, own=True)
    assert [row.pk for row in rows.found["consent.consentrecord"]] == [voice.consent.pk]
    assert f"files/documents/{voice.documents.get().pk}.pdf" in names_in(services.hand_over(voice, actor=voice.account))
