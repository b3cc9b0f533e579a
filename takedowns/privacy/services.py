"""Ask for something about one's own data, and answer it. The only writer of privacy requests; `erasure` does an end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import sanctions
from accounts import services as accounts
from accounts.client import keyed
from accounts.models import Sanction, User
from consent.documents import files
from moderation import services as moderation
from moderation.models import Case, Report
from synthesis import services as synthesis
from synthesis.models import SpeechRequest
from synthesis.refusals import AlreadyFinished
from takedowns.deadlines import services as deadlines
from takedowns.models import PrivacyRequest
from takedowns.privacy import policies, refusals
from velluto import audit, jobs, space, vault
from velluto.transitions import move

CASE_KIND = "takedowns.privacy"
CONTACT, WORDS, DOCUMENT, ARCHIVE = "privacy.contact", "privacy.words", "privacy.document", "privacy.archive"
EXPORT, ERASE, TELL = "takedowns.export", "takedowns.erase", "takedowns.privacy_tell"
Kind, By, Status = PrivacyRequest.Kind, PrivacyRequest.By, PrivacyRequest.Status


# ------------------------------------------------------------------------------------------------ by the account holder


def export(account: User, *, at: datetime | None = None) -> PrivacyRequest:
    """Take the wish for a copy of one's data; a job makes it. Raise AlreadyUnderWay and ExportsTooMany."""
    at = at or timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=account.pk)
        asked = PrivacyRequest.objects.filter(account=account, kind=Kind.ACCESS, received_at__gt=at - timedelta(days=1))
        if asked.filter(status=Status.RUNNING).exists():
            raise refusals.AlreadyUnderWay()
        if asked.count() >= policies.EXPORTS_A_DAY:
            raise refusals.ExportsTooMany(most=policies.EXPORTS_A_DAY)
        request = _take(
            _new(Kind.ACCESS, By.ACCOUNT, account.email, Status.RUNNING, at, account=account), actor=account
        )
        _queue(request)
        return request


@space.even_when_full
def erase(account: User, *, at: datetime | None = None) -> PrivacyRequest:
    """Close an account at once and begin its erasure. Raise ErasureHeld, StaffNotErased and AlreadyUnderWay.

    A hold that the person may not know of refuses nothing: the account closes as any other, and its destruction waits.
    """
    at = at or timezone.now()
    with transaction.atomic():
        account = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        _require_erasable(account, at)
        request = _new(Kind.ERASURE, By.ACCOUNT, account.email, Status.RUNNING, at, account=account)
        _take(request, actor=account)
        _close(request, actor=account, at=at)
        return request


@space.even_when_full
def restrict(account: User, *, at: datetime | None = None) -> None:
    """Stop what is done with an account's data: nothing is spoken or shared until it is lifted. Safe to repeat."""
    for request in account.speech_requests.filter(status__in=_UNFINISHED):
        try:
            synthesis.cancel(request, actor=account)
        except AlreadyFinished:
            continue
    sanctions.restrict(account, at=at)


def lift_restriction(account: User, *, at: datetime | None = None) -> None:
    """Let the processing go on that one had stopped oneself; what else suspends the account stays. Safe to repeat."""
    standing = sanctions.restriction_of(account, at=at)
    if standing is not None and standing.kind == Sanction.Kind.RESTRICTION:
        sanctions.lift(standing, actor=account, reason="The account holder lifted it.", at=at)


def ask(account: User, *, kind: str, words: str, at: datetime | None = None) -> PrivacyRequest:
    """Put a request before a person: a correction, an objection, an erasure that was refused."""
    at, words = at or timezone.now(), _checked(words)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=account.pk)
        _require_few(at, account=account)
        request = _new(kind, By.ACCOUNT, account.email, Status.OPEN, at, account=account, words=words)
        _take(request, actor=account)
        _open_case(request)
        return request


# ------------------------------------------------------------------------------------------------ by e-mail


