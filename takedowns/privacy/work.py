"""Background work on privacy: make archives, carry out erasures, write letters, see that none is forgotten."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from moderation.models import Appeal, Case, Decision
from moderation.services import redress
from takedowns.models import PrivacyRequest
from takedowns.privacy import erasure, export, links, services
from velluto import vault
from velluto.jobs import Run, job

Status = PrivacyRequest.Status


@job(services.EXPORT, queue="cpu", attempts=3, timeout=3000)
def make_archive(run: Run, request_id: str) -> None:
    """Make the archive of an export."""
    request = PrivacyRequest.objects.select_related("account").get(pk=request_id)
    if request.status != Status.RUNNING:
        return
    run.progress(0, 1, "Putting your data together")
    stored, sha256 = export.make(request)
    with run.commit():
        services.archive_made(request, stored=stored, sha256=sha256)


@job(services.ERASE, queue="cpu", attempts=5, timeout=1500)
def erase(run: Run, request_id: str) -> None:
    """Do the steps of an erasure that are left."""
    request = PrivacyRequest.objects.select_related("account").get(pk=request_id)
    if request.status == Status.RUNNING:
        erasure.go_on(request, tell=run.check)


@job("takedowns.resume_privacy", queue="cpu", attempts=3, timeout=120, every=300)
def resume(run: Run, subject: str) -> None:
    """Start again what waited long enough, and forget what nobody confirmed."""
    services.resume()


@job(services.TELL, queue="cpu", attempts=5, timeout=60)
def tell(run: Run, subject: str) -> None:
    """Send one letter about a privacy request."""
    pk, letter = subject.split(":")
    request = PrivacyRequest.objects.select_related("account").get(pk=pk)
    address = _address(request, letter)
    if address:
        text = render_to_string(f"takedowns/privacy/mail/{letter}.txt", _context(request, letter))
        subject_line, _, body = text.strip().partition("\n")
        run.check()
        send_mail(subject_line.strip(), body.strip() + "\n", None, [address])
    if letter == "erased":
        vault.destroy(request.vault_owner, actor=None, reason="whoever asked was told")


def _address(request: PrivacyRequest, letter: str) -> str:
    if letter == "agent":  # the person for whom somebody else asked
        account = request.account
        return account.email if account and not account.is_erased else ""
    return services.contact_of(request)


def _context(request: PrivacyRequest, letter: str) -> dict[str, object]:
    case = Case.objects.about(request).order_by("-opened_at").first()
    made = (Decision.Status.MADE, Decision.Status.REVERSED)
    decision = Decision.objects.filter(case=case, status__in=made).first() if case else None
    return {
        "request": request,
        "link": links.to(request),
        "proof": links.to(request),
        "decision": decision,
        "appeal": redress.link(decision.case, Appeal.Side.AFFECTED) if decision else "",
        "until": redress.until(decision) if decision else None,
        "public_url": settings.PUBLIC_URL,
    }
