"""Gather what there is: rows as JSON, files as they still exist, and the rows of the audit that tell of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Model, Q

from accounts.models import LegalText, User
from consent.documents import services as documents
from consent.models import Attestation, Document
from consent.models.documents import evidence_of
from moderation.admin.words import without_link
from moderation.models import Appeal, Case, StatementOfReasons
from moderation.services.appeals import words_of
from synthesis import services as synthesis
from synthesis.models import Output, Preview, SpeechRequest
from takedowns.evidence import records
from takedowns.evidence.bundle import File, Gone, text
from takedowns.evidence.records import ACCOUNT
from velluto import vault
from velluto.audit.models import AuditEvent, AuditHead, canonical
from velluto.vault.models import DataKey
from voices import services as voices
from voices.models import Recording, Voice

MANY = 400  # ids in one query
README = """Evidence from Velluto.

manifest.json   names every file with its SHA-256 and length, and says what is gone
manifest.sig    an Ed25519 signature of manifest.json
records/        every record, a file for each table; times are UTC
audit.json      the rows of the audit that tell of these records; each is chained to the one before it by its digest
files/          recordings, speech, texts and documents as they still exist, named by the id of their record

To verify, on any machine with Python 3, and without Velluto:

    python3 -I verify.py --public-key KEY

KEY is the public key that the installation publishes. Take verify.py from there as well, if this copy is in doubt.

Not in here, whoever asks: voice models and voiceprints (a model could speak; both can be made again from the
recordings), passwords and other secrets, who reported something, and the No-Go list.
"""


class Rows:
    """The rows of one bundle, by table, in the order in which they were found."""

    def __init__(self, scope: str, subject: Model, *, own: bool) -> None:
        self.scope, self.own = scope, own
        self.found: dict[str, list[Any]] = {}
        for table in records.TABLES:
            if scope in table.about and (table.shown or not own):
                self.found[table.model] = _rows(table.model, table.about[scope], [subject.pk])
        self._cases(subject)

    def _cases(self, subject: Model) -> None:
        """Find the cases about any of these rows, and what was decided in them; the account's own where it was told."""
        about = Q(about=subject.pk) if self.scope == ACCOUNT else Q(pk=None)
        cases = {case.pk: case for case in Case.objects.filter(about)}
        for label, ids in self.ids():
            for some in _some(ids):
                cases |= {case.pk: case for case in Case.objects.filter(subject_type=label, subject_id__in=some)}
        if not self.own:
            self.found[records.CASES] = list(cases.values())
        for table in records.OF_CASES:
            if table.shown or not self.own:
                self.found[table.model] = _rows(table.model, table.about["case"], list(cases))
        if self.own:
            account = self.found["accounts.user"][0]
            told = [one for one in self.found["moderation.statementofreasons"] if one.recipient_id == account.pk]
            of_them = {one.decision_id for one in told}
            decisions = [one for one in self.found["moderation.decision"] if one.pk in of_them]
            self.found |= {"moderation.statementofreasons": told, "moderation.decision": decisions}

    def ids(self) -> Iterator[tuple[str, list[str]]]:
        for label, rows in self.found.items():
            yield label, [str(row.pk) for row in rows]

    def of(self, model: type[Any]) -> list[Any]:
        return self.found.get(model._meta.label_lower, [])


def files(rows: Rows, *, subject: Model) -> Iterator[File]:
    """Yield the files of a bundle; what is in them is read when its turn comes."""
    yield File("README.txt", README.encode)
    shown = {table.model: table.shown for table in (*records.TABLES, *records.OF_CASES)}
    for label, found in rows.found.items():
        only = shown.get(label, frozenset()) if rows.own else frozenset()
        if found:
            content = text([as_json(row, only=only) for row in found])
            yield File(f"records/{label.replace('.', '-')}.json", lambda content=content: content)  # type: ignore[misc]
    audit = text([_event(event, own=rows.own) for event in events(rows, subject)])
    yield File("audit.json", lambda: audit)
    yield from _contents(rows)


def as_json(row: Model, *, only: Iterable[str] = ()) -> dict[str, Any]:
    """Return a record as JSON; secrets, and what is sealed, never."""
    never = records.NEVER.get(row._meta.label_lower, set())
    kept = [
        one
        for one in row._meta.concrete_fields
        if not isinstance(one, BinaryField) and one.name not in never and (not only or one.name in only)
    ]
    values: dict[str, Any] = {one.attname: one.value_from_object(row) for one in kept}
    if isinstance(row, StatementOfReasons):
        values["body"] = without_link(row.body)
    return dict(json.loads(canonical(values)))