def ask_by_mail(
    *,
    kind: str,
    email: str,
    words: str,
    address: str,
    person: str = "",
    document: BinaryIO | None = None,
    at: datetime | None = None,
) -> PrivacyRequest:
    """Take the request of somebody who is not signed in; it counts once the link in the e-mail was opened.

    Who asks for somebody else gives that `person`'s e-mail address, and a `document` that allows it. Raise
    AuthorityMissing, PrivacyRequestsTooMany, PrivacyWordsTooLong.
    """
    at, email, person = at or timezone.now(), email.strip().lower(), person.strip().lower()
    by = By.AGENT if person or document else By.EMAIL
    request = _new(kind, by, email, Status.UNPROVEN, at, words=_checked(words, needed=False), person=person)
    request.client = keyed("privacy", address)
    if by == By.AGENT:
        content = document.read(policies.LARGEST_DOCUMENT + 1) if document else b""
        if not person or not content or len(content) > policies.LARGEST_DOCUMENT:
            raise refusals.AuthorityMissing()
        request.document_type = files.recognise(content)
    with transaction.atomic():
        if by == By.AGENT:
            request.document = vault.put(request.vault_owner, DOCUMENT, content)
        _take(request, actor="privacy-link")
        _require_few(at, asker=request.asker, but=1)
        _require_few(at, client=request.client, but=1)
        tell(request, "proof")
        return request


def prove(request: PrivacyRequest, *, at: datetime | None = None) -> None:
    """Note that whoever asked reads the mail of the address, and put the request before a person. Safe to repeat.

    The clock runs from receipt, not from here. Of an agent's request the person is told.
    """
    at = at or timezone.now()
    with transaction.atomic():
        request.refresh_from_db(from_queryset=PrivacyRequest.objects.select_for_update(no_key=True))
        if request.status != Status.UNPROVEN:
            return
        if not policies.proof_open(request.received_at, at):
            raise refusals.PrivacyLinkUnknown()
        request.account = account_at(person_of(request) or contact_of(request))
        request.save(update_fields=["account"])
        _open_case(request)
        if request.by == By.AGENT and request.account is not None:
            tell(request, "agent")
        move(request, Status.OPEN, actor="privacy-link", proven_at=at)


def account_at(email: str) -> User | None:
    """Return the account that has confirmed this address."""
    known = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return known.user if known else None


# ------------------------------------------------------------------------------------------------ by a person


