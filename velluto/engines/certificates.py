"""The certificate chain that signs provenance manifests: the operator's own, or one made for development.

The development chain is a root that nobody else knows and one leaf under it (ES256; key usage digitalSignature,
extended key usage emailProtection, as the C2PA certificate profile asks). The root's private key is never written: no
second leaf can come of it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ORGANISATION = "Velluto development"
ROOT_NAME = "Velluto development root"
LIFETIME = timedelta(days=3650)  # without time stamps from outside, a manifest ends with the certificate that signed it
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
EARLIER = timedelta(days=1)  # clocks of readers may be behind


@dataclass(frozen=True, slots=True)
class Chain:
    """PEM texts of what signs, and what readers believe.

    `certificates` is the leaf and then its issuers, `private_key` the leaf's. A manifest is ours where its certificate
    descends from `authorities` and bears one of `serials`: an authority that sells certificates has other customers.
    """

    certificates: str
    private_key: str
    algorithm: str
    authorities: str
    serials: frozenset[str]

    @property
    def leaf(self) -> x509.Certificate:
        return x509.load_pem_x509_certificates(self.certificates.encode())[0]


def chain() -> Chain:
    """Return the operator's chain where settings name one, else the development chain, made on first use."""
    certificates = getattr(settings, "C2PA_CERTIFICATE_CHAIN", None)
    private_key = getattr(settings, "C2PA_PRIVATE_KEY", None)
    if bool(certificates) != bool(private_key):
        raise ImproperlyConfigured("Set both C2PA_CERTIFICATE_CHAIN and C2PA_PRIVATE_KEY, or neither.")
    if certificates and private_key:
        return _read(Path(certificates), Path(private_key))
    folder = ensure_development_chain()
    return _read(folder / "chain.pem", folder / "key.pem")


def _read(certificates: Path, private_key: Path) -> Chain:
    """Return the chain in these files; raise ImproperlyConfigured where they do not fit together."""
    try:
        chain_text, key_text = certificates.read_text(), private_key.read_text()
        former = getattr(settings, "C2PA_FORMER_CERTIFICATES", None)
        parsed = x509.load_pem_x509_certificates(chain_text.encode())
        believed = parsed + (x509.load_pem_x509_certificates(Path(former).read_bytes()) if former else [])
        key = serialization.load_pem_private_key(key_text.encode(), password=None)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"The certificate chain cannot be read: {error}") from error
    if parsed[0].public_key() != key.public_key():
        raise ImproperlyConfigured(f"{private_key} is not the key of the first certificate in {certificates}.")
    authorities = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in believed if _is_authority(each))
    serials = frozenset(str(each.serial_number) for each in believed if not _is_authority(each))
    return Chain(chain_text, key_text, _algorithm(key), authorities.decode(), serials)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _algorithm(key: object) -> str:
    """Return C2PA's name of the signature that this key makes; raise ImproperlyConfigured for one it does not know."""
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise ImproperlyConfigured("The private key is of a kind that C2PA does not sign with.")


def ensure_development_chain() -> Path:
    """Return the folder of the development chain, `DATA_DIR/certificates`; make it where it is missing.

    It appears whole or not at all, so that two processes may start at once.
    """
    folder = Path(settings.DATA_DIR) / "certificates"
    if (folder / "key.pem").exists():
        return folder
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".certificates-", dir=settings.DATA_DIR))
    try:
        certificates, private_key = _new_chain(datetime.now(UTC))
        (draft / "chain.pem").write_text(certificates)
        (draft / "key.pem").touch(mode=0o600)
        (draft / "key.pem").write_text(private_key)
        draft.rename(folder)
    except OSError:
        if not (folder / "key.pem").exists():  # otherwise another process was quicker, and its chain is as good
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _new_chain(now: datetime) -> tuple[str, str]:
    """Return a fresh leaf and root as one PEM text, and the leaf's private key."""
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(ROOT_NAME, root_key.public_key(), root_key, now, is_root=True)
    leaf = _certificate("Velluto development signer", leaf_key.public_key(), root_key, now, is_root=False)
    pem = serialization.Encoding.PEM
    private_key = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (leaf.public_bytes(pem) + root.public_bytes(pem)).decode(), private_key.decode()


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, root_key: ec.EllipticCurvePrivateKey, now: datetime, *, is_root: bool
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(ROOT_NAME))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(root_key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
