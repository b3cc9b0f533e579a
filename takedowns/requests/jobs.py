"""Background work for owners' requests: check a recording, compare, carry out what was confirmed, write letters."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from moderation.models import Appeal
from moderation.services import redress
from takedowns.models import OwnerRecording, OwnerRequest, PortalLink
from takedowns.owners.services import PORTAL
from takedowns.requests import measuring, services
from takedowns.requests.services.settling import decision_of
from velluto import vault
from velluto.jobs import Job, Run, job


def _set_aside(failed: Job) -> None:
    recording = OwnerRecording.objects.get(pk=failed.subject)
    if recording.status == OwnerRecording.Status.CHECKING:
        services.could_not_check(recording)


@job("takedowns.owner_check", queue="cpu", attempts=3, timeout=180, on_failure=_set_aside)
def check(run: Run, recording_id: str) -> None:
    """Measure and judge what somebody read aloud."""
    recording = OwnerRecording.objects.select_related("request", "phrase").get(pk=recording_id)
    if recording.status == OwnerRecording.Status.CHECKING:
        services.settle(run, recording, measuring.measure(recording, tell=run.progress))


@job("takedowns.owner_match", queue="cpu", attempts=5, timeout=300)
def match(run: Run, request_id: str) -> None:
    """Compare with the voices that are here, and ask a human."""
    request = OwnerRequest.objects.get(pk=request_id)
    if request.status == OwnerRequest.Status.MATCHING:
        services.keep_matches(run, request, measuring.find(request))


@job("takedowns.honour_owner", queue="cpu", attempts=5, timeout=300)
def honour(run: Run, request_id: str) -> None:
    """Carry out what a confirmed owner asked for, voice by voice."""
    request = OwnerRequest.objects.get(pk=request_id)
    if request.status != OwnerRequest.Status.CONFIRMED:
        return
    left = request.matches.filter(chosen=True, honoured_at=None)
    for one in left.select_related("request", "voice__owner", "voice__account"):
        run.check()
        services.honour(one)
    services.finish(request)


@job("takedowns.lapse_requests", queue="cpu", attempts=3, timeout=120, every=3600)
def lapse(run: Run, subject: str) -> None:
    """End the requests of which nothing more can come."""
    services.lapse()


@job("takedowns.owner_letter", queue="cpu", attempts=5, timeout=60)
def letter(run: Run, subject: str) -> None:
    """Send one letter about a request; with the last one, the address is forgotten."""
    pk, what = subject.split(":")
    request = OwnerRequest.objects.get(pk=pk)
    try:
        person = services.person_of(request)
        links = [_portal(link) for link in request.links.filter(status=PortalLink.Status.LIVE)]
    except vault.KeyDestroyed:  # it was sent; only the end of this job was lost
        return
    decision = decision_of(request)
    context = {
        "request": request,
        "person": person,
        "link": services.link(request),
        "portals": links,
        "decision": decision,
        "appeal": redress.link(decision.case, Appeal.Side.AFFECTED) if decision else "",
        "until": redress.until(decision) if decision else None,
    }
    text = render_to_string(f"takedowns/requests/mail/{what}.txt", context)
    title, _, body = text.strip().partition("\n")
    run.check()
    send_mail(title.strip(), body.strip() + "\n", None, [person["email"]])
    if what == "confirmed":
        vault.destroy(request.vault_owner, actor=None, reason="the Voice Owner has their link")


def _portal(link: PortalLink) -> str:
    token = vault.unseal(link.request.vault_owner, PORTAL, str(link.pk), bytes(link.sealed)).decode()
    return settings.PUBLIC_URL + reverse("owners:portal", args=[token])
