from __future__ import annotations

from django import forms

from consent.forms import RecordingForm


class ListingForm(forms.Form):
    """Who asks, and why."""

    name = forms.CharField(label="Your full name", max_length=120)
    others = forms.CharField(
        label="Other names you are known by, one a line",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stage names, former names. Other spellings and scripts are found without.",
    )
    why = forms.CharField(
        label="Why should your voice not be cloned here?", max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    email = forms.EmailField(label="Your e-mail address", help_text="We send you a link to go on with, and the answer.")

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if len([letter for letter in name if letter.isalpha()]) < 2:
            raise forms.ValidationError("Write your name in letters.")
        return name

    def names(self) -> list[str]:
        lines = [self.cleaned_data["name"], *self.cleaned_data["others"].splitlines()]
        return [line.strip()[:120] for line in lines if line.strip()][:20]


__all__ = ["ListingForm", "RecordingForm"]
