"""Background work for legal requests: pack the bundle, tell the customer, keep the deadlines."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from takedowns.evidence import services as evidence
from takedowns.legal import services
from takedowns.models import LegalRequest
from velluto import vault
from velluto.jobs import Run, job
from velluto.vault.models import VaultObject


@job(services.PACK, queue="cpu", attempts=3, timeout=3600)
def pack(run: Run, pk: str) -> None:
    """Put the bundle together in the vault, then say that it is there."""
    request = LegalRequest.objects.get(pk=pk)
    if request.status != LegalRequest.Status.PACKING:
        return
    for left in VaultObject.objects.filter(owner=request.bundle_owner):  # by an attempt that was cut off
        vault.delete(left.name)
    made_for = {"legal_request": str(request.pk), "authority": request.authority, "reference": request.reference}
    made = evidence.bundle(request.scope, services.subject_of(request), at=timezone.now(), made_for=made_for)
    # Outside a transaction: it may take minutes, and whatever a crash leaves goes with the key at the latest.
    name = vault.put(request.bundle_owner, services.BUNDLE, cast(BinaryIO, made))
    with run.commit():
        services.keep_bundle(request, name=name, made=made)


@job(services.TELL, queue="cpu", attempts=5, timeout=60)
def tell(run: Run, pk: str) -> None:
    """Write to the customer that an authority was given records."""
    request = LegalRequest.objects.select_related("account").get(pk=pk)
    if request.account is None or request.told_at or not request.may_be_told(timezone.now()):
        return
    context = {"request": request, "name": request.account.get_short_name()}
    subject, _, body = render_to_string("takedowns/mail/legal.txt", context).strip().partition("\n")
    run.check()
    send_mail(subject.strip(), body.strip() + "\n", None, [request.account.email])
    with run.commit():
        services.note_told(request)


@job("takedowns.legal_sweep", queue="cpu", attempts=3, timeout=300, every=300)
def sweep(run: Run, subject: str) -> None:
    """Destroy bundles after their time, and tell customers once that is allowed."""
    services.sweep()
