from __future__ import annotations

from django import forms

from consent.documents import policies


class DemandForm(forms.Form):
    """Why the signed document is demanded."""

    reason = forms.CharField(
        label="Why",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The account reads exactly this.",
    )


class DocumentForm(forms.Form):
    """The document that was demanded, whose signature it bears, and of which day."""

    file = forms.FileField(
        label="The signed document",
        help_text=f"PDF, PNG or JPEG; at most {policies.LARGEST // 1_000_000} MB",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    signer = forms.CharField(label="Who signed it", max_length=120, help_text="the name as it stands there")
    signed_on = forms.DateField(label="Signed on", widget=forms.DateInput(attrs={"type": "date"}))
