"""The pages where anybody reports something, and sees what came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.client import address
from accounts.models import User
from moderation import refusals, reporting
from moderation.forms import ReportForm
from moderation.models import Appeal, Decision, Report
from moderation.services import redress, reports
from velluto.errors import Refusal


@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Say how one reports something, and list one's own reports."""
    own = Report.objects.filter(account=request.user)[:50] if request.user.is_authenticated else ()
    return render(request, "moderation/reporting.html", {"own": [(made, reports.link(made)) for made in own]})


@never_cache
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """Report what a reference leads to; who made it, or whose voice it is, is not said."""
    account = request.user if isinstance(request.user, User) else None
    found = reporting.find(reference, account)
    if not found:
        raise refusals.ReportSubjectUnknown()
    form = ReportForm(request.POST or None, found=found, signed_in=account is not None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                made = reports.report(
                    found[given["what"]],
                    category=given["category"],
                    words=given["words"],
                    email=given.get("email", ""),
                    key=given["key"],
                    account=account,
                    address=address(request),
                )
                return redirect(reports.link(made) if account else "moderation:report-sent")
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return render(request, "moderation/report.html", {"form": form}, status=status)


def sent(request: HttpRequest) -> HttpResponse:
    """Say that the rest comes by e-mail: what the page showed, whoever typed another's address would see."""
    return render(request, "moderation/report_sent.html")


@never_cache
def report_status(request: HttpRequest, token: str) -> HttpResponse:
    """Show to whoever has the link how a report stands; by the button they show that the address is theirs."""
    made = reports.at_link(token)
    if request.method == "POST":
        reports.confirm(made)
        return redirect("moderation:report-status", token)
    standing = (Decision.Status.MADE, Decision.Status.REVERSED)
    decision = Decision.objects.filter(case=made.case, status__in=standing).select_related("section").first()
    settled = decision is not None and made.status != Report.Status.RECEIVED
    context = {
        "report": made,
        "decision": decision if settled else None,
        "appeal_link": redress.link(made.case, Appeal.Side.REPORTER) if settled else "",
    }
    return render(request, "moderation/report_status.html", context)