def grant(request: PrivacyRequest, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Do what was asked: begin the export or the erasure; of all else, say that it was done."""
    at = at or timezone.now()
    with transaction.atomic():
        if request.account is not None and _running(request).exists():
            raise refusals.AlreadyUnderWay()
        if request.kind == Kind.ACCESS:
            move(request, Status.RUNNING, actor=actor, reason=reason)
            _queue(request)
        elif request.kind == Kind.ERASURE and request.account is not None:
            account = User.objects.select_for_update(no_key=True).get(pk=request.account.pk)
            _require_no_staff(account)
            move(request, Status.RUNNING, actor=actor, reason=reason)
            _close(request, actor=actor, at=at)
        else:
            if request.kind == Kind.OBJECTION and request.account is not None:
                sanctions.restrict(request.account, at=at)
            if request.kind == Kind.ERASURE:
                _forget_reports_of(request)
            _answered(request, actor=actor, at=at)
            move(request, Status.DONE, actor=actor, reason=reason, finished_at=at)
            _letter(request, "done")


def deny(request: PrivacyRequest, *, actor: User, reason: str, at: datetime | None = None) -> None:
    """Say no, with the reason; somebody else looks again where the person asks for that."""
    at = at or timezone.now()
    with transaction.atomic():
        _answered(request, actor=actor, at=at)
        move(request, Status.DENIED, actor=actor, reason=reason, finished_at=at)
        _letter(request, "denied")


# ------------------------------------------------------------------------------------------------ carrying out


def archive_made(request: PrivacyRequest, *, stored: str, sha256: str, at: datetime | None = None) -> None:
    """Keep the archive of an export for its week, and send the link."""
    at = at or timezone.now()
    with transaction.atomic():
        _answered(request, actor=None, at=at)
        until = at + policies.EXPORT_WAITS
        move(request, Status.DONE, actor=None, data={"sha256": sha256}, object=stored, until=until, finished_at=at)
        tell(request, "export")


def fetch(request: PrivacyRequest, *, actor: User | str, at: datetime | None = None) -> BinaryIO:
    """Return the archive as a stream, on record. Raise ExportGone."""
    at = at or timezone.now()
    if not request.object or request.until is None or request.until <= at:
        raise refusals.ExportGone()
    with transaction.atomic():
        PrivacyRequest.objects.filter(pk=request.pk, fetched_at=None).update(fetched_at=at)
        audit.record("takedowns.export.fetched", actor=actor, subject=request)
    try:
        return vault.open(request.object, owner=request.vault_owner, purpose=ARCHIVE)
    except (vault.ObjectMissing, vault.KeyDestroyed) as error:
        raise refusals.ExportGone() from error


def read_document(request: PrivacyRequest, *, actor: User) -> bytes:
    """Return the power of attorney of an agent's request, on record."""
    with transaction.atomic():
        content = vault.read(request.document, owner=request.vault_owner, purpose=DOCUMENT)
        audit.record("takedowns.authority.read", actor=actor, subject=request)
        return content


def forget_export(request: PrivacyRequest) -> None:
    """Destroy the archive of an export after its time."""
    with transaction.atomic():
        vault.delete(request.object)
        PrivacyRequest.objects.filter(pk=request.pk).update(object="")
        audit.record("takedowns.export.destroyed", subject=request)


def forget_request(request: PrivacyRequest, *, reason: str = "its time was over") -> None:
    """Destroy who asked and in which words; that it was asked, and answered, stays."""
    with transaction.atomic():
        vault.clear(request.vault_owner)
        vault.destroy(request.vault_owner, actor=None, reason=reason)
        nothing: dict[str, Any] = {
            "contact": b"",
            "words": b"",
            "asker": "",
            "client": "",
            "object": "",
            "document": "",
        }
        PrivacyRequest.objects.filter(pk=request.pk).update(**nothing)
        audit.record("takedowns.privacyrequest.forgotten", subject=request, reason=reason)


def resume(*, at: datetime | None = None) -> int:
    """Queue again what is under way and waits for no hold; forget what nobody confirmed. Return how many are queued."""
    at, queued = at or timezone.now(), 0
    for lapsed in PrivacyRequest.objects.filter(status=Status.UNPROVEN, received_at__lte=at - policies.PROOF_WAITS):
        with transaction.atomic():
            forget_request(lapsed, reason="the address was never confirmed")
            deadlines.meet(lapsed, kind=policies.deadline(lapsed.kind), actor=None, at=at)
            move(lapsed, Status.LAPSED, actor=None, finished_at=at)
    under_way = PrivacyRequest.objects.filter(status=Status.RUNNING)
    for request in under_way.exclude(account__in=sanctions.on_hold(at=at)):
        before = jobs.latest(EXPORT if request.kind == Kind.ACCESS else ERASE, str(request.pk))
        if before is None or before.status != jobs.Job.Status.DEAD:  # a dead one waits for the operator
            _queue(request)
            queued += 1
    return queued


# ------------------------------------------------------------------------------------------------ what is sealed


def contact_of(request: PrivacyRequest) -> str:
    """Return where whoever asked is answered; empty once that was forgotten."""
    return _unsealed(request, CONTACT, request.contact).get("email", "")


def words_of(request: PrivacyRequest) -> str:
    return _unsealed(request, WORDS, request.words).get("words", "")


def person_of(request: PrivacyRequest) -> str:
    """Return the address of the person for whom somebody else asks."""
    return _unsealed(request, WORDS, request.words).get("person", "")


def tell(request: PrivacyRequest, letter: str) -> None:
    """Queue a letter in the caller's transaction."""
    jobs.enqueue(TELL, f"{request.pk}:{letter}", key=f"{request.pk}:{letter}")


# ------------------------------------------------------------------------------------------------ helpers

_UNFINISHED = (SpeechRequest.Status.HELD, SpeechRequest.Status.QUEUED, SpeechRequest.Status.SPEAKING)


def _new(
    kind: str,
    by: str,
    email: str,
    status: str,
    at: datetime,
    *,
    account: User | None = None,
    words: str = "",
    person: str = "",
) -> PrivacyRequest:
    request = PrivacyRequest(
        kind=Kind(kind),
        by=by,
        account=account,
        asker=keyed("privacy", email),
        status=status,
        received_at=at,
        due_at=policies.due_at(kind, at),
        proven_at=at if account else None,
    )
    request.contact = _sealed(request, CONTACT, {"email": email})
    request.words = _sealed(request, WORDS, {"words": words, "person": person})
    return request


def _take(request: PrivacyRequest, *, actor: User | str) -> PrivacyRequest:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        raise refusals.AlreadyUnderWay() from error
    held = request.kind == Kind.ERASURE and sanctions.on_hold(at=request.received_at).filter(account=request.account)
    if not held:  # what may not be destroyed is due when it may
        deadlines.start(request, kind=policies.deadline(request.kind), received_at=request.received_at)
    audit.record(
        "takedowns.privacyrequest.received",
        actor=actor,
        subject=request,
        data={"kind": request.kind, "by": request.by},
    )
    return request


def _close(request: PrivacyRequest, *, actor: User, at: datetime) -> None:
    """Close the account of an erasure in this commit; the rest follows by itself, step by step."""
    assert request.account is not None
    tell(request, "closed")
    _queue(request)
    accounts.close(request.account, actor=actor, reason="its holder asked for the erasure", at=at)


def _running(request: PrivacyRequest) -> QuerySet[PrivacyRequest]:
    return PrivacyRequest.objects.filter(account=request.account, kind=request.kind, status=Status.RUNNING)


def _queue(request: PrivacyRequest) -> None:
    name = EXPORT if request.kind == Kind.ACCESS else ERASE
    jobs.enqueue(name, str(request.pk), key=f"{name}:{request.pk}")


def _open_case(request: PrivacyRequest) -> Case:
    agent = request.by == By.AGENT  # the account learns of an agent by another letter than the agent's
    return moderation.open_case(
        kind=CASE_KIND,
        subject=request,
        title=f"Privacy: {request.get_kind_display().lower()}",
        about=None if agent else request.account,
        due_at=request.due_at,
        severity=Case.Severity.RAISED,
        barred=(request.account,) if agent and request.account else (),
        reason=request.by,
    )


def _answered(request: PrivacyRequest, *, actor: User | None, at: datetime) -> None:
    deadlines.meet(request, kind=policies.deadline(request.kind), actor=actor, at=at)


def _letter(request: PrivacyRequest, letter: str) -> None:
    """Write to whoever gets no statement of reasons: it goes to the account that a case is about."""
    if request.by == By.AGENT or request.account is None:
        tell(request, letter)


def _forget_reports_of(request: PrivacyRequest) -> None:
    theirs = Report.objects.filter(reporter=keyed("report", contact_of(request))).exclude(status=Report.Status.RECEIVED)
    for report in theirs:
        moderation.forget_report(report, reason="its writer asked for the erasure")


def _require_erasable(account: User, at: datetime) -> None:
    _require_no_staff(account)
    if sanctions.open_hold(account, at=at) is not None:
        raise refusals.ErasureHeld()


def _require_no_staff(account: User) -> None:
    if account.is_staff or account.is_superuser:
        raise refusals.StaffNotErased()


def _require_few(at: datetime, *, but: int = 0, **whose: Any) -> None:
    asked = PrivacyRequest.objects.filter(received_at__gt=at - timedelta(days=1), **whose)
    if asked.exclude(status=Status.RUNNING).count() - but >= policies.REQUESTS_A_DAY:
        raise refusals.PrivacyRequestsTooMany()


def _checked(words: str, *, needed: bool = True) -> str:
    words = words.strip()
    if needed and not words:
        raise refusals.PrivacyWordsMissing()
    if len(words) > policies.LONGEST_WORDS:
        raise refusals.PrivacyWordsTooLong(characters=len(words), most=policies.LONGEST_WORDS)
    return words


def _sealed(request: PrivacyRequest, what: str, content: dict[str, str]) -> bytes:
    return vault.seal(request.vault_owner, what, str(request.pk), json.dumps(content).encode())


def _unsealed(request: PrivacyRequest, what: str, sealed: Any) -> dict[str, str]:
    if not sealed:
        return {}
    try:
        found: dict[str, str] = json.loads(vault.unseal(request.vault_owner, what, str(request.pk), bytes(sealed)))
    except vault.KeyDestroyed:
        return {}
    return found
