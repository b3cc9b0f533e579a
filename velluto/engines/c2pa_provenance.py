"""Signed provenance (C2PA) in the files that leave the house, by c2pa-python.

Method: C2PA technical specification 2.x, a `c2pa.created` action with the digital source type of the IPTC for media
made by a trained algorithm, bound to the bytes of the file by a hash and signed. No person is named in a manifest.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import c2pa
from django.conf import settings

from velluto.audio import guard
from velluto.audio.export import FORMATS
from velluto.engines import certificates
from velluto.engines.base import EngineError, ProvenanceReport

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
RECORD = "velluto.generation"  # the label of our own assertion
EXPIRED, UNTRUSTED = "signingCredential.expired", "signingCredential.untrusted"
READER = Path(__file__).with_name("c2pa_child.py")
LARGEST = 100_000_000  # bytes
LONGEST_MANIFEST = 1_000_000  # bytes of JSON
LONGEST_VALUE = 200  # characters of any value that a file of unknown origin may put before our readers


class C2paProvenance:
    name = "c2pa"

    def __init__(self) -> None:
        self.version = version("c2pa-python")

    @cached_property
    def _chain(self) -> certificates.Chain:
        return certificates.chain()

    def carries(self, fmt: str) -> bool:
        """Say whether files of this format can carry a manifest; Opus in OGG cannot."""
        return fmt in FORMATS and FORMATS[fmt].carries_c2pa

    def sign(self, content: bytes, fmt: str, *, record_id: str, engine: str, created_at: datetime) -> bytes:
        """Return `content`, a file of this house, with a signed manifest; raise EngineError where that fails."""
        if not self.carries(fmt):
            raise EngineError(f"Files of the format {fmt} cannot carry a provenance manifest.")
        time_stamps = getattr(settings, "C2PA_TIMESTAMP_URL", None) or None
        chain = self._chain
        key = c2pa.C2paSignerInfo(chain.algorithm, chain.certificates.encode(), chain.private_key.encode(), time_stamps)
        signed = io.BytesIO()
        try:
            with (
                c2pa.Signer.from_info(key) as signer,
                c2pa.Context.from_dict(_settings(chain.authorities, time_stamps)) as context,
                c2pa.Builder(_manifest(record_id, engine, created_at), context) as builder,
            ):
                builder.sign(signer, FORMATS[fmt].media_type, io.BytesIO(content), signed)
        except c2pa.C2paError as error:
            raise EngineError(f"The file could not be signed: {error}") from error
        return signed.getvalue()

    def read(self, content: bytes, fmt: str) -> ProvenanceReport | None:
        """Return what the manifest in a file of unknown origin says; it is read in a confined process."""
        if not self.carries(fmt):
            return None
        arguments = [FORMATS[fmt].media_type, json.dumps(_settings(self._chain.authorities))]
        try:
            with guard.in_memory(content, LARGEST) as source:
                answer = guard.run(READER, source, arguments, most=LONGEST_MANIFEST)
        except guard.TooLarge:
            return ProvenanceReport(valid=False, problem="unreadable")
        return _report(answer, self._chain.serials)


def _settings(authorities: str, time_stamps: str | None = None) -> dict[str, Any]:
    """Return settings under which c2pa trusts our authorities alone and, by default, reaches for no other machine."""
    host = urlsplit(time_stamps).hostname if time_stamps else None
    return {
        "trust": {"user_anchors": authorities},
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "builder": {"thumbnail": {"enabled": False}},
        "core": {"allowed_network_hosts": [host] if host else []},
    }


def _manifest(record_id: str, engine: str, created_at: datetime) -> dict[str, Any]:
    created = {
        "action": "c2pa.created",
        "when": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "softwareAgent": {"name": engine},
        "digitalSourceType": SOURCE_TYPE,
    }
    return {
        "claim_generator_info": [{"name": "Velluto"}],
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [created]}},
            {"label": RECORD, "data": {"record_id": record_id}},
        ],
    }


def _report(answer: guard.Answer, serials: frozenset[str]) -> ProvenanceReport | None:
    missing = answer.head.get("missing")
    if missing == "no manifest":
        return None
    if missing or "state" not in answer.head:
        return ProvenanceReport(valid=False, problem="elsewhere" if missing == "elsewhere" else "unreadable")
    try:
        manifest = json.loads(answer.payload)
        assertions = {each["label"].removesuffix(".v2"): each["data"] for each in manifest["assertions"]}
        created: dict[str, object] = next(iter(assertions.get("c2pa.actions", {}).get("actions", [])), {})
        signature = manifest.get("signature_info") or {}
        problem = _problem(answer.head, signature.get("cert_serial_number") in serials)
        return ProvenanceReport(
            valid=problem is None,
            record_id=_text(assertions.get(RECORD, {}).get("record_id")),
            engine=_text(_name_of(created.get("softwareAgent"))),
            signed_at=_moment(created.get("when")),
            issuer=_text(signature.get("issuer")),
            problem=problem,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ProvenanceReport(valid=False, problem="unreadable")


def _problem(head: dict[str, Any], is_ours: bool) -> str | None:
    """Translate c2pa's three states: Trusted; Valid, sound but signed under no authority of ours; Invalid."""
    if head["state"] == "Trusted" and is_ours:
        return None
    if head["state"] in ("Trusted", "Valid"):
        return "untrusted_signer"
    failures = set(head["failures"])
    return "expired" if EXPIRED in failures and failures <= {EXPIRED, UNTRUSTED} else "altered"


def _name_of(agent: object) -> object:
    return agent.get("name") if isinstance(agent, dict) else agent


def _text(value: object) -> str | None:
    return value[:LONGEST_VALUE] if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
