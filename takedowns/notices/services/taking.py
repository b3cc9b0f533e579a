"""Take a notice in: its files, the sworn statement, the clocks, and at once what is credible."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

import soundfile
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.client import keyed
from accounts.models import User
from consent import services as consent
from consent.models import Attestation
from consent.policies import same_name
from moderation.services.reports import TRUSTED_NOTIFIERS
from synthesis import services as synthesis
from takedowns.deadlines import policies as clocks
from takedowns.deadlines import services as deadlines
from takedowns.models import Notice, NoticeFile
from takedowns.notices import attachments, policies, refusals, searching
from takedowns.notices.details import Details
from takedowns.notices.services import asked, claims, referring, words
from velluto import audit, jobs, vault
from velluto.audio import intake

DAY = timedelta(days=1)
FILES_PER_NOTICE = 6  # tries included


def statement(capacity: str) -> Attestation:
    """Return the statement that is sworn in this capacity, in the version in use."""
    owner = capacity == Notice.Capacity.OWNER
    return consent.attestation(Attestation.Kind.NOTICE if owner else Attestation.Kind.NOTICE_FOR)


def keep_file(
    notice_id: UUID, *, kind: str, content: BinaryIO, address: str, account: User | None = None, at: datetime
) -> NoticeFile:
    """Keep what comes with a notice, sealed, also before the notice itself: a form that is mended keeps its files.

    A document is recognised by its content; sound goes through the guarded intake, what was found to the detector.
    """
    client = keyed("notice", address)
    mine = NoticeFile.objects.filter(client=client, received_at__gt=at - DAY)
    if mine.count() >= FILES_PER_NOTICE * _most(account):
        raise refusals.NoticesTooMany()
    file = NoticeFile(notice_id=notice_id, kind=kind, client=client, received_at=at)
    data = b""
    if kind == NoticeFile.Kind.PROOF:
        data, file.content_type = attachments.read(content)
        file.sha256 = hashlib.sha256(data).hexdigest()
    elif kind == NoticeFile.Kind.SAMPLE:
        audio = intake.decode(content)
        buffer = io.BytesIO()
        soundfile.write(buffer, audio.samples, audio.rate, format="FLAC", subtype="PCM_16")
        data, file.content_type, file.seconds = buffer.getvalue(), "audio/flac", round(audio.seconds, 2)
        file.sha256 = hashlib.sha256(data).hexdigest()
    else:
        file.detection = synthesis.ask_detector(content, address=address, at=at)
        file.seconds = file.detection.seconds
    with transaction.atomic():
        before = NoticeFile.objects.select_for_update(no_key=True).filter(notice_id=notice_id, kind=kind).first()
        if before and before.client != client and not Notice.objects.filter(pk=notice_id).exists():
            raise refusals.NoticeExists()
        if data:
            file.object, file.size = vault.put(file.vault_owner, file.vault_purpose, data), len(data)
        if before:
            _forget(before)
        file.save(force_insert=True)
        notice = Notice.objects.select_for_update(no_key=True).filter(pk=notice_id).first()
        if notice:  # a recording that came after the notice: voices are looked for again
            _require_open(notice)
            _look_again(notice, kind)
        audit.record(
            "takedowns.notice.file_kept",
            actor="notifier",
            subject=notice,
            data={"notice": str(notice_id), "kind": kind, "sha256": file.sha256},
        )
    return file


def take(
    *,
    key: UUID,
    capacity: str,
    issue: str,
    harm: str,
    details: Details,
    sworn: bool,
    signature: str,
    shown_sha256: str,
    address: str,
    user_agent: str,
    account: User | None = None,
    wants_listing: bool = False,
    by_key: bool = False,
    at: datetime | None = None,
) -> Notice:
    """Take a notice: start its clocks, find the voices it points at, and suspend at once those it is credible about.

    `key` becomes its id: what is sent twice under one key is one notice. Raise NoticeIncomplete, NoticeTextChanged,
    NoticeNotSworn, NoticeWithoutProof, NoticesTooMany, NoticeExists.
    """
    at = at or timezone.now()
    notice = Notice(
        id=key,
        capacity=Notice.Capacity(capacity),
        issue=Notice.Issue(issue),
        harm=Notice.Harm(harm),
        account=account,
        notifier=keyed("notice", f"account:{account.pk}" if account else details.email.strip().lower()),
        client=keyed("notice", address),
        person=keyed("notice.person", " ".join(details.person.split()).casefold()),
        trusted=account is not None and account.groups.filter(name=TRUSTED_NOTIFIERS).exists(),
        verified_at=at if account and _is_theirs(account, details.email) else None,
        sworn_at=at,
        ip_address=address or None,
        user_agent=user_agent[:400],
        wants_listing=wants_listing,
        received_at=at,
    )
    if sent_before := Notice.objects.filter(pk=key, notifier=notice.notifier).first():
        return sent_before
    _require_whole(notice, details, sworn=sworn, signature=signature, shown_sha256=shown_sha256)
    recent: Any = Q(notifier=notice.notifier) | (Q() if account else Q(client=notice.client, account=None))
    mine = Notice.objects.filter(recent, received_at__gt=at - DAY)
    if mine.count() >= _most(account, by_key=by_key or notice.trusted):
        raise refusals.NoticesTooMany()
    notice.sealed = words.seal_details(notice, details)
    candidates = searching.named(details, found=_found(key))
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
            for kind in _clocks(notice):
                deadlines.start(notice, kind=kind, received_at=at)
            words.tell_claimant(notice, "received")
            jobs.enqueue("takedowns.examine", str(notice.pk), key=f"takedowns.examine:{notice.pk}")
            claims.lock(voice for voice, _ in candidates)
            audit.record(
                "takedowns.notice.received",
                actor=account or "notifier",
                subject=notice,
                data={"issue": issue, "harm": harm, "capacity": capacity, "text": notice.text_sha256},
            )
            if notice.is_grave:
                referring.draft(notice, account=None)
            claims.place(notice, candidates, at=at)
    except IntegrityError as error:  # the same form was sent twice at once
        there = Notice.objects.filter(pk=key).first()
        if there is None:
            raise
        if there.notifier != notice.notifier:
            raise refusals.NoticeExists() from error
        return there
    return notice


def confirm(notice: Notice, *, at: datetime | None = None) -> None:
    """Note that the address answers; what is credible by that is suspended in the same transaction."""
    at = at or timezone.now()
    with transaction.atomic():
        claims.lock(claim.voice_id for claim in notice.claims.all())
        kept = asked.lock(notice)
        if kept.verified_at is None:
            kept.verified_at = at
            kept.save(update_fields=["verified_at"])
            audit.record("takedowns.notice.confirmed", actor=kept.account or "notifier", subject=kept)
            claims.weigh(kept, at=at)


def forget_files(*, at: datetime | None = None) -> int:
    """Delete the files of forms that never became a notice, a day on; return how many."""
    at = at or timezone.now()
    taken = Exists(Notice.objects.filter(pk=OuterRef("notice_id")))
    left = NoticeFile.objects.filter(~taken, received_at__lt=at - policies.KEEP_FILES)
    count = 0
    for file in left:
        with transaction.atomic():
            _forget(file)
            audit.record("takedowns.notice.file_forgotten", data={"kind": file.kind, "sha256": file.sha256})
        count += 1
    return count


def _require_whole(notice: Notice, details: Details, *, sworn: bool, signature: str, shown_sha256: str) -> None:
    if not (details.name.strip() and details.email.strip() and details.description.strip()):
        raise refusals.NoticeIncomplete()
    represents = notice.capacity == Notice.Capacity.REPRESENTATIVE
    if represents and not details.represented.strip():
        raise refusals.NoticeIncomplete()
    if len(details.description) > policies.LONGEST_WORDS:
        raise refusals.WordsMissing(most=policies.LONGEST_WORDS)
    text = statement(notice.capacity)
    if shown_sha256 != text.sha256:
        raise refusals.NoticeTextChanged()
    if not sworn or not same_name(signature, details.name):
        raise refusals.NoticeNotSworn()
    if represents and not NoticeFile.objects.filter(notice_id=notice.pk, kind=NoticeFile.Kind.PROOF).exists():
        raise refusals.NoticeWithoutProof()
    notice.attestation, notice.text_sha256 = text, text.sha256


def _clocks(notice: Notice) -> tuple[str, ...]:
    lane = (clocks.INTIMATE,) if notice.harm in policies.INTIMATE else ()
    return (clocks.ACKNOWLEDGE, clocks.RESOLVE, *lane)


def _found(key: UUID) -> list[str]:
    """Return the outputs that the detector has found by now in what came with the notice."""
    file = NoticeFile.objects.filter(notice_id=key, kind=NoticeFile.Kind.FOUND).select_related("detection").first()
    return list(file.detection.outputs) if file and file.detection else []


def _is_theirs(account: User, email: str) -> bool:
    return EmailAddress.objects.filter(user=account, email__iexact=email.strip(), verified=True).exists()


def _most(account: User | None, *, by_key: bool = False) -> int:
    if by_key or (account and account.groups.filter(name=TRUSTED_NOTIFIERS).exists()):
        return settings.NOTICES_PER_DAY_WITH_KEY
    return settings.NOTICES_PER_DAY


def _require_open(notice: Notice) -> None:
    if notice.status != Notice.Status.OPEN:
        raise refusals.NoticeClosed()


def _look_again(notice: Notice, kind: str) -> None:
    notice.examined_at = None
    if kind == NoticeFile.Kind.SAMPLE:
        notice.print_sealed, notice.print_engine, notice.print_version = b"", "", ""
        notice.sample_unusable = False
    notice.save(update_fields=["examined_at", "print_sealed", "print_engine", "print_version", "sample_unusable"])
    jobs.enqueue("takedowns.examine", str(notice.pk), key=f"takedowns.examine:{notice.pk}")


def _forget(file: NoticeFile) -> None:
    if file.object:
        vault.delete(file.object)
    file.delete()
