"""What a claimant fills in, and what both sides answer."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from takedowns.models import Notice
from takedowns.notices import policies
from takedowns.notices.details import Details

DOCUMENTS = "application/pdf,image/png,image/jpeg,.pdf,.png,.jpg,.jpeg"
SOUNDS = "audio/*,.wav,.flac,.mp3,.m4a,.mp4,.ogg,.oga,.opus,.webm"


def _words(label: str, *, rows: int = 6, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=policies.LONGEST_WORDS, **options
    )


def _file(label: str, accept: str, help_text: str) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": accept})
    return forms.FileField(label=label, required=False, widget=widget, help_text=help_text)


class NoticeForm(forms.Form):
    """A takedown notice with all that section 7 of the policy asks for."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)  # a form sent twice is one notice
    shown_sha256 = forms.CharField(widget=forms.HiddenInput)
    capacity = forms.ChoiceField(widget=forms.HiddenInput, choices=Notice.Capacity.choices)
    name = forms.CharField(
        label="Your full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    represented = forms.CharField(label="Full name of the person whose voice it is", max_length=120, required=False)
    proof = _file(
        "Proof of your authority",
        DOCUMENTS,
        "PDF, PNG or JPEG, 10 MB at most: a power of attorney, a contract, a certificate of inheritance.",
    )
    email = forms.EmailField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="We confirm your notice at once and write what comes of it.",
    )
    phone = forms.CharField(
        label="Telephone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    issue = forms.ChoiceField(
        label="What is wrong",
        choices=Notice.Issue.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what is wrong."},
    )
    harm = forms.ChoiceField(
        label="Was it used for one of these?",
        choices=Notice.Harm.choices,
        required=False,
        widget=forms.RadioSelect,
        initial="",
        help_text="Intimate content is decided within 48 hours.",
    )
    description = _words(
        "What happened", help_text="Where you heard the voice, what it said, since when. Only those who decide read it."
    )
    account_email = forms.EmailField(
        label="E-mail address of the account that made the voice", required=False, help_text="If you know it."
    )
    voice_name = forms.CharField(
        label="Name of the voice here", max_length=80, required=False, help_text="If you know it."
    )
    links = _words(
        "Links", rows=3, required=False, help_text="To where it can be heard, or to an answer of our detector."
    )
    found = _file(
        "A recording in which the voice speaks",
        SOUNDS,
        "Our detector looks for our mark in it: that shows which voice it was.",
    )
    sample = _file(
        "A recording of the real voice",
        SOUNDS,
        "Half a minute of everyday speech, to compare with the voices here. You can also record it on the next page.",
    )
    wants_listing = forms.BooleanField(
        label="Put this voice on the list of voices that nobody may clone", required=False
    )
    sworn = forms.BooleanField(
        label="I sign this statement under penalty of perjury, or its equivalent where I live", required=False
    )
    signature = forms.CharField(label="Your full name, as your signature", max_length=120)

    def __init__(self, *args: Any, capacity: str, kept: dict[str, str], there: set[str], **kwargs: Any) -> None:
        """Draw the form for one capacity; `kept` describes the files that came before, `there` also counts refused."""
        super().__init__(*args, **kwargs)
        if capacity == Notice.Capacity.OWNER:
            del self.fields["represented"], self.fields["proof"]
        else:
            self.fields["represented"].required = True
            self.fields["proof"].required = "proof" not in there
            self.fields["proof"].error_messages["required"] = "Attach the proof of your authority."
            self.fields["sample"].label = "A recording of the real voice of the person you act for"
        for kind in ("proof", "found", "sample"):
            if kind in kept and kind in self.fields:
                self.fields[kind].label = f"Another one instead of the file that we keep ({kept[kind]})"
                self.fields[kind].help_text = "It came, and need not be sent again."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("issue") == Notice.Issue.USE and not given.get("harm"):
            self.add_error("harm", "Say what it was used for.")
        return given

    def details(self) -> Details:
        names = ("name", "email", "description", "phone", "represented", "account_email", "voice_name", "links")
        return Details(**{name: self.cleaned_data.get(name, "").strip() for name in names})


class SampleForm(forms.Form):
    audio = forms.FileField(error_messages={"required": "Choose a file, or record one.", "empty": "The file is empty."})


class AnswerForm(forms.Form):
    words = _words("Your answer")


class CounterForm(forms.Form):
    words = _words(
        "Why the voice may be here",
        rows=8,
        help_text="Whose voice it is, who allowed it and when, what you can show. A person reads it before anything is "
        "decided.",
    )
