"""Carry out an erasure: an account's end, step by step, each one commit with its receipt.

The first commit closed the account. Under a legal hold nothing is destroyed, and this goes on once it is lifted. What
must be kept stays without names: the evidence of consent, whose names are sealed, the ledger, the usage log, the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import sanctions
from accounts import services as accounts
from consent import forgetting as evidence
from moderation import services as moderation
from moderation.models import Appeal, Report
from synthesis import forgetting
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from synthesis.refusals import AlreadyFinished
from takedowns import certificates, services, steps
from takedowns.deadlines import services as deadlines
from takedowns.models import PrivacyRequest, Revocation
from takedowns.privacy import policies
from takedowns.privacy import services as privacy
from takedowns.refusals import NotYetDestroyed, VoiceEnded
from velluto import vault
from velluto.audit.models import AuditEvent
from velluto.transitions import move
from velluto.vault.models import DataKey, VaultObject
from voices import services as voices
from voices.models import Voice, VoiceShare

WISH = "its holder asked for the erasure"
SPEAKING = (SpeechRequest.Status.HELD, SpeechRequest.Status.QUEUED, SpeechRequest.Status.SPEAKING)


def go_on(request: PrivacyRequest, *, at: datetime | None = None, tell: Callable[[], None] = lambda: None) -> bool:
    """Do the steps that are left; return False where one has to wait."""
    return steps.go_on(request, STEPS, at=at or timezone.now(), tell=tell)


# ------------------------------------------------------------------------- what is done before, in commits of its own


def _at_once(request: PrivacyRequest, at: datetime) -> bool:
    return True


def _no_hold(request: PrivacyRequest, at: datetime) -> bool:
    return not sanctions.on_hold(at=at).filter(account=request.account_id).exists()


def _end_voices(request: PrivacyRequest, at: datetime) -> bool:
    """Revoke every voice, end what is being spoken and what was shared with the account; again, all that stays so."""
    account = _account(request)
    for voice in account.voices.exclude(status=Voice.Status.DELETED):
        with suppress(VoiceEnded):
            services.revoke(voice, by=Revocation.By.ACCOUNT, actor=account, reason=WISH, at=at)
    for share in VoiceShare.objects.standing().filter(account=account):
        voices.unshare(share, actor=account, reason=WISH)
    for speech in account.speech_requests.filter(status__in=SPEAKING):
        with suppress(AlreadyFinished):
            synthesis.cancel(speech, actor=account)
    return True


def _delete_sound(request: PrivacyRequest, at: datetime) -> bool:
    if not _no_hold(request, at):
        return False
    for output in Output.objects.filter(request__account=request.account_id, deleted_at=None):
        synthesis.delete_output(output, reason=WISH, at=at)
    return True


def _forget_words(request: PrivacyRequest, at: datetime) -> bool:
    """Destroy what the person wrote: texts, reports, appeals, other requests; and letters that bear the name."""
    if not _no_hold(request, at):
        return False
    account = _account(request)
    for speech in account.speech_requests.exclude(script=b""):
        forgetting.forget_script(speech)
    for report in account.reports.exclude(words=b"").exclude(status=Report.Status.RECEIVED):
        moderation.forget_report(report, reason=WISH)
    for appeal in account.appeals.exclude(sealed=b"").exclude(status=Appeal.Status.FILED):
        moderation.forget_appeal(appeal, reason=WISH)
    for statement in account.statements_of_reasons.exclude(body="").exclude(sent_at=None):
        moderation.forget_statement(statement, reason=WISH)
    for other in account.privacy_requests.exclude(pk=request.pk).exclude(contact=b""):
        if other.finished_at is not None:
            privacy.forget_request(other, reason=WISH)
    return True


def _key_is_gone(request: PrivacyRequest, at: datetime) -> bool:
    """Close the vault for the account in one commit, then overwrite its key: what a crash leaves is done again."""
    if not _no_hold(request, at):
        return False
    account = _account(request)
    with transaction.atomic():
        PrivacyRequest.objects.select_for_update(no_key=True).get(pk=request.pk)  # of two who got here, one at a time
        vault.destroy(account.vault_owner, actor=account, reason=WISH)
    return vault.finish(account.vault_owner)


def _voices_are_gone(request: PrivacyRequest, at: datetime) -> bool:
    """Wait for the end of each voice; one whose copy somebody has still to fetch takes up to 29 days."""
    under_way = Revocation.objects.filter(voice__account=request.account_id).exclude(status=Revocation.Status.DONE)
    ended = Voice.objects.filter(account=request.account_id, revocation=None)
    return not under_way.exists() and not ended.exists() and _no_hold(request, at)


# ------------------------------------------------------------------------- the steps, each one commit with its receipt


def _closed(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    return {"received_at": request.received_at.isoformat()}


def _voices(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    ended = Revocation.objects.filter(voice__account=request.account_id)
    return {"revocations": sorted(str(pk) for pk in ended.values_list("pk", flat=True))}


def _sound(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    return {"outputs": Output.objects.filter(request__account=request.account_id).count()}


def _words(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    return {"scripts": SpeechRequest.objects.filter(account=request.account_id).count()}


def _key(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    """Delete what lies under the account's key, which is overwritten: copies of it, backups included, open no more."""
    owner = _account(request).vault_owner
    left = sorted(VaultObject.objects.filter(owner=owner).values_list("name", flat=True))
    vault.clear(owner)
    return {"keys": [owner], "objects": left}


