"""What an account is asked about the operator's texts."""

from __future__ import annotations

from django import forms


class AcceptForm(forms.Form):
    accepted = forms.BooleanField(
        label="I have read these texts and accept them.",
        error_messages={"required": "Tick the box if you accept them. Without that, nothing new can be made here."},
    )
