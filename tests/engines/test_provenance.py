"""Signed provenance in the files that leave the house."""

from __future__ import annotations

import io
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.audio import hostile
from tests.audio.sounds import a_melody
from velluto import engines
from velluto.audio import intake
from velluto.audio.export import FORMATS, encode
from velluto.audio.guard import Answer
from velluto.engines import certificates
from velluto.engines.base import EngineError, ProvenanceReport
from velluto.engines.c2pa_provenance import RECORD, SOURCE_TYPE, C2paProvenance, _report

NOON = datetime(2031, 5, 6, 12, 0, 0, tzinfo=UTC)
CARRIERS = [name for name, chosen in FORMATS.items() if chosen.carries_c2pa]


@pytest.fixture(autouse=True)
def _a_house_of_its_own(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    for name in ("C2PA_CERTIFICATE_CHAIN", "C2PA_PRIVATE_KEY", "C2PA_FORMER_CERTIFICATES", "C2PA_TIMESTAMP_URL"):
        setattr(settings, name, None)


def signed(fmt: str, house: C2paProvenance | None = None) -> bytes:
    content = encode(a_melody(), fmt)
    return (house or C2paProvenance()).sign(content, fmt, record_id="rec-7", engine="exemplar 2", created_at=NOON)


def manifest(content: bytes, fmt: str) -> dict:
    offline = {"verify": {"remote_manifest_fetch": False}}
    with (
        c2pa.Context.from_dict(offline) as context,
        c2pa.Reader(FORMATS[fmt].media_type, io.BytesIO(content), context=context) as reader,
    ):
        return reader.get_active_manifest()


@pytest.mark.parametrize("fmt", CARRIERS)
def test_a_signed_file_says_what_made_it_and_when(fmt: str) -> None:
    assert C2paProvenance().read(signed(fmt), fmt) == ProvenanceReport(
        valid=True, record_id="rec-7", engine="exemplar 2", signed_at=NOON, issuer="Velluto development"
    )


@pytest.mark.parametrize("fmt", CARRIERS)
def test_a_manifest_says_that_a_trained_algorithm_made_the_sound(fmt: str) -> None:
    said = {each["label"]: each["data"] for each in manifest(signed(fmt), fmt)["assertions"]}
    (action,) = said["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"] == SOURCE_TYPE
    assert action["when"] == "2031-05-06T12:00:00Z"
    assert said[RECORD] == {"record_id": "rec-7"}


@pytest.mark.parametrize("fmt", CARRIERS)
def test_a_signed_file_still_plays_and_holds_the_same_sound(fmt: str) -> None:
    before, after = intake.decode(encode(a_melody(), fmt)), intake.decode(signed(fmt))
    assert before.samples.tobytes() == after.samples.tobytes()


@pytest.mark.parametrize("fmt", CARRIERS)
def test_a_changed_byte_of_the_sound_is_reported(fmt: str) -> None:
    plain, content = encode(a_melody(), fmt), bytearray(signed(fmt))
    middle = plain[len(plain) // 2 :][:64]
    content[content.index(middle)] ^= 1
    report = C2paProvenance().read(bytes(content), fmt)
    assert (report.valid, report.problem) == (False, "altered")


def test_bytes_behind_the_end_are_reported() -> None:
    report = C2paProvenance().read(signed("mp3") + b"more", "mp3")
    assert (report.valid, report.problem) == (False, "altered")


def test_a_forged_record_id_is_reported() -> None:
    report = C2paProvenance().read(signed("flac").replace(b"rec-7", b"rec-8"), "flac")
    assert (report.valid, report.problem) == (False, "altered")


def test_a_manifest_moved_to_another_sound_is_reported() -> None:
    donor = signed("mp3")
    tag = donor[: tag_length(donor)]
    report = C2paProvenance().read(tag + encode(a_melody(3.0), "mp3"), "mp3")
    assert (report.valid, report.problem) == (False, "altered")


def tag_length(content: bytes) -> int:
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte
    return 10 + size


def test_a_manifest_signed_by_a_stranger_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    content = signed("wav")
    settings.DATA_DIR = tmp_path / "another house"
    report = C2paProvenance().read(content, "wav")
    assert (report.valid, report.problem) == (False, "untrusted_signer")


def test_another_customer_of_our_authority_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    now, root_key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    root = certificates._certificate(certificates.ROOT_NAME, root_key.public_key(), root_key, now, is_root=True)
    houses = []
    for customer in ("we", "they"):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = certificates._certificate(customer, key.public_key(), root_key, now, is_root=False)
        chain, private_key = tmp_path / f"{customer}.pem", tmp_path / f"{customer}.key"
        chain.write_bytes(pem(leaf) + pem(root))
        private_key.write_bytes(pem(key))
        settings.C2PA_CERTIFICATE_CHAIN, settings.C2PA_PRIVATE_KEY = chain, private_key
        house = C2paProvenance()
        houses.append((house, signed("mp3", house)))
    (we, our_file), (they, their_file) = houses
    assert we.read(our_file, "mp3").valid
    assert they.read(their_file, "mp3").valid
    report = we.read(their_file, "mp3")
    assert (report.valid, report.problem) == (False, "untrusted_signer")


def pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_manifest_kept_elsewhere_is_not_fetched() -> None:
    chain = certificates.chain()
    key = c2pa.C2paSignerInfo(chain.algorithm, chain.certificates.encode(), chain.private_key.encode(), None)
    context = c2pa.Context.from_dict({"trust": {"user_anchors": chain.authorities}})
    content = io.BytesIO()
    action = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE}
    said = {"assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}]}
    with context, c2pa.Signer.from_info(key) as signer, c2pa.Builder(said, context) as builder:
        builder.set_no_embed()
        builder.set_remote_url("http://127.0.0.1:9/manifest.c2pa")
        builder.sign(signer, "audio/wav", io.BytesIO(encode(a_melody(), "wav")), content)
    report = C2paProvenance().read(content.getvalue(), "wav")
    assert (report.valid, report.problem) == (False, "elsewhere")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_without_a_manifest_says_nothing(fmt: str) -> None:
    assert C2paProvenance().read(encode(a_melody(), fmt), fmt) is None


@pytest.mark.parametrize(
    ("name", "fmt"),
    [
        ("nothing", "wav"),
        ("WAV, cut in half", "wav"),
        ("WAV, a format chunk without end", "wav"),
        ("MP3, tag within tag", "mp3"),
        ("noise", "flac"),
        ("M4A, boxes 2,000 deep", "m4a"),
        ("M4A, a box of no size", "m4a"),
    ],
)
def test_a_hostile_file_proves_nothing(name: str, fmt: str) -> None:
    report = C2paProvenance().read(hostile.every_file()[name][0], fmt)
    assert report is None or not report.valid


@pytest.mark.parametrize(
    ("state", "failures", "problem"),
    [
        ("Invalid", ["signingCredential.untrusted", "signingCredential.expired"], "expired"),
        ("Invalid", ["signingCredential.expired", "assertion.dataHash.mismatch"], "altered"),
        ("Valid", ["signingCredential.untrusted"], "untrusted_signer"),
        ("of another version", [], "altered"),
    ],
)
def test_an_expired_certificate_is_told_from_an_altered_file(state: str, failures: list[str], problem: str) -> None:
    told = json.dumps(manifest(signed("wav"), "wav")).encode()
    report = _report(Answer({"state": state, "failures": failures}, told), certificates.chain().serials)
    assert (report.valid, report.problem) == (False, problem)


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", b'{"assertions": [1]}', b'{"assertions": [{"label": 1, "data": 2}]}']
)
def test_a_reader_in_other_hands_can_only_be_disbelieved(payload: bytes) -> None:
    report = _report(Answer({"state": "Trusted", "failures": []}, payload), frozenset())
    assert (report.valid, report.problem) == (False, "unreadable")


def test_the_registry_gives_the_engine_that_settings_name(settings: Settings) -> None:
    engines.get.cache_clear()
    settings.ENGINES = {"provenance": {"BACKEND": "velluto.engines.c2pa_provenance.C2paProvenance"}}
    assert isinstance(engines.provenance(), C2paProvenance)
    assert engines.provenance() is engines.provenance()
    engines.get.cache_clear()


def test_opus_carries_no_manifest_and_a_foreign_format_none_either() -> None:
    house = C2paProvenance()
    assert not house.carries("opus")
    assert not house.carries("webm")
    with pytest.raises(EngineError, match="opus"):
        signed("opus", house)


def test_what_is_no_sound_file_cannot_be_signed() -> None:
    with pytest.raises(EngineError):
        C2paProvenance().sign(b"nothing", "wav", record_id="1", engine="e", created_at=NOON)


def test_the_development_chain_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    folder = certificates.ensure_development_chain()
    key = (folder / "key.pem").read_bytes()
    assert folder == tmp_path / "certificates"
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert certificates.ensure_development_chain() == folder
    assert (folder / "key.pem").read_bytes() == key
    assert [each.name for each in tmp_path.iterdir()] == ["certificates"]


def test_the_chain_of_a_quicker_process_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = certificates._new_chain
    winner = make(datetime.now(UTC))

    def slow(now: datetime) -> tuple[str, str]:
        (tmp_path / "certificates").mkdir()
        (tmp_path / "certificates" / "chain.pem").write_text(winner[0])
        (tmp_path / "certificates" / "key.pem").write_text(winner[1])
        return make(now)

    monkeypatch.setattr(certificates, "_new_chain", slow)
    assert (certificates.ensure_development_chain() / "key.pem").read_text() == winner[1]
    assert [each.name for each in tmp_path.iterdir()] == ["certificates"]


def test_the_leaf_may_sign_and_nothing_else() -> None:
    leaf = certificates.chain().leaf
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert list(purposes) == [x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION]


def test_the_operators_own_chain_signs_where_settings_name_it(settings: Settings, tmp_path: Path) -> None:
    texts = certificates._new_chain(datetime.now(UTC))
    settings.C2PA_CERTIFICATE_CHAIN, settings.C2PA_PRIVATE_KEY = tmp_path / "own.pem", tmp_path / "own.key"
    for path, text in zip((settings.C2PA_CERTIFICATE_CHAIN, settings.C2PA_PRIVATE_KEY), texts, strict=True):
        path.write_text(text)
    house = C2paProvenance()
    assert house.read(signed("mp3", house), "mp3").valid
    assert not (tmp_path / "certificates").exists()


def test_files_of_an_earlier_chain_stay_valid_where_it_is_named(settings: Settings, tmp_path: Path) -> None:
    content = signed("mp3")
    settings.C2PA_FORMER_CERTIFICATES = tmp_path / "certificates" / "chain.pem"
    settings.DATA_DIR = tmp_path / "later"
    assert C2paProvenance().read(content, "mp3").valid


def test_half_a_configuration_and_a_wrong_key_are_refused(settings: Settings, tmp_path: Path) -> None:
    folder = certificates.ensure_development_chain()
    settings.C2PA_CERTIFICATE_CHAIN = folder / "chain.pem"
    with pytest.raises(ImproperlyConfigured, match="both"):
        certificates.chain()
    settings.C2PA_PRIVATE_KEY = tmp_path / "other.pem"
    settings.C2PA_PRIVATE_KEY.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(CommandError, match="not the key"):
        call_command("make_certificates")


def test_the_command_says_which_certificate_signs() -> None:
    out = io.StringIO()
    call_command("make_certificates", stdout=out)
    assert "CN=Velluto development signer" in out.getvalue()


def test_the_command_reports_an_expired_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "LIFETIME", timedelta(hours=-12))
    with pytest.raises(CommandError, match="expired"):
        call_command("make_certificates", stdout=io.StringIO())


def test_no_manifest_tells_more_than_it_must() -> None:
    told = json.dumps(manifest(signed("wav"), "wav"))
    assert "title" not in told
    assert "thumbnail" not in told
    assert "ingredient" not in told
