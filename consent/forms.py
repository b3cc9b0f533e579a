from __future__ import annotations

from django import forms

from voices.models import Voice


class DeclareForm(forms.Form):
    """Whose voice it is; there is no default (B1)."""

    whose = forms.ChoiceField(
        label="Whose voice is it?",
        choices=Voice.Whose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whose voice it is."},
    )
    name = forms.CharField(
        label="What shall we call this voice?", max_length=80, help_text="Only you see this name. You can choose any."
    )
    owner_name = forms.CharField(
        label="Full name of the person whose voice it is",
        max_length=120,
        help_text="As it is spoken: the consent statement is read aloud with this name.",
    )

    def clean_owner_name(self) -> str:
        name = " ".join(self.cleaned_data["owner_name"].split())
        if len([letter for letter in name if letter.isalpha()]) < 2:
            raise forms.ValidationError("Write the name in letters, as it is spoken.")
        return name


class RepresentationsForm(forms.Form):
    shown_sha256 = forms.CharField(widget=forms.HiddenInput)
    represented = forms.BooleanField(label="I make these representations and warranties", required=False)


class RecordingForm(forms.Form):
    audio = forms.FileField(
        label="Your recording",
        error_messages={"required": "Choose a file, or record one.", "empty": "The file is empty."},
    )


class StatementForm(RecordingForm):
    on = forms.DateField(widget=forms.HiddenInput)


class PhraseForm(RecordingForm):
    challenge = forms.UUIDField(widget=forms.HiddenInput)
