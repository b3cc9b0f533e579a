from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from takedowns.legal import policies, services
from takedowns.models import LegalRequest
from velluto.errors import Refusal

NOTICE = (
    ("allowed", "They may be told: they get an e-mail once the records are handed out"),
    ("until", "They may not be told before the day below has passed"),
    ("forbidden", "They may not be told until we hear otherwise"),
)


class NoticeForm(forms.Form):
    """Whether the customer may be told, and from when on."""

    notice = forms.ChoiceField(label="The customer", choices=NOTICE, widget=forms.RadioSelect)
    silent_until = forms.DateField(
        label="Not before the end of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="the last day of silence (UTC); only where there is one",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        notice, day = given.get("notice"), given.get("silent_until")
        if notice == "until" and not self.errors and (day is None or day < timezone.localdate()):
            self.add_error("silent_until", "Give the last day of silence: today, or one to come.")
        given["may_tell"] = notice == "allowed"
        given["silent_until"] = day if notice == "until" else None
        return given


class ChangeNoticeForm(NoticeForm):
    reason = forms.CharField(label="Why", max_length=300, help_text="for the audit")


class LegalRequestForm(NoticeForm):
    """A legal request as it came in."""

    authority = forms.CharField(label="Authority", max_length=200, help_text="court, prosecutor, police; which one")
    basis = forms.CharField(label="Legal basis", max_length=300, help_text="statute and kind of order, as it says")
    reference = forms.CharField(label="Their reference", max_length=120)
    received_on = forms.DateField(label="Received on", widget=forms.DateInput(attrs={"type": "date"}))
    scope = forms.ChoiceField(label="What is asked for", choices=LegalRequest.Scope.choices)
    subject = forms.CharField(
        label="Which",
        max_length=120,
        help_text="the id of the account, voice or output; or the account's e-mail address",
    )
    document = forms.FileField(
        label="Their document",
        help_text=f"sealed in the vault; at most {policies.LARGEST_DOCUMENT // 1_000_000} MB",
    )
    field_order = ("authority", "basis", "reference", "received_on", "scope", "subject", "document")

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("That day is still to come.")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "subject" in given and "scope" in given:
            try:
                given["subject"] = services.find(given["scope"], given["subject"])
            except Refusal as refusal:
                self.add_error("subject", str(refusal))
        return given


class HoldForm(forms.Form):
    reason = forms.CharField(label="Why it ends", max_length=300, help_text="for the audit")
