"""Background work: carry out a revocation, tell people of it, see that none is forgotten."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts import sanctions
from accounts.models import User
from takedowns import cascade, certificates, conduct, services
from takedowns.deadlines import services as deadlines
from takedowns.demands import jobs as demand_jobs  # noqa: F401  (found through this module)
from takedowns.legal import jobs as legal_jobs  # noqa: F401  (found through this module)
from takedowns.listing import jobs as listing_jobs  # noqa: F401  (found here)
from takedowns.models import Revocation
from takedowns.notices import jobs as of_notices  # noqa: F401  (its jobs register themselves)
from takedowns.owners import jobs as owners  # noqa: F401 - the jobs of these matters are found here
from takedowns.privacy import work as privacy  # noqa: F401  their jobs are found here
from takedowns.requests import jobs as requests  # noqa: F401
from takedowns.retention import work as retention  # noqa: F401
from velluto import vault
from velluto.jobs import Run, job
from voices.models import Voice


@job(services.CASCADE, queue="cpu", attempts=5, timeout=300)
def destroy(run: Run, voice_id: str) -> None:
    """Do the steps of a withdrawn voice's end that are left."""
    voice = Voice.objects.get(pk=voice_id)
    if voice.status != Voice.Status.DELETED:
        return
    if services.nothing_recorded(voice) and not Revocation.objects.filter(voice=voice).exists():
        services.end_quietly(voice)
    else:
        cascade.go_on(services.revocation_of(voice), tell=run.check)


@job("takedowns.resume", queue="cpu", attempts=3, timeout=120, every=300)
def resume(run: Run, subject: str) -> None:
    """Start again what waited long enough, and note what is late."""
    services.resume()


@job("takedowns.sweep_deadlines", queue="cpu", attempts=3, timeout=900, every=60)
def sweep_deadlines(run: Run, subject: str) -> None:
    """Record which deadlines were missed."""
    deadlines.sweep()


@job(sanctions.TERMINATED, queue="cpu", attempts=5, timeout=300)
def end_account(run: Run, account_id: str) -> None:
    """End the voices of a terminated account and delete what is stored of them."""
    conduct.end_account(User.objects.get(pk=account_id))


@job(sanctions.RETURNED, queue="cpu", attempts=5, timeout=60)
def notice_return(run: Run, account_id: str) -> None:
    """Ask the moderators about an account with the address of a terminated one."""
    conduct.notice_return(User.objects.get(pk=account_id))


@job("takedowns.tell", queue="cpu", attempts=5, timeout=60)
def tell(run: Run, subject: str) -> None:
    """Send one letter about a revocation to the uploader or the Voice Owner."""
    pk, letter, to = subject.split(":")
    revocation = Revocation.objects.select_related("voice__owner__account", "voice__account").get(pk=pk)
    uploader = revocation.voice.account  # nobody, where the voice was a curated one
    try:
        if to == "uploader":
            address = uploader.email if uploader and not uploader.is_erased else ""
        else:
            address = services.owner_address(revocation)
    except vault.KeyDestroyed:  # it was sent; only the end of this job was lost
        return
    if address:
        text = render_to_string(f"takedowns/mail/{letter}.txt", _context(revocation, letter, to))
        subject_line, _, body = text.strip().partition("\n")
        run.check()
        send_mail(subject_line.strip(), body.strip() + "\n", None, [address])
    if letter == "certified" and to == "owner":
        vault.destroy(revocation.vault_owner, actor=None, reason="the Voice Owner has been told")


def _context(revocation: Revocation, letter: str, to: str) -> dict[str, object]:
    uploader = revocation.voice.account
    link = {"copy": "copy", "certified": "certificate"}.get(letter)
    return {
        "revocation": revocation,
        "voice": revocation.voice,
        "outputs": next((step.receipt for step in revocation.steps.filter(step="outputs")), {}),
        "to": to,
        "name": uploader.get_short_name() if to == "uploader" and uploader else revocation.voice.owner.name,
        "link": certificates.link(revocation, link) if link else "",
    }
