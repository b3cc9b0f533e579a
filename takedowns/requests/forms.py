"""Ask for what is a Voice Owner's, and say of a voice whether it is theirs."""

from __future__ import annotations

from django import forms

WANTS = [
    ("delete", "Delete the voice: everything made from my recordings is destroyed"),
    ("cease", "Stop using it: it says nothing until I allow it again"),
    ("copy", "Send me a copy of the recordings"),
]


class AskForm(forms.Form):
    """Who asks, where they are reached, and what they want."""

    name = forms.CharField(
        label="Your full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="Your e-mail address",
        help_text="The link with which you go on is sent there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wants = forms.MultipleChoiceField(
        label="What you want", choices=WANTS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one of the three."},
    )  # fmt: skip
    hints = forms.CharField(
        label="What you know about it",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Where you heard it, who may have made it, what it is called. Leave it empty if you know nothing.",
    )


class PhraseForm(forms.Form):
    challenge = forms.UUIDField()
    audio = forms.FileField()


class JudgeForm(forms.Form):
    voice = forms.UUIDField(label="Another voice, by its number")
    chosen = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda answer: answer == "yes")
