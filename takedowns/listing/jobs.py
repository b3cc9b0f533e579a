"""Background work for who asks to be listed: check their voice, write to them, forget what was not proven."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from takedowns.listing import measuring, services
from takedowns.models import ListingRequest
from velluto.jobs import Job, Run, job


def _set_aside(failed: Job) -> None:
    request = ListingRequest.objects.get(pk=failed.subject)
    if request.status == ListingRequest.Status.CHECKING:
        services.could_not_check(request)


@job(services.CHECK, queue="cpu", attempts=3, timeout=180, on_failure=_set_aside)
def check(run: Run, request_id: str) -> None:
    """Measure and judge the voice of somebody who asks to be listed."""
    request = ListingRequest.objects.get(pk=request_id)
    if request.status == ListingRequest.Status.CHECKING:
        findings, voiceprints = measuring.measure(request, tell=run.progress)
        services.settle(run, request, findings, voiceprints)


@job(services.TELL, queue="cpu", attempts=5, timeout=60)
def tell(run: Run, subject: str) -> None:
    """Mail the link, or the answer; after the answer nothing of the request opens any more."""
    pk, _, what = subject.partition(" ")
    request = ListingRequest.objects.get(pk=pk)
    asked = services.details(request)
    if not asked["email"]:  # it was answered; only the end of this job was lost
        return
    link = settings.PUBLIC_URL + reverse("takedowns:listing-standing", args=[asked["token"]])
    context = {"request": request, "what": what, "link": link, "reason": asked["reason"]}
    title, _, body = render_to_string("takedowns/mail/listing.txt", context).strip().partition("\n")
    run.check()
    send_mail(title.strip(), body.strip() + "\n", None, [asked["email"]])
    if what == services.OUTCOME:
        services.forget(request, reason="the request was answered")


@job("takedowns.lapse_listings", queue="cpu", attempts=3, timeout=120, every=3600)
def lapse(run: Run, subject: str) -> None:
    """Destroy requests that were not proven in time."""
    services.lapse()
