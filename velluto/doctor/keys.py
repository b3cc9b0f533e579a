"""Keys: there, closed to others, and fitting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from velluto.audit.checkpoints import trusted_keys
from velluto.doctor.findings import Finding, fail, ok, warn
from velluto.engines import certificates
from velluto.vault import VaultError
from velluto.vault.keys import key_encryption_keys, key_for
from velluto.vault.models import DataKey

SOON = 30  # days before a certificate ends


def files() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR) / "keys"
    paths = [folder, *folder.glob("*.key"), *filter(None, [settings.C2PA_PRIVATE_KEY])]
    open_ = [path for path in map(Path, paths) if path.exists() and path.stat().st_mode & 0o077]
    if open_:
        names = " ".join(map(str, open_))
        sentence = f"Others may read what they must not: {names}."
        yield fail(
            "key_files", sentence, f"Run chmod go= {names}, and change those keys if somebody may have read them."
        )
    else:
        yield ok("key_files", "No key file can be read by others.")


def settings_keys() -> Iterator[Finding]:
    for name, read in (("VAULT_KEK", key_encryption_keys), ("AUDIT_SIGNING_KEY", trusted_keys)):
        try:
            read()
        except (ValueError, ImproperlyConfigured) as error:
            yield fail("keys", f"{name} cannot be used: {error}", "Put the right one back; see docs/settings.md.")


def opens() -> Iterator[Finding]:
    """Open one key of each key-encryption key that is in use."""
    living = DataKey.objects.filter(destroyed_at=None)
    for kek in living.order_by().values_list("kek_id", flat=True).distinct():
        owner = living.filter(kek_id=kek).values_list("owner", flat=True)[0]
        try:
            key_for(owner)
        except (ImproperlyConfigured, VaultError):
            sentence = f"VAULT_KEK does not open the keys wrapped under {kek}: nothing of theirs can be read."
            yield fail("kek", sentence, "Put the former key into VAULT_KEK_FALLBACKS, or the right one into VAULT_KEK.")
            return
    yield ok("kek", "The key-encryption key opens the keys.")


def certificate() -> Iterator[Finding]:
    mend = "Put a new one where C2PA_CERTIFICATE_CHAIN points, the old one into C2PA_FORMER_CERTIFICATES."
    try:
        leaf = certificates.chain().leaf
    except (ImproperlyConfigured, OSError, ValueError) as error:
        yield fail("certificate", f"Outputs cannot be signed: {error}", "See docs/provenance.md.")
        return
    days = (leaf.not_valid_after_utc - timezone.now()).days
    if days < 0:
        yield fail("certificate", "The certificate that signs outputs has expired.", mend)
    elif days < SOON:
        yield warn("certificate", f"The certificate that signs outputs ends in {days} days.", mend)
    else:
        yield ok("certificate", f"Outputs are signed for {days} more days.")


EXAMINATIONS = (files, settings_keys, opens, certificate)