def _names(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    """Take the names out of what stays; with that, the account is erased."""
    account = _account(request)
    for voice in Voice.objects.select_related("owner").filter(account=account):
        evidence.seal_names(voice)
    deadlines.meet(request, kind=policies.deadline(request.kind), actor=None, at=at)
    accounts.erase(account)
    return {"account": str(account.pk)}


def _certified(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    account = _account(request)
    if VaultObject.objects.filter(owner=account.vault_owner).exists():
        raise NotYetDestroyed()
    certificate = certificates.sign(_statement(request, at))
    digest = certificates.digest(certificate)
    privacy.tell(request, "erased")
    move(
        request,
        PrivacyRequest.Status.DONE,
        actor=None,
        finished_at=at,
        certificate=certificate,
        data={"sha256": digest},
    )
    return {"sha256": digest}


STEPS: tuple[steps.Step, ...] = (
    ("closed", _at_once, _closed),
    ("voices", _end_voices, _voices),
    ("sound", _delete_sound, _sound),
    ("words", _forget_words, _words),
    ("key", _key_is_gone, _key),
    ("names", _no_hold, _names),
    ("certified", _voices_are_gone, _certified),
)


def _account(request: PrivacyRequest) -> Any:
    assert request.account is not None
    return request.account


def _statement(request: PrivacyRequest, at: datetime) -> dict[str, Any]:
    account = _account(request)
    done = {step.step: step for step in request.steps.all()}
    revoked = Revocation.objects.filter(voice__account=account).order_by("received_at")
    about = {str(account.pk), str(request.pk)}
    events = AuditEvent.objects.filter(subject_id__in=about, event__in=TELLING)
    keys = AuditEvent.objects.filter(subject_type=DataKey._meta.label_lower, subject_id=account.vault_owner)
    return {
        "request": str(request.pk),
        "account": str(account.pk),
        "received_at": request.received_at.isoformat(),
        "destroyed_at": at.isoformat(),
        "steps": {name: step.done_at.isoformat() for name, step in done.items()},
        "keys": done["key"].receipt["keys"],
        "objects": done["key"].receipt["objects"],
        "outputs": done["sound"].receipt["outputs"],
        "scripts": done["words"].receipt["scripts"],
        "voices": [
            {"voice": str(one.voice_id), "revocation": str(one.pk), "sha256": certificates.digest(one.certificate)}
            for one in revoked
        ],
        "kept": [
            {"what": "evidence of consent, its names sealed", "voice": str(one.voice_id), "until": _until(one)}
            for one in revoked
            if _until(one)
        ],
        "audit": [certificates.told_by(event) for event in [*events, *keys]],
    }


TELLING = ("takedowns.privacyrequest.received", "accounts.user.erased", "account.erased")


def _until(revocation: Revocation) -> str:
    last = evidence.last_day(revocation.voice)
    return last.isoformat() if last else ""
