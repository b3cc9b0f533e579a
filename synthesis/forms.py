from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms

from accounts.models import User
from synthesis import access, policies, services
from synthesis.models import SpeechRequest
from velluto.audio import export
from voices.models import Voice


class VoiceField(forms.ModelChoiceField):
    account: User

    def label_from_instance(self, obj: Any) -> str:
        if obj.kind == Voice.Kind.CURATED:
            return f"{obj.name} (from the catalogue)"
        if obj.account_id != self.account.pk:
            return f"{obj.name} (shared by {obj.account.get_short_name()})"
        return str(obj.name)


class SpeechForm(forms.Form):
    """What to say, in whose voice, and how."""

    voice = VoiceField(
        label="Voice",
        queryset=Voice.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": "This voice is not there, or cannot speak (any more). Choose another one."},
    )
    text = forms.CharField(
        label="Text",
        widget=forms.Textarea(attrs={"rows": 9, "maxlength": policies.LONGEST_SCRIPT, "data-counter": "true"}),
        strip=False,
        error_messages={"required": "Write at least one word."},
    )
    language = forms.ChoiceField(label="Language", initial="en")
    pace = forms.FloatField(
        label="Pace (1 is the speaker's own)",
        initial=1.0,
        min_value=policies.PACES[0],
        max_value=policies.PACES[1],
        widget=forms.NumberInput(attrs={"type": "number", "step": "0.05"}),
    )
    format = forms.ChoiceField(label="File format", initial="mp3")
    purpose = forms.ChoiceField(
        label="What is it for?",
        choices=SpeechRequest.Purpose.choices,
        initial=SpeechRequest.Purpose.OWN,
        help_text="Somebody else's voice speaks only for what its owner has allowed. Your answer is kept.",
    )
    disclose = forms.BooleanField(
        label="Begin with a spoken notice that the voice is synthetic",
        help_text="With a voice that is shared with you it always does.",
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)  # a form sent twice speaks once

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voice = cast(VoiceField, self.fields["voice"])
        voice.account, voice.queryset = account, access.voices_of(account).select_related("account")
        if not Voice.objects.filter(account=account, whose=Voice.Whose.THIRD_PARTY).active().exists():
            del self.fields["purpose"]
        languages = sorted(services.languages().items(), key=lambda item: item[1])
        cast(forms.ChoiceField, self.fields["language"]).choices = languages
        formats = [(key, made.label) for key, made in export.FORMATS.items()]
        cast(forms.ChoiceField, self.fields["format"]).choices = formats


class DetectorForm(forms.Form):
    audio = forms.FileField(
        label="A recording",
        help_text="WAV, FLAC, MP3, M4A, OGG or WebM, at most ten minutes.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