def events(rows: Rows, subject: Model) -> list[AuditEvent]:
    """Return the rows of the audit about these records, about the keys they lie under, and of what the account did."""
    found: dict[int, AuditEvent] = {}
    keys = {account.vault_owner for account in rows.of(User)}
    keys |= {key for voice in rows.of(Voice) for key in (voice.owner.vault_owner, evidence_of(voice.pk))}
    for label, ids in (*rows.ids(), (DataKey._meta.label_lower, sorted(keys))):
        for some in _some(ids):
            told = AuditEvent.objects.filter(subject_type=label, subject_id__in=some)
            found |= {event.pk: event for event in told}
    if rows.scope == ACCOUNT:
        found |= {event.pk: event for event in AuditEvent.objects.filter(actor=f"account:{subject.pk}")}
    return [found[number] for number in sorted(found)]


def head() -> dict[str, Any]:
    """Return where the audit's chain ends: who verifies the whole of it later finds this place."""
    end = AuditHead.objects.get(pk=1)
    return {"number": end.number, "digest": end.digest}


def _event(event: AuditEvent, *, own: bool) -> dict[str, Any]:
    """Return a row of the audit in the form that its digest is made of; to an account that it is there, no more."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    if own:
        return {"number": event.pk, "at": at, "event": event.event, "digest": event.digest}
    return {
        "number": event.pk,
        "at": at,
        "event": event.event,
        "actor": event.actor,
        "subject": [event.subject_type, event.subject_id],
        "reason": event.reason,
        "data": canonical(event.data),
        "previous": event.previous,
        "digest": event.digest,
    }


def _contents(rows: Rows) -> Iterator[File]:
    for one in rows.of(Attestation):
        name = f"files/texts/{one.kind}-{one.version}.txt"
        yield File(name, lambda one=one: one.text.encode(), one.sha256)  # type: ignore[misc]
    for accepted in rows.of(LegalText):
        yield File(
            f"files/texts/{accepted.kind}-{accepted.number}.html",
            lambda accepted=accepted: accepted.body.encode(),  # type: ignore[misc]
            accepted.sha256,
        )
    for recording in rows.of(Recording):
        # Somebody else's voice is not handed to the account, though its consent is.
        if not rows.own or recording.voice.whose == Voice.Whose.SELF:
            yield _kept(f"files/recordings/{recording.pk}.flac", recording.sha256, voices.recording_bytes, recording)
    for document in rows.of(Document):
        if not rows.own or document.account_id:  # what the Voice Owner handed in is between them and the staff
            yield _kept(f"files/documents/{document.pk}.{document.type}", document.sha256, _document, document)
            yield _kept(f"files/documents/{document.pk}.signer.txt", "", _signer, document)
    if rows.own:
        return
    for request in rows.of(SpeechRequest):
        yield _kept(f"files/scripts/{request.pk}.txt", "", lambda one: synthesis.script_of(one).encode(), request)
    for output in rows.of(Output):
        yield _kept(f"files/speech/{output.pk}.{output.request.format}", output.sha256, _speech, output)
    for preview in rows.of(Preview):
        yield _kept(f"files/previews/{preview.pk}.mp3", preview.sha256, _preview, preview)
    for appeal in rows.of(Appeal):
        if appeal.side == Appeal.Side.AFFECTED:
            yield _kept(f"files/appeals/{appeal.pk}.txt", "", lambda one: words_of(one).encode(), appeal)


def _kept(name: str, recorded: str, read: Callable[[Any], bytes], row: Any) -> File:
    """Return a file out of the vault; where its key or it itself is gone, that is what the manifest says."""

    def content() -> bytes:
        try:
            return read(row)
        except vault.VaultError as error:
            raise Gone(error.code) from error

    return File(name, content, recorded)


def _document(document: Document) -> bytes:
    if not document.object:
        raise vault.ObjectMissing
    return vault.read(document.object, owner=document.vault_owner, purpose=document.vault_purpose)


def _signer(document: Document) -> bytes:
    if not document.signer:
        raise vault.ObjectMissing
    return documents.signer_of(document).encode()


def _speech(output: Output) -> bytes:
    return vault.read(output.object, owner=output.request.account.vault_owner, purpose=synthesis.OUTPUT)


def _preview(preview: Preview) -> bytes:
    return vault.read(preview.object, owner=preview.voice.owner.vault_owner, purpose=synthesis.PREVIEW)


def _rows(label: str, ways: Iterable[str], ids: list[Any]) -> list[Any]:
    """Return the rows of a table that any of these lookups leads to, each once, in the order of their keys."""
    model = apps.get_model(label)
    found: dict[Any, Any] = {}
    for way in ways:
        for some in _some(ids):
            found |= {row.pk: row for row in model._default_manager.filter(**{f"{way}__in": some})}
    return [found[key] for key in sorted(found, key=str)]


def _some(ids: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), MANY):
        yield ids[start : start + MANY]
